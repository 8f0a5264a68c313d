//! `==`, `!=` and `in`. They have no result if it depends on an unknown value.

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::types::{CelList, CelMap, CelOptional, DYN_TYPE};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use super::{Args, Returned, arg};
use crate::expressions::unknown::{as_unknown, truth};

const EQUALS: &str = "@equals";
const CONTAINED: &str = "@contained";
/// The function that converts the arguments of `format`.
pub const PRINTED: &str = "@printed";

/// Adds the functions that implement the operators.
pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(EQUALS, "equals_known", vec![DYN_TYPE, DYN_TYPE], |args| {
        equals(args[0].as_ref(), args[1].as_ref()).map(truth)
    })?;
    env.add_overload(CONTAINED, "contained_known", vec![DYN_TYPE, DYN_TYPE], contained)
}

/// Rewrites comparisons as calls of these functions.
pub fn rewritten(mut expr: IdedExpr) -> IdedExpr {
    rewrite(&mut expr);
    expr
}

fn rewrite(expr: &mut IdedExpr) {
    match &mut expr.expr {
        Expr::Call(call) => {
            if let Some(target) = &mut call.target {
                rewrite(target);
            }
            call.args.iter_mut().for_each(rewrite);
            match call.func_name.as_str() {
                "format" if call.target.is_some() => call.args.iter_mut().for_each(printed),
                operators::EQUALS => call.func_name = EQUALS.to_owned(),
                operators::IN => call.func_name = CONTAINED.to_owned(),
                operators::NOT_EQUALS => {
                    let args = std::mem::take(&mut call.args);
                    let equals = Expr::Call(CallExpr { func_name: EQUALS.to_owned(), target: None, args });
                    call.func_name = operators::LOGICAL_NOT.to_owned();
                    call.args = vec![IdedExpr { id: expr.id, expr: equals }];
                }
                _ => {}
            }
        }
        // A defined policy variable always exists, although it is not a field of an object here.
        Expr::Select(select)
            if select.test && matches!(&select.operand.expr, Expr::Ident(name) if name == "variables") =>
        {
            expr.expr = Expr::Literal(LiteralValue::Boolean(true.into()));
        }
        Expr::Select(select) => rewrite(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(rewrite),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    rewrite(&mut entry.key);
                    rewrite(&mut entry.value);
                }
            }
        }
        Expr::Comprehension(it) => {
            let parts = [&mut it.iter_range, &mut it.accu_init, &mut it.loop_cond, &mut it.loop_step, &mut it.result];
            parts.into_iter().for_each(rewrite);
        }
        _ => {}
    }
}

/// Converts lists and maps in the arguments of `format` to text. Unlike the crate `cel`, the API server quotes strings
/// in them.
fn printed(arguments: &mut IdedExpr) {
    let inner = std::mem::take(arguments);
    let call = CallExpr { func_name: PRINTED.to_owned(), target: None, args: vec![inner] };
    *arguments = IdedExpr { id: 0, expr: Expr::Call(call) };
}

/// Whether two values are equal.
///
/// # Errors
///
/// If the result depends on an unknown value.
pub fn equals(one: &(dyn Val + '_), other: &(dyn Val + '_)) -> Result<bool, ExecutionError> {
    if let Some(unknown) = as_unknown(one).or_else(|| as_unknown(other)) {
        return Err(unknown.error());
    }
    if let (Some(one), Some(other)) = (one.downcast_ref::<CelList<'_>>(), other.downcast_ref::<CelList<'_>>()) {
        let (one, other) = (one.inner(), other.inner());
        return Ok(one.len() == other.len()
            && all(one.iter().zip(other).map(|(one, other)| equals(one.as_ref(), other.as_ref())))?);
    }
    if let (Some(one), Some(other)) = (one.downcast_ref::<CelMap<'_>>(), other.downcast_ref::<CelMap<'_>>()) {
        let (one, other) = (one.inner(), other.inner());
        if one.len() != other.len() || one.keys().any(|key| !other.contains_key(key)) {
            return Ok(false);
        }
        return all(one
            .iter()
            .map(|(key, value)| other.get(key).map_or(Ok(false), |other| equals(value.as_ref(), other.as_ref()))));
    }
    if let (Some(one), Some(other)) = (one.downcast_ref::<CelOptional<'_>>(), other.downcast_ref::<CelOptional<'_>>()) {
        return match (one.option(), other.option()) {
            (Some(one), Some(other)) => equals(one, other),
            (one, other) => Ok(one.is_none() && other.is_none()),
        };
    }
    Ok(one.equals(other))
}

/// Whether all parts are true. A false part decides even if another part is unknown.
fn all(parts: impl Iterator<Item = Result<bool, ExecutionError>>) -> Result<bool, ExecutionError> {
    let mut unknown = Ok(true);
    for part in parts {
        match part {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => unknown = Err(error),
        }
    }
    unknown
}

/// Whether an item is equal to a value.
pub fn holds(items: &[Box<dyn Val + '_>], value: &(dyn Val + '_)) -> Result<bool, ExecutionError> {
    all(items.iter().map(|item| equals(item.as_ref(), value).map(|is_equal| !is_equal))).map(|none| !none)
}

fn contained<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let value = args[0].as_ref();
    if let Some(unknown) = as_unknown(args[1].as_ref()) {
        return Err(unknown.error());
    }
    if args[1].as_ref().downcast_ref::<CelList<'_>>().is_some() {
        return holds(arg::<CelList<'_>>(&args, 1)?.inner(), value).map(truth);
    }
    if let Some(unknown) = as_unknown(value) {
        return Err(unknown.error());
    }
    let container = args[1].as_ref().as_container();
    let container =
        container.ok_or_else(|| ExecutionError::no_such_overload("in", vec![args[1].get_type().name().to_owned()]))?;
    container.contains(value).map(truth)
}
