//! YAML with the location of every part, with the semantics of kubectl.

mod documents;
mod entries;
mod json;
mod lists;
mod marked;
mod scalar;
mod stream;
mod tags;

pub use documents::{documents, is_mark};
pub use json::json;
pub use marked::Marked;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};

use entries::Entries;
use marked::{Entry, Node};

/// The maximum number of parts that aliases may produce in one file. Exceeding it is treated as an attack.
const MAX_ALIASED: usize = 100_000;

/// An error in YAML, with its location.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The reason.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Reads all documents of a text, except empty ones.
pub fn read(text: &str) -> Result<Vec<Marked>, Wrong> {
    // A byte-order mark is not part of the text.
    let mut reader = Reader {
        parser: Parser::new_from_str(text.trim_start_matches('\u{feff}')),
        anchors: HashMap::new(),
        n_aliased: 0,
    };
    let mut documents = Vec::new();
    while let Some((event, _)) = reader.next()? {
        if let Event::DocumentStart(..) = event {
            reader.anchors.clear();
            if let Some((event, span)) = reader.next()?
                && !matches!(event, Event::DocumentEnd)
            {
                let value = reader.value(event, span)?;
                if !value.is_null() {
                    documents.push(value);
                }
            }
        }
    }
    Ok(documents)
}

struct Reader<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Marked>,
    /// The number of parts that aliases have produced.
    n_aliased: usize,
}

impl<'a> Reader<'a> {
    /// Returns the next event that is not a comment.
    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Wrong> {
        for next in self.parser.by_ref() {
            match next {
                Ok((Event::Comment(..), _)) => {}
                Ok(next) => return Ok(Some(next)),
                Err(error) => {
                    let (line, column) = place(error.marker());
                    return Err(Wrong { message: error.info(), line, column });
                }
            }
        }
        Ok(None)
    }

    fn value(&mut self, event: Event<'a>, span: Span) -> Result<Marked, Wrong> {
        let (line, column) = place(&span.start);
        let wrong = |message: &str| Wrong { message: message.to_owned(), line, column };
        let function = event.tag().filter(|tag| tag.handle() == "!").and_then(|tag| tags::function(tag.suffix()));
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    style != ScalarStyle::Plain || function.is_some() || tag.is_some_and(|tag| tag.suffix() == "str");
                let node = match text.as_ref() {
                    _ if is_text => Node::Text(text.into_owned().into()),
                    "y" | "Y" | "n" | "N" => Node::Letter(text.into_owned()),
                    text => Node::from(scalar::plain(text)),
                };
                (anchor, node)
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                while let Some((event, span)) = self.next()? {
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    items.push(self.value(event, span)?);
                }
                items.shrink_to_fit();
                (anchor, Node::List(items))
            }
            Event::MappingStart(_, anchor, _) => {
                let mut entries = Entries::default();
                while let Some((event, span)) = self.next()? {
                    if matches!(event, Event::MappingEnd) {
                        break;
                    }
                    self.entry(event, span, &mut entries)?;
                }
                (anchor, Node::Map(entries.finish()))
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).ok_or_else(|| wrong("the alias refers to itself"))?;
                self.n_aliased += value.n_parts();
                if self.n_aliased > MAX_ALIASED {
                    return Err(wrong("aliases make the document too large"));
                }
                return Ok(Marked { line, column, ..value.clone() });
            }
            _ => return Err(wrong("the document ends unexpectedly")),
        };
        let mut value = Marked { line, column, node };
        if let Some(key) = function {
            let mut entries = Entries::default();
            entries.put(Entry { key: key.into(), line, column, value, is_merged: false });
            value = Marked { line, column, node: Node::Map(entries.finish()) };
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn entry(&mut self, event: Event<'a>, span: Span, entries: &mut Entries) -> Result<(), Wrong> {
        let (line, column) = place(&span.start);
        let Event::Scalar(key, style, ..) = event else {
            return Err(Wrong { message: "a key is not a string".to_owned(), line, column });
        };
        let (event, span) = self.next()?.ok_or(Wrong { message: "a key has no value".to_owned(), line, column })?;
        let value = self.value(event, span)?;
        if key == "<<" && style == ScalarStyle::Plain {
            return merge(&value, entries);
        }
        let key = if style == ScalarStyle::Plain { scalar::key(&key) } else { key.into_owned() };
        if entries.has_own(&key) {
            // Readers interpret it differently; kubectl rejects it.
            return Err(Wrong { message: format!("the key `{key}` is defined twice"), line, column });
        }
        entries.put(Entry { key: key.into(), line, column, value, is_merged: false });
        Ok(())
    }
}

/// Adds the entries of a merged map. They replace preceding entries, and following entries replace them. If several
/// maps are merged, the first one takes precedence.
fn merge(value: &Marked, entries: &mut Entries) -> Result<(), Wrong> {
    match &value.node {
        Node::Map(merged) => {
            for entry in merged.entries() {
                entries.put(Entry { is_merged: true, ..entry.clone() });
            }
            Ok(())
        }
        Node::List(maps) => maps.iter().rev().try_for_each(|map| merge(map, entries)),
        _ => Err(Wrong {
            message: "the merge key `<<` requires a map".to_owned(),
            line: value.line,
            column: value.column,
        }),
    }
}

fn place(marker: &granit_parser::Marker) -> (u32, u32) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(marker.line()), number(marker.col() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use meshsynth_model::val::Data;

    const TEXT: &str = "\
# a comment
a: &base
  on: yes
  mode: 0644
b:
  <<: *base
  example.com/key: '1'
  list:
  - one
  - { two: 2 }
---
---
c: ${X}
";

    #[test]
    fn reads_documents_with_locations() {
        let documents = read(TEXT).unwrap();
        assert_eq!(documents.len(), 2);
        let data = documents[0].data();
        assert_eq!(data.at("a.true"), Some(&Data::Bool(true)));
        assert_eq!(data.at("b.mode"), Some(&Data::Int(420)));
        assert_eq!(documents[0].place("b.list[1].two"), (10, 7));
        assert_eq!(documents[0].place("b.example.com/key"), (7, 3));
        assert_eq!(documents[0].place("b.list[1].three"), (10, 5));
        assert_eq!(documents[1].get("c").map(|c| c.line), Some(13));
        assert!(matches!(documents[1].data().at("c"), Some(Data::Deferred(_))));
    }

    #[test]
    fn converts_short_cloudformation_tags_to_functions() {
        let text = "a: !Sub '${B}-1'\nb: !If [C, !Ref D, !GetAtt E.F]\nc: !Custom 1\nd: N\n";
        let document = read(text).unwrap().remove(0);
        let data = document.literal();
        assert_eq!(data.at("a.Fn::Sub"), Some(&Data::from("${B}-1")));
        assert_eq!(data.at("b.Fn::If.1.Ref"), Some(&Data::from("D")));
        assert_eq!(data.at("b.Fn::If.2.Fn::GetAtt"), Some(&Data::from("E.F")));
        assert_eq!(data.at("c"), Some(&Data::Int(1)));
        assert_eq!(data.at("d"), Some(&Data::from("N")), "a text to CloudFormation");
        assert_eq!(document.data().at("d"), Some(&Data::Bool(false)), "and not to kubectl");
        assert_eq!(document.place("b.Fn::If[1].Ref"), (2, 17));
    }

    #[test]
    fn reports_location_of_invalid_yaml() {
        let wrong = read("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(wrong.line >= 2, "{wrong:?}");
        assert_eq!(read("a: 1\na: 2\n").unwrap_err().message, "the key `a` is defined twice");
        assert_eq!(read("").unwrap().len(), 0);
    }
}
