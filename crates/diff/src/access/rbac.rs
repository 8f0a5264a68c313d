//! RBAC roles and bindings that changed, or that relate to changed ones.

use std::collections::BTreeSet;

use meshsynth_access::kubernetes::{Rbac, RoleKey};
use serde_json::Value;

use super::iam::items;
use super::objects::{ClusterObjects, name_of};
use super::subjects::{Asked, Topic};
use crate::change::About;

const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// Returns the permissions of subjects, and the permissions of roles that are not bound.
pub(super) fn asked(cluster: &ClusterObjects) -> Vec<Asked> {
    let is_rbac = |document: &&Value| KINDS.iter().any(|kind| document["kind"] == *kind);
    let changed = [0, 1].map(|side| cluster.changed(side).filter(is_rbac).collect::<Vec<_>>());
    let all: Vec<&Value> = changed.iter().flatten().copied().collect();
    if all.is_empty() {
        return Vec::new();
    }
    let words: BTreeSet<&str> = all.iter().flat_map(|it| names(it)).collect();
    let is_near = |text: &str| text.contains("aggregat") || words.iter().any(|word| text.contains(word));
    let beside = cluster.unchanged(&KINDS, is_near);
    let sides = [0, 1].map(|side| {
        let mut rbac = Rbac::default();
        changed[side].iter().chain(&beside).for_each(|it| rbac.add(it));
        rbac
    });
    let at = |is: &dyn Fn(&Value) -> bool| {
        let names: BTreeSet<String> = all.iter().filter(|it| is(it)).map(|it| name_of(it)).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    };
    let mut asked = vec![Asked {
        question: (Topic::Subjects, String::new()),
        at: at(&|_| true),
        written: all.iter().map(|it| name_of(it)).collect(),
        regions: [Some(sides[0].admits()), Some(sides[1].admits())],
        closed: [false; 2],
        is_blocked: false,
        about: About::Other,
    }];
    let bound: BTreeSet<RoleKey> = all
        .iter()
        .copied()
        .chain(beside.iter().copied())
        .filter(|it| !it["roleRef"].is_null())
        .map(bound_role)
        .collect();
    let roles: BTreeSet<RoleKey> = all.iter().filter(|it| it["roleRef"].is_null()).map(|it| key(it)).collect();
    let is_held = |role: &RoleKey| bound.iter().any(|held| sides.iter().any(|side| side.feeds(held, role)));
    for role in roles.iter().filter(|role| !is_held(role)) {
        let region = |side: usize| {
            let is_there = changed[side].iter().any(|it| it["roleRef"].is_null() && key(it) == *role);
            is_there.then(|| sides[side].holder(role))
        };
        let subject = format!("{} {}", role.0, role.2);
        let at = at(&|it| it["roleRef"].is_null() && key(it) == *role);
        asked.push(Asked {
            question: (Topic::Holders, subject),
            written: BTreeSet::from([at.clone()]),
            at,
            regions: [region(0), region(1)],
            closed: [false; 2],
            is_blocked: false,
            about: About::Other,
        });
    }
    asked
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn key(role: &Value) -> RoleKey {
    Rbac::role(text(role, "kind"), text(&role["metadata"], "namespace"), text(&role["metadata"], "name"))
}

fn bound_role(binding: &Value) -> RoleKey {
    let role = &binding["roleRef"];
    Rbac::role(text(role, "kind"), text(&binding["metadata"], "namespace"), text(role, "name"))
}

/// Returns the names that connect a role or binding with policies of the same subjects.
fn names(document: &Value) -> Vec<&str> {
    match document.get("roleRef") {
        None => vec![text(&document["metadata"], "name")],
        Some(role) => {
            items(&document["subjects"]).iter().map(|it| text(it, "name")).chain([text(role, "name")]).collect()
        }
    }
}
