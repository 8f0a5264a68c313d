//! `sets.contains`, `sets.equivalent` and `sets.intersects`.
//!
//! Source: <https://pkg.go.dev/github.com/google/cel-go/ext#Sets>

use cel::common::types::LIST_TYPE;
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use super::{equality, items};
use crate::expressions::unknown::truth;

/// The names of the functions.
pub const NAMES: &[&str] = &["contains", "equivalent", "intersects"];

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    let lists = || vec![LIST_TYPE, LIST_TYPE];
    env.add_overload("sets.contains", "sets.contains(list,list)", lists(), |args| {
        contains(items(&args, 0)?, items(&args, 1)?).map(truth)
    })?;
    env.add_overload("sets.equivalent", "sets.equivalent(list,list)", lists(), |args| {
        let (one, other) = (items(&args, 0)?, items(&args, 1)?);
        Ok(truth(contains(one, other)? && contains(other, one)?))
    })?;
    env.add_overload("sets.intersects", "sets.intersects(list,list)", lists(), |args| {
        let (one, other) = (items(&args, 0)?, items(&args, 1)?);
        for item in other {
            if equality::holds(one, item.as_ref())? {
                return Ok(truth(true));
            }
        }
        Ok(truth(false))
    })
}

fn contains(one: &[Box<dyn Val + '_>], other: &[Box<dyn Val + '_>]) -> Result<bool, ExecutionError> {
    for item in other {
        if !equality::holds(one, item.as_ref())? {
            return Ok(false);
        }
    }
    Ok(true)
}
