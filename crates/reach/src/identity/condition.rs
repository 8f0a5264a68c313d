//! IAM conditions. All keys and operators must match; several values of one key are alternatives.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use meshsynth_access::iam::{date, number};
use serde_json::Value;

use super::address;
use super::context::{Context, Known};
use super::pattern::{Form, Pattern};
use super::truth::Truth;
use crate::identity::texts;

/// An operator with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The key as written.
    pub key: String,
    /// The operator as written.
    pub operator: String,
    /// The test, or `None` for an unknown operator.
    test: Option<Test>,
    values: Vec<String>,
    patterns: Vec<Pattern>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Test {
    compares: Compares,
    negates: bool,
    or_absent: bool,
    several: Option<Several>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compares {
    Text,
    Arn,
    Number(Order),
    Date(Order),
    Address,
    Flag,
    IsAbsent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Same,
    Less,
    LessOrSame,
    More,
    MoreOrSame,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Several {
    Any,
    All,
}

/// Parses a `Condition`. Returns `None` if it is malformed.
pub fn parse(value: &Value, variables: bool) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    if value.is_null() {
        return Some(conditions);
    }
    for (operator, keys) in value.as_object()? {
        for (key, values) in keys.as_object()? {
            conditions.push(Condition::new(operator, key, &texts(values), variables));
        }
    }
    Some(conditions)
}

impl Condition {
    /// Creates a condition from an operator, a key and values.
    pub fn new(operator: &str, key: &str, values: &[String], variables: bool) -> Self {
        let (test, form) = match Test::parse(operator) {
            Some((test, form)) => (Some(test), form),
            None => (None, Form { wildcards: false, variables, ignores_case: false }),
        };
        let form = Form { variables, ..form };
        Self {
            key: key.to_owned(),
            operator: operator.to_owned(),
            test,
            values: values.to_vec(),
            patterns: values.iter().map(|value| Pattern::new(value, form)).collect(),
        }
    }

    /// Returns whether a request meets the condition.
    pub fn holds(&self, context: &Context) -> Truth {
        let Some(test) = self.test else { return Truth::Unknown };
        let known = context.get(&self.key);
        if test.compares == Compares::IsAbsent {
            return self.is_absent(known);
        }
        let values = match known {
            Known::Unknown => return self.whatever(test),
            Known::Absent => {
                return Truth::from(match test.several {
                    Some(Several::All) => true,
                    Some(Several::Any) => test.or_absent,
                    None => test.negates || test.or_absent,
                });
            }
            Known::Values(values) => values,
        };
        let fits = |value: &String| {
            let fits = Truth::any((0..self.values.len()).map(|idx| self.compare(test, idx, value, context)));
            if test.negates { !fits } else { fits }
        };
        match test.several {
            Some(Several::All) => Truth::all(values.iter().map(fits)),
            Some(Several::Any) => Truth::any(values.iter().map(fits)),
            // A negated operator is true if no value matches.
            None if test.negates => Truth::all(values.iter().map(fits)),
            None => Truth::any(values.iter().map(fits)),
        }
    }

    /// Returns the result for an unknown value. `*` matches any value.
    fn whatever(&self, test: Test) -> Truth {
        let is_all = matches!(test.compares, Compares::Text) && self.patterns.iter().any(Pattern::is_any);
        match (is_all, test.negates, test.several) {
            (true, false, Some(Several::All)) => Truth::Yes,
            (true, false, _) if test.or_absent => Truth::Yes,
            (true, true, Some(Several::Any)) if !test.or_absent => Truth::No,
            _ => Truth::Unknown,
        }
    }

    fn is_absent(&self, known: &Known) -> Truth {
        let wanted = |text: &String| text.to_ascii_lowercase().parse::<bool>().ok();
        let is_absent = match known {
            Known::Unknown => None,
            Known::Absent => Some(true),
            Known::Values(values) => Some(values.is_empty()),
        };
        let fits = |value: &String| match (wanted(value), is_absent) {
            (Some(wanted), Some(is)) => Truth::from(wanted == is),
            _ => Truth::Unknown,
        };
        Truth::any(self.values.iter().map(fits))
    }

    fn compare(&self, test: Test, idx: usize, value: &str, context: &Context) -> Truth {
        let wanted = &self.values[idx];
        let ordered = |read: fn(&str) -> Option<u128>, order: Order| match (read(value), read(wanted)) {
            (Some(value), Some(wanted)) => Truth::from(order.holds(value, wanted)),
            _ if is_open(value) || is_open(wanted) => Truth::Unknown,
            _ => Truth::No,
        };
        match test.compares {
            Compares::Text => self.patterns[idx].matches(value, context),
            Compares::Arn => arn(wanted, value, self.patterns[idx].matches(value, context), context),
            Compares::Number(order) => ordered(number, order),
            Compares::Date(order) => ordered(date, order),
            Compares::Address if is_open(value) || is_open(wanted) => Truth::Unknown,
            Compares::Address => address::is_within(value, wanted),
            Compares::Flag if is_open(value) || is_open(wanted) => Truth::Unknown,
            Compares::Flag => Truth::from(value.eq_ignore_ascii_case(wanted)),
            Compares::IsAbsent => Truth::Unknown,
        }
    }
}

/// Compares each of the six parts of an ARN separately. If the whole ARN does not match, the parts do not match either.
fn arn(wanted: &str, value: &str, whole: Truth, context: &Context) -> Truth {
    let parts = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let has_part = |text: &str| text.starts_with("arn:") && !text[..text.len().min(24)].contains("${");
    if whole == Truth::No || !has_part(wanted) || !has_part(value) || wanted.contains("${aws:") {
        return whole;
    }
    let (wanted, value) = (parts(wanted), parts(value));
    if wanted.len() != 6 || value.len() != 6 {
        return whole & Truth::Unknown;
    }
    let form = Form { wildcards: true, variables: true, ignores_case: false };
    Truth::all(wanted.iter().zip(&value).map(|(wanted, value)| Pattern::new(wanted, form).matches(value, context)))
}

fn is_open(text: &str) -> bool {
    text.contains("${")
}

impl Order {
    fn holds(self, value: u128, wanted: u128) -> bool {
        match self {
            Self::Same => value == wanted,
            Self::Less => value < wanted,
            Self::LessOrSame => value <= wanted,
            Self::More => value > wanted,
            Self::MoreOrSame => value >= wanted,
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "equals" | "notequals" => Self::Same,
            "lessthan" => Self::Less,
            "lessthanequals" => Self::LessOrSame,
            "greaterthan" => Self::More,
            "greaterthanequals" => Self::MoreOrSame,
            _ => return None,
        })
    }
}

