//! A module of the program: its statements, and what it imports for them.

use std::collections::BTreeSet;
use std::fmt::Write;

/// The names of the library that statements may use: what they are found by, and where they come from.
const NAMES: [(&str, &str); 14] = [
    ("App", "&App"),
    ("Env", "Env::"),
    ("KubernetesCluster", "KubernetesCluster"),
    ("Object", "Object::<"),
    ("Resource", "Resource::<"),
    ("Stack", "Stack"),
    ("Wave", "Wave::"),
    ("cfn", "cfn::"),
    ("intrinsic", "intrinsic::"),
    ("kube", "kube::"),
    ("list", "list!["),
    ("text", "text!["),
    ("val::Bag", "Bag::"),
    ("val::Data", "Data::"),
];

/// A statement of a function.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    /// The comments above it.
    pub comments: Vec<String>,
    /// Its text.
    pub text: String,
    /// Whether a line is left blank before it.
    pub is_apart: bool,
    /// The variables that it uses.
    pub uses: BTreeSet<String>,
}

impl Statement {
    /// How many lines it will have, roughly.
    pub fn n_lines(&self) -> usize {
        let n_calls = self.text.matches(").").count();
        self.comments.len()
            + 1
            + (self.text.len() / 90).max(if self.text.len() > 100 { n_calls } else { 0 })
            + self.text.matches('\n').count()
    }
}

/// A file of the program.
pub struct Module {
    /// What it says about itself.
    pub doc: String,
    /// What stands before the function, such as kinds of its own.
    pub items: String,
    /// The doc comment and the head of its function.
    pub head: String,
    /// The statements of the function.
    pub statements: Vec<Statement>,
    /// Modules below it.
    pub modules: Vec<String>,
}

impl Module {
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut body = String::new();
        for (idx, statement) in self.statements.iter().enumerate() {
            if idx > 0 && (statement.is_apart || self.statements[idx - 1].is_apart) {
                body.push('\n');
            }
            for comment in &statement.comments {
                let _ = writeln!(body, "    // {}", on_one_line(comment));
            }
            let _ = writeln!(body, "    {}", statement.text);
        }
        let mut text = format!("//! {}\n\n", on_one_line(&self.doc));
        for name in &self.modules {
            let _ = writeln!(text, "mod {name};");
        }
        if !self.modules.is_empty() {
            text.push('\n');
        }
        let all = format!("{}{}{body}", self.items, self.head);
        let used: Vec<&str> = NAMES.iter().filter(|(_, mark)| uses(&all, mark)).map(|(name, _)| *name).collect();
        let (values, names): (Vec<&str>, Vec<&str>) = used.iter().partition(|name| name.starts_with("val::"));
        let values: Vec<&str> = values.iter().filter_map(|name| name.strip_prefix("val::")).collect();
        text.push_str(&import("meshsynth::val", &values));
        text.push_str(&import("meshsynth", &names));
        match self.head.is_empty() {
            true => text.push_str(&format!("\n{}\n", self.items.trim_end())),
            false => text.push_str(&format!("\n{}{} {{\n{body}}}\n", self.items, self.head)),
        }
        text
    }
}

/// A text that stays within its comment: names of files may hold ends of lines, and what is behind one would be code.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether a text names something that is not a part of another path.
fn uses(text: &str, mark: &str) -> bool {
    text.match_indices(mark).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '"'))
    })
}

fn import(path: &str, names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("use {path}::{name};\n"),
        names => format!("use {path}::{{{}}};\n", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_is_called_is_never_code() {
        let module = Module {
            doc: "The stack `a\npub fn x() {}\r\n`.".to_owned(),
            items: String::new(),
            head: "pub fn define()".to_owned(),
            statements: Vec::new(),
            modules: Vec::new(),
        };
        assert!(module.text().starts_with("//! The stack `a pub fn x() {}  `.\n\n"), "{}", module.text());
    }
}
