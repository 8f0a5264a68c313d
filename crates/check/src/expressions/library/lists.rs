//! `isSorted`, `sum`, `min`, `max`, `indexOf` and `lastIndexOf` of lists.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library>

use std::cmp::Ordering;

use cel::common::types::{CelInt, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::{Args, Returned, equality, fault, items, kept};
use crate::expressions::unknown::{as_unknown, truth};

/// The names of the functions.
pub const NAMES: &[&str] = &["isSorted", "sum", "min", "max", "indexOf", "lastIndexOf"];

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("isSorted", "list.isSorted()", LIST_TYPE, vec![], is_sorted)?;
    env.add_member_overload("sum", "list.sum()", LIST_TYPE, vec![], sum)?;
    env.add_member_overload("min", "list.min()", LIST_TYPE, vec![], |args| extreme(args, "min", Ordering::Less))?;
    env.add_member_overload("max", "list.max()", LIST_TYPE, vec![], |args| extreme(args, "max", Ordering::Greater))?;
    env.add_member_overload("indexOf", "list.indexOf(dyn)", LIST_TYPE, vec![DYN_TYPE], |args| index_of(args, false))?;
    env.add_member_overload("lastIndexOf", "list.lastIndexOf(dyn)", LIST_TYPE, vec![DYN_TYPE], |args| {
        index_of(args, true)
    })
}

fn compare(one: &(dyn Val + '_), other: &(dyn Val + '_)) -> Result<Ordering, ExecutionError> {
    if let Some(unknown) = as_unknown(one).or_else(|| as_unknown(other)) {
        return Err(unknown.error());
    }
    let comparer = one.as_comparer().ok_or_else(|| fault("compare", "the items have no order"))?;
    comparer.compare(other)
}

fn is_sorted<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    for pair in items(&args, 0)?.windows(2) {
        if compare(pair[0].as_ref(), pair[1].as_ref())? == Ordering::Greater {
            return Ok(truth(false));
        }
    }
    Ok(truth(true))
}

fn sum<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let mut sum: Option<Box<dyn Val>> = None;
    for item in items(&args, 0)? {
        if let Some(unknown) = as_unknown(item.as_ref()) {
            return Err(unknown.error());
        }
        sum = Some(match sum {
            None => kept(item.as_ref()),
            Some(sum) => {
                let adder = sum.as_adder().ok_or_else(|| fault("sum", "the items cannot be added"))?;
                kept(adder.add(item.as_ref())?.as_ref())
            }
        });
    }
    Ok(CowVal::Owned(sum.unwrap_or_else(|| Box::new(CelInt::from(0)))))
}

fn extreme<'b, 'v>(args: Args<'b, 'v>, name: &str, wanted: Ordering) -> Returned<'b, 'v> {
    let items = items(&args, 0)?;
    let (first, rest) = items.split_first().ok_or_else(|| fault(name, format!("{name} called on empty list")))?;
    let mut best = first;
    for item in rest {
        if compare(item.as_ref(), best.as_ref())? == wanted {
            best = item;
        }
    }
    Ok(CowVal::Owned(kept(best.as_ref())))
}

fn index_of<'b, 'v>(args: Args<'b, 'v>, is_last: bool) -> Returned<'b, 'v> {
    let items = items(&args, 0)?;
    let mut found = -1_i64;
    for (idx, item) in (0_i64..).zip(items) {
        if equality::equals(item.as_ref(), args[1].as_ref())? {
            found = idx;
            if !is_last {
                break;
            }
        }
    }
    Ok(CowVal::owned(CelInt::from(found)))
}
