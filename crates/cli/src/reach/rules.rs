//! Checks reachability rules for an output.

use std::collections::BTreeSet;

use meshsynth::diag::Diagnostic;
use meshsynth::reach::{self, Holds, undetermined_rule, unresolved_endpoint};
use meshsynth_assembly::ReachRule;
use meshsynth_reach::find::{self, Unfound};
use meshsynth_reach::{Answer, Engine, Source, Target, Verdict, World, survey};

use super::actions::known_action;
use super::explained::{explained, place};

/// The source and the target of a path.
pub type Way = (String, String);

/// Returns the findings of broken rules, and adds their paths to `told`.
pub fn broken(engine: &Engine<'_>, rules: &[ReachRule], told: &mut BTreeSet<Way>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in rules {
        match ends(engine.world(), rule) {
            Ok((sources, targets)) => {
                let answers = judge(engine, rule, &sources, &targets);
                for (finding, answer) in answers {
                    found.push(finding);
                    told.insert((answer.from, answer.to));
                }
            }
            Err(problem) => found.push(*problem),
        }
    }
    found
}

fn ends(world: &World, rule: &ReachRule) -> Result<(Vec<Source>, Vec<Target>), Box<Diagnostic>> {
    let wrong = |name: &str, why: Unfound| {
        let text = match why {
            Unfound::Malformed(text) => text,
            Unfound::Several(names) => format!("the name `{name}` is ambiguous: `{}`", names.join("`, `")),
            Unfound::Unknown(_) => format!("there is no resource or workload named `{name}`"),
        };
        let found = placed(unresolved_endpoint(text), rule);
        Box::new(
            found.help("use a name from the output of `meshsynth reach`, or add the `app` with that name to the rule"),
        )
    };
    let mut sources = Vec::new();
    for name in &rule.from {
        sources.extend(find::sources(world, name).map_err(|it| wrong(name, it))?);
    }
    rule.action.as_deref().map_or(Ok(()), known_action).map_err(|it| wrong(&rule.to, it))?;
    let targets = find::targets(world, &rule.to, rule.action.as_deref()).map_err(|it| wrong(&rule.to, it))?;
    Ok((sources, targets))
}

fn judge(engine: &Engine<'_>, rule: &ReachRule, sources: &[Source], targets: &[Target]) -> Vec<(Diagnostic, Answer)> {
    let Some(holds) = Holds::parse(&rule.holds) else { return Vec::new() };
    let mut found = Vec::new();
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
        found.extend(answers.into_iter().filter_map(|it| Some((finding(holds, rule, &it)?, it))));
    }
    found
}

/// Returns the finding for a result that breaks a rule.
fn finding(holds: Holds, rule: &ReachRule, answer: &Answer) -> Option<Diagnostic> {
    let (from, to) = (&answer.from, &answer.to);
    let found = match (holds, answer.verdict) {
        (Holds::Always, Verdict::Allowed) | (Holds::Never | Holds::Only, Verdict::Denied) => return None,
        (_, Verdict::Unknown) => {
            undetermined_rule(format!("it cannot be decided from the files whether `{from}` reaches `{to}`"))
        }
        (Holds::Always, Verdict::Denied) => reach::violated_rule(holds, format!("`{from}` does not reach `{to}`")),
        (Holds::Never, Verdict::Allowed) => reach::violated_rule(holds, format!("`{from}` reaches `{to}`")),
        (Holds::Only, Verdict::Allowed) => {
            let only = rule.from.join("`, `");
            reach::violated_rule(holds, format!("`{from}` reaches `{to}`, but only `{only}` is allowed"))
        }
    };
    Some(explained(placed(found, rule), answer))
}

fn placed(mut found: Diagnostic, rule: &ReachRule) -> Diagnostic {
    found.place = Some(place(&rule.source));
    found
}
