//! Quantities such as `500m` and `2Gi`.
//!
//! Source: <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library>

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelInt, INT_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};

use super::{Args, Returned, arg, fault, opaque, text};
use crate::expressions::unknown::truth;

/// The names of the functions.
pub const NAMES: &[&str] = &[
    "quantity",
    "isQuantity",
    "isInteger",
    "asInteger",
    "asApproximateFloat",
    "sign",
    "add",
    "sub",
    "isLessThan",
    "isGreaterThan",
    "compareTo",
];

/// The value 1 in billionths, the smallest unit of a quantity.
const ONE: i128 = 1_000_000_000;

/// A quantity in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

opaque!(Quantity, "kubernetes.Quantity");

impl Quantity {
    /// Parses a Kubernetes quantity, or returns `None` if the text is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let n_digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(n_digits);
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + part.len() == 0 || part.contains('.') || whole.len() > 27 {
            return None;
        }
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        // Keeps 18 decimal places, because the largest suffix multiplies by 10^18.
        let mut digits = part.trim_end_matches('0').to_owned();
        digits.truncate(18);
        let n_part = u32::try_from(digits.len()).ok()?;
        let part: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let (numerator, denominator) = factor(suffix)?;
        let scale = 10_i128.checked_pow(n_part)?;
        let amount = whole.checked_mul(scale)?.checked_add(part)?.checked_mul(numerator)?.checked_mul(ONE)?;
        let divisor = scale.checked_mul(denominator)?;
        // Amounts below a billionth are rounded away from zero.
        let rounded = amount / divisor + i128::from(amount % divisor != 0);
        Some(Self(if text.starts_with('-') { -rounded } else { rounded }))
    }

    fn as_integer(self) -> Option<i64> {
        if self.0 % ONE != 0 { None } else { i64::try_from(self.0 / ONE).ok() }
    }
}

/// Returns the factor and the divisor of a suffix.
fn factor(suffix: &str) -> Option<(i128, i128)> {
    Some(match suffix {
        "" => (1, 1),
        "n" => (1, ONE),
        "u" => (1, 1_000_000),
        "m" => (1, 1_000),
        "k" => (1_000, 1),
        "M" => (1_000_000, 1),
        "G" => (1_000_000_000, 1),
        "T" => (1_000_000_000_000, 1),
        "P" => (1_000_000_000_000_000, 1),
        "E" => (1_000_000_000_000_000_000, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        "Pi" => (1 << 50, 1),
        "Ei" => (1 << 60, 1),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let power = 10_i128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 { (1, power) } else { (power, 1) }
        }
    })
}

pub fn add(env: &mut Env) -> Result<(), DeclarationError> {
    let own = || Quantity::own_type();
    env.add_type(own())?;
    env.add_overload("quantity", "quantity(string)", vec![STRING_TYPE], |args| {
        let text = text(&args, 0)?;
        Quantity::parse(text).map(CowVal::owned).ok_or_else(|| fault("quantity", format!("`{text}` is not a quantity")))
    })?;
    env.add_overload("isQuantity", "isQuantity(string)", vec![STRING_TYPE], |args| {
        Ok(truth(Quantity::parse(text(&args, 0)?).is_some()))
    })?;
    env.add_member_overload("isInteger", "quantity.isInteger()", own(), vec![], |args| {
        Ok(truth(one(&args, 0)?.as_integer().is_some()))
    })?;
    env.add_member_overload("asInteger", "quantity.asInteger()", own(), vec![], |args| {
        let whole = one(&args, 0)?.as_integer();
        whole
            .map(|it| CowVal::owned(CelInt::from(it)))
            .ok_or_else(|| fault("asInteger", "cannot convert value to integer"))
    })?;
    env.add_member_overload("asApproximateFloat", "quantity.asApproximateFloat()", own(), vec![], |args| {
        Ok(CowVal::owned(CelDouble::from(one(&args, 0)?.0 as f64 / ONE as f64)))
    })?;
    // The API server declares `sign` as a function and not as a method.
    env.add_overload("sign", "sign(quantity)", vec![own()], |args| {
        Ok(CowVal::owned(CelInt::from(i64::from(one(&args, 0)?.0.signum() as i8))))
    })?;
    env.add_member_overload("add", "quantity.add(quantity)", own(), vec![own()], |args| sum(args, 1))?;
    env.add_member_overload("add", "quantity.add(int)", own(), vec![INT_TYPE], |args| sum(args, 1))?;
    env.add_member_overload("sub", "quantity.sub(quantity)", own(), vec![own()], |args| sum(args, -1))?;
    env.add_member_overload("sub", "quantity.sub(int)", own(), vec![INT_TYPE], |args| sum(args, -1))?;
    env.add_member_overload("isLessThan", "quantity.isLessThan(quantity)", own(), vec![own()], |args| {
        Ok(CowVal::owned(CelBool::from(one(&args, 0)? < one(&args, 1)?)))
    })?;
    env.add_member_overload("isGreaterThan", "quantity.isGreaterThan(quantity)", own(), vec![own()], |args| {
        Ok(CowVal::owned(CelBool::from(one(&args, 0)? > one(&args, 1)?)))
    })?;
    env.add_member_overload("compareTo", "quantity.compareTo(quantity)", own(), vec![own()], |args| {
        Ok(CowVal::owned(CelInt::from(sign(one(&args, 0)?.cmp(&one(&args, 1)?)))))
    })
}

/// Returns -1, 0 or 1.
pub(super) fn sign(ordering: Ordering) -> i64 {
    ordering as i64
}

/// Returns a quantity or integer argument.
fn one(args: &Args<'_, '_>, idx: usize) -> Result<Quantity, ExecutionError> {
    if let Some(int) = args[idx].as_ref().downcast_ref::<CelInt>() {
        return Ok(Quantity(i128::from(*int.inner()) * ONE));
    }
    arg::<Quantity>(args, idx).copied()
}

fn sum<'b, 'v>(args: Args<'b, 'v>, sign: i128) -> Returned<'b, 'v> {
    Ok(CowVal::owned(Quantity(one(&args, 0)?.0 + sign * one(&args, 1)?.0)))
}
