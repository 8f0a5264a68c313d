//! Compares the committed output with the program, for platform tests.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use meshsynth::{App, Assembly, TemplateFormat};

/// The maximum number of files and lines in a message.
const NAMED: usize = 5;

/// Panics unless the files in `folder` match the output of `define` byte for byte.
///
/// The folder has the output of one app in one environment, as `meshsynth synth` writes it. Its name is the name of
/// the app. A relative path starts at the package folder, in which `cargo test` runs.
///
/// The committed output is the snapshot of the platform. If the program changes without the output, the test fails.
/// A reviewer reads both.
///
/// ```no_run
/// # fn platform(_: &meshsynth::App) {}
/// #[test]
/// fn the_committed_output_is_what_the_program_says() {
///     meshsynth_program::assert_written("synth.out/shop", platform);
/// }
/// ```
///
/// # Panics
///
/// Lists the files that differ and the fix, or all diagnostics if the program has mistakes.
#[track_caller]
pub fn assert_written(folder: impl AsRef<Path>, define: impl FnOnce(&App)) {
    if let Err(text) = check(folder.as_ref(), define) {
        panic!("{text}");
    }
}

fn check(folder: &Path, define: impl FnOnce(&App)) -> Result<(), String> {
    let shown = folder.display();
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let written = files(folder).map_err(|error| {
        let again = "run `meshsynth synth`, review the output, and commit it with the program";
        format!("there is no output at `{shown}` ({error})\n   = help: {again}")
    })?;
    let is_yaml = written.iter().any(|path| path.ends_with(".template.yaml"));
    let format = if is_yaml { TemplateFormat::Yaml } else { TemplateFormat::Json };
    let app = App::new(&name);
    define(&app);
    let assembly = app.synth_as(format).map_err(|failure| format!("the platform does not synthesize:\n{failure}"))?;
    let differences = differences(folder, &written, &assembly);
    if differences.is_empty() {
        return Ok(());
    }
    let (count, are) = (differences.len(), if differences.len() == 1 { "file differs" } else { "files differ" });
    let mut text = format!("the output at `{shown}` is stale: {count} {are} from the output of the program\n");
    for difference in differences.iter().take(NAMED) {
        let _ = writeln!(text, "  {difference}");
    }
    if count > NAMED {
        let _ = writeln!(text, "  and {} more", count - NAMED);
    }
    text += "   = help: run `meshsynth synth`, review `meshsynth diff`, and commit the output with the program";
    Err(text)
}

/// Returns a line for each file that differs.
fn differences(folder: &Path, written: &BTreeSet<String>, assembly: &Assembly) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, wanted) in &assembly.files {
        match fs::read_to_string(folder.join(path)) {
            Ok(text) if text == *wanted => {}
            Ok(text) => lines.push(first_difference(path, &text, wanted)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => lines.push(format!("{path}: the file is missing")),
            Err(error) => lines.push(format!("{path}: {error}")),
        }
    }
    let left_over = written.iter().filter(|path| !assembly.files.contains_key(*path));
    lines.extend(left_over.map(|path| format!("{path}: the program does not generate this file")));
    lines
}

fn first_difference(path: &str, written: &str, wanted: &str) -> String {
    let (mut was, mut is) = (written.lines(), wanted.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (was.next(), is.next()) {
            (Some(was), Some(is)) if was == is => {}
            (None, None) => return format!("{path}: the line endings differ"),
            (was, is) => {
                let quoted =
                    |line: Option<&str>| line.map_or("no line".to_owned(), |line| format!("`{}`", line.trim()));
                return format!(
                    "{path}:{number}: the file has {}, but the program generates {}",
                    quoted(was),
                    quoted(is)
                );
            }
        }
    }
}

/// Returns the paths of all files below a folder, separated by `/`.
fn files(root: &Path) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use meshsynth::{Env, Stack, kms};

    use super::*;

    fn platform(app: &App, id: &str) {
        let data = Stack::new(app, "data", Env::region("eu-west-1"));
        kms::Key::new(&data, id, kms::KeyProps::default());
    }

    /// Creates a folder `shop` with the output of a platform.
    fn written(case: &str, format: TemplateFormat) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("meshsynth-written-{}-{case}", std::process::id())).join("shop");
        fs::create_dir_all(&folder).unwrap();
        let app = App::new("shop");
        platform(&app, "orders");
        crate::write::all(&folder, &app.synth_as(format).unwrap().files, None).unwrap();
        folder
    }

    fn gone(folder: &Path, text: Result<(), String>) -> String {
        fs::remove_dir_all(folder.parent().unwrap()).unwrap();
        text.unwrap_err().replace(&*folder.to_string_lossy(), "OUT")
    }

    #[test]
    fn accepts_current_output_in_both_formats() {
        for (case, format) in [("json", TemplateFormat::Json), ("yaml", TemplateFormat::Yaml)] {
            let folder = written(case, format);
            let again = check(&folder, |app| platform(app, "orders"));
            assert!(again.is_ok(), "{again:?}");
            fs::remove_dir_all(folder.parent().unwrap()).unwrap();
        }
    }

    #[test]
    fn reports_stale_files_and_fix() {
        let folder = written("stale", TemplateFormat::Json);
        fs::write(folder.join("old.template.json"), "{}").unwrap();
        fs::remove_file(folder.join("graph.json")).unwrap();
        let text = gone(&folder, check(&folder, |app| platform(app, "payments")));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "the output at `OUT` is stale: 4 files differ from the output of the program");
        assert!(
            lines[1].starts_with("  data.template.json:") && lines[1].contains(", but the program generates "),
            "{text}"
        );
        assert!(text.contains("  graph.json: the file is missing\n"), "{text}");
        assert!(text.contains("  old.template.json: the program does not generate this file\n"), "{text}");
        assert!(
            text.ends_with("run `meshsynth synth`, review `meshsynth diff`, and commit the output with the program")
        );
    }

    #[test]
    fn reports_missing_output_with_command() {
        let text = check(Path::new("nowhere/shop"), |app| platform(app, "orders")).unwrap_err();
        assert!(
            text.starts_with("there is no output at `nowhere/shop`") && text.contains("`meshsynth synth`"),
            "{text}"
        );
    }

    #[test]
    fn reports_all_mistakes() {
        let folder = written("mistakes", TemplateFormat::Json);
        let text = gone(&folder, check(&folder, |app| platform(app, "Orders")));
        assert!(text.contains("error[MS0102]") && text.contains("= help:"), "{text}");
    }
}
