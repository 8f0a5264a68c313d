//! YAML with the place of every part, read as kubectl reads it.

mod documents;
mod json;
mod lists;
mod scalar;
mod stream;
mod tags;

pub use documents::{documents, is_mark};
pub use json::json;

use std::collections::HashMap;

use crate::val::{Bag, Data};
use granit_parser::{Event, Parser, ScalarStyle, Span};

/// More parts than this that aliases make in one file are taken for an attack.
const MAX_ALIASED: usize = 100_000;

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
    /// `y`, `Y`, `n` or `N`: a truth value to kubectl, and a text to CloudFormation.
    Letter(String),
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
    /// Why it is not.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// Reads all documents of a text; empty ones are left out.
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
    /// How many parts aliases have made.
    n_aliased: usize,
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
        let function = event.tag().filter(|tag| tag.handle() == "!").and_then(|tag| tags::function(tag.suffix()));
        let (anchor, node) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    style != ScalarStyle::Plain || function.is_some() || tag.is_some_and(|tag| tag.suffix() == "str");
                let node = match text.as_ref() {
                    _ if is_text => Node::Scalar(Data::from(text.into_owned())),
                    "y" | "Y" | "n" | "N" => Node::Letter(text.into_owned()),
                    text => Node::Scalar(scalar::plain(text)),
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
                self.n_aliased += value.n_parts();
                if self.n_aliased > MAX_ALIASED {
                    return Err(wrong("aliases make the document too large"));
                }
                return Ok(Marked { line, column, ..value });
            }
            _ => return Err(wrong("the document is broken off")),
        };
        let mut value = Marked { line, column, node };
        if let Some(key) = function {
            let entry = Entry { key, line, column, value, is_merged: false };
            value = Marked { line, column, node: Node::Map(vec![entry]) };
        }
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
        let key = if style == ScalarStyle::Plain { scalar::key(&key) } else { key.into_owned() };
        if entries.iter().any(|entry| entry.key == key && !entry.is_merged) {
            // Readers differ in what they make of it; kubectl refuses it.
            return Err(Wrong { message: format!("the key `{key}` is there twice"), line, column });
        }
        entries.retain(|entry| entry.key != key);
        entries.push(Entry { key, line, column, value, is_merged: false });
        Ok(())
    }
}

/// Takes over the entries of a merged map. They take the place of what is set before them, and what is set after them
/// takes theirs; of several maps, the first one counts.
fn merge(value: &Marked, entries: &mut Vec<Entry>) -> Result<(), Wrong> {
    match &value.node {
        Node::Map(merged) => {
            for entry in merged {
                entries.retain(|known| known.key != entry.key);
                entries.push(Entry { is_merged: true, ..entry.clone() });
            }
            Ok(())
        }
        Node::List(maps) => maps.iter().rev().try_for_each(|map| merge(map, entries)),
        Node::Scalar(_) | Node::Letter(_) => {
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

    /// The same, so many lines further down.
    fn below(mut self, n_lines: u32) -> Self {
        if n_lines > 0 {
            self.move_down(n_lines);
        }
        self
    }

    fn move_down(&mut self, n_lines: u32) {
        self.line = self.line.saturating_add(n_lines);
        match &mut self.node {
            Node::Scalar(_) | Node::Letter(_) => {}
            Node::List(items) => items.iter_mut().for_each(|item| item.move_down(n_lines)),
            Node::Map(entries) => {
                for entry in entries {
                    entry.line = entry.line.saturating_add(n_lines);
                    entry.value.move_down(n_lines);
                }
            }
        }
    }

    fn n_parts(&self) -> usize {
        1 + match &self.node {
            Node::Scalar(_) | Node::Letter(_) => 0,
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

    /// The items; none where it is no list.
    pub fn items(&self) -> &[Marked] {
        if let Node::List(items) = &self.node { items } else { &[] }
    }

    /// The items of the list that a key holds.
    pub fn items_of(&self, key: &str) -> Vec<Marked> {
        match self.get(key).map(|value| &value.node) {
            Some(Node::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// The keys of a map, each with its value.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Marked)> {
        let entries = if let Node::Map(entries) = &self.node { entries.as_slice() } else { &[] };
        entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    /// The value without its places. Text with a placeholder is a value that is not known yet.
    pub fn data(&self) -> Data {
        self.data_by(&|text| scalar::is_placeholder(text).then(|| scalar::deferred(text)), &scalar::plain)
    }

    /// The value without its places, and text as it is, as CloudFormation reads it.
    pub fn literal(&self) -> Data {
        self.data_by(&|_| None, &|letter| Data::from(letter.to_owned()))
    }

    /// The value without its places, and text as it is, as kubectl reads it.
    pub fn written(&self) -> Data {
        self.data_by(&|_| None, &scalar::plain)
    }

    fn data_by(&self, deferred: &dyn Fn(&str) -> Option<Data>, letter: &dyn Fn(&str) -> Data) -> Data {
        match &self.node {
            Node::Letter(text) => letter(text),
            Node::Scalar(Data::Text(text)) => deferred(text).unwrap_or_else(|| Data::Text(text.clone())),
            Node::Scalar(data) => data.clone(),
            Node::List(items) => Data::List(items.iter().map(|item| item.data_by(deferred, letter)).collect()),
            Node::Map(entries) => {
                let entries = entries.iter().map(|entry| (entry.key.clone(), entry.value.data_by(deferred, letter)));
                Data::Map(entries.collect::<Bag>())
            }
        }
    }

    /// The place of a field such as `spec.http[0].route[1].destination`, or of the nearest one above it that is there.
    pub fn place(&self, path: &str) -> (u32, u32) {
        self.find(path).unwrap_or((self.line, self.column))
    }

    /// The place of a field, or of the nearest one above it that is there; none where there is none.
    pub fn find(&self, path: &str) -> Option<(u32, u32)> {
        let path = path.trim_start_matches('.');
        match &self.node {
            Node::Scalar(_) | Node::Letter(_) => None,
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
    fn documents_are_read_with_their_places() {
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
    fn short_tags_of_cloudformation_are_functions() {
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
    fn what_is_no_yaml_says_where() {
        let wrong = read("a: [1, 2\nb: 3\n").unwrap_err();
        assert!(wrong.line >= 2, "{wrong:?}");
        assert_eq!(read("a: 1\na: 2\n").unwrap_err().message, "the key `a` is there twice");
        assert_eq!(read("").unwrap().len(), 0);
    }
}
