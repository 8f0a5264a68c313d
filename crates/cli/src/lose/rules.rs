//! Checks failure rules for a platform.

use anyhow::Result;
use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Finding, Kind, Loss, Outcome, lose, regions, zones};

use super::report::shown;
use super::text::by;
use crate::commands::asked::unfound;
use crate::config::Lose;

/// Returns a message with its position for each broken rule.
pub fn check(world: &World, rules: &[&Lose]) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    for rule in rules {
        for asked in each(world, &rule.asked) {
            let event = asked.event(world).map_err(|(name, why)| unfound(&name, why))?;
            judge(rule, &lose(world, &asked, &event), &mut broken);
        }
    }
    Ok(broken)
}

/// Expands `any` in a rule to each zone or each region.
fn each(world: &World, asked: &Asked) -> Vec<Asked> {
    let is_any = |list: &[String]| list == ["any"];
    match (is_any(&asked.zones), is_any(&asked.regions)) {
        (true, _) => zones(world).into_iter().map(|it| Asked { zones: vec![it], ..asked.clone() }).collect(),
        (_, true) => regions(world).into_iter().map(|it| Asked { regions: vec![it], ..asked.clone() }).collect(),
        _ => vec![asked.clone()],
    }
}

fn judge(rule: &Lose, loss: &Loss, broken: &mut Vec<String>) {
    for keep in &rule.keep {
        let found: Vec<&Finding> = loss.findings.iter().filter(|it| is_meant(it, keep)).collect();
        if found.is_empty() && kind(keep).is_none() {
            broken.push(told(
                rule,
                &format!("there is no resource or workload named `{keep}`"),
                &["use a name from the output of `meshsynth lose`".to_owned()],
            ));
        }
        for finding in found {
            let word = match finding.outcome() {
                Outcome::Left | Outcome::FailsOver => continue,
                Outcome::Unknown if rule.is_unknown_fine => continue,
                Outcome::Unknown => "may be lost, which cannot be decided from the files",
                Outcome::ByHand => "is available only after manual recovery steps",
                Outcome::Lost => "is lost",
            };
            let causes: Vec<String> = finding
                .judgement
                .causes
                .iter()
                .map(|it| {
                    [shown(&it.why), by(it)].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(": ")
                })
                .collect();
            broken.push(told(rule, &format!("without {}, `{}` {word}", loss.lost, shown(&finding.name)), &causes));
        }
    }
}

fn kind(word: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|it| it.word() == word)
}

fn is_meant(finding: &Finding, keep: &str) -> bool {
    match kind(keep) {
        Some(kind) => finding.kind == kind,
        None => finding.name == keep || finding.name.ends_with(&format!("/{keep}")) && finding.kind != Kind::Call,
    }
}

fn told(rule: &Lose, text: &str, notes: &[String]) -> String {
    let mut out = format!("error: {text}\n  --> {}\n", rule.place);
    for note in notes {
        out += &format!("  = note: {note}\n");
    }
    out
}
