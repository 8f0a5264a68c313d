//! Finds resources that keep their logical IDs in another stack. `diff` pairs resources by properties. Some resources
//! have no properties or share them with another resource, such as an internet gateway or two equal queues.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plain::plain;
use super::templates::{HANDLE, resources};
use crate::cloud::Move;

/// The templates, by stack name.
type Templates = BTreeMap<String, Value>;
/// The resources by logical ID and type: stack name and body.
type ById<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a Value)>>;

/// Finds moves in addition to the known moves. A resource moves if it does not change, and its logical ID and type are
/// unique: one stack loses such a resource, and one stack gains it.
pub(super) fn find(deployed: &Templates, program: &Templates, known: &BTreeSet<Move>) -> Vec<Move> {
    let goes = apart(deployed, program, |stack, id| known.iter().any(|it| it.from.0 == stack && it.from.1 == id));
    let comes = apart(program, deployed, |stack, id| known.iter().any(|it| it.to.0 == stack && it.to.1 == id));
    let mut out = Vec::new();
    for (key, olds) in &goes {
        if let ([(from, old)], Some([(to, new)])) = (olds.as_slice(), comes.get(key).map(Vec::as_slice))
            && plain(old) == plain(new)
        {
            let end = |stack: &str| (stack.to_owned(), key.0.to_owned());
            out.push(Move { from: end(from), to: end(to) });
        }
    }
    out
}

/// Returns the resources that are absent from the same stack in the other templates.
fn apart<'a>(of: &'a Templates, others: &Templates, is_known: impl Fn(&str, &str) -> bool) -> ById<'a> {
    let mut out = ById::new();
    for (stack, template) in of {
        for (id, body) in resources(template).filter(|(id, _)| *id != HANDLE && !is_known(stack, id)) {
            let is_in_both = others.get(stack).is_some_and(|it| !it["Resources"][id.as_str()].is_null());
            if !is_in_both {
                out.entry((id, body["Type"].as_str().unwrap_or_default())).or_default().push((stack, body));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stacks(rows: &[(&str, Value)]) -> Templates {
        rows.iter().map(|(name, resources)| ((*name).to_owned(), json!({ "Resources": resources }))).collect()
    }

    fn gateway() -> Value {
        json!({ "Type": "AWS::EC2::InternetGateway" })
    }

    fn shown(found: &[Move]) -> Vec<String> {
        found.iter().map(|it| format!("{}/{} {}/{}", it.from.0, it.from.1, it.to.0, it.to.1)).collect()
    }

    #[test]
    fn moves_resource_without_properties_by_logical_id() {
        let deployed = stacks(&[("a", json!({ "Gateway": gateway(), "Stays": gateway() }))]);
        let program = stacks(&[("a", json!({ "Stays": gateway() })), ("b", json!({ "Gateway": gateway() }))]);
        assert_eq!(shown(&find(&deployed, &program, &BTreeSet::new())), ["a/Gateway b/Gateway"]);
    }

    #[test]
    fn ignores_changed_and_duplicate_resources() {
        let queue = |delay: u32| json!({ "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": delay } });
        let deployed = stacks(&[("a", json!({ "Gateway": gateway(), "Queue": queue(1) }))]);
        let program = stacks(&[
            ("b", json!({ "Gateway": gateway(), "Queue": queue(2) })),
            ("c", json!({ "Gateway": gateway() })),
        ]);
        assert_eq!(find(&deployed, &program, &BTreeSet::new()), []);
    }

    #[test]
    fn does_not_repeat_known_moves() {
        let deployed = stacks(&[("a", json!({ "Gateway": gateway() }))]);
        let program = stacks(&[("b", json!({ "Gateway": gateway(), "Other": gateway() }))]);
        let end = |stack: &str, id: &str| (stack.to_owned(), id.to_owned());
        let known = [Move { from: end("a", "Gateway"), to: end("b", "Other") }].into();
        assert_eq!(find(&deployed, &program, &known), []);
    }
}
