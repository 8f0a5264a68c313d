//! Applies the edits of a step to a program or to files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use meshsynth_model::problem::Problem;
use meshsynth_upgrade::{Edit, Step};

use crate::config::Config;
use crate::whole_file;

/// Returns the folder to which the places of edits are relative.
pub fn root(config: Option<&Path>, folder: &Path, is_given: bool) -> Result<PathBuf> {
    if is_given && !meshsynth_assembly::is_assembly(folder) {
        return Ok(if folder.is_dir() { folder.to_owned() } else { folder.parent().unwrap_or(folder).to_owned() });
    }
    let found = Config::find_any(config)?;
    Ok(found.map_or_else(|| PathBuf::from("."), |config| config.folder))
}

/// Applies the edits of a step, and returns the changed places. If one edit fails, no file changes.
pub fn step(root: &Path, step: &Step) -> Result<Vec<String>> {
    if step.edits.is_empty() {
        let problem = Problem::setting(format!("the step `{}` has no edit", step.title));
        return Err(problem.help("run the commands of the step").into());
    }
    let mut changed: Vec<(PathBuf, String)> = Vec::new();
    let mut places = Vec::new();
    for edit in &step.edits {
        let (file, line, column) = place(&edit.source).ok_or_else(|| unplaced(edit))?;
        let path = inside(root, file, edit)?;
        let known = changed.iter().position(|(other, _)| *other == path);
        let text = match known {
            Some(at) => changed[at].1.clone(),
            None => fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?,
        };
        let text = replaced(&text, line, column, edit, path.extension().is_some_and(|it| it == "rs"))?;
        match known {
            Some(at) => changed[at].1 = text,
            None => changed.push((path, text)),
        }
        places.push(format!("{}: {} {} → {}", edit.source, edit.property, edit.old, edit.new));
    }
    for (path, text) in &changed {
        whole_file::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(places)
}

/// Returns the path of a file in the project. The assembly names the file, so it could also name other files.
fn inside(root: &Path, file: &str, edit: &Edit) -> Result<PathBuf> {
    let path = root.join(file);
    let real = |path: &Path| path.canonicalize().with_context(|| format!("cannot read `{}`", path.display()));
    if !real(&path)?.starts_with(real(root)?) {
        let problem = Problem::setting(format!("`{file}` is outside of the project")).at(edit.source.clone());
        return Err(problem
            .help(format!("change {} from {} to {} yourself", edit.property, edit.old, edit.new))
            .into());
    }
    Ok(path)
}

/// Parses `FILE:LINE:COLUMN` or `FILE:LINE`.
fn place(source: &str) -> Option<(&str, usize, usize)> {
    let (rest, last) = source.rsplit_once(':')?;
    let last: usize = last.parse().ok()?;
    match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
        Some((file, line)) => Some((file, line, last)),
        None => Some((rest, last, 1)),
    }
}

/// Replaces the old version in the expression or the document that begins at a position. The version must occur once.
fn replaced(text: &str, line: usize, column: usize, edit: &Edit, is_program: bool) -> Result<String> {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let of_line = text[start..].char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
    let start = start + of_line;
    let found = match is_program {
        true => literals(&text[start..], &edit.old),
        false => scalars(&text[start..], &edit.old),
    };
    let [at] = found[..] else {
        let text = match found.len() {
            0 => format!("`{}` does not contain the version `{}`", edit.source, edit.old),
            n => format!("`{}` contains the version `{}` {n} times", edit.source, edit.old),
        };
        let help = "it is the default of the library, or a variable: set the version in this expression";
        return Err(Problem::setting(text).at(edit.source.clone()).help(help).into());
    };
    let at = start + at;
    Ok(format!("{}{}{}", &text[..at], edit.new, &text[at + edit.old.len()..]))
}

/// Returns the positions of string literals with a content, up to the end of the Rust statement at the start.
fn literals(text: &str, wanted: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut found) = (0, 0_i32, Vec::new());
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += text[at..].find('\n').unwrap_or(text.len() - at);
            }
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if text.get(start..at) == Some(wanted) {
                    found.push(start);
                }
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            b';' if depth <= 0 => break,
            _ => {}
        }
        if depth < 0 {
            break;
        }
        at += 1;
    }
    found
}

/// Returns the position of a scalar on the first line, if it is there.
fn scalars(text: &str, wanted: &str) -> Vec<usize> {
    let line = text.lines().next().unwrap_or_default();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_whole = |at: &usize| {
        let (before, after) = (&line[..*at], &line[at + wanted.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    };
    line.match_indices(wanted).map(|(at, _)| at).filter(is_whole).collect()
}

fn unplaced(edit: &Edit) -> anyhow::Error {
    Problem::setting(format!("the place `{}` is not a position in a file", edit.source)).into()
}

#[cfg(test)]
mod tests {
    use super::{literals, place, scalars};

    #[test]
    fn finds_literals_in_one_statement() {
        let text =
            "Cluster::new(&stack, \"a\", Props { version: \"1.34\".to_owned(), // \"1.34\"\n }); let x = \"1.34\";";
        assert_eq!(literals(text, "1.34").len(), 1);
        assert_eq!(literals(text, "1.3").len(), 0);
    }

    #[test]
    fn finds_a_whole_scalar() {
        assert_eq!(scalars("Version: '1.34'", "1.34"), [10]);
        assert_eq!(scalars("Version: 1.34.1", "1.34"), [0; 0]);
        assert_eq!(place("src/a.rs:18:12"), Some(("src/a.rs", 18, 12)));
        assert_eq!(place("a.yaml:3"), Some(("a.yaml", 3, 1)));
    }
}
