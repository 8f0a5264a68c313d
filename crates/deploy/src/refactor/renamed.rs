//! Finds program stacks that are deployed under another name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::plain::plain;
use super::templates::{HANDLE, resources};
use crate::cloud::Move;

/// A deployed stack that the program no longer contains.
pub(super) struct Old<'a> {
    pub name: &'a str,
    /// The path in the program, according to its tag.
    pub id: Option<&'a str>,
    pub template: &'a Value,
}

/// A stack of the program that is not deployed.
pub(super) struct New<'a> {
    pub name: &'a str,
    /// The path in the program.
    pub id: &'a str,
    pub template: &'a Value,
}

/// The renamed stacks.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Renamed {
    /// The old names, by new name.
    pub names: BTreeMap<String, String>,
    /// Stacks with the same resources but different properties: the old name, the new name, and the differing
    /// resources.
    pub alike: Vec<(String, String, Vec<String>)>,
}

/// Finds renamed stacks. A stack matches if it has the same path in the program. Otherwise it matches if it is the only
/// stack with resources of the same logical IDs, types and properties.
pub(super) fn find(old: &[Old<'_>], new: &[New<'_>]) -> Renamed {
    let mut out = Renamed::default();
    for it in new {
        let mut same = old.iter().filter(|was| was.id == Some(it.id));
        if let (Some(was), None) = (same.next(), same.next()) {
            out.names.insert(it.name.to_owned(), was.name.to_owned());
        }
    }
    let taken: BTreeSet<&String> = out.names.values().collect();
    let old: Vec<&Old<'_>> = old.iter().filter(|it| !taken.contains(&it.name.to_owned())).collect();
    let new: Vec<&New<'_>> = new.iter().filter(|it| !out.names.contains_key(it.name)).collect();
    let mut names = BTreeMap::new();
    for it in &new {
        let likes: Vec<&&Old<'_>> = old.iter().filter(|was| shape(was.template) == shape(it.template)).collect();
        let same: Vec<&&&Old<'_>> =
            likes.iter().filter(|was| differing(was.template, it.template).is_empty()).collect();
        let n_rivals = |was: &Old<'_>| {
            let is_rival = |other: &&&New<'_>| {
                shape(other.template) == shape(was.template) && differing(was.template, other.template).is_empty()
            };
            new.iter().filter(is_rival).count()
        };
        match (same.as_slice(), likes.as_slice()) {
            ([was], _) if n_rivals(was) == 1 => drop(names.insert(it.name.to_owned(), was.name.to_owned())),
            ([], [was]) => {
                let differing = differing(was.template, it.template);
                out.alike.push((was.name.to_owned(), it.name.to_owned(), differing));
            }
            _ => {}
        }
    }
    out.names.extend(names);
    out
}

/// Returns the moves of the resources that a renamed stack keeps.
pub(super) fn moves<'a>(old: (&'a str, &'a Value), new: (&'a str, &'a Value)) -> impl Iterator<Item = Move> {
    let stays = resources(old.1).filter(move |(id, body)| new.1["Resources"][id.as_str()]["Type"] == body["Type"]);
    stays.map(move |(id, _)| Move { from: (old.0.to_owned(), id.clone()), to: (new.0.to_owned(), id.clone()) })
}

/// Returns the logical IDs and types of the resources.
fn shape(template: &Value) -> BTreeMap<&String, &Value> {
    resources(template).filter(|(id, _)| *id != HANDLE).map(|(id, body)| (id, &body["Type"])).collect()
}

/// Returns the resources that differ between two stacks with the same logical IDs.
fn differing(old: &Value, new: &Value) -> Vec<String> {
    let all = resources(new).filter(|(id, body)| plain(&old["Resources"][id.as_str()]) != plain(body));
    all.map(|(id, _)| id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gateway() -> Value {
        json!({ "Resources": { "Gateway": { "Type": "AWS::EC2::InternetGateway" } } })
    }

    fn queue(timeout: u32) -> Value {
        json!({ "Resources": { "Queue": { "Type": "AWS::SQS::Queue", "Properties": { "VisibilityTimeout": timeout } } } })
    }

    fn names(found: &Renamed) -> Vec<(&str, &str)> {
        found.names.iter().map(|(new, old)| (new.as_str(), old.as_str())).collect()
    }

    #[test]
    fn finds_renamed_stack_by_path_with_other_properties() {
        let old = [Old { name: "shop-data", id: Some("data"), template: &queue(1) }];
        let new = [New { name: "store-data", id: "data", template: &queue(2) }];
        assert_eq!(names(&find(&old, &new)), [("store-data", "shop-data")]);
    }

    #[test]
    fn finds_renamed_stack_by_unique_resources() {
        let old = [
            Old { name: "shop-net", id: Some("net"), template: &gateway() },
            Old { name: "shop-jobs", id: None, template: &queue(1) },
        ];
        let new = [
            New { name: "shop-network", id: "network", template: &gateway() },
            New { name: "shop-work", id: "work", template: &queue(2) },
        ];
        let found = find(&old, &new);
        assert_eq!(names(&found), [("shop-network", "shop-net")]);
        let differing = vec!["Queue".to_owned()];
        assert_eq!(found.alike, [("shop-jobs".to_owned(), "shop-work".to_owned(), differing)]);
    }

    #[test]
    fn ignores_ambiguous_stacks() {
        let old = [Old { name: "a", id: None, template: &queue(1) }];
        let rivals = [New { name: "b", id: "b", template: &queue(1) }, New { name: "c", id: "c", template: &queue(1) }];
        assert_eq!(find(&old, &rivals), Renamed::default());
        let old = [Old { name: "a", id: None, template: &queue(1) }, Old { name: "b", id: None, template: &queue(1) }];
        assert_eq!(find(&old, &rivals[..1]), Renamed::default());
    }

    #[test]
    fn moves_resources_with_same_id_and_type() {
        let (mut old, mut new) = (queue(1), queue(1));
        old["Resources"]["Gone"] = json!({ "Type": "AWS::SNS::Topic" });
        old["Resources"]["Other"] = json!({ "Type": "AWS::SNS::Topic" });
        new["Resources"]["Other"] = json!({ "Type": "AWS::SQS::Queue" });
        let found: Vec<Move> = moves(("a", &old), ("b", &new)).collect();
        let end = |stack: &str| (stack.to_owned(), "Queue".to_owned());
        assert_eq!(found, [Move { from: end("a"), to: end("b") }]);
    }
}
