//! `meshsynth synth`: runs programs, checks their outputs, and replaces the old outputs.
//!
//! All targets are synthesized before any output is replaced. If a run fails, every old output stays as it was. With
//! `--check`, outputs are only compared.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use meshsynth::diag::{self, Diagnostic, Severity};
use meshsynth_assembly as assembly;
use meshsynth_assembly::read_diagnostics;
use serde_json::{Value, json};

use super::context::{Diagnostics, Outcome};
use super::explain;
use crate::compile;
use crate::config::{Config, Target};
use crate::current::{self, Difference};
use crate::exceptions;
use crate::interrupt;
use crate::output::{Fresh, Output};
use crate::policies;
use crate::program::{self, Answer, Format, Out};
use crate::reach::findings;
use crate::shell::{Shell, bytes, count, shown};
use crate::summary::summary;
use crate::synth_record::{self, Inputs};
use crate::today::today;
use meshsynth_check::policy::Policies;
use meshsynth_check::temporary::Temporary;

/// Notes and examples at the end of the help.
pub const HELP: &str = "\
Examples:
  meshsynth synth                           all apps, all environments
  meshsynth synth shop --env staging        one app, one environment
  meshsynth synth --strict --quiet          for CI: warnings are errors, no summary
  meshsynth synth --check                   for CI: check that the committed output is current
  meshsynth synth --diagnostics sarif       for code scanning, on stdout
  meshsynth synth --format yaml             templates as YAML

All apps are synthesized before anything is written. If one of them has an error, no output is
changed.

Exit codes:
  0    the output is written; with --check: it is current
  1    nothing is written: the platform has errors, or warnings with --strict; with --check also:
       the output is stale
  2    nothing is written: usage, configuration, a folder that meshsynth does not own, a full disk
  130  interrupted; nothing is written";

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The apps to synthesize; all by default.
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// The environment to synthesize for; all by default.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// The format of templates: JSON by default; with --check, the format of the existing output.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Treat warnings as errors: no output is written.
    #[arg(long)]
    pub strict: bool,
    /// Write nothing; check that the output is current, and list the files that differ.
    #[arg(long)]
    pub check: bool,
    /// The output folder, instead of the one in meshsynth.toml.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// The format of diagnostics: text on stderr, the others on stdout.
    #[arg(long, value_enum, value_name = "FORM", default_value_t = Diagnostics::Text)]
    pub diagnostics: Diagnostics,
    /// Print the summary as JSON to stdout.
    #[arg(long, conflicts_with = "diagnostics")]
    pub json: bool,
}

/// The result of a target.
struct Report<'a> {
    target: Target<'a>,
    /// The folder of its output.
    folder: PathBuf,
    place: Place,
    time: Duration,
    answer: Answer,
    /// With `--check`: the differences between the output and the new synthesis.
    differences: Vec<Difference>,
    /// Findings of policies that are covered by exceptions.
    passed: Vec<Diagnostic>,
}

/// The folder that a program writes to.
enum Place {
    /// A new folder beside the output folder. It replaces the output folder after a successful run.
    Fresh(Fresh),
    /// A temporary folder, which is removed.
    Temporary(Temporary),
}

/// The maximum number of files that `--check` lists.
const NAMED: usize = 10;

/// Runs the command.
pub fn run(shell: &Shell, config: Option<&Path>, args: &Args) -> Result<Outcome> {
    let config = Config::find(config)?;
    let targets = config.targets(&args.apps, args.env.as_deref())?;
    let policies = policies::load(Some(&config))?;
    if !policies.wrong().is_empty() {
        return not_valid(shell, &policies, args);
    }
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let root = args.output.as_ref().map_or_else(|| config.output.clone(), |output| here.join(output));
    let output = if args.check { None } else { Some(Output::open(shell, &root)?) };
    let folders: Vec<PathBuf> = targets.iter().map(|target| root.join(target.name())).collect();
    // Record the inputs before the run, so that files that are saved during the run count as newer than the output.
    let inputs = if args.check { None } else { Inputs::now(&config, &folders).ok() };
    let result = synthesize(shell, &config, &policies, &targets, args, &root, output.as_ref());
    let outcome = match &result {
        Ok(reports) if reports.iter().all(|report| report.is_fine(args.strict)) => Outcome::Fine,
        _ => Outcome::Mistakes,
    };
    interrupt::check()?;
    if outcome == Outcome::Fine {
        result.iter().flatten().try_for_each(Report::swap)?;
    }
    for (folder, inputs) in folders.iter().zip(inputs.iter().cycle()) {
        // An error is ignored: the record only improves the detection of stale outputs.
        let _ = match outcome {
            Outcome::Fine => synth_record::keep(&config, folder, inputs),
            _ => synth_record::keep_failure(&config, folder, inputs),
        };
    }
    let reports = result?;
    give_data(shell, args, &reports, outcome, &here)?;
    for report in &reports {
        report.tell(shell, args, outcome, &here);
    }
    if outcome == Outcome::Fine && targets.len() == config.targets(&[], None)?.len() {
        let found = folders.iter().filter_map(|folder| read_diagnostics(folder).ok()).flatten();
        let of_policies = reports.iter().flat_map(|report| report.passed.iter().cloned());
        let found: Vec<Diagnostic> = found.chain(of_policies).collect();
        exceptions::of_configuration(&config.allow, &found, today()?).iter().for_each(|line| shell.note(line));
    }
    Ok(outcome)
}

