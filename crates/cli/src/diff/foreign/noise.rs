//! Values that tools generate: chart labels, random values and asset digests. Reports describe or fold them.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use meshsynth_diff::{Change, Diff, Edit, Section, Verdict};
use serde_json::{Map, Value};

use super::assets::Assets;
use super::object::{Document, Object};
use super::objects::Renamed;
use super::platform::Platform;
use super::unknown;

/// The start of certificates and keys in text form (RFC 7468).
const PEM: &str = "-----BEGIN ";

/// Facts about both sides that are not visible in a diff of their values.
pub struct Noise {
    assets: [Assets; 2],
    renamed: Vec<Renamed>,
    /// Secrets whose changed values look regenerated, by cluster, namespace and name.
    generated: BTreeSet<(String, String, String)>,
}

/// Labels with the name and version of the chart, which selectors do not use.
///
/// Source: <https://helm.sh/docs/chart_best_practices/labels/>.
const LABELS: [&str; 3] = ["helm.sh/chart", "chart", "app.kubernetes.io/version"];

impl Noise {
    /// Collects the facts before both sides are compared.
    pub fn of(base: &Platform, head: &Platform, renamed: Vec<Renamed>) -> Self {
        let secrets = |side: &'_ Platform| -> BTreeMap<(String, String, String), Object> {
            let is_read = |it: &&Object| it.key.1 == "Secret" && matches!(it.document, Document::Known(_));
            let all = side.objects.iter().filter(is_read);
            all.map(|it| ((it.cluster.clone(), it.key.2.clone(), it.key.3.clone()), it.clone())).collect()
        };
        let (old, new) = (secrets(base), secrets(head));
        let is_generated = |key: &&(String, String, String)| {
            old.get(*key).is_some_and(|before| differ_by_chance(&before.document.get(), &new[*key].document.get()))
        };
        let generated = new.keys().filter(is_generated).cloned().collect();
        Self { assets: [base.assets.clone(), head.assets.clone()], renamed, generated }
    }

    /// Describes and folds generated values in a diff.
    pub fn fold(&self, diff: &mut Diff) {
        for change in &mut diff.changes {
            self.explain(change);
            // Reports show only the first edits: schema changes are more important than descriptions.
            if change.kind == "CustomResourceDefinition" {
                change.edits.sort_by_key(|edit| edit.names("description"));
            }
        }
        fold_labels(diff);
        unknown::take_out(diff);
    }

    fn explain(&self, change: &mut Change) {
        match &change.section {
            Section::Stack(_) => {
                let told = |edit: &Edit| {
                    Assets::change(&self.assets[0], edit.before.as_ref(), &self.assets[1], edit.after.as_ref())
                };
                let mut texts: Vec<String> = change.edits.iter().filter_map(told).collect();
                texts.dedup();
                change.reasons.extend(texts.into_iter().map(Into::into));
            }
            Section::Namespace(cluster, namespace) => {
                let is_it = |it: &&Renamed| {
                    let (_, kind, space, name) = &it.place.1;
                    (&it.place.0, kind, space, name) == (cluster, &change.kind, namespace, &change.name)
                };
                if let Some(renamed) = self.renamed.iter().find(is_it) {
                    let text = "its name depends on its content; the old name is";
                    change
                        .reasons
                        .push(format!("{text} `{}`, and that object is kept until it is pruned", renamed.was).into());
                }
                let secret = (cluster.clone(), namespace.clone(), change.name.clone());
                let is_bundle = |edit: &Edit| {
                    edit.names("caBundle") && [&edit.before, &edit.after].into_iter().all(|it| is_pem(it.as_ref()))
                };
                let is_secret = change.kind == "Secret" && self.generated.contains(&secret);
                if is_secret || !change.edits.is_empty() && change.edits.iter().all(is_bundle) {
                    let text = "its value looks generated (`genCA`, `randAlphaNum`): each rendering creates a new \
                         value, unless the chart looks up the existing one";
                    change.reasons.push(text.into());
                }
            }
            Section::Helm(_) | Section::Files => {}
        }
    }
}

