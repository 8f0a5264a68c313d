//! Points of a universe, and the result of a comparison at each point.

use std::fmt::Debug;
use std::net::IpAddr;

use meshsynth_access::sets::{Dimension, Extent, Part, Region, Set, Test};
use meshsynth_access::{Change, Direction, compare};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRng, TestRunner};

/// A value of one dimension.
#[derive(Clone, Debug)]
pub enum Value {
    Absent,
    Text(String),
    Number(u128),
    Flag(bool),
    Address(IpAddr),
    Several(Vec<String>),
    /// The point does not depend on the value.
    Free,
}

/// Tests a property with generated cases. The cases are always the same.
pub fn property<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(strategy, test) {
        panic!("{error}");
    }
}

/// Verifies at every point that a comparison agrees with an evaluator of both sides.
pub fn check<P: Debug>(
    before: &Region,
    after: &Region,
    points: &[P],
    admits: impl Fn(&P, bool) -> bool,
    value: impl Fn(&P, &Dimension) -> Value,
) -> Result<(), TestCaseError> {
    let changes = compare(before, after);
    let has = |point: &P, wanted: Direction| {
        changes.iter().any(|change| change.direction == wanted && holds(&change.extent, |it| value(point, it)))
    };
    let mut found = [false, false];
    for point in points {
        let (old, new) = (admits(point, false), admits(point, true));
        let said = (has(point, Direction::Widened), has(point, Direction::Narrowed));
        if said != (new && !old, old && !new) {
            let text = format!("{point:?}: admitted {old} and then {new}, but said {said:?} in {}", show(&changes));
            return Err(TestCaseError::fail(text));
        }
        found = [found[0] || (new && !old), found[1] || (old && !new)];
    }
    let is = |wanted: Direction| changes.iter().any(|change: &Change| change.direction == wanted);
    if [is(Direction::Widened), is(Direction::Narrowed)] != found {
        return Err(TestCaseError::fail(format!("points say {found:?}, the comparison {}", show(&changes))));
    }
    Ok(())
}

fn show(changes: &[Change]) -> String {
    changes.iter().map(|it| format!("\n{:?} {}", it.direction, it.extent)).collect()
}

fn holds(extent: &Extent, value: impl Fn(&Dimension) -> Value) -> bool {
    extent.values.iter().all(|(dimension, values)| {
        let value = value(dimension);
        values.0.iter().any(|part| in_part(part, &value))
    })
}

fn in_part(part: &Part, value: &Value) -> bool {
    if let Value::Free = value {
        return true;
    }
    part.of.iter().all(|test| passes(test, value)) && !part.except.iter().any(|test| passes(test, value))
}

fn in_set(set: &Set, value: &Value) -> bool {
    set.tests.iter().any(|test| passes(test, value)) != set.is_complement
}

fn passes(test: &Test, value: &Value) -> bool {
    let text = |text: &String| Value::Text(text.clone());
    match (test, value) {
        (Test::Absent, Value::Absent) => true,
        (Test::Absent, Value::Several(values)) => values.is_empty(),
        (Test::Any(set), Value::Several(values)) => values.iter().any(|it| in_set(set, &text(it))),
        (test, Value::Several(values)) => values.iter().any(|it| passes(test, &text(it))),
        (Test::Flag(wanted), Value::Flag(value)) => wanted == value,
        (Test::Text(glob), Value::Text(text)) => glob.matches(text),
        (Test::Number(from, to), Value::Number(number)) => from <= number && number <= to,
        (Test::Address(cidr), Value::Address(address)) => in_block(&cidr.to_string(), *address),
        _ => false,
    }
}

/// Whether a block contains an address, compared bit by bit.
pub fn in_block(block: &str, address: IpAddr) -> bool {
    let (start, length) = block.split_once('/').unwrap_or((block, if address.is_ipv4() { "32" } else { "128" }));
    let length: usize = length.parse().unwrap();
    let bits = |address: IpAddr| match address {
        IpAddr::V4(it) => it.octets().to_vec(),
        IpAddr::V6(it) => it.octets().to_vec(),
    };
    let (start, address) = (bits(start.parse().unwrap()), bits(address));
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    start.len() == address.len() && (0..length).all(|at| bit(&start, at) == bit(&address, at))
}

/// Whether a text matches a pattern with `*` and `?`.
pub fn fits(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, rest) => rest.is_none(),
        (Some('*'), rest) => fits(&pattern[1..], text) || rest.is_some_and(|c| fits(pattern, &text[c.len_utf8()..])),
        (Some('?'), Some(c)) => fits(&pattern[1..], &text[c.len_utf8()..]),
        (Some(wanted), Some(c)) => wanted == c && fits(&pattern[wanted.len_utf8()..], &text[c.len_utf8()..]),
        (Some(_), None) => false,
    }
}
