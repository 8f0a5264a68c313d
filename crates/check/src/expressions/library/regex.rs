//! `find` and `findAll` for texts.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-regex-library>

use cel::common::types::{CelInt, CelString, INT_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use regex::Regex;

use super::{Args, Returned, arg, fault, text, texts};

/// The names of the functions.
pub const NAMES: &[&str] = &["find", "findAll"];

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("find", "string.find(string)", STRING_TYPE, vec![STRING_TYPE], find)?;
    env.add_member_overload("findAll", "string.findAll(string)", STRING_TYPE, vec![STRING_TYPE], find_all)?;
    env.add_member_overload("findAll", "string.findAll(string,int)", STRING_TYPE, vec![STRING_TYPE, INT_TYPE], find_all)
}

fn pattern(args: &Args<'_, '_>) -> Result<Regex, ExecutionError> {
    Regex::new(text(args, 1)?).map_err(|error| fault("find", format!("illegal regex: {error}")))
}

fn find<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let found = pattern(&args)?.find(text(&args, 0)?).map_or("", |it| it.as_str()).to_owned();
    Ok(CowVal::owned(CelString::from(found)))
}

fn find_all<'b, 'v>(args: Args<'b, 'v>) -> Returned<'b, 'v> {
    let most = if args.len() > 2 { *arg::<CelInt>(&args, 2)?.inner() } else { -1 };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let pattern = pattern(&args)?;
    let found: Vec<String> = pattern.find_iter(text(&args, 0)?).take(most).map(|it| it.as_str().to_owned()).collect();
    Ok(texts(found.iter().map(String::as_str)).into_owned().into())
}