/// Runs every program, and prints the diagnostics of each when it ends.
fn synthesize<'a>(
    shell: &Shell,
    config: &Config,
    policies: &Policies,
    targets: &[Target<'a>],
    args: &Args,
    root: &Path,
    output: Option<&Output>,
) -> Result<Vec<Report<'a>>> {
    let compiled = compile::together(shell, targets, &config.folder)?;
    let mut reports = Vec::new();
    for &target in targets {
        let folder = root.join(target.name());
        let place = match output {
            Some(output) => Place::Fresh(output.fresh(&target.name())?),
            None => Place::Temporary(Temporary::new()?),
        };
        let format = match args.format {
            Some(format) => format,
            None if args.check => current::format_of(&folder),
            None => Format::Json,
        };
        let start = Instant::now();
        let answer = match compiled.get(&target.app.name) {
            Some(compiled) => program::run_compiled(shell, target, compiled, &config.folder, place.out(), format)?,
            None => program::run(shell, target, &config.folder, place.out(), format)?,
        };
        let (answer, passed) = held(shell, policies, config, target, answer, place.out().assembly())?;
        let differences = match &answer {
            Answer::Assembly(_) if args.check => current::differences(&folder, place.out().folder)?,
            _ => Vec::new(),
        };
        let report = Report { target, folder, place, time: start.elapsed(), answer, differences, passed };
        if args.diagnostics == Diagnostics::Text {
            shell.diagnostics(report.diagnostics());
        }
        reports.push(report);
    }
    Ok(reports)
}

impl Place {
    fn out(&self) -> Out<'_> {
        match self {
            Self::Fresh(fresh) => Out { folder: &fresh.path, replaced: fresh.target.is_dir().then_some(&fresh.target) },
            Self::Temporary(temporary) => Out::new(&temporary.0),
        }
    }
}

/// Evaluates the policies and reachability rules for an assembly. If there is an error, the answer
/// becomes `Mistakes`. Also returns the findings that are covered by exceptions.
fn held(
    shell: &Shell,
    policies: &Policies,
    config: &Config,
    target: Target<'_>,
    answer: Answer,
    folder: &Path,
) -> Result<(Answer, Vec<Diagnostic>)> {
    let Answer::Assembly(mut assembly) = answer else { return Ok((answer, Vec::new())) };
    let (mut found, passed) = policies::judge_assembly(policies, folder, config, target.environment, today()?)?;
    let n_notes = found.iter().filter(|it| it.severity == Severity::Note).count();
    found.retain(|it| it.severity != Severity::Note);
    if n_notes > 0 {
        let notes = count(n_notes, "note");
        shell.note(&format!(
            "policies report {notes} on {}: show them with `meshsynth check --notes` on the output",
            target.name()
        ));
    }
    let of_config = config.reach.iter().filter(|it| it.is_about(&target.app.name, &target.name()));
    let reach: Vec<_> = assembly.manifest.reach.iter().chain(of_config.map(|it| &it.rule)).cloned().collect();
    let (of_reach, passed_reach) =
        policies::judged(findings::check(folder, &reach)?, folder, config, target.environment, today()?)?;
    found.extend(of_reach);
    let passed = passed.into_iter().chain(passed_reach).collect();
    let is_wrong = found.iter().any(Diagnostic::is_error);
    assembly.diagnostics.extend(found);
    assembly.diagnostics.sort_by_cached_key(Diagnostic::sort_key);
    Ok((if is_wrong { Answer::Mistakes(assembly.diagnostics) } else { Answer::Assembly(assembly) }, passed))
}

/// Reports invalid policies. In this case, no program runs.
fn not_valid(shell: &Shell, policies: &Policies, args: &Args) -> Result<Outcome> {
    let wrong = policies.wrong();
    match args.diagnostics {
        Diagnostics::Text => shell.diagnostics(wrong),
        Diagnostics::Json => shell.json(&diag::to_json(wrong))?,
        Diagnostics::Sarif => shell.json(&diag::to_sarif(wrong))?,
    }
    shell.failed(&format!("the policies have {}; no output is written", count(wrong.len(), "error")));
    Ok(Outcome::Mistakes)
}

