//! IAM: every condition operator, with and without values.

use std::net::IpAddr;

use meshsynth_access::iam::{self, Document};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, fits, in_block, property};

/// A request context.
#[derive(Clone, Debug)]
struct Point {
    team: Option<&'static str>,
    source: Option<&'static str>,
    age: Option<i64>,
    date: Option<&'static str>,
    secure: Option<bool>,
    tags: Vec<&'static str>,
}

/// One value for each combination of matching patterns, with `?` and `*` as literals or wildcards, and in upper case.
const TEAMS: [Option<&str>; 15] = [
    None,
    Some("red"),
    Some("RED"),
    Some("Red"),
    Some("blue"),
    Some("BLUE"),
    Some("x"),
    Some("*"),
    Some("r*"),
    Some("R*"),
    Some("rx"),
    Some("?ed"),
    Some("?ED"),
    Some("xed"),
    Some("red*"),
];
const SOURCES: [Option<&str>; 5] = [None, Some("2001:db8::1"), Some("10.0.0.1"), Some("10.9.0.1"), Some("192.0.2.1")];
const AGES: [Option<i64>; 8] = [None, Some(-10), Some(-7), Some(5), Some(50), Some(55), Some(60), Some(100)];
const DATES: [Option<&str>; 6] = [
    None,
    Some("2023-01-01T00:00:00Z"),
    Some("2024-01-01T00:00:00Z"),
    Some("2024-03-01T00:00:00Z"),
    Some("2024-06-01T00:00:00Z"),
    Some("2025-01-01T00:00:00Z"),
];
const TAGS: [&[&str]; 8] = [&[], &["a"], &["b"], &["c"], &["a", "b"], &["a", "c"], &["b", "c"], &["a", "b", "c"]];

/// An operator, a key and values.
type Condition = (String, &'static str, Vec<&'static str>);

fn condition() -> impl Strategy<Value = Condition> {
    let of = |operators: &'static [&'static str], key: &'static str, values: &'static [&'static str]| {
        let values = prop::collection::vec(prop::sample::select(values), 1..3);
        (prop::sample::select(operators), any::<bool>(), values).prop_map(move |(operator, if_exists, values)| {
            let suffix = if if_exists && operator != "Null" { "IfExists" } else { "" };
            (format!("{operator}{suffix}"), key, values)
        })
    };
    let text = &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "ArnLike",
        "ArnNotLike",
    ];
    let several = &[
        "ForAnyValue:StringEquals",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringLike",
        "StringEquals",
        "StringNotEquals",
    ];
    let number = &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ];
    let date = &[
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
    ];
    prop_oneof![
        of(text, "aws:PrincipalTag/team", &["red", "blue", "*", "r*", "?ed"]),
        of(&["IpAddress", "NotIpAddress"], "aws:SourceIp", &["10.0.0.0/8", "10.0.0.0/16", "0.0.0.0/0", "192.0.2.1"]),
        of(number, "aws:MultiFactorAuthAge", &["50", "60.0", "-7"]),
        of(date, "aws:CurrentTime", &["2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z"]),
        of(&["Bool"], "aws:SecureTransport", &["true", "false"]),
        of(several, "aws:TagKeys", &["a", "b"]),
        of(&["Null"], "aws:PrincipalTag/team", &["true", "false"]),
        of(&["Null"], "aws:TagKeys", &["true", "false"]),
    ]
}

type Statement = (bool, Vec<Condition>);

fn policy() -> impl Strategy<Value = Vec<Statement>> {
    prop::collection::vec((any::<bool>(), prop::collection::vec(condition(), 0..3)), 1..3)
}

fn json(policy: &[Statement]) -> Json {
    let statements: Vec<Json> = policy
        .iter()
        .map(|(denies, conditions)| {
            let mut condition = json!({});
            for (operator, key, values) in conditions {
                condition[operator][key] = json!(values);
            }
            json!({ "Effect": if *denies { "Deny" } else { "Allow" }, "Action": "*", "Resource": "*", "Condition": condition })
        })
        .collect();
    json!({ "Statement": statements })
}

fn compares(operator: &str, value: &str, wanted: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().unwrap();
    match operator {
        "StringEquals" => value == wanted,
        "StringEqualsIgnoreCase" | "Bool" => value.eq_ignore_ascii_case(wanted),
        "StringLike" | "ArnLike" => fits(wanted, value),
        "IpAddress" => in_block(wanted, value.parse().unwrap()),
        "NumericEquals" => number(value) == number(wanted),
        "NumericLessThan" => number(value) < number(wanted),
        "NumericLessThanEquals" => number(value) <= number(wanted),
        "NumericGreaterThan" => number(value) > number(wanted),
        "NumericGreaterThanEquals" => number(value) >= number(wanted),
        // Dates in the same format have the order of their text.
        "DateEquals" => value == wanted,
        "DateLessThan" => value < wanted,
        "DateLessThanEquals" => value <= wanted,
        "DateGreaterThan" => value > wanted,
        "DateGreaterThanEquals" => value >= wanted,
        other => panic!("{other}"),
    }
}

