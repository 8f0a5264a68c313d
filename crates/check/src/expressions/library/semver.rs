//! Semantic versions.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library>

use cel::common::types::{BOOL_TYPE, CelBool, CelInt, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use semver::Version;

use super::quantity::sign;
use super::{Args, Returned, arg, fault, opaque, text};
use crate::expressions::unknown::truth;

/// The names of the functions.
pub const NAMES: &[&str] =
    &["semver", "isSemver", "major", "minor", "patch", "isLessThan", "isGreaterThan", "compareTo"];

/// A version. Build metadata is ignored in comparisons.
#[derive(Clone, Debug)]
pub struct Semver(Version);

impl PartialEq for Semver {
    fn eq(&self, other: &Self) -> bool {
        self.0.cmp_precedence(&other.0).is_eq()
    }
}

opaque!(Semver, "kubernetes.Semver");

/// Parses a version, which is normalized first if requested.
fn parse(args: &Args<'_, '_>) -> Result<Option<Version>, ExecutionError> {
    let text = text(args, 0)?;
    let is_normalized = args.len() > 1 && *arg::<CelBool>(args, 1)?.inner();
    Ok(Version::parse(&if is_normalized { normalized(text) } else { text.to_owned() }).ok())
}

/// Removes a leading `v`, adds missing numbers, and removes leading zeros.
fn normalized(text: &str) -> String {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (core, rest) = text.split_at(end);
    let mut numbers: Vec<&str> = core.split('.').collect();
    numbers.resize(numbers.len().max(3), "0");
    let trimmed = |number: &str| match number.trim_start_matches('0') {
        "" if !number.is_empty() => "0".to_owned(),
        number => number.to_owned(),
    };
    let core: Vec<String> = numbers.into_iter().map(trimmed).collect();
    format!("{}{rest}", core.join("."))
}

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    let own = || Semver::own_type();
    env.add_type(own())?;
    for types in [|| vec![STRING_TYPE], || vec![STRING_TYPE, BOOL_TYPE]] {
        let n_args = types().len();
        env.add_overload("semver", &format!("semver/{n_args}"), types(), |args| {
            let version = parse(&args)?.ok_or_else(|| fault("semver", "it is not a semantic version"))?;
            Ok(CowVal::owned(Semver(version)))
        })?;
        env.add_overload("isSemver", &format!("isSemver/{n_args}"), types(), |args| {
            Ok(truth(parse(&args)?.is_some()))
        })?;
    }
    env.add_member_overload("major", "semver.major()", own(), vec![], |args| number(&args, |it| it.major))?;
    env.add_member_overload("minor", "semver.minor()", own(), vec![], |args| number(&args, |it| it.minor))?;
    env.add_member_overload("patch", "semver.patch()", own(), vec![], |args| number(&args, |it| it.patch))?;
    env.add_member_overload("isLessThan", "semver.isLessThan(semver)", own(), vec![own()], |args| {
        Ok(truth(compared(&args)? < 0))
    })?;
    env.add_member_overload("isGreaterThan", "semver.isGreaterThan(semver)", own(), vec![own()], |args| {
        Ok(truth(compared(&args)? > 0))
    })?;
    env.add_member_overload("compareTo", "semver.compareTo(semver)", own(), vec![own()], |args| {
        Ok(CowVal::owned(CelInt::from(compared(&args)?)))
    })
}

fn compared(args: &Args<'_, '_>) -> Result<i64, ExecutionError> {
    Ok(sign(arg::<Semver>(args, 0)?.0.cmp_precedence(&arg::<Semver>(args, 1)?.0)))
}

fn number<'b, 'v>(args: &Args<'b, 'v>, part: fn(&Version) -> u64) -> Returned<'b, 'v> {
    let number = part(&arg::<Semver>(args, 0)?.0);
    Ok(CowVal::owned(CelInt::from(i64::try_from(number).map_err(|error| fault("semver", error))?)))
}