/// Writes the machine-readable data to stdout.
fn give_data(shell: &Shell, args: &Args, reports: &[Report<'_>], outcome: Outcome, here: &Path) -> Result<()> {
    let mut all: Vec<Diagnostic> = Vec::new();
    for diagnostic in reports.iter().flat_map(Report::diagnostics) {
        if !all.contains(diagnostic) {
            all.push(diagnostic.clone());
        }
    }
    match args.diagnostics {
        Diagnostics::Json => shell.json(&diag::to_json(&all)),
        Diagnostics::Sarif => {
            // For a program with mistakes, the rules come from its previous output.
            let manifests = reports.iter().filter_map(|report| assembly::read_manifest(&report.folder).ok());
            let added: Vec<assembly::Rule> = manifests.flat_map(|manifest| manifest.rules).collect();
            shell.json(&diag::to_sarif_with(&all, |code| explain::described(code, &added)))
        }
        Diagnostics::Text if args.json => {
            let apps: Vec<Value> = reports.iter().map(|report| report.to_json(args, here)).collect();
            shell.json(&json!({ "written": outcome == Outcome::Fine && !args.check, "apps": apps }))
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
        self.is_sound(strict) && self.differences.is_empty()
    }

    /// Whether the platform has no mistakes; with `strict`, also no other diagnostics.
    fn is_sound(&self, strict: bool) -> bool {
        match &self.answer {
            Answer::Assembly(_) => !strict || self.diagnostics().is_empty(),
            Answer::Mistakes(_) => false,
        }
    }

    fn swap(&self) -> Result<()> {
        match &self.place {
            Place::Fresh(fresh) => fresh.swap(),
            Place::Temporary(_) => Ok(()),
        }
    }

    /// Prints the summary.
    fn tell(&self, shell: &Shell, args: &Args, outcome: Outcome, here: &Path) {
        let name = self.target.name();
        let folder = shown(&self.folder, here);
        let warnings = count(self.count(Severity::Warning), "warning");
        match &self.answer {
            Answer::Mistakes(_) => {
                let errors = count(self.count(Severity::Error), "error");
                let beside = if self.count(Severity::Warning) > 0 { format!(" and {warnings}") } else { String::new() };
                shell.failed(&format!("`{name}` has {errors}{beside}; no output is written"));
            }
            Answer::Assembly(_) if !self.is_sound(args.strict) => {
                shell.failed(&format!(
                    "`{name}` has {warnings}, which `--strict` treats as errors; no output is written"
                ));
            }
            Answer::Assembly(_) if !self.differences.is_empty() => self.tell_differences(shell, &folder),
            Answer::Assembly(_) if args.check => {
                shell.done("current", &format!("{name}: `{folder}` is current"));
            }
            Answer::Assembly(_) if outcome == Outcome::Mistakes => {
                shell.note(&format!("`{name}` has no errors, but is not written, because another app has errors"));
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
                shell.done("synthesized", &format!("{name}: {} in {time:.1} s -> {folder}", facts.join(", ")));
                if !assembly.owner_tasks.is_empty() {
                    let tasks = count(assembly.owner_tasks.len(), "task");
                    shell.note(&format!(
                        "{tasks} for owners of existing resources: show them with `meshsynth list --owners` \
                         ({folder}/owners.json)"
                    ));
                }
            }
        }
    }

    /// Prints the files that differ, with `--check`.
    fn tell_differences(&self, shell: &Shell, folder: &str) {
        let again = self.target.arguments();
        let help = format!("   = help: run `meshsynth synth {again}`, review `meshsynth diff`, and commit the output");
        if !self.folder.exists() {
            shell.failed(&format!("there is no output at `{folder}`"));
            return shell.say(&help);
        }
        shell.failed(&format!("`{folder}` is stale: {}", current::summary(&self.differences)));
        for it in self.differences.iter().take(NAMED) {
            shell.say(&format!("  {folder}/{}: {}", it.path(), it.word()));
        }
        if self.differences.len() > NAMED {
            shell.say(&format!("  and {} more", self.differences.len() - NAMED));
        }
        shell.say(&help);
    }

    /// Returns the summary as JSON.
    fn to_json(&self, args: &Args, here: &Path) -> Value {
        let mut value = json!({
            "name": self.target.name(),
            "app": self.target.app.name,
            "environment": self.target.environment,
            "fine": self.is_fine(args.strict),
            "folder": shown(&self.folder, here),
            "errors": self.count(Severity::Error),
            "warnings": self.count(Severity::Warning),
            "seconds": (self.time.as_secs_f64() * 1e3).round() / 1e3,
            "diagnostics": diag::to_json(self.diagnostics()),
        });
        if let (Answer::Assembly(assembly), Some(fields)) = (&self.answer, value.as_object_mut()) {
            fields.extend(summary(assembly));
            if args.check {
                let row = |it: &Difference| json!({ "path": it.path(), "is": it.word() });
                fields.insert("differences".to_owned(), self.differences.iter().map(row).collect());
            }
        }
        value
    }
}
