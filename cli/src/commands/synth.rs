//! `meshsynth synth`: runs programs, checks what they wrote, swaps it in.
//!
//! All targets are synthesized before any is swapped in: a run that fails
//! leaves every old output as it was.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use meshsynth::diag::{self, Diagnostic, Severity};
use serde_json::{Value, json};

use super::Outcome;
use crate::assembly::{Assembly, Cluster, Stack};
use crate::cli::{Diagnostics, Synth};
use crate::config::{Config, Target};
use crate::interrupt;
use crate::output::{Fresh, Output};
use crate::program::{self, Answer};
use crate::shell::{Shell, bytes, count};

/// What became of a target.
struct Report<'a> {
    target: Target<'a>,
    fresh: Fresh,
    time: Duration,
    answer: Answer,
}

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Synth) -> Result<Outcome> {
    let config = Config::find(config)?;
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let root = args.output.as_ref().map_or_else(|| config.output.clone(), |output| here.join(output));
    let output = Output::open(shell, &root)?;
    let mut reports = Vec::new();
    for target in targets {
        let fresh = output.fresh(&target.name())?;
        let start = Instant::now();
        let answer = program::run(shell, target, &config.folder, &fresh.path, args.format)?;
        let report = Report { target, fresh, time: start.elapsed(), answer };
        if args.diagnostics == Diagnostics::Text {
            shell.diagnostics(report.diagnostics());
        }
        reports.push(report);
    }
    let outcome =
        if reports.iter().all(|report| report.is_fine(args.strict)) { Outcome::Fine } else { Outcome::Mistakes };
    interrupt::check()?;
    if outcome == Outcome::Fine {
        reports.iter().try_for_each(|report| report.fresh.swap())?;
    }
    give_data(shell, args, &reports, outcome, &here)?;
    for report in &reports {
        report.tell(shell, args.strict, outcome, &here);
    }
    Ok(outcome)
}

/// What programs want to read.
fn give_data(shell: &Shell, args: &Synth, reports: &[Report<'_>], outcome: Outcome, here: &Path) -> Result<()> {
    let mut all: Vec<Diagnostic> = Vec::new();
    for diagnostic in reports.iter().flat_map(Report::diagnostics) {
        if !all.contains(diagnostic) {
            all.push(diagnostic.clone());
        }
    }
    match args.diagnostics {
        Diagnostics::Json => shell.json(&diag::to_json(&all)),
        Diagnostics::Sarif => shell.json(&diag::to_sarif(&all)),
        Diagnostics::Text if args.json => {
            let apps: Vec<Value> = reports.iter().map(|report| report.to_json(args.strict, here)).collect();
            shell.json(&json!({ "written": outcome == Outcome::Fine, "apps": apps }))
        }
        Diagnostics::Text => Ok(()),
    }
}

impl Report<'_> {
    fn diagnostics(&self) -> &[Diagnostic] {
        match &self.answer {
            Answer::Assembly(assembly) => &assembly.diagnostics,
            Answer::Mistakes(diagnostics) => diagnostics,
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.diagnostics().iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    fn is_fine(&self, strict: bool) -> bool {
        match &self.answer {
            Answer::Assembly(_) => !strict || self.diagnostics().is_empty(),
            Answer::Mistakes(_) => false,
        }
    }

    /// The summary for people.
    fn tell(&self, shell: &Shell, strict: bool, outcome: Outcome, here: &Path) {
        let name = self.target.name();
        let warnings = count(self.count(Severity::Warning), "warning");
        match &self.answer {
            Answer::Mistakes(_) => {
                let errors = count(self.count(Severity::Error), "error");
                let beside = if self.count(Severity::Warning) > 0 { format!(" and {warnings}") } else { String::new() };
                shell.failed(&format!("`{name}` has {errors}{beside}; nothing is written"));
            }
            Answer::Assembly(_) if !self.is_fine(strict) => {
                shell.failed(&format!(
                    "`{name}` has {warnings}, which `--strict` does not let pass; nothing is written"
                ));
            }
            Answer::Assembly(_) if outcome == Outcome::Mistakes => {
                shell.note(&format!("`{name}` is fine, and not written because of the others"));
            }
            Answer::Assembly(assembly) => {
                let manifest = &assembly.manifest;
                let facts = [
                    count(manifest.stacks.len(), "stack"),
                    count(manifest.resources(), "resource"),
                    count(manifest.objects(), "object"),
                    count(manifest.releases(), "release"),
                    bytes(assembly.bytes()),
                    warnings,
                ];
                let time = self.time.as_secs_f64();
                let folder = shown(&self.fresh.target, here);
                shell.done("synthesized", &format!("{name}: {} in {time:.1} s -> {folder}", facts.join(", ")));
            }
        }
    }

    /// The summary for programs.
    fn to_json(&self, strict: bool, here: &Path) -> Value {
        let mut value = json!({
            "name": self.target.name(),
            "app": self.target.app.name,
            "environment": self.target.environment,
            "fine": self.is_fine(strict),
            "folder": shown(&self.fresh.target, here),
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "seconds": (self.time.as_secs_f64() * 1e3).round() / 1e3,
            "diagnostics": diag::to_json(self.diagnostics()),
        });
        if let (Answer::Assembly(assembly), Some(fields)) = (&self.answer, value.as_object_mut()) {
            fields.extend(facts(assembly));
        }
        value
    }
}

/// What an assembly holds, in numbers.
pub fn facts(assembly: &Assembly) -> serde_json::Map<String, Value> {
    let manifest = &assembly.manifest;
    let stack = |stack: &Stack| {
        json!({
            "id": stack.id,
            "name": stack.name,
            "account": stack.account,
            "region": stack.region,
            "template": stack.template,
            "bytes": assembly.files.get(&stack.template),
            "resources": stack.resources.len(),
            "stateful": stack.resources.values().filter(|resource| resource.stateful).count(),
        })
    };
    let cluster = |cluster: &Cluster| {
        json!({
            "id": cluster.id,
            "name": cluster.name,
            "region": cluster.region,
            "objects": cluster.objects.len(),
            "releases": cluster.releases.iter().map(|release| release.name.as_str()).collect::<Vec<_>>(),
        })
    };
    let facts = json!({
        "stacks": manifest.stacks.iter().map(stack).collect::<Vec<_>>(),
        "clusters": manifest.clusters.iter().map(cluster).collect::<Vec<_>>(),
        "resources": manifest.resources(),
        "objects": manifest.objects(),
        "releases": manifest.releases(),
        "files": assembly.files.len(),
        "bytes": assembly.bytes(),
    });
    match facts {
        Value::Object(facts) => facts,
        _ => unreachable!("it is written as an object above"),
    }
}

/// A path as people call it from where they are.
pub fn shown(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