/// Removes chart labels from the changes of objects. Objects without other changes become one row of their cluster.
fn fold_labels(diff: &mut Diff) {
    let mut folded: BTreeMap<String, (usize, BTreeSet<&'static str>)> = BTreeMap::new();
    let mut kept = Vec::new();
    for mut change in std::mem::take(&mut diff.changes) {
        let label = |edit: &Edit| LABELS.into_iter().find(|label| edit.is_below(&["metadata", "labels", label]));
        let Section::Namespace(cluster, _) = &change.section else {
            kept.push(change);
            continue;
        };
        let labels: BTreeSet<&'static str> = change.edits.iter().filter_map(label).collect();
        if !labels.is_empty() && change.verdict == Verdict::InPlace && change.edits.iter().all(|it| label(it).is_some())
        {
            let row = folded.entry(cluster.clone()).or_default();
            row.0 += 1;
            row.1.extend(labels);
            continue;
        }
        change.edits.retain(|edit| label(edit).is_none());
        kept.push(change);
    }
    for (cluster, (n_objects, labels)) in folded {
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let objects = if n_objects == 1 { "1 object".to_owned() } else { format!("{n_objects} objects") };
        let reason = format!("only these labels change: {}", labels.join(", "));
        kept.push(Change {
            reasons: vec![reason.into()],
            ..Change::new(Section::Namespace(cluster, String::new()), "labels", objects, Verdict::InPlace)
        });
    }
    kept.sort_by(|a, b| (&a.section, b.verdict, &a.kind, &a.name).cmp(&(&b.section, a.verdict, &b.kind, &b.name)));
    diff.changes = kept;
}

/// Whether the values of two Secrets differ only in regenerated values.
fn differ_by_chance(before: &Value, after: &Value) -> bool {
    let values = |document: &Value| -> BTreeMap<String, String> {
        let of = |key: &str, is_encoded: bool| {
            let all = document[key].as_object().into_iter().flat_map(Map::iter);
            all.filter_map(|(name, value)| {
                let text = value.as_str()?;
                let decoded = || String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok();
                Some((name.clone(), if is_encoded { decoded()? } else { text.to_owned() }))
            })
            .collect::<BTreeMap<_, _>>()
        };
        let mut all = of("data", true);
        all.extend(of("stringData", false));
        all
    };
    let (old, new) = (values(before), values(after));
    let mut differ = old.iter().filter(|(key, value)| new.get(*key) != Some(*value)).peekable();
    old.keys().eq(new.keys())
        && differ.peek().is_some()
        && differ.all(|(key, value)| new.get(key).is_some_and(|other| are_by_chance(value, other)))
}

/// Whether two texts look generated: certificates and keys, or letters and digits of the same length.
fn are_by_chance(a: &str, b: &str) -> bool {
    const SHORTEST: usize = 8;
    let are_pem = [a, b].into_iter().all(|text| text.trim_start().starts_with(PEM));
    let is_mixed = |text: &str| {
        text.len() >= SHORTEST
            && text.chars().all(|c| c.is_ascii_alphanumeric())
            && text.chars().any(|c| c.is_ascii_digit())
            && text.chars().any(|c| c.is_ascii_uppercase())
            && text.chars().any(|c| c.is_ascii_lowercase())
    };
    are_pem || a.len() == b.len() && is_mixed(a) && is_mixed(b)
}

fn is_pem(value: Option<&Value>) -> bool {
    let decoded = value.and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
    decoded.is_some_and(|bytes| bytes.starts_with(b"-----BEGIN "))
}

#[cfg(test)]
mod tests {
    use super::are_by_chance;

    #[test]
    fn distinguishes_random_values_from_words() {
        assert!(are_by_chance("aB3dE6gH", "zY8xW5vU"));
        assert!(!are_by_chance("password", "passwort"));
        assert!(!are_by_chance("aB3dE6gH", "zY8xW5vU9"));
        assert!(are_by_chance("-----BEGIN CERTIFICATE-----\na", "-----BEGIN CERTIFICATE-----\nbcd"));
    }
}
