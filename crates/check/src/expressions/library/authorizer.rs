//! The functions of `authorizer`, which query permissions from the API server. Their results are unknown offline.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library>

use cel::common::types::{DYN_TYPE, STRING_TYPE};
use cel::{DeclarationError, Env};

use super::{Args, Returned, fault};
use crate::expressions::unknown::as_unknown;

/// The names of the functions.
pub const NAMES: &[&str] = &[
    "path",
    "group",
    "serviceAccount",
    "resource",
    "subresource",
    "namespace",
    "name",
    "check",
    "allowed",
    "errored",
    "error",
    "reason",
    "fieldSelector",
    "labelSelector",
];

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    for name in NAMES {
        for n_args in 0..3 {
            let id = format!("authorizer.{name}/{n_args}");
            env.add_member_overload(name, &id, DYN_TYPE, (0..n_args).map(|_| STRING_TYPE).collect(), unanswered)?;
        }
    }
    Ok(())
}

fn unanswered<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    match as_unknown(args[0].as_ref()) {
        Some(unknown) => Err(unknown.error()),
        None => Err(fault("authorizer", "no such overload")),
    }
}
