//! The conditions for requests of a route.

use crate::val::{Bag, Data};

use super::super::Runs;
use super::VERSION_OF;

/// A condition for a request. [`header`], [`cookie`], [`uri`], [`query`], [`method`], [`user_agent`] and [`caller`]
/// define conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub(super) field: Field,
    pub(super) test: Test,
}

/// The part of a request that a condition tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Uri,
    Method,
    Query(String),
    Header(String),
    Cookie(String),
    Caller { name: String, namespace: String },
}

/// The test that a part of a request must pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Exact(String),
    Prefix(String),
    Regex(String),
    Present,
    Absent,
}

/// A part of a request that can be compared with text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(Field);

impl Subject {
    /// Tests that the part equals this text.
    pub fn exact(self, text: impl Into<String>) -> Condition {
        Condition { field: self.0, test: Test::Exact(text.into()) }
    }

    /// Tests that the part begins with this text.
    pub fn prefix(self, text: impl Into<String>) -> Condition {
        Condition { field: self.0, test: Test::Prefix(text.into()) }
    }

    /// Tests that the complete part matches this regular expression (RE2).
    pub fn regex(self, pattern: impl Into<String>) -> Condition {
        Condition { field: self.0, test: Test::Regex(pattern.into()) }
    }
}

/// A header, whose presence can also be tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header(String);

impl Header {
    /// Tests that the header equals this text.
    pub fn exact(self, text: impl Into<String>) -> Condition {
        Subject(Field::Header(self.0)).exact(text)
    }

    /// Tests that the header begins with this text.
    pub fn prefix(self, text: impl Into<String>) -> Condition {
        Subject(Field::Header(self.0)).prefix(text)
    }

    /// Tests that the complete header matches this regular expression (RE2).
    pub fn regex(self, pattern: impl Into<String>) -> Condition {
        Subject(Field::Header(self.0)).regex(pattern)
    }

    /// Tests that the header is present, with any value.
    pub fn present(self) -> Condition {
        Condition { field: Field::Header(self.0), test: Test::Present }
    }

    /// Tests that the header is absent.
    pub fn absent(self) -> Condition {
        Condition { field: Field::Header(self.0), test: Test::Absent }
    }
}

/// Selects a header of the request. Its name is case-insensitive.
pub fn header(name: &str) -> Header {
    Header(name.to_lowercase())
}

/// Selects the `User-Agent` of the request.
pub fn user_agent() -> Header {
    header("user-agent")
}

/// Tests that the request has a cookie with this value.
pub fn cookie(name: &str, value: &str) -> Condition {
    Condition { field: Field::Cookie(name.to_owned()), test: Test::Exact(value.to_owned()) }
}

/// Selects the path of the request.
pub fn uri() -> Subject {
    Subject(Field::Uri)
}

/// Selects a query parameter of the request.
pub fn query(name: &str) -> Subject {
    Subject(Field::Query(name.to_owned()))
}

/// Tests that the request has this method, such as `GET`.
pub fn method(name: &str) -> Condition {
    Condition { field: Field::Method, test: Test::Exact(name.to_uppercase()) }
}

/// Tests that the request comes from the pods of a workload. The condition applies only to requests from inside the
/// mesh.
pub fn caller(workload: &impl Runs) -> Condition {
    let pods = workload.pods();
    let (name, namespace) = (pods.name().to_owned(), pods.namespace().name().to_owned());
    Condition { field: Field::Caller { name, namespace }, test: Test::Present }
}

impl Condition {
    /// Returns the field of an Istio match that the condition uses. Two conditions of a match cannot use the same
    /// field.
    pub(super) fn place(&self) -> String {
        match &self.field {
            Field::Uri => "the path".to_owned(),
            Field::Method => "the method".to_owned(),
            Field::Query(name) => format!("the query parameter `{name}`"),
            Field::Header(name) => format!("the header `{name}`"),
            Field::Cookie(_) => "the header `cookie`".to_owned(),
            Field::Caller { .. } => "the caller".to_owned(),
        }
    }
}

/// Returns a match of a `VirtualService` that requires all conditions.
pub(super) fn istio_match(conditions: &[Condition]) -> Bag {
    let mut found = Bag::default();
    for Condition { field, test } in conditions {
        match field {
            Field::Uri => found.set("uri", string_match(test)),
            Field::Method => found.set("method", string_match(test)),
            Field::Query(name) => put(&mut found, "queryParams", name, string_match(test)),
            Field::Header(name) if *test == Test::Absent => put(&mut found, "withoutHeaders", name, Bag::default()),
            Field::Header(name) => put(&mut found, "headers", name, string_match(test)),
            Field::Cookie(name) => {
                put(&mut found, "headers", "cookie", Bag::default().with("regex", cookie_pattern(name, test)));
            }
            Field::Caller { name, namespace } => {
                put(&mut found, "sourceLabels", VERSION_OF, name.clone());
                found.set("sourceNamespace", namespace.clone());
            }
        }
    }
    found
}

fn put(found: &mut Bag, map: &'static str, key: &str, value: impl Into<Data>) {
    let place = found.entry(map);
    if !matches!(place, Data::Map(_)) {
        *place = Data::Map(Bag::default());
    }
    if let Data::Map(map) = place {
        map.set(key.to_owned(), value);
    }
}

fn string_match(test: &Test) -> Bag {
    match test {
        Test::Exact(text) => Bag::default().with("exact", text.clone()),
        Test::Prefix(text) => Bag::default().with("prefix", text.clone()),
        Test::Regex(pattern) => Bag::default().with("regex", pattern.clone()),
        Test::Present | Test::Absent => Bag::default(),
    }
}

/// Returns a pattern that matches one cookie in the header `Cookie`.
pub(super) fn cookie_pattern(name: &str, test: &Test) -> String {
    let value = match test {
        Test::Exact(text) => escaped(text),
        Test::Prefix(text) => format!("{}[^;]*", escaped(text)),
        Test::Regex(pattern) => format!("({pattern})"),
        Test::Present | Test::Absent => "[^;]*".to_owned(),
    };
    format!("(.*;\\s*)?{}={value}(;.*)?", escaped(name))
}

/// Escapes text for a regular expression.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if "\\.+*?()|[]{}^$".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Test, cookie_pattern, escaped};

    #[test]
    fn matches_one_cookie_and_escapes_dots() {
        assert_eq!(cookie_pattern("tier", &Test::Exact("v1.2".into())), r"(.*;\s*)?tier=v1\.2(;.*)?");
        assert_eq!(escaped("/api/v1"), "/api/v1");
    }
}
