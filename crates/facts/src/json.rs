//! A JSON parser whose values borrow from the parsed text. It is fast, because every program parses the facts about the
//! types that it uses.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// A number, as its text in the document.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Map(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Parses a line of the facts.
    ///
    /// # Panics
    ///
    /// Panics if the text is not JSON. A test verifies that all facts are JSON.
    pub(super) fn parse(text: &'a str) -> Self {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value();
        parser.space();
        assert!(parser.at == text.len(), "a test verifies that each line of the facts is JSON");
        value
    }

    /// Returns the value of a key, or null if the key is missing.
    pub(super) fn at(&self, key: &str) -> &Self {
        self.get(key).unwrap_or(&Json::Null)
    }

    /// Returns the value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Returns the entries of a map.
    pub(super) fn entries(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Json::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Returns the items of a list.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the text of a string.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Converts the value to a `serde_json` value.
    ///
    /// # Panics
    ///
    /// Panics if a number is invalid.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(text) => {
                Value::Number(serde_json::from_str::<Number>(text).expect("`serde_json` accepts every JSON number"))
            }
            Json::Text(text) => Value::String(text.to_string()),
            Json::List(items) => items.iter().map(Json::to_value).collect(),
            Json::Map(entries) => {
                let entries = entries.iter().map(|(key, inner)| (key.to_string(), inner.to_value()));
                Value::Object(entries.collect::<Map<_, _>>())
            }
        }
    }

    /// Whether this is `true`.
    pub(super) fn is_true(&self) -> bool {
        matches!(self, Json::Bool(true))
    }
}

impl<'a> From<&'a Value> for Json<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => Json::Number(number.to_string().into()),
            Value::String(text) => Json::Text(text.as_str().into()),
            Value::Array(items) => Json::List(items.iter().map(Json::from).collect()),
            Value::Object(map) => {
                Json::Map(map.iter().map(|(key, value)| (key.as_str().into(), value.into())).collect())
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Json<'a> {
        self.space();
        match self.text.as_bytes()[self.at] {
            b'{' => {
                let mut entries = Vec::new();
                while self.goes_on(b'}') {
                    let key = self.string();
                    self.space();
                    assert!(self.text.as_bytes()[self.at] == b':', "a colon and a value follow each key in the facts");
                    self.at += 1;
                    entries.push((key, self.value()));
                }
                Json::Map(entries)
            }
            b'[' => {
                let mut items = Vec::new();
                while self.goes_on(b']') {
                    items.push(self.value());
                }
                Json::List(items)
            }
            b'"' => Json::Text(self.string()),
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            _ => {
                let start = self.at;
                let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ');
                let rest = &self.text.as_bytes()[start..];
                self.at += rest.iter().position(is_end).unwrap_or(rest.len());
                Json::Number(self.text[start..self.at].into())
            }
        }
    }

    /// Whether the list or map has another item. Moves the parser past the opening bracket, a comma, or the closing
    /// bracket.
    fn goes_on(&mut self, end: u8) -> bool {
        let bytes = self.text.as_bytes();
        self.space();
        if bytes[self.at] != end {
            self.at += 1;
            self.space();
            if bytes[self.at] != end {
                return true;
            }
        }
        self.at += 1;
        false
    }

    fn string(&mut self) -> Cow<'a, str> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut end = start;
        while bytes[end] != b'"' && bytes[end] != b'\\' {
            end += 1;
        }
        if bytes[end] == b'"' {
            self.at = end + 1;
            return self.text[start..end].into();
        }
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        let text: String =
            serde_json::from_str(&self.text[start - 1..=end]).expect("a test verifies that the facts are valid JSON");
        text.into()
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Json<'a> {
        assert!(self.text[self.at..].starts_with(word), "a test verifies that the facts are valid JSON");
        self.at += word.len();
        value
    }

    fn space(&mut self) {
        while matches!(self.text.as_bytes().get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Json;

    #[test]
    fn parses_json_like_serde_json() {
        for text in [
            "{}",
            "[]",
            "[ ]",
            "null",
            "-1.5e3",
            "\"a\\\"b\\\\\\u00e9\\n\"",
            "[1,2 , [true,false,null]]",
            "{\"a\":{\"b\":[{}, {\"c\":\"\"}]}, \"d\" : 0.5 }",
        ] {
            assert_eq!(Json::parse(text).to_value(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
        let same = json!({ "a": [1, "b", null, { "c": -0.25 }] });
        assert_eq!(Json::from(&same).to_value(), same);
    }
}
