//! IAM: actions, resources, principals and their complements, denials and boundaries.

use meshsynth_access::iam::{self, Document, Identity, Managed};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, fits, property};

const ACTIONS: [&str; 8] =
    ["s3:GetObject", "s3:GetTags", "s3:GetAnObject", "s3:PutObject", "s3:betObject", "s3:List", "ec2:Run", "x"];
const ACTION_PATTERNS: [&str; 7] = ["*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "ec2:Run", "s3:*Object"];
const RESOURCES: [&str; 6] = ["arn:a", "arn:a/x", "arn:a/y", "arn:b", "arn:c", "z"];
const RESOURCE_PATTERNS: [&str; 6] = ["*", "arn:*", "arn:a", "arn:a/*", "arn:a/x", "arn:b"];
const PRINCIPALS: [&str; 6] = [
    "arn:aws:iam::111111111111:role/z",
    "stranger",
    "arn:aws:iam::111111111111:role/a",
    "arn:aws:iam::111111111111:role/b",
    "arn:aws:iam::222222222222:role/c",
    "ec2.amazonaws.com",
];

#[derive(Clone, Debug)]
struct Statement {
    denies: bool,
    actions: (bool, Vec<&'static str>),
    resources: (bool, Vec<&'static str>),
    principals: (bool, Vec<&'static str>),
}

fn names(of: &'static [&'static str]) -> impl Strategy<Value = (bool, Vec<&'static str>)> {
    (any::<bool>(), prop::collection::vec(prop::sample::select(of), 1..3))
}

const WHO: &[&str] = &[
    "*",
    "111111111111",
    "arn:aws:iam::111111111111:root",
    PRINCIPALS[2],
    PRINCIPALS[3],
    PRINCIPALS[4],
    PRINCIPALS[5],
];

fn statement() -> impl Strategy<Value = Statement> {
    (any::<bool>(), names(&ACTION_PATTERNS), names(&RESOURCE_PATTERNS), names(WHO))
        .prop_map(|(denies, actions, resources, principals)| Statement { denies, actions, resources, principals })
}

fn policy() -> impl Strategy<Value = Vec<Statement>> {
    prop::collection::vec(statement(), 0..4)
}

fn json(policy: &[Statement], has_principal: bool) -> Json {
    let key = |not: bool, name: &str| if not { format!("Not{name}") } else { name.to_owned() };
    let one = |list: &[&str]| if let [one] = list { json!(one) } else { json!(list) };
    let statements: Vec<Json> = policy
        .iter()
        .map(|it| {
            let mut row = json!({ "Effect": if it.denies { "Deny" } else { "Allow" } });
            row[key(it.actions.0, "Action")] = one(&it.actions.1);
            row[key(it.resources.0, "Resource")] = one(&it.resources.1);
            if has_principal {
                let (service, aws): (Vec<&str>, Vec<&str>) =
                    it.principals.1.iter().partition(|it| it.ends_with(".com"));
                let mut who = json!({});
                for (kind, list) in [("Service", service), ("AWS", aws)] {
                    if !list.is_empty() {
                        who[kind] = json!(list);
                    }
                }
                row[key(it.principals.0, "Principal")] = who;
            }
            row
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[derive(Clone, Debug)]
struct Point {
    principal: &'static str,
    action: &'static str,
    resource: &'static str,
    elsewhere: bool,
}

fn points(principals: &[&'static str]) -> Vec<Point> {
    let mut points = Vec::new();
    for principal in principals {
        for action in ACTIONS {
            for resource in RESOURCES {
                points.extend([false, true].map(|elsewhere| Point { principal, action, resource, elsewhere }));
            }
        }
    }
    points
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    match dimension {
        Dimension::Action => Value::Text(point.action.to_owned()),
        Dimension::Resource => Value::Text(point.resource.to_owned()),
        Dimension::Principal => Value::Text(point.principal.to_owned()),
        Dimension::Elsewhere => Value::Text(if point.elsewhere { "yes" } else { "no" }.to_owned()),
        other => panic!("{other:?}"),
    }
}

fn is_named(who: &str, principal: &str) -> bool {
    let account = who.strip_prefix("arn:aws:iam::").and_then(|it| it.strip_suffix(":root")).unwrap_or(who);
    who == "*" || who == principal || principal.contains(&format!("::{account}:"))
}

/// Whether any statement with this effect applies to a point.
fn speaks(policy: &[Statement], denies: bool, point: &Point, has_principal: bool) -> bool {
    policy.iter().any(|it| {
        it.denies == denies
            && it.actions.1.iter().any(|p| fits(&p.to_lowercase(), &point.action.to_lowercase())) != it.actions.0
            && it.resources.1.iter().any(|p| fits(p, point.resource)) != it.resources.0
            && (!has_principal || it.principals.1.iter().any(|p| is_named(p, point.principal)) != it.principals.0)
    })
}

#[test]
fn resource_policies_agree_with_a_separate_evaluator() {
    let points = points(&PRINCIPALS);
    property(500, &(policy(), policy()), |(before, after)| {
        let region = |policy: &[Statement]| iam::resource(Document::parse(&json(policy, true)).as_ref());
        let admits = |point: &Point, is_after: bool| {
            let policy = if is_after { &after } else { &before };
            (speaks(policy, false, point, true) || point.elsewhere) && !speaks(policy, true, point, true)
        };
        check(&region(&before), &region(&after), &points, admits, value)
    });
}

#[test]
fn identities_match_the_evaluator() {
    type Side = (Vec<Statement>, Vec<Statement>, Option<Vec<Statement>>);
    let points = points(&PRINCIPALS[..1]);
    let side = || (policy(), policy(), prop::option::of(policy()));
    property(500, &(side(), side()), |(before, after): (Side, Side)| {
        let managed = |policy: &Vec<Statement>| Managed::Known(Document::parse(&json(policy, false)).unwrap());
        let region = |(inline, other, boundary): &Side| {
            Identity { policies: vec![managed(inline), managed(other)], boundary: boundary.as_ref().map(managed) }
                .admits()
        };
        let admits = |point: &Point, is_after: bool| {
            let (inline, other, boundary) = if is_after { &after } else { &before };
            let any = |denies: bool| [inline, other].iter().any(|it| speaks(it, denies, point, false));
            let within = boundary.as_ref().is_none_or(|it| speaks(it, false, point, false));
            let denied = any(true) || boundary.as_ref().is_some_and(|it| speaks(it, true, point, false));
            ((any(false) && within) || point.elsewhere) && !denied
        };
        check(&region(&before), &region(&after), &points, admits, value)
    });
}
