//! YAML with the place of every part, read as kubectl reads it.

mod documents;
mod scalar;

pub use documents::documents;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span};
use meshsynth::val::{Bag, Data};

/// More parts than this in one file are taken for an attack by aliases.
const MAX_PARTS: usize = 4_000_000;

/// A value and where it begins.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Scalar(Data),
    List(Vec<Marked>),
    Map(Vec<Entry>),
}

/// A key with its place, and its value.
#[derive(Clone, Debug)]
struct Entry {
    key: String,
    line: u32,
    column: u32,
    value: Marked,
    /// Whether it came by `<<`, so that the map's own key may take its place.
    is_merged: bool,
}

/// What is not valid YAML, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub message: String,
    pub line: u32,
    pub column: u32,
}

/// Reads all documents of a text; empty ones are left out.
pub fn read(text: &str) -> Result<Vec<Marked>, Wrong> {
    // A byte-order mark is not part of the text.
    let mut reader = Reader {
        parser: Parser::new_from_str(text.trim_start_matches('\u{feff}')),
        anchors: HashMap::new(),
        n_parts: 0,
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
    n_parts: usize,
}

impl<'a> Reader<'a> {
    /// The next event that is not a comment.
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
        self.n_parts += 1;
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix() == "str");
                let data = if is_text { Data::from(text.into_owned()) } else { scalar::plain(&text) };
                (anchor, Node::Scalar(data))
            }
            Event::SequenceStart(_, anchor, _) => {
                let mut items = Vec::new();
                while let Some((event, span)) = self.next()? {
                    if matches!(event, Event::SequenceEnd) {
                        break;
                    }
                    items.push(self.value(event, span)?);
                }
                (anchor, Node::List(items))
            }
            Event::MappingStart(_, anchor, _) => {
                let mut entries: Vec<Entry> = Vec::new();
                while let Some((event, span)) = self.next()? {
                    if matches!(event, Event::MappingEnd) {
                        break;
                    }
                    self.entry(event, span, &mut entries)?;
                }
                (anchor, Node::Map(entries))
            }
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).ok_or_else(|| wrong("the alias refers to itself"))?.clone();
                self.n_parts += value.n_parts();
                if self.n_parts > MAX_PARTS {
                    return Err(wrong("aliases make the document too large"));
                }
                return Ok(Marked { line, column, ..value });
            }
            _ => return Err(wrong("the document is broken off")),
        };
        let value = Marked { line, column, node };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn entry(&mut self, event: Event<'a>, span: Span, entries: &mut Vec<Entry>) -> Result<(), Wrong> {
        let (line, column) = place(&span.start);
        let Event::Scalar(key, style, ..) = event else {
            return Err(Wrong { message: "a key is not text".to_owned(), line, column });
        };
        let (event, span) = self.next()?.ok_or(Wrong { message: "a key has no value".to_owned(), line, column })?;
        let value = self.value(event, span)?;
        if key == "<<" && style == ScalarStyle::Plain {
            return merge(&value, entries);
        }
        if entries.iter().any(|entry| entry.key == key && !entry.is_merged) {
            // Readers differ in what they make of it; kubectl refuses it.
            return Err(Wrong { message: format!("the key `{key}` is there twice"), line, column });
        }
        entries.retain(|entry| entry.key != key);
        entries.push(Entry { key: key.into_owned(), line, column, value, is_merged: false });
        Ok(())
    }
}

/// Takes over the entries of a merged map that are not set beside it.
fn merge(value: &Marked, entries: &mut Vec<Entry>) -> Result<(), Wrong> {
    match &value.node {
        Node::Map(merged) => {
            for entry in merged {
                if !entries.iter().any(|known| known.key == entry.key) {
                    entries.push(Entry { is_merged: true, ..entry.clone() });
                }
            }
            Ok(())
        }
        Node::List(maps) => maps.iter().try_for_each(|map| merge(map, entries)),
        Node::Scalar(_) => {
            Err(Wrong { message: "only maps are merged".to_owned(), line: value.line, column: value.column })
        }
    }
}

fn place(marker: &granit_parser::Marker) -> (u32, u32) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(marker.line()), number(marker.col() + 1))
}

impl Marked {
    fn is_null(&self) -> bool {
        matches!(self.node, Node::Scalar(Data::Null))
    }

    fn n_parts(&self) -> usize {
        1 + match &self.node {
            Node::Scalar(_) => 0,
            Node::List(items) => items.iter().map(Marked::n_parts).sum(),
            Node::Map(entries) => entries.iter().map(|entry| entry.value.n_parts()).sum(),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Marked> {
        match &self.node {
            Node::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.node {
            Node::Scalar(data) => data.as_str(),
            _ => None,
        }
    }

    /// The items of the list that a key holds.
    pub fn items_of(&self, key: &str) -> Vec<Marked> {
        match self.get(key).map(|value| &value.node) {
            Some(Node::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// The value without its places. Text with a placeholder is a value that is not known yet.
    pub fn data(&self) -> Data {
        match &self.node {
            Node::Scalar(Data::Text(text)) if scalar::is_placeholder(text) => scalar::deferred(text),
            Node::Scalar(data) => data.clone(),
            Node::List(items) => Data::List(items.iter().map(Marked::data).collect()),
            Node::Map(entries) => {
                Data::Map(entries.iter().map(|entry| (entry.key.clone(), entry.value.data())).collect::<Bag>())
            }
        }
    }

    /// The place of a field such as `spec.http[0].route[1].destination`, or of the nearest one above it that is there.
    pub fn place(&self, path: &str) -> (u32, u32) {
        self.find(path).unwrap_or((self.line, self.column))
    }

    fn find(&self, path: &str) -> Option<(u32, u32)> {
        let path = path.trim_start_matches('.');
        match &self.node {
            Node::Scalar(_) => None,
            Node::List(items) => {
                let path = path.trim_start_matches('[');
                let end = path.find(|c: char| !c.is_ascii_digit()).unwrap_or(path.len());
                let item = items.get(path[..end].parse::<usize>().ok()?)?;
                Some(item.place(path[end..].trim_start_matches(']')))
            }
            // Keys hold dots too: the longest key that the path begins with is meant.
            Node::Map(entries) => {
                let begins = |entry: &&Entry| {
                    let rest = path.strip_prefix(entry.key.as_str());
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
                };
                let entry = entries.iter().filter(begins).max_by_key(|entry| entry.key.len())?;
                Some(entry.value.find(&path[entry.key.len()..]).unwrap_or((entry.line, entry.column)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# a comment
a: &base
  on: yes
  n: 0644
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
    fn documents_are_read_with_their_places() {
        let documents = read(TEXT).unwrap();
        assert_eq!(documents.len(), 2);
        let data = documents[0].data();
        assert_eq!(data.at("a.on"), Some(&Data::Bool(true)));
        assert_eq!(data.at("b.n"), Some(&Data::Int(420)));
        assert_eq!(documents[0].place("b.list[1].two"), (10, 7));
        assert_eq!(documents[0].place("b.example.com/key"), (7, 3));
        assert_eq!(documents[0].place("b.list[1].three"), (10, 5));
        assert_eq!(documents[1].get("c").map(|c| c.line), Some(13));
        assert!(matches!(documents[1].data().at("c"), Some(Data::Deferred(_))));
    }

    #[test]
    fn what_is_no_yaml_says_where() {
        let wrong = read("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(wrong.line >= 2, "{wrong:?}");
        assert_eq!(read("a: 1\na: 2\n").unwrap_err().message, "the key `a` is there twice");
        assert_eq!(read("").unwrap().len(), 0);
    }
}
