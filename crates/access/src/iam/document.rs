//! A policy document and its statements.

use serde_json::{Map, Value};

use super::{condition, principal};
use crate::json::{field, items, texts};
use crate::sets::{Cube, Dimension, Glob, Region, Set, Test};

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The statements, in any order.
    pub statements: Vec<Statement>,
}

/// A statement, reduced to the parts that affect the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Whether the effect is `Deny`.
    pub denies: bool,
    /// Whether it has a principal. Statements of resource policies have one, statements of identity policies do not.
    pub names_principal: bool,
    /// The requests that it applies to.
    pub cube: Cube,
}

impl Document {
    /// Parses a document: an object with statements, or its JSON text. Returns `None` if it is neither.
    pub fn parse(value: &Value) -> Option<Self> {
        let parsed: Value;
        let value = match value {
            Value::String(text) => {
                parsed = serde_json::from_str(text).ok()?;
                &parsed
            }
            other => other,
        };
        let statements = items(value.get("Statement")?).iter().filter_map(Value::as_object);
        Some(Self { statements: statements.map(Statement::parse).collect() })
    }

    /// Whether any statement has a principal. A document without one applies only to the identity that it is attached
    /// to.
    pub fn names_principal(&self) -> bool {
        self.statements.iter().any(|it| it.names_principal)
    }

    /// Returns the requests that statements with this effect apply to.
    pub fn effect(&self, denies: bool) -> Region {
        self.statements.iter().filter(|it| it.denies == denies).map(|it| it.cube.clone()).collect()
    }

    /// Returns the requests that it allows and does not deny.
    pub fn admits(&self) -> Region {
        self.effect(false).without(self.effect(true))
    }
}

impl Statement {
    fn parse(map: &Map<String, Value>) -> Self {
        let value = Value::Object(map.clone());
        let mut cube = Cube::new();
        for (key, dimension, glob) in [
            ("Action", Dimension::Action, action as fn(&str) -> Glob),
            ("Resource", Dimension::Resource, Glob::wildcard),
        ] {
            let not = format!("Not{key}");
            if let Some(names) = map.get(key) {
                cube = cube.with(dimension.clone(), set(names, glob));
            }
            if let Some(names) = map.get(&not) {
                cube = cube.with(dimension, set(names, glob).complement());
            }
        }
        if let Some(who) = map.get("Principal") {
            cube = cube.with(Dimension::Principal, principal::set(who));
        }
        if let Some(who) = map.get("NotPrincipal") {
            cube = cube.with(Dimension::Principal, principal::set(who).complement());
        }
        for (dimension, set) in condition::sets(&value["Condition"]) {
            cube = cube.with(dimension, set);
        }
        let names_principal = map.contains_key("Principal") || map.contains_key("NotPrincipal");
        Self { denies: field(&value, "Effect") == "Deny", names_principal, cube }
    }
}

/// Parses an action name. Action names are case-insensitive.
fn action(text: &str) -> Glob {
    Glob::wildcard(text).ignoring_case()
}

fn set(names: &Value, glob: fn(&str) -> Glob) -> Set {
    let set = Set::of(texts(names).iter().map(|name| Test::Text(glob(name))));
    if set.is_all() { Set::all() } else { set }
}
