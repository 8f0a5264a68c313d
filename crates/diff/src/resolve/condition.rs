//! Evaluation of template conditions.

use serde_json::Value;

use super::{Scope, text};

/// The maximum depth. Conditions that refer to each other in a circle have no value.
const DEEPEST: usize = 32;

impl Scope<'_> {
    /// Evaluates a condition. Returns `None` if its value is known only at deployment.
    pub fn condition(self, name: &str) -> Option<bool> {
        self.named(name, 0)
    }

    fn named(self, name: &str, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        self.holds(self.raw["Conditions"].get(name)?, depth + 1)
    }

    fn holds(self, condition: &Value, depth: usize) -> Option<bool> {
        let (function, inner) = condition.as_object().filter(|map| map.len() == 1)?.iter().next()?;
        match function.as_str() {
            "Condition" => self.named(inner.as_str()?, depth),
            "Fn::Not" => self.holds(inner.get(0)?, depth).map(|holds| !holds),
            "Fn::And" => self.all(inner, depth, false),
            "Fn::Or" => self.all(inner, depth, true),
            "Fn::Equals" => self.equals(inner.get(0)?, inner.get(1)?),
            _ => None,
        }
    }

    /// Evaluates `Fn::And` or `Fn::Or`. One deciding operand is enough; otherwise all operands must be known.
    fn all(self, conditions: &Value, depth: usize, decides: bool) -> Option<bool> {
        let known: Vec<Option<bool>> = conditions.as_array()?.iter().map(|it| self.holds(it, depth)).collect();
        if known.contains(&Some(decides)) {
            return Some(decides);
        }
        (!known.contains(&None)).then_some(!decides)
    }

    fn equals(self, one: &Value, other: &Value) -> Option<bool> {
        let (one, other) = (self.known(one)?, self.known(other)?);
        if one == other {
            return Some(true);
        }
        Some(text(&one)? == text(&other)?)
    }

    /// Resolves a value, including the pseudo parameters that the stack determines.
    pub fn known(self, value: &Value) -> Option<Value> {
        let value = self.value(value)?;
        let told = match value["Ref"].as_str() {
            Some("AWS::Region") => Some(self.stack.region.clone()),
            Some("AWS::StackName") => Some(self.stack.name.clone()),
            Some("AWS::AccountId") => self.stack.account.clone(),
            Some("AWS::Partition") => Some(partition(&self.stack.region).to_owned()),
            _ => None,
        };
        Some(told.map_or(value, Value::from))
    }
}

fn partition(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("cn") => "aws-cn",
        Some("us") if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}
