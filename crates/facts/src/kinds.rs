//! One row of facts for each Kubernetes kind that runs pods or routes requests.
//!
//! The rows are in `schema/facts/kinds.jsonl`. `schema/README.md` documents each column.

use std::sync::OnceLock;

use super::json::Json;

/// How long the pods of a kind run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Until the object is deleted. A controller replaces pods that end.
    Permanently,
    /// Until the pods complete.
    ToCompletion,
    /// Until the pod ends. No controller replaces it.
    Once,
}

/// The facts about one kind. Paths are dotted.
#[derive(Debug, Default)]
pub struct Kind {
    /// The `kind`.
    pub name: &'static str,
    /// The lifetime of its pods, or `None` for a kind without pods.
    pub runs: Option<Runs>,
    /// The path of the pod template, which is empty for a pod itself.
    pub pods: Option<&'static str>,
    /// The keys on the path to the outermost pod template. A change to this template replaces the pods.
    pub template: Option<Vec<&'static str>>,
    /// The path of the field with the number of pods. An autoscaler may change this field.
    pub replicas: Option<&'static str>,
    /// The path of the labels that select its pods.
    pub selector: Option<&'static str>,
    /// Whether objects of the kind route requests to pods.
    pub is_route: bool,
    /// Whether objects of the kind determine which requests enter the cluster.
    pub is_entry: bool,
    /// The unit by which AWS bills objects of the kind, if they have a price.
    pub billed: Option<&'static str>,
}

impl Kind {
    /// Whether its objects run pods.
    pub fn runs_pods(&self) -> bool {
        self.runs.is_some()
    }

    /// Whether a controller keeps its pods running.
    pub fn is_permanent(&self) -> bool {
        self.runs == Some(Runs::Permanently)
    }
}

static TEXT: &str = include_str!("../schema/facts/kinds.jsonl");

/// Returns the facts about a kind. A kind without a row has no facts.
pub fn kind(name: &str) -> &'static Kind {
    static NONE: OnceLock<Kind> = OnceLock::new();
    match kinds().binary_search_by_key(&name, |kind| kind.name) {
        Ok(at) => &kinds()[at],
        Err(_) => NONE.get_or_init(Kind::default),
    }
}

/// Returns all rows, sorted by kind.
pub fn kinds() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    KINDS.get_or_init(|| TEXT.lines().map(read).collect())
}

/// Parses a row.
///
/// # Panics
///
/// Panics if the row is malformed. A test reads all rows.
fn read(line: &'static str) -> Kind {
    let row = Json::parse(line);
    let text = |column: &str| match row.at(column) {
        Json::Text(std::borrow::Cow::Borrowed(text)) => Some(*text),
        _ => None,
    };
    let runs = text("runs").map(|word| match word {
        "permanently" => Runs::Permanently,
        "to completion" => Runs::ToCompletion,
        "once" => Runs::Once,
        other => unreachable!("`{other}` is not a valid lifetime of pods; a test parses every row"),
    });
    Kind {
        name: text("kind").unwrap_or_default(),
        runs,
        pods: text("pods"),
        template: text("template").or(text("pods")).map(|path| path.split('.').collect()),
        replicas: text("replicas"),
        selector: text("selector"),
        is_route: row.at("routes").is_true(),
        is_entry: row.at("entry").is_true(),
        billed: text("billed"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Runs, kind, kinds};

    #[test]
    fn rows_are_sorted_and_unique() {
        assert!(kinds().is_sorted_by(|a, b| a.name < b.name), "sort the rows by kind");
    }

    #[test]
    fn reads_columns() {
        let set = kind("StatefulSet");
        assert_eq!(
            (set.runs, set.pods, set.replicas),
            (Some(Runs::Permanently), Some("spec.template"), Some("spec.replicas"))
        );
        assert_eq!(kind("CronJob").template.as_deref(), Some(["spec", "jobTemplate"].as_slice()));
        assert!(kind("HTTPRoute").is_route && !kind("HTTPRoute").runs_pods());
        assert!(kind("Thing").name.is_empty());
    }
}
