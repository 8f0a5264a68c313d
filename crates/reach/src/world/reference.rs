//! References as text within resolved values: `${stack/LogicalId}` and `${stack/LogicalId.Attribute}`.

use std::fmt;

use serde_json::Value;

/// The target of a reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The id of the stack.
    pub stack: String,
    /// The logical ID of the resource.
    pub resource: String,
    /// The attribute; empty for `Ref`.
    pub attribute: String,
}

impl Reference {
    /// Parses a text that consists of one reference.
    pub fn parse(text: &str) -> Option<Self> {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        if inner.contains(['{', '}', '?']) {
            return None;
        }
        let (stack, rest) = inner.rsplit_once('/')?;
        let (resource, attribute) = rest.split_once('.').unwrap_or((rest, ""));
        Some(Self { stack: stack.to_owned(), resource: resource.to_owned(), attribute: attribute.to_owned() })
    }

    /// Parses a value that consists of one reference.
    pub fn of(value: &Value) -> Option<Self> {
        Self::parse(value.as_str()?)
    }

    /// Returns a piece of the attribute: `Arn|:cluster%2F|1` is the text after `:cluster/` in the ARN.
    #[must_use]
    pub fn piece(mut self, part: &str) -> Self {
        self.attribute = format!("{}|{part}", self.attribute);
        self
    }

    /// Returns every reference in a text, in order.
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

/// Returns a text for a value that only a deployment determines. It is not a reference.
pub fn unknown(what: &str) -> String {
    format!("${{?{what}}}")
}

/// Returns the names within the unknown parts of a text: parameters such as `shop/Port`, and functions.
pub fn unknown_names(text: &str) -> Vec<&str> {
    text.split("${?").skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

/// Whether a deployment determines a text or a part of it, and the text does not refer to a resource of the platform.
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
    fn parses_written_references() {
        let text = "${data/orders/OrdersDb.Endpoint.Address}";
        let reference = Reference::parse(text).unwrap();
        assert_eq!((reference.stack.as_str(), reference.attribute.as_str()), ("data/orders", "Endpoint.Address"));
        assert_eq!(reference.to_string(), text);
        assert_eq!(Reference::within("arn:${a/B}/x-${c/D.Arn}").len(), 2);
        assert_eq!(Reference::parse("${?AWS::AccountId}"), None);
    }
}
