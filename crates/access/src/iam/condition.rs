//! IAM conditions. All keys and operators must match; several values of one key are alternatives.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use serde_json::Value;

use super::ordered;
use crate::json::{flag, items, text};
use crate::sets::{Cidr, Dimension, Glob, Key, Set, Test};

/// Returns the requirements of a `Condition`, key by key.
pub(super) fn sets(value: &Value) -> Vec<(Dimension, Set)> {
    let Some(operators) = value.as_object() else { return Vec::new() };
    let mut sets = Vec::new();
    for (operator, keys) in operators {
        let Some(keys) = keys.as_object() else {
            sets.push(opaque(operator, "", keys));
            continue;
        };
        for (key, values) in keys {
            let known = Operator::parse(operator).and_then(|it| it.set(values));
            let set = known.map(|set| (Dimension::Key(Key::new(key)), set));
            sets.push(set.unwrap_or_else(|| opaque(operator, key, values)));
        }
    }
    sets
}

/// Returns an opaque condition, identified by its text, for a condition that cannot be parsed.
fn opaque(operator: &str, key: &str, values: &Value) -> (Dimension, Set) {
    let mut values: Vec<String> = items(values).iter().map(text).collect();
    values.sort();
    (Dimension::Opaque(format!("{key} {operator} {}", values.join(", "))), Set::literal("yes"))
}

#[derive(Clone, Copy)]
enum Compares {
    Text,
    TextIgnoringCase,
    Pattern,
    Number(Order),
    Date(Order),
    Address,
    Flag,
    IsAbsent,
}

#[derive(Clone, Copy)]
enum Order {
    Same,
    Less,
    LessOrSame,
    More,
    MoreOrSame,
}

#[derive(Clone, Copy, PartialEq)]
enum Several {
    Any,
    All,
}

/// An operator with its prefix and suffix.
struct Operator {
    compares: Compares,
    negates: bool,
    or_absent: bool,
    several: Option<Several>,
}

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        let (several, name) = match name.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Some(Several::Any), rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Some(Several::All), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let name = name.to_ascii_lowercase();
        let (or_absent, name) = name.strip_suffix("ifexists").map_or((false, name.as_str()), |name| (true, name));
        let order = |name: &str| match name {
            "equals" | "notequals" => Some(Order::Same),
            "lessthan" => Some(Order::Less),
            "lessthanequals" => Some(Order::LessOrSame),
            "greaterthan" => Some(Order::More),
            "greaterthanequals" => Some(Order::MoreOrSame),
            _ => None,
        };
        let compares = match name {
            "stringequals" | "stringnotequals" | "binaryequals" => Compares::Text,
            "stringequalsignorecase" | "stringnotequalsignorecase" => Compares::TextIgnoringCase,
            "stringlike" | "stringnotlike" | "arnlike" | "arnnotlike" | "arnequals" | "arnnotequals" => {
                Compares::Pattern
            }
            "ipaddress" | "notipaddress" => Compares::Address,
            "bool" => Compares::Flag,
            "null" => Compares::IsAbsent,
            _ => match (name.strip_prefix("numeric"), name.strip_prefix("date")) {
                (Some(rest), _) => Compares::Number(order(rest)?),
                (_, Some(rest)) => Compares::Date(order(rest)?),
                _ => return None,
            },
        };
        Some(Self { compares, negates: name.contains("not"), or_absent, several })
    }

    fn set(&self, values: &Value) -> Option<Set> {
        if let Compares::IsAbsent = self.compares {
            let wanted: Option<Vec<bool>> = items(values).iter().map(flag).collect();
            let wanted = wanted?;
            let absent = Set::of([Test::Absent]);
            return Some(match (wanted.contains(&true), wanted.contains(&false)) {
                (true, true) => Set::all(),
                (true, false) => absent,
                (false, true) => absent.complement(),
                (false, false) => Set::of([]),
            });
        }
        let tests: Option<Vec<Test>> = items(values).iter().map(|value| self.test(&text(value))).collect();
        let set = Set::of(tests?);
        let Some(several) = self.several else {
            // A negated operator matches if the key is absent.
            return Some(match (self.negates, self.or_absent) {
                (true, _) => set.complement(),
                (false, true) => with_absent(set),
                (false, false) => set,
            });
        };
        let each = if self.negates { set.complement() } else { set };
        Some(match several {
            Several::Any if self.or_absent => Set::of([Test::Any(Box::new(each)), Test::Absent]),
            Several::Any => Set::of([Test::Any(Box::new(each))]),
            Several::All => Set::of([Test::Any(Box::new(each.complement()))]).complement(),
        })
    }

    fn test(&self, value: &str) -> Option<Test> {
        Some(match self.compares {
            Compares::Text => Test::Text(Glob::literal(value)),
            Compares::Flag => Test::Flag(flag(&Value::String(value.to_ascii_lowercase()))?),
            Compares::TextIgnoringCase => Test::Text(Glob::literal(value).ignoring_case()),
            Compares::Pattern => Test::Text(Glob::wildcard(value)),
            Compares::Address => Test::Address(value.parse::<Cidr>().ok()?),
            Compares::Number(order) => order.test(ordered::number(value)?),
            Compares::Date(order) => order.test(ordered::date(value)?),
            Compares::IsAbsent => return None,
        })
    }
}

fn with_absent(mut set: Set) -> Set {
    set.tests.push(Test::Absent);
    set
}

impl Order {
    fn test(self, value: u128) -> Test {
        match self {
            Order::Same => Test::Number(value, value),
            Order::Less => Test::Number(0, value - 1),
            Order::LessOrSame => Test::Number(0, value),
            Order::More => Test::Number(value + 1, u128::MAX),
            Order::MoreOrSame => Test::Number(value, u128::MAX),
        }
    }
}