fn holds((operator, key, wanted): &Condition, point: &Point) -> bool {
    let text = |it: Option<&str>| it.map(str::to_owned).into_iter().collect::<Vec<_>>();
    let values: Vec<String> = match *key {
        "aws:PrincipalTag/team" => text(point.team),
        "aws:SourceIp" => text(point.source),
        "aws:MultiFactorAuthAge" => point.age.map(|it| it.to_string()).into_iter().collect(),
        "aws:CurrentTime" => text(point.date),
        "aws:SecureTransport" => point.secure.map(|it| it.to_string()).into_iter().collect(),
        _ => point.tags.iter().map(|it| (*it).to_owned()).collect(),
    };
    if operator == "Null" {
        return wanted.iter().any(|it| values.is_empty() == (*it == "true"));
    }
    let (several, operator) = operator.split_once(':').map_or(("", operator.as_str()), |(a, b)| (a, b));
    let (or_absent, operator) = operator.strip_suffix("IfExists").map_or((false, operator), |it| (true, it));
    let positive =
        operator.replace("NotEquals", "Equals").replace("NotLike", "Like").replace("NotIpAddress", "IpAddress");
    let is_in = |value: &String| wanted.iter().any(|it| compares(&positive, value, it));
    let negates = positive != operator;
    match several {
        "ForAnyValue" => values.iter().any(|it| is_in(it) != negates) || (or_absent && values.is_empty()),
        "ForAllValues" => values.iter().all(|it| is_in(it) != negates),
        _ if negates => !values.iter().any(is_in),
        _ => values.iter().any(is_in) || (or_absent && values.is_empty()),
    }
}

fn value(point: &Point, dimension: &Dimension) -> Value {
    let Dimension::Key(key) = dimension else { panic!("{dimension:?}") };
    let text = |it: Option<String>| it.map_or(Value::Absent, Value::Text);
    match key.name() {
        "aws:PrincipalTag/team" => text(point.team.map(str::to_owned)),
        "aws:SourceIp" => point.source.map_or(Value::Absent, |it| Value::Address(it.parse::<IpAddr>().unwrap())),
        "aws:MultiFactorAuthAge" => {
            point.age.map_or(Value::Absent, |it| Value::Number(iam::number(&it.to_string()).unwrap()))
        }
        "aws:CurrentTime" => point.date.map_or(Value::Absent, |it| Value::Number(iam::date(it).unwrap())),
        "aws:SecureTransport" => point.secure.map_or(Value::Absent, Value::Flag),
        _ => match point.tags.len() {
            0 => Value::Several(Vec::new()),
            _ => Value::Several(point.tags.iter().map(|it| (*it).to_owned()).collect()),
        },
    }
}

/// Returns all contexts for the keys in the conditions. Other keys are unrestricted.
fn points(conditions: &[&Condition]) -> Vec<Point> {
    let names = |key: &str| conditions.iter().any(|(_, it, _)| *it == key);
    fn choice<T: Clone>(names: bool, all: &[T]) -> Vec<T> {
        if names { all.to_vec() } else { all[..1].to_vec() }
    }
    let mut points = Vec::new();
    for team in choice(names("aws:PrincipalTag/team"), &TEAMS) {
        for source in choice(names("aws:SourceIp"), &SOURCES) {
            for age in choice(names("aws:MultiFactorAuthAge"), &AGES) {
                for date in choice(names("aws:CurrentTime"), &DATES) {
                    for secure in choice(names("aws:SecureTransport"), &[None, Some(true), Some(false)]) {
                        for tags in choice(names("aws:TagKeys"), &TAGS) {
                            points.push(Point { team, source, age, date, secure, tags: tags.to_vec() });
                        }
                    }
                }
            }
        }
    }
    points
}

#[test]
fn conditions_match_the_evaluator() {
    property(1000, &(policy(), policy()), |(before, after)| {
        let conditions: Vec<&Condition> = before.iter().chain(&after).flat_map(|(_, it)| it).collect();
        // JSON cannot contain the same key and operator twice in one object.
        let is_twice = |it: &Statement| it.1.len() == 2 && (&it.1[0].0, it.1[0].1) == (&it.1[1].0, it.1[1].1);
        prop_assume!(!before.iter().chain(&after).any(is_twice));
        let region = |policy: &[Statement]| Document::parse(&json(policy)).unwrap().admits();
        let admits = |point: &Point, is_after: bool| {
            let policy = if is_after { &after } else { &before };
            let speaks =
                |denies: bool| policy.iter().any(|it| it.0 == denies && it.1.iter().all(|it| holds(it, point)));
            speaks(false) && !speaks(true)
        };
        let points = points(&conditions);
        prop_assume!(points.len() < 1000);
        check(&region(&before), &region(&after), &points, admits, value)
    });
}
