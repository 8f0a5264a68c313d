//! `meshsynth list --exceptions`: all exceptions, with their locations and end dates.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::Assembly;
use meshsynth_diff::day::Day;
use meshsynth_diff::gates::{Allow, WORDS};
use serde_json::{Value, json};

use crate::config::Config;
use crate::exceptions::{Term, is_of_rule};
use crate::shell::{Shell, shown};
use meshsynth_check::manifests::Exceptions;

/// An exception of any origin.
struct Row {
    written_in: Origin,
    code: String,
    what: String,
    reason: String,
    /// The last day; `None` for a comment without an end date.
    until: Option<String>,
    who: Option<String>,
    source: String,
    need: Need,
}

/// The location of an exception.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Configuration,
    Program,
    Comment,
}

/// Whether an exception is in use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// A finding of the last output needs it.
    Used,
    /// No finding of the last output needs it.
    NotNeeded,
    /// It applies to future changes.
    OfChanges,
    /// `meshsynth check` decides whether it is needed.
    OfCheck,
    /// The code belongs to another tool, which decides whether the exception is needed.
    OfAnother,
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Origin::Configuration => "configuration",
            Origin::Program => "program",
            Origin::Comment => "comment",
        }
    }
}

impl Row {
    /// Returns the state in words, and the remaining days if it ends soon.
    fn state(&self, today: Day) -> (String, Option<i64>) {
        let need = match self.need {
            Need::Used => "used",
            Need::NotNeeded => "not needed",
            Need::OfChanges => "for changes",
            Need::OfCheck => "for `check`",
            Need::OfAnother => "for another judge",
        };
        match self.until.as_deref().map(|until| Term::of(until, today)) {
            Some(Term::Ended) => ("ended".to_owned(), None),
            Some(Term::Soon(days)) if self.need != Need::NotNeeded => {
                (format!("{need}, ends in {days} day{}", if days == 1 { "" } else { "s" }), Some(days))
            }
            _ => (need.to_owned(), None),
        }
    }

    fn to_json(&self, today: Day) -> Value {
        let (state, days_left) = self.state(today);
        json!({
            "code": self.code, "what": self.what, "reason": self.reason, "until": self.until, "who": self.who,
            "source": self.source, "written_in": self.written_in.word(), "state": state, "days_left": days_left,
        })
    }
}

/// Lists the exceptions of the configuration, of the last outputs, and of the manifests in `[check.namespaces]`.
pub fn run(shell: &Shell, config: &Config, is_json: bool, today: Day) -> Result<()> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for target in config.apps.iter().flat_map(crate::config::App::targets) {
        let folder = config.output.join(target.name());
        if !folder.join("manifest.json").exists() {
            let name = target.name();
            shell.note(&format!("`{name}` is not synthesized: exceptions of its program are not listed"));
            continue;
        }
        let assembly = Assembly::read(&folder).with_context(|| format!("cannot read `{}`", shown(&folder, &here)))?;
        found.extend(assembly.diagnostics);
        for it in assembly.manifest.exceptions {
            let need = match (it.used, WORDS.contains(&it.code.as_str())) {
                (true, _) => Need::Used,
                (false, true) => Need::OfChanges,
                (false, false) => Need::NotNeeded,
            };
            // Most exceptions are the same in each environment of an app.
            match rows.iter_mut().find(|row| (&row.code, &row.what, &row.source) == (&it.code, &it.what, &it.source)) {
                Some(known) if need == Need::Used => known.need = need,
                Some(_) => {}
                None => rows.push(Row {
                    written_in: Origin::Program,
                    code: it.code,
                    what: it.what,
                    reason: it.reason,
                    until: Some(it.until),
                    who: it.who,
                    source: it.source,
                    need,
                }),
            }
        }
    }
    let mut all: Vec<Row> = of_configuration(config, &found);
    all.extend(rows);
    all.extend(of_comments(config, &here)?);
    if is_json {
        return shell.json(&json!({ "exceptions": all.iter().map(|row| row.to_json(today)).collect::<Vec<_>>() }));
    }
    if all.is_empty() {
        return shell.data("no exceptions\n");
    }
    shell.data(&table(&all, today))
}

fn of_configuration(config: &Config, found: &[Diagnostic]) -> Vec<Row> {
    let is_used =
        |place: &str| found.iter().filter_map(|it| it.allowed.as_ref()).any(|allowed| allowed.source == place);
    let row = |allow: &Allow, need: Need| Row {
        written_in: Origin::Configuration,
        code: allow.code.clone(),
        what: allow.what.clone(),
        reason: allow.reason.clone(),
        until: Some(allow.until.to_string()),
        who: allow.who.clone(),
        source: allow.place.clone(),
        need,
    };
    let need = |allow: &Allow| match allow.code.as_str() {
        code if WORDS.contains(&code) => Need::OfChanges,
        _ if is_used(&allow.place) => Need::Used,
        // Findings of `check` in existing manifests are not part of an output.
        code if is_of_rule(code) && config.apps.is_empty() => Need::OfCheck,
        code if is_of_rule(code) => Need::NotNeeded,
        _ => Need::OfAnother,
    };
    let general = config.allow.iter().map(|allow| row(allow, need(allow)));
    let is_old = |allow: &&Allow| config.allow.iter().all(|it| it.place != allow.place);
    let of_diff = config.policy.allow.iter().filter(is_old).map(|allow| row(allow, Need::OfChanges));
    let of_check = config.check.allow.iter().map(|allow| row(allow, Need::OfCheck));
    general.chain(of_diff).chain(of_check).collect()
}

/// Returns the exceptions in comments of the manifests in the folders of `[check.namespaces]`.
fn of_comments(config: &Config, here: &Path) -> Result<Vec<Row>> {
    let mut exceptions = Exceptions::default();
    for folder in config.check.namespaces.keys() {
        read_comments(&config.folder.join(folder), here, &mut exceptions)?;
    }
    let row = |it: &meshsynth_check::manifests::Exception| Row {
        written_in: Origin::Comment,
        code: it.codes.join(", "),
        what: it.place.file.clone(),
        reason: it.reason.clone(),
        until: it.until.map(|until| until.to_string()),
        who: None,
        source: it.place.to_string(),
        need: Need::OfCheck,
    };
    Ok(exceptions.all().map(row).collect())
}

fn read_comments(folder: &Path, here: &Path, exceptions: &mut Exceptions) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_yaml = path.extension().is_some_and(|it| it == "yaml" || it == "yml");
        if path.is_dir() {
            read_comments(&path, here, exceptions)?;
        } else if is_yaml {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", shown(&path, here)))?;
            exceptions.read(&shown(&path, here), &text);
        }
    }
    Ok(())
}

/// Formats two lines for each exception: its target and end date, and the reason.
fn table(rows: &[Row], today: Day) -> String {
    let cells: Vec<[String; 4]> = rows
        .iter()
        .map(|row| {
            let what = if row.what.is_empty() { "*".to_owned() } else { row.what.clone() };
            let until = row.until.clone().unwrap_or_else(|| "for ever".to_owned());
            [row.code.clone(), what, until, row.state(today).0]
        })
        .collect();
    let width = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [width(0), width(1), width(2)];
    let mut out = String::new();
    for ([code, what, until, state], row) in cells.iter().zip(rows) {
        let who = row.who.as_ref().map(|who| format!("{who}: ")).unwrap_or_default();
        let _ = writeln!(out, "{code:0$}  {what:1$}  {until:2$}  {state}", widths[0], widths[1], widths[2]);
        let _ = writeln!(out, "    {who}{} ({}, {})", row.reason, row.written_in.word(), row.source);
    }
    out
}