impl Test {
    fn parse(name: &str) -> Option<(Self, Form)> {
        let (several, name) = match name.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Some(Several::Any), rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (Some(Several::All), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let name = name.to_ascii_lowercase();
        let (or_absent, name) = name.strip_suffix("ifexists").map_or((false, name.as_str()), |name| (true, name));
        let mut form = Form { wildcards: false, variables: true, ignores_case: false };
        let compares = match name {
            "stringequals" | "stringnotequals" | "binaryequals" => Compares::Text,
            "stringequalsignorecase" | "stringnotequalsignorecase" => {
                form.ignores_case = true;
                Compares::Text
            }
            "stringlike" | "stringnotlike" => {
                form.wildcards = true;
                Compares::Text
            }
            "arnlike" | "arnnotlike" | "arnequals" | "arnnotequals" => {
                form.wildcards = true;
                Compares::Arn
            }
            "ipaddress" | "notipaddress" => Compares::Address,
            "bool" => Compares::Flag,
            "null" => Compares::IsAbsent,
            _ => match (name.strip_prefix("numeric"), name.strip_prefix("date")) {
                (Some(rest), _) => Compares::Number(Order::parse(rest)?),
                (_, Some(rest)) => Compares::Date(Order::parse(rest)?),
                _ => return None,
            },
        };
        Some((Self { compares, negates: name.contains("not"), or_absent, several }, form))
    }
}
