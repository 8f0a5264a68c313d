//! The CEL libraries of the Kubernetes API server.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-cel-libraries>

mod authorizer;
pub mod equality;
mod formats;
mod lists;
mod net;
mod pairs;
mod printed;
mod quantity;
mod regex;
mod semver;
mod sets;
mod url;

use std::collections::HashMap;

use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull, CelOptional, CelString,
    CelTimestamp, CelType, CelUInt,
};
use cel::common::value::{CowVal, FromVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::unknown::as_unknown;

/// The arguments of a function.
type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
/// The result of a function.
type Returned<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// The functions of CEL and of the extensions in the crate `cel`.
const STANDARD: [&str; 85] = [
    "!_",
    "-_",
    "@in",
    "@not_strictly_false",
    "_!=_",
    "_%_",
    "_&&_",
    "_*_",
    "_+_",
    "_-_",
    "_/_",
    "_<=_",
    "_<_",
    "_==_",
    "_>=_",
    "_>_",
    "_?._",
    "_?_:_",
    "_[?_]",
    "_[_]",
    "_||_",
    "bool",
    "bytes",
    "charAt",
    "contains",
    "distinct",
    "double",
    "duration",
    "dyn",
    "endsWith",
    "first",
    "flatten",
    "format",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "hasValue",
    "indexOf",
    "int",
    "join",
    "last",
    "lastIndexOf",
    "lowerAscii",
    "matches",
    "none",
    "of",
    "ofNonZeroValue",
    "optional.none",
    "optional.of",
    "optional.ofNonZeroValue",
    "or",
    "orValue",
    "quote",
    "range",
    "replace",
    "reverse",
    "size",
    "slice",
    "sort",
    "@sortByAssociatedKeys",
    "split",
    "startsWith",
    "string",
    "strings.quote",
    "substring",
    "timestamp",
    "trim",
    "type",
    "uint",
    "upperAscii",
    "value",
    "@pairs",
    "@mapOfPairs",
    "@merged",
    "optMap",
    "optFlatMap",
    "unwrap",
    "unwrapOpt",
];

/// The functions of Kubernetes by name.
const OF_KUBERNETES: [&[&str]; 9] = [
    authorizer::NAMES,
    formats::NAMES,
    lists::NAMES,
    net::NAMES,
    quantity::NAMES,
    regex::NAMES,
    semver::NAMES,
    sets::NAMES,
    url::NAMES,
];

/// The namespaces of functions, such as `sets` in `sets.contains`.
const NAMESPACES: [&str; 6] = ["cidr", "format", "ip", "lists", "optional", "sets"];

/// Whether a function is supported.
pub fn is_known(name: &str) -> bool {
    STANDARD.contains(&name) || OF_KUBERNETES.iter().any(|names| names.contains(&name))
}

/// Whether a name is a namespace of functions.
pub fn is_namespace(name: &str) -> bool {
    NAMESPACES.contains(&name)
}

/// Adds all libraries to the language.
pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(cel::extensions::strings)?;
    env.add_extension(cel::extensions::lists)?;
    equality::add(env)?;
    pairs::add(env)?;
    printed::add(env)?;
    lists::add(env)?;
    regex::add(env)?;
    sets::add(env)?;
    url::add(env)?;
    quantity::add(env)?;
    net::add(env)?;
    semver::add(env)?;
    formats::add(env)?;
    authorizer::add(env)
}

/// Returns an argument with the declared type.
fn arg<'b, 'v, T: FromVal<'b, 'v> + Val>(args: &'b [CowVal<'_, 'v>], idx: usize) -> Result<&'b T, ExecutionError> {
    let value = args.get(idx).ok_or_else(ExecutionError::missing_argument_or_target)?;
    value.as_ref().downcast_ref::<T>().ok_or_else(|| fault(T::cel_type().name(), "the argument has another type"))
}

/// Returns a text argument.
fn text<'b>(args: &'b [CowVal<'_, '_>], idx: usize) -> Result<&'b str, ExecutionError> {
    Ok(arg::<CelString<'_>>(args, idx)?.inner())
}

