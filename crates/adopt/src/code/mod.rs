//! Expressions of the program.

mod policy;
mod typed;
mod untyped;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_model::val::Data;

use crate::bare_construct::BareConstruct;
use crate::tree::Expr;
use crate::types::{Kind, Types};

/// An expression and its type, because items of a Rust list must have the same type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The expression.
    pub expr: Expr,
    /// Its type.
    pub is: Is,
}

/// The Rust type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// A literal, by the name of its type.
    Literal(&'static str),
    /// A value of this type.
    Value(Kind),
    /// An intrinsic function.
    Intrinsic,
    /// A variable with an intrinsic function.
    Variable,
    /// A record or an enum, by its path.
    Record(String),
}

/// The representation of a logical ID in the program.
#[derive(Clone, Debug)]
pub enum Named {
    /// A parameter, by its variable.
    Parameter(String),
    /// A resource, by its variable and its type.
    Resource(String, String),
    /// A construct that wraps one resource, by its variable.
    Construct(String, &'static BareConstruct),
}

/// The context for writing expressions.
pub struct Writer<'a> {
    /// The generated types.
    pub types: &'a mut Types,
    /// The meaning of each variable, by logical ID.
    pub named: BTreeMap<String, Named>,
    /// The type of each logical ID in the template, whether it has a variable or not.
    pub known: BTreeMap<String, String>,
    /// The resources that are part of a construct: the logical ID of the construct, and the ID below it.
    pub members: BTreeSet<(String, String)>,
}

/// Returns the name and the argument if the data is a single intrinsic function.
pub fn function(data: &Data) -> Option<(&str, &Data)> {
    let bag = data.as_map().filter(|bag| bag.len() == 1)?;
    let (name, argument) = bag.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

/// Returns the resource and the attribute of `Fn::GetAtt`, in either of its forms.
pub fn attribute(argument: &Data) -> Option<(&str, String)> {
    match argument {
        Data::Text(text) => text.split_once('.').map(|(id, name)| (id, name.to_owned())),
        Data::List(items) => match items.as_slice() {
            [id, name @ ..] if !name.is_empty() => {
                let names: Option<Vec<&str>> = name.iter().map(Data::as_str).collect();
                Some((id.as_str()?, names?.join(".")))
            }
            _ => None,
        },
        _ => None,
    }
}
