//! Applies the edits of a step to a copy of the platform, and compares both.

use anyhow::Result;
use meshsynth_diff::Diff;
use meshsynth_diff::side::Side;
use meshsynth_facts as facts;
use serde_json::Value;

use crate::component::Place;
use crate::edit::Edit;
use crate::statement::Statement;

/// The effect of a step on one resource, object or release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The verdict of `diff`.
    pub verdict: &'static str,
    /// The type or the kind.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The reasons, with the pages of the vendor.
    pub reasons: Vec<(String, Option<String>)>,
    /// The interruption, if it serves requests.
    pub interruption: Option<String>,
}

/// Applies edits to a copy of a platform.
pub fn apply(side: &Side, edits: &[Edit]) -> Side {
    let mut after = side.shared();
    for edit in edits {
        match &edit.place {
            Place::Resource { stack, id, property } => {
                let Some(path) = after.stack(stack).map(|stack| stack.template.clone()) else { continue };
                let mut document = after.document(&path).clone();
                let properties = &mut document["Resources"][id.as_str()]["Properties"];
                properties[*property] = Value::String(edit.new.clone());
                after.add(&path, document.to_string(), document);
                let clusters = after.manifest.clusters.iter_mut();
                clusters
                    .filter(|it| Some(&it.id) == edit.cluster.as_ref())
                    .for_each(|it| it.version = edit.new.clone());
            }
            Place::Releases { names } => {
                let clusters = after.manifest.clusters.iter_mut().filter(|it| Some(&it.id) == edit.cluster.as_ref());
                let releases = clusters.flat_map(|it| &mut it.releases).filter(|it| names.contains(&it.name));
                releases.for_each(|release| release.version = edit.new.clone());
            }
            Place::Image { path, image } => {
                let mut document = after.document(path).clone();
                set_tag(&mut document, image, &edit.new);
                after.add(path, document.to_string(), document);
            }
        }
    }
    after
}

/// Sets the tag of an image in all containers.
fn set_tag(value: &mut Value, image: &str, tag: &str) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(text) if key == "image" && text.strip_prefix(image).is_some_and(|it| it.starts_with(':')) => {
                        *value = Value::String(format!("{image}:{tag}"));
                    }
                    _ => set_tag(value, image, tag),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_tag(item, image, tag)),
        _ => {}
    }
}

/// Returns the effects of the difference between two platforms, and the causes that stop or endanger its deployment.
///
/// # Errors
///
/// If a file of the platform cannot be parsed.
pub fn compare(before: &Side, after: &Side) -> Result<(Vec<Effect>, Vec<Statement>)> {
    let diff = Diff::new(before, after)?;
    let effects = diff.changes.iter().map(|change| Effect {
        verdict: change.verdict.word(),
        kind: change.kind.clone(),
        name: diff.title(change),
        reasons: change.reasons.iter().map(|it| (it.text.clone(), it.page.clone())).collect(),
        interruption: change.interrupts.map(|it| it.to_string()),
    });
    let hazard = |it: &meshsynth_diff::Hazard| {
        Statement::new(format!("{}: {}", it.text, it.help), "meshsynth diff", facts::literals::JUDGED_ON)
    };
    Ok((effects.collect(), diff.hazards.iter().map(hazard).collect()))
}
