//! Rules about who reaches what, held against an output.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use meshsynth::diag::{Diagnostic, Note, Place};
use meshsynth::reach::{Holds, broken, nameless, open};
use meshsynth_assembly::ReachRule;
use meshsynth_reach::find::{self, Unfound};
use meshsynth_reach::world::At;
use meshsynth_reach::{Answer, Engine, Source, Target, Verdict, World, survey};

use super::read;
use super::text::shown;

/// The rules that an output breaks. Without rules, the output is not read.
pub fn check(folder: &Path, rules: &[ReachRule]) -> Result<Vec<Diagnostic>> {
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let world = read::world(folder).with_context(|| format!("cannot read `{}`", folder.display()))?;
    let engine = Engine::new(&world);
    let mut found = Vec::new();
    for rule in rules {
        match ends(&world, rule) {
            Ok((sources, targets)) => judge(&engine, rule, &sources, &targets, &mut found),
            Err(problem) => found.push(*problem),
        }
    }
    Ok(found)
}

fn ends(world: &World, rule: &ReachRule) -> Result<(Vec<Source>, Vec<Target>), Box<Diagnostic>> {
    let wrong = |name: &str, why: Unfound| {
        let text = match why {
            Unfound::Malformed(text) => text,
            Unfound::Several(names) => format!("several are called `{name}`: `{}`", names.join("`, `")),
            Unfound::Unknown(_) => format!("nothing is called `{name}`"),
        };
        let found = placed(nameless(text), rule);
        Box::new(found.help("name it as `meshsynth reach` does, or give the rule the `app` that has it"))
    };
    let mut sources = Vec::new();
    for name in &rule.from {
        sources.extend(find::sources(world, name).map_err(|it| wrong(name, it))?);
    }
    let targets = find::targets(world, &rule.to, rule.action.as_deref()).map_err(|it| wrong(&rule.to, it))?;
    Ok((sources, targets))
}

fn judge(engine: &Engine<'_>, rule: &ReachRule, sources: &[Source], targets: &[Target], found: &mut Vec<Diagnostic>) {
    let Some(holds) = Holds::parse(&rule.holds) else { return };
    let own: BTreeSet<_> = sources.iter().flat_map(|it| engine.identities().roles(it)).collect();
    for target in targets {
        let answers: Vec<Answer> = match holds {
            Holds::Only => {
                let is_other =
                    |it: &Source| !sources.contains(it) && !matches!(it, Source::Role(id) if own.contains(id));
                survey::to_of(engine, target, is_other)
            }
            _ => sources.iter().map(|source| engine.ask(source, target)).collect(),
        };
        found.extend(answers.iter().filter_map(|it| finding(holds, rule, it)));
    }
}

/// What is wrong with an answer.
fn finding(holds: Holds, rule: &ReachRule, answer: &Answer) -> Option<Diagnostic> {
    let (from, to) = (&answer.from, &answer.to);
    let found = match (holds, answer.verdict) {
        (Holds::Always, Verdict::Allowed) | (Holds::Never | Holds::Only, Verdict::Denied) => return None,
        (_, Verdict::Unknown) => open(format!("whether `{from}` reaches `{to}` is not known before a deployment")),
        (Holds::Always, Verdict::Denied) => broken(holds, format!("`{from}` does not reach `{to}`")),
        (Holds::Never, Verdict::Allowed) => broken(holds, format!("`{from}` reaches `{to}`")),
        (Holds::Only, Verdict::Allowed) => {
            let only = rule.from.join("`, `");
            broken(holds, format!("`{from}` reaches `{to}`, which is for `{only}` only"))
        }
    };
    let mut found = placed(found, rule);
    for link in answer.deciding().filter(|it| it.at.is_some() || answer.verdict != Verdict::Allowed) {
        let what = if link.what.is_empty() { String::new() } else { format!(" ({} {})", link.what, link.field) };
        let text = format!("{} {}: {}{what}", link.layer.words(), link.verdict.word(), shown(&link.why));
        found.notes.push(Note { text, place: link.at.as_ref().map(place_of) });
    }
    let first = answer.fixes.first().map(|fix| {
        let place = fix.at.as_ref().map(|it| format!(" at {it}")).unwrap_or_default();
        format!("{}: {} ({}{place})", fix.layer.words(), fix.change, fix.what)
    });
    Some(match first {
        Some(help) => found.help(help),
        None => found,
    })
}

fn placed(mut found: Diagnostic, rule: &ReachRule) -> Diagnostic {
    found.place = Some(place(&rule.source));
    found
}

fn place_of(at: &At) -> Place {
    place(&at.to_string())
}

/// A line such as `src/main.rs:12:5`, or `k8s/shop.yaml:12`.
fn place(source: &str) -> Place {
    let mut numbers = Vec::new();
    let mut file = source;
    while let Some((rest, number)) = file.rsplit_once(':') {
        let Ok(number) = number.parse() else { break };
        numbers.insert(0, number);
        file = rest;
    }
    let number = |at: usize| numbers.get(at).copied().unwrap_or(1);
    Place { file: file.to_owned(), line: number(0), column: number(1) }
}
