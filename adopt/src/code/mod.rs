//! Expressions of the program.

mod typed;
mod untyped;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_types::val::Data;

use crate::around::Alone;
use crate::tree::Expr;
use crate::types::{Kind, Types};

pub use typed::shown;

/// An expression, and what it is: a list of Rust has items of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The expression.
    pub expr: Expr,
    /// What it is.
    pub is: Is,
}

/// What an expression is in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Is {
    /// A literal, by the name of its type.
    Literal(&'static str),
    /// A value of this type.
    Value(Kind),
    /// A function of CloudFormation.
    Intrinsic,
    /// A variable that holds one.
    Variable,
    /// A record or choices, by the path.
    Record(String),
}

/// What a logical id stands for in the program.
#[derive(Clone, Debug)]
pub enum Named {
    /// A parameter, by its variable.
    Parameter(String),
    /// A resource, by its variable and its type.
    Resource(String, String),
    /// A construct around one resource, by its variable.
    Construct(String, &'static Alone),
}

/// What expressions are written by.
pub struct Writer<'a> {
    /// The generated types.
    pub types: &'a mut Types,
    /// What the variables are.
    pub named: BTreeMap<String, Named>,
    /// The type of each logical id of the template, whether it has a variable or not.
    pub known: &'a BTreeMap<String, String>,
    /// What is a part of which construct: the logical id of that, and the id below it.
    pub members: BTreeSet<(String, String)>,
}

/// The one function that data is: its name and its argument.
pub fn function(data: &Data) -> Option<(&str, &Data)> {
    let bag = data.as_map().filter(|bag| bag.len() == 1)?;
    let (name, argument) = bag.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

/// The resource and the attribute that `Fn::GetAtt` names, in either of its forms.
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