/// Returns the items of a list argument.
fn items<'b, 'v>(args: &'b [CowVal<'_, 'v>], idx: usize) -> Result<&'b [Box<dyn Val + 'v>], ExecutionError> {
    Ok(arg::<CelList<'v>>(args, idx)?.inner())
}

/// Creates a list of texts.
fn texts<'b, 'v>(all: impl IntoIterator<Item = &'b str>) -> CowVal<'b, 'v> {
    let owned = all.into_iter().map(|text| Box::new(CelString::from(text.to_owned())) as Box<dyn Val>);
    CowVal::owned(CelList::from(owned.collect::<Vec<_>>()))
}

/// Creates an error of a function.
fn fault(function: &str, why: impl ToString) -> ExecutionError {
    ExecutionError::function_error(function, why)
}

/// Defines a value type with the type name of the API server. Values are compared with `PartialEq`.
macro_rules! opaque {
    ($name:ident, $type_name:literal) => {
        impl $name {
            /// The type for function declarations.
            fn own_type() -> cel::common::types::Type {
                cel::common::types::Type::new_unspecified_type($type_name)
            }
        }

        impl cel::common::value::Val for $name {
            fn get_type(&self) -> &cel::common::types::Type {
                <Self as cel::common::value::Val>::cel_type()
            }

            fn cel_type() -> &'static cel::common::types::Type {
                static TYPE: cel::common::types::Type = cel::common::types::Type::new_unspecified_type($type_name);
                &TYPE
            }

            fn equals(&self, other: &dyn cel::common::value::Val) -> bool {
                other.downcast_ref::<Self>().is_some_and(|other| self == other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn cel::common::value::Val + 'v> {
                Box::new(self.clone())
            }

            fn as_any(&self) -> Option<&dyn std::any::Any> {
                Some(self)
            }
        }

        impl cel::common::value::StaticVal for $name {}
    };
}
use opaque;

/// Returns a copy of a value that borrows nothing.
pub fn kept(value: &(dyn Val + '_)) -> Box<dyn Val> {
    macro_rules! cloned {
        ($($name:ty),+) => {
            $(if let Some(it) = value.downcast_ref::<$name>() { return it.clone_as_boxed(); })+
        };
    }
    if let Some(unknown) = as_unknown(value) {
        return Box::new(unknown.clone());
    }
    if let Some(it) = value.downcast_ref::<CelString<'_>>() {
        return Box::new(CelString::from(it.inner().to_owned()));
    }
    if let Some(it) = value.downcast_ref::<CelList<'_>>() {
        return Box::new(CelList::from(it.inner().iter().map(|item| kept(item.as_ref())).collect::<Vec<_>>()));
    }
    if let Some(it) = value.downcast_ref::<CelMap<'_>>() {
        let entries = it.inner().iter().map(|(key, value)| (kept_key(key), kept(value.as_ref())));
        return Box::new(CelMap::from(entries.collect::<HashMap<_, _>>()));
    }
    if let Some(it) = value.downcast_ref::<CelOptional<'_>>() {
        return Box::new(it.option().map_or_else(CelOptional::none, |value| CelOptional::of(kept(value))));
    }
    if let Some(it) = value.downcast_ref::<CelBytes<'_>>() {
        return Box::new(CelBytes::from(it.inner().to_vec()));
    }
    cloned!(
        CelBool,
        CelInt,
        CelUInt,
        CelDouble,
        CelNull,
        CelDuration,
        CelTimestamp,
        CelType,
        quantity::Quantity,
        net::Ip,
        net::Cidr,
        url::Url,
        semver::Semver,
        formats::Format
    );
    Box::new(super::Unknown::new(format!("a value of the type `{}`", value.get_type().name())))
}

fn kept_key(key: &CelMapKey<'_>) -> CelMapKey<'static> {
    match key {
        CelMapKey::Bool(it) => CelMapKey::from(*it.inner()),
        CelMapKey::Int(it) => CelMapKey::from(*it.inner()),
        CelMapKey::UInt(it) => CelMapKey::from(*it.inner()),
        CelMapKey::String(it) => CelMapKey::from(it.inner().to_owned()),
    }
}

#[cfg(test)]
mod tests;
