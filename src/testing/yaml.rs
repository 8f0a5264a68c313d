//! Reads the YAML that synthesis writes: one document, without anchors and tags.

use granit_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// The document in a text.
///
/// # Errors
///
/// Says what is not read: a text that is not YAML, and what synthesis never writes.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    loop {
        match reader.next()? {
            Event::DocumentStart(..) => {
                let event = reader.next()?;
                return reader.value(event);
            }
            Event::StreamEnd => return Ok(Value::Null),
            _ => {}
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    /// The next event that is not a comment.
    fn next(&mut self) -> Result<Event<'a>, String> {
        for next in self.parser.by_ref() {
            match next {
                Ok((Event::Comment(..), _)) => {}
                Ok((event, _)) => return Ok(event),
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(Event::StreamEnd)
    }

    fn value(&mut self, event: Event<'a>) -> Result<Value, String> {
        Ok(match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Value::from(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break Value::Array(items),
                        event => items.push(self.value(event)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut entries = Map::new();
                loop {
                    match self.next()? {
                        Event::MappingEnd => break Value::Object(entries),
                        Event::Scalar(key, ..) => {
                            let event = self.next()?;
                            entries.insert(key.into_owned(), self.value(event)?);
                        }
                        event => return Err(format!("a key is not a text: {event:?}")),
                    }
                }
            }
            event => return Err(format!("it has what synthesis never writes: {event:?}")),
        })
    }
}

/// A scalar without quotes: what JSON has a word for, and otherwise a text.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" => Value::Null,
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn what_is_written_is_read_back() {
        let value = json!({
            "text": "a: b # c", "words": ["on", "1_000", "12:34:56", "null", "~", "", "-1", "0x10", "1e3", " "],
            "lines": "#!/bin/sh\nexit 0\n", "more": "a\n\n b", "none": null, "yes": true, "number": -3, "float": 1.5, "big": 1e300,
            "empty": {}, "list": [], "nested": [[{ "on": { "é\t\"": [1] } }]],
        });
        assert_eq!(read(&crate::yaml::to_text(&value)), Ok(value));
        assert_eq!(read("{\"a\": [1, \"b\"]}"), Ok(json!({ "a": [1, "b"] })));
        assert_eq!(read("# nothing\n"), Ok(json!(null)));
    }

    #[test]
    fn what_synthesis_never_writes_is_told() {
        for text in ["a: [", "a: &b 1\nc: *b", "? [a]\n: b"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
