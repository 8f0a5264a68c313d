//! The environment of a template: values outside of it, and the form of values that only a deployment determines.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use meshsynth_facts::regions::Partition;
use serde_json::{Map, Value, json};

use crate::outcome::first_unknown;
use crate::syntax::{DYNAMIC, scalar};

/// A value that only a deployment determines.
#[derive(Debug)]
pub enum Open<'o> {
    /// A parameter without a value, or a pseudo parameter that the environment does not know.
    Parameter(&'o str),
    /// The physical ID of a resource.
    Resource(&'o str),
    /// An attribute of a resource, with the argument as written.
    Attribute {
        /// The logical ID.
        id: &'o str,
        /// The name of the attribute.
        attribute: &'o str,
        /// The argument as written.
        argument: &'o Value,
    },
    /// `Fn::If` with an undecided condition and both evaluated branches. `None` is `AWS::NoValue`.
    Choice {
        /// The name of the condition.
        condition: &'o str,
        /// Both branches.
        branches: [Option<Value>; 2],
    },
    /// Another function with its evaluated argument.
    Function(&'o str, Value),
    /// A text with a dynamic reference.
    Dynamic(&'o str),
    /// A value that is nested too deeply.
    TooDeep,
}

/// A piece of the text of `Fn::Sub`.
#[derive(Debug)]
pub enum Piece<'o> {
    /// Literal text.
    Text(&'o str),
    /// The name in `${!name}`. The result contains the text `${name}`.
    Escaped(&'o str),
    /// A variable and its value. `is_own` marks a variable that the function itself defines.
    Variable {
        /// The name.
        name: &'o str,
        /// The evaluated value.
        value: Value,
        /// Whether the function itself defines the variable.
        is_own: bool,
    },
}

/// The environment of a template.
pub trait Environment {
    /// Returns the value of a pseudo parameter such as `AWS::Region`, or `None` if it is unknown.
    fn pseudo(&self, name: &str) -> Option<String>;

    /// Whether values contain the known values of pseudo parameters. Conditions always use them.
    fn replaces_pseudo_parameters(&self) -> bool;

    /// Returns the form of a value that only a deployment determines.
    fn open(&self, open: Open<'_>) -> Value;

    /// Whether an evaluated value, or a part of it, is known only at deployment.
    fn is_open(&self, value: &Value) -> bool;

    /// Returns the text of `Fn::Sub` whose pieces contain open values.
    fn text(&self, pieces: Vec<Piece<'_>>) -> Value;

    /// Returns the value of a function with an evaluated argument that only this environment can evaluate.
    fn fold(&self, _function: &str, _argument: &Value) -> Option<Value> {
        None
    }

    /// Returns the evaluated value of `Fn::ImportValue` or `Fn::GetStackOutput`, or `None` if it is unknown.
    fn output(&self, _function: &str, _argument: &Value, _depth: usize) -> Option<Value> {
        None
    }

    /// Returns the availability zones of a region, or `None` if they are unknown.
    fn zones(&self, _region: &str) -> Option<Vec<String>> {
        None
    }
}

/// An environment in which open functions remain in the values, with evaluated arguments.
#[derive(Clone, Debug, Default)]
pub struct Residual {
    /// The known pseudo parameters.
    pub pseudo: BTreeMap<&'static str, String>,
}

impl Residual {
    /// Returns the environment of a stack. Empty values are unknown.
    pub fn of(name: &str, region: &str, account: &str) -> Self {
        let mut pseudo = BTreeMap::new();
        if !name.is_empty() {
            pseudo.insert("AWS::StackName", name.to_owned());
        }
        if !region.is_empty() {
            let partition = Partition::of(region);
            pseudo.insert("AWS::Region", region.to_owned());
            pseudo.insert("AWS::Partition", partition.name.to_owned());
            pseudo.insert("AWS::URLSuffix", partition.dns_suffix.to_owned());
        }
        if !account.is_empty() {
            pseudo.insert("AWS::AccountId", account.to_owned());
        }
        Self { pseudo }
    }
}

impl Environment for Residual {
    fn pseudo(&self, name: &str) -> Option<String> {
        self.pseudo.get(name).cloned()
    }

    fn replaces_pseudo_parameters(&self) -> bool {
        false
    }

    fn open(&self, open: Open<'_>) -> Value {
        match open {
            Open::Parameter(name) | Open::Resource(name) => json!({ "Ref": name }),
            Open::Attribute { argument, .. } => json!({ "Fn::GetAtt": argument }),
            Open::Choice { condition, branches } => {
                let [yes, no] = branches.map(|it| it.unwrap_or_else(|| json!({ "Ref": "AWS::NoValue" })));
                json!({ "Fn::If": [condition, yes, no] })
            }
            Open::Function(name, argument) => json!({ name: argument }),
            Open::Dynamic(text) => text.into(),
            Open::TooDeep => json!({ "Fn::Transform": "a value that is nested too deeply" }),
        }
    }

    fn is_open(&self, value: &Value) -> bool {
        first_unknown(value, "").is_some()
    }

    fn text(&self, pieces: Vec<Piece<'_>>) -> Value {
        let (mut out, mut variables) = (String::new(), Map::new());
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Escaped(name) => out.push_str(&format!("${{!{name}}}")),
                Piece::Variable { name, value, is_own } => match scalar(&value) {
                    Some(text) if !text.contains(DYNAMIC) => out.push_str(&text.replace("${", "${!")),
                    _ => {
                        out.push_str(&format!("${{{name}}}"));
                        if is_own {
                            variables.insert(name.to_owned(), value);
                        }
                    }
                },
            }
        }
        match variables.is_empty() {
            true => json!({ "Fn::Sub": out }),
            false => json!({ "Fn::Sub": [out, variables] }),
        }
    }
}

/// Returns a text for a hidden value. Equal values have equal texts.
pub(crate) fn hidden(value: &Value) -> String {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    format!("(hidden, {:08x})", hasher.finish() as u32)
}
