//! Resources that keep their logical ids in another stack. `diff` pairs by properties, and some have none, or those of a
//! neighbour: an internet gateway, two queues alike.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plain::plain;
use super::templates::{HANDLE, resources};
use crate::cloud::Move;

/// Templates by the names of stacks.
type Templates = BTreeMap<String, Value>;
/// Resources by logical id and type: the stacks that have one, and what it is.
type ById<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a str, &'a Value)>>;

/// What moves beside what is known to: the only resource of its logical id and type that goes, and the only one that comes,
/// where nothing of it changes.
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

/// The resources of some templates that their stacks do not have in the others.
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
    fn what_has_no_properties_moves_by_its_logical_id() {
        let deployed = stacks(&[("a", json!({ "Gateway": gateway(), "Stays": gateway() }))]);
        let program = stacks(&[("a", json!({ "Stays": gateway() })), ("b", json!({ "Gateway": gateway() }))]);
        assert_eq!(shown(&find(&deployed, &program, &BTreeSet::new())), ["a/Gateway b/Gateway"]);
    }

    #[test]
    fn what_changes_or_comes_twice_does_not() {
        let queue = |delay: u32| json!({ "Type": "AWS::SQS::Queue", "Properties": { "DelaySeconds": delay } });
        let deployed = stacks(&[("a", json!({ "Gateway": gateway(), "Queue": queue(1) }))]);
        let program = stacks(&[
            ("b", json!({ "Gateway": gateway(), "Queue": queue(2) })),
            ("c", json!({ "Gateway": gateway() })),
        ]);
        assert_eq!(find(&deployed, &program, &BTreeSet::new()), []);
    }

    #[test]
    fn what_is_known_to_move_does_not_move_twice() {
        let deployed = stacks(&[("a", json!({ "Gateway": gateway() }))]);
        let program = stacks(&[("b", json!({ "Gateway": gateway(), "Other": gateway() }))]);
        let end = |stack: &str, id: &str| (stack.to_owned(), id.to_owned());
        let known = [Move { from: end("a", "Gateway"), to: end("b", "Other") }].into();
        assert_eq!(find(&deployed, &program, &known), []);
    }
}
