//! A file with accepted findings, so that only new findings fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_model::problem::Problem;
use serde_json::{Value, json};

use crate::whole_file;

/// The accepted findings with their counts. Line numbers are not stored, because they change.
#[derive(Debug, Default, PartialEq)]
pub struct Baseline(BTreeMap<[String; 4], u64>);

impl Baseline {
    /// Creates a baseline from the findings of a run.
    pub fn of<'d>(diagnostics: impl IntoIterator<Item = &'d Diagnostic>) -> Self {
        let mut found = BTreeMap::new();
        for diagnostic in diagnostics {
            *found.entry(key(diagnostic)).or_default() += 1;
        }
        Self(found)
    }

    /// Reads a file. Returns `None` if it is missing.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", path.display())),
        };
        let broken = || {
            Problem::setting(format!("`{}` is not a baseline", path.display()))
                .help("remove the file: the next run with `--baseline` writes it again")
        };
        let value: Value = serde_json::from_str(&text).map_err(|_| broken())?;
        let rows = value["findings"].as_array().ok_or_else(broken)?;
        let mut found = BTreeMap::new();
        for row in rows {
            let text = |name: &str| row[name].as_str().map(str::to_owned).ok_or_else(broken);
            let key = [text("code")?, text("file")?, text("construct")?, text("message")?];
            *found.entry(key).or_default() += row["count"].as_u64().unwrap_or(1);
        }
        Ok(Some(Self(found)))
    }

    /// Writes the file atomically.
    pub fn write(&self, path: &Path) -> Result<()> {
        let row = |([code, file, construct, message], count): (&[String; 4], &u64)| {
            let mut row = json!({ "code": code, "file": file, "construct": construct, "message": message });
            if *count > 1 {
                row["count"] = json!(count);
            }
            row
        };
        let rows: Vec<Value> = self.0.iter().map(row).collect();
        let text = serde_json::to_string_pretty(&json!({ "findings": rows }))? + "\n";
        whole_file::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))
    }

    /// Removes a finding from the baseline; returns whether it was accepted.
    pub fn accepts(&mut self, diagnostic: &Diagnostic) -> bool {
        match self.0.get_mut(&key(diagnostic)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }

    /// Returns the number of accepted findings that were not removed.
    pub fn n_left(&self) -> u64 {
        self.0.values().sum()
    }
}

fn key(diagnostic: &Diagnostic) -> [String; 4] {
    let file =
        diagnostic.place.as_ref().map(|place| place.file.trim_start_matches("./").to_owned()).unwrap_or_default();
    [diagnostic.code.to_owned(), file, diagnostic.construct.clone(), diagnostic.message.clone()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_finding_as_often_as_recorded() {
        let found = || Diagnostic::error("MS0801", "wrong").construct("shop/a");
        let mut baseline = Baseline::of([&found(), &found()]);
        assert!(baseline.accepts(&found()) && baseline.accepts(&found()) && !baseline.accepts(&found()));
        assert!(!baseline.accepts(&Diagnostic::error("MS0802", "wrong").construct("shop/a")));
    }

    #[test]
    fn reads_written_file() {
        let path = std::env::temp_dir().join(format!("meshsynth-baseline-{}.json", std::process::id()));
        let one = Diagnostic::error("MS0801", "wrong").construct("shop/a");
        let baseline = Baseline::of([&one, &one, &Diagnostic::warning("MS0802", "odd")]);
        baseline.write(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap(), Some(baseline));
        fs::remove_file(&path).unwrap();
        assert_eq!(Baseline::read(&path).unwrap(), None);
    }
}
