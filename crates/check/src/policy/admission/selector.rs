//! Label selectors.
//!
//! Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>

use std::collections::BTreeMap;

use crate::expressions::Tree;

/// Labels, some of which may be unknown.
#[derive(Debug, Default)]
pub struct Labels {
    all: BTreeMap<String, Option<String>>,
    /// The description of unknown labels; `None` if all labels are known.
    unknown: Option<String>,
}

impl Labels {
    /// Returns the labels of an object.
    pub fn of(object: &Tree) -> Self {
        let labels = match object.at("metadata.labels") {
            Some(Tree::Map(labels)) => labels.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
            _ => BTreeMap::new(),
        };
        Self { all: labels, unknown: None }
    }

    /// Creates unknown labels of a missing object.
    pub fn not_known(what: String) -> Self {
        Self { all: BTreeMap::new(), unknown: Some(what) }
    }

    /// Adds a label.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.all.insert(key.to_owned(), Some(value.to_owned()));
        self
    }
}

fn text(value: &Tree) -> Option<String> {
    match value {
        Tree::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A label selector: all conditions must be met.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    conditions: Vec<Condition>,
}

#[derive(Clone, Debug)]
struct Condition {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    /// Reads a selector. Without a selector, all objects match.
    ///
    /// # Errors
    ///
    /// The path of the invalid field below the selector, and the reason.
    pub fn read(tree: Option<&Tree>) -> Result<Self, (String, String)> {
        let mut conditions = Vec::new();
        let Some(tree) = tree else { return Ok(Self::default()) };
        if let Some(Tree::Map(labels)) = tree.get("matchLabels") {
            for (key, value) in labels {
                let values = text(value).into_iter().collect();
                conditions.push(Condition { key: key.clone(), operator: Operator::In, values });
            }
        }
        for (idx, row) in tree.items("matchExpressions").iter().enumerate() {
            let path = format!("matchExpressions[{idx}]");
            let operator = match row.text("operator") {
                Some("In") => Operator::In,
                Some("NotIn") => Operator::NotIn,
                Some("Exists") => Operator::Exists,
                Some("DoesNotExist") => Operator::DoesNotExist,
                other => {
                    let why = format!("`{}` is not an operator", other.unwrap_or_default());
                    return Err((
                        format!("{path}.operator"),
                        format!("{why}: it is `In`, `NotIn`, `Exists` or `DoesNotExist`"),
                    ));
                }
            };
            let values: Vec<String> = row.items("values").iter().filter_map(text).collect();
            if values.is_empty() == matches!(operator, Operator::In | Operator::NotIn) {
                return Err((path, "`In` and `NotIn` have `values`, the other operators have none".to_owned()));
            }
            let key = row.text("key").ok_or_else(|| (path, "it has no `key`".to_owned()))?.to_owned();
            conditions.push(Condition { key, operator, values });
        }
        Ok(Self { conditions })
    }

    /// Whether the selector matches labels.
    ///
    /// # Errors
    ///
    /// The description of the unknown label, if it decides.
    pub fn selects(&self, labels: &Labels) -> Result<bool, String> {
        let mut unknown = None;
        for Condition { key, operator, values } in &self.conditions {
            let holds = match labels.all.get(key) {
                Some(Some(value)) => Some(match operator {
                    Operator::In => values.contains(value),
                    Operator::NotIn => !values.contains(value),
                    Operator::Exists => true,
                    Operator::DoesNotExist => false,
                }),
                Some(None) => match operator {
                    Operator::Exists => Some(true),
                    Operator::DoesNotExist => Some(false),
                    Operator::In | Operator::NotIn => None,
                },
                None if labels.unknown.is_some() => None,
                None => Some(matches!(operator, Operator::NotIn | Operator::DoesNotExist)),
            };
            match holds {
                Some(true) => {}
                Some(false) => return Ok(false),
                None => {
                    let what = labels.unknown.as_deref().unwrap_or("a label that is known only at deployment");
                    unknown = Some(format!("the label `{key}` of {what}"));
                }
            }
        }
        unknown.map_or(Ok(true), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(expressions: &[(&str, &str, &[&str])]) -> Selector {
        let row = |(key, operator, values): &(&str, &str, &[&str])| {
            let values = Tree::List(values.iter().map(|it| Tree::from(*it)).collect());
            Tree::from([("key", Tree::from(*key)), ("operator", Tree::from(*operator)), ("values", values)])
        };
        let rows = Tree::List(expressions.iter().map(row).collect());
        Selector::read(Some(&Tree::from([("matchExpressions", rows)]))).unwrap()
    }

    #[test]
    fn supports_operators_of_kubernetes() {
        let labels = Labels::default().with("tier", "web");
        let selects = |key, operator, values: &[&str]| selector(&[(key, operator, values)]).selects(&labels).unwrap();
        assert!(
            selects("tier", "In", &["web", "db"]) && !selects("tier", "In", &["db"]) && !selects("team", "In", &["a"])
        );
        assert!(
            selects("tier", "NotIn", &["db"])
                && !selects("tier", "NotIn", &["web"])
                && selects("team", "NotIn", &["a"])
        );
        assert!(
            selects("tier", "Exists", &[]) && !selects("team", "Exists", &[]) && selects("team", "DoesNotExist", &[])
        );
    }

    #[test]
    fn unknown_label_has_no_result() {
        let labels = Labels::not_known("the namespace `shop`".to_owned()).with("a", "b");
        assert!(
            selector(&[("team", "Exists", &[])])
                .selects(&labels)
                .unwrap_err()
                .contains("`team` of the namespace `shop`")
        );
        assert_eq!(selector(&[("team", "Exists", &[]), ("a", "DoesNotExist", &[])]).selects(&labels), Ok(false));
        assert_eq!(selector(&[("a", "Exists", &[])]).selects(&labels), Ok(true));
    }

    #[test]
    fn reports_field_of_invalid_selector() {
        let wrong =
            |row: Tree| Selector::read(Some(&Tree::from([("matchExpressions", Tree::List(vec![row]))]))).unwrap_err();
        let (field, why) = wrong(Tree::from([("key", Tree::from("a")), ("operator", Tree::from("Is"))]));
        assert_eq!(field, "matchExpressions[0].operator");
        assert!(why.starts_with("`Is` is not an operator"), "{why}");
    }
}
