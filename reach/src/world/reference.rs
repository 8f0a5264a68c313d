//! References as text within resolved values: `${stack/LogicalId}` and `${stack/LogicalId.Attribute}`.

use std::fmt;

use serde_json::Value;

/// What a resolved value names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The id of the stack.
    pub stack: String,
    /// The logical id of the resource.
    pub resource: String,
    /// The attribute; empty for what `Ref` returns.
    pub attribute: String,
}

impl Reference {
    /// Of a text that is one reference and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        if inner.contains(['{', '}', '?']) {
            return None;
        }
        let (stack, rest) = inner.rsplit_once('/')?;
        let (resource, attribute) = rest.split_once('.').unwrap_or((rest, ""));
        Some(Self { stack: stack.to_owned(), resource: resource.to_owned(), attribute: attribute.to_owned() })
    }

    /// Of a value that is one reference and nothing else.
    pub fn of(value: &Value) -> Option<Self> {
        Self::parse(value.as_str()?)
    }

    /// A piece of what it returns: `Arn|:cluster%2F|1` is what stands behind `:cluster/` in the ARN.
    #[must_use]
    pub fn piece(mut self, part: &str) -> Self {
        self.attribute = format!("{}|{part}", self.attribute);
        self
    }

    /// Every reference in a text, in order.
    pub fn within(text: &str) -> Vec<Self> {
        let pieces = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
        pieces.filter_map(|(inner, _)| Self::parse(&format!("${{{inner}}}"))).collect()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.attribute.is_empty() { "" } else { "." };
        write!(f, "${{{}/{}{dot}{}}}", self.stack, self.resource, self.attribute)
    }
}

/// A text for what only a deployment knows. It is not a reference.
pub fn unknown(what: &str) -> String {
    format!("${{?{what}}}")
}

/// Whether a text, or a part of it, is known only at deployment and does not name a resource of the platform.
pub fn is_unknown(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${?"),
        Value::Object(map) => map.keys().any(|key| key.starts_with("Fn::") || key == "Ref"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        let text = "${data/orders/OrdersDb.Endpoint.Address}";
        let reference = Reference::parse(text).unwrap();
        assert_eq!((reference.stack.as_str(), reference.attribute.as_str()), ("data/orders", "Endpoint.Address"));
        assert_eq!(reference.to_string(), text);
        assert_eq!(Reference::within("arn:${a/B}/x-${c/D.Arn}").len(), 2);
        assert_eq!(Reference::parse("${?AWS::AccountId}"), None);
    }
}
