//! Extraction of long texts into files, such as dashboards, scripts and function code.

use super::naming;
use crate::names;
use crate::tree::{Content, Expr, File, Literal, Statement, is_seen};

/// The limits above which a text becomes a file.
const MOST_LINES: usize = 40;
const MOST_CHARACTERS: usize = 4_000;

/// File extensions of function code, by the prefix of the runtime.
const RUNTIMES: [(&str, &str); 3] = [("Python", "py"), ("Nodejs", "js"), ("Ruby", "rb")];

/// Moves the long texts of a statement to files. `about` is the name of the defined resource.
pub fn apart(statement: &mut Statement, about: &str) {
    let mut texts: Vec<Option<String>> = Vec::new();
    statement.visit(&mut |it| {
        if let Expr::Literal(literal) = it {
            texts.push(if let Literal::Text(text) = literal { Some(text.clone()) } else { None });
        }
    });
    if !texts.iter().flatten().any(|it| is_long(it)) {
        return;
    }
    let names = naming::names(statement);
    let mut code = None;
    statement.visit(&mut |it| {
        if let Expr::Path(path) = it
            && path.owner() == "Runtime"
        {
            let of = |(runtime, _): &&(&str, &str)| path.last().starts_with(runtime);
            code = RUNTIMES.iter().find(of).map(|(_, end)| *end);
        }
    });
    let mut at = 0_usize;
    statement.change(&mut |it| {
        let Expr::Literal(literal) = it else { return };
        at += 1;
        let Literal::Text(text) = literal else { return };
        if !is_long(text) {
            return;
        }
        // The preceding text is the key if it matches the name of the literal.
        let key = at.checked_sub(2).and_then(|before| texts[before].as_deref());
        let key = key.filter(|it| is_file_name(it) && names::snake(it) == names[at - 1]);
        let path = key
            .map_or_else(|| format!("{}-{}.{}", about, names::kebab(&names[at - 1]), end(text, code)), str::to_owned);
        let content = Content::Text(std::mem::take(text));
        *literal = Literal::File(File { path, content });
    });
}

/// Whether a text is long and safe in a file. A literal escapes invisible characters, and git may change line endings.
fn is_long(text: &str) -> bool {
    (text.len() > MOST_CHARACTERS || text.lines().count() > MOST_LINES)
        && text.chars().all(|c| matches!(c, '\n' | '\t') || is_seen(c))
}

/// Whether a key is a file name, as in a ConfigMap: letters, digits and an extension.
fn is_file_name(key: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_ending = |(stem, end): (&str, &str)| {
        !stem.is_empty() && (1..=10).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphanumeric())
    };
    key.len() <= 100
        && key.starts_with(|c: char| c.is_ascii_alphanumeric())
        && key.chars().all(is_plain)
        && key.rsplit_once('.').is_some_and(is_ending)
}

/// Returns the file extension for a text.
fn end(text: &str, code: Option<&'static str>) -> &'static str {
    match text.trim_start().chars().next() {
        Some('{' | '[') if serde_json::from_str::<serde_json::Value>(text).is_ok() => "json",
        Some('#') if text.starts_with("#!") => "sh",
        _ => code.unwrap_or("txt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{Path, layout};

    fn written(value: Expr, about: &str) -> String {
        let mut statement = Statement::of(value);
        apart(&mut statement, about);
        layout::statement(&statement, 0)
    }

    #[test]
    fn long_text_becomes_a_file_named_after_its_key() {
        let pair = |key: &str, text: &str| Expr::Tuple(vec![Expr::text(key), Expr::text(text)]);
        let long = "{}\n".repeat(50);
        let data = Expr::Array(vec![pair("nodes.json", &long), pair("short.json", "{}"), pair("../x", &long)]);
        let text = written(Expr::call("ConfigMap::new", []).method("data", [data]), "dashboards");
        assert!(text.contains("(\"nodes.json\", include_str!(\"nodes.json\"))"), "{text}");
        assert!(text.contains("(\"short.json\", \"{}\")"), "{text}");
        assert!(text.contains("include_str!(\"dashboards-x.txt\")"), "{text}");
    }

    #[test]
    fn file_extension_follows_the_runtime() {
        let code = "import os\n".repeat(50);
        for (runtime, end) in [("Python3_13", "py"), ("Nodejs22X", "js"), ("ProvidedAl2023", "txt")] {
            let runtime = Expr::Path(Path::from(format!("function::Runtime::{runtime}")));
            let function = Expr::call("Function::new", [Expr::text(&code)]).method("runtime", [runtime]);
            let text = written(function, "resize");
            assert!(text.contains(&format!("include_str!(\"resize-function.{end}\")")), "{text}");
        }
    }

    #[test]
    fn unrelated_preceding_text_is_not_the_key() {
        let data = "#!/bin/sh\n".repeat(50);
        let host = Expr::call("Instance::new", []).method("instance_type", [Expr::text("t4g.small")]);
        let text = written(host.method("user_data", [Expr::text(&data)]), "host");
        assert!(text.contains("include_str!(\"host-user-data.sh\")"), "{text}");
    }

    #[test]
    fn text_with_invisible_characters_stays_a_literal() {
        for mark in ["\r", "\u{202e}", "\u{0}"] {
            let text = format!("{mark}\n").repeat(50);
            assert!(!written(Expr::call("f", [Expr::text(text)]), "a").contains("include_str!"), "{mark:?}");
        }
    }
}
