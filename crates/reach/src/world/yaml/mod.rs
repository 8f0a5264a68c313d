//! A reader for the common subset of YAML: block maps and lists with scalars on one line.
//!
//! The library reads all of YAML, and takes ten times as long. [`plain`] only reads a document if every part of it has
//! exactly one meaning. For any other document it returns `None`, and the library reads it. A test compares both
//! readers.

mod scalar;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

/// The library limits the size of a document; smaller documents are within each of its limits.
const MAX_BYTES: usize = 256 * 1024;
const MAX_DEPTH: usize = 32;

/// Parses a document, or returns `None` if the library must parse it.
pub fn plain(text: &str) -> Option<Value> {
    let is_plain = |byte: &u8| matches!(byte, b'\n' | b' '..=b'~');
    if text.len() > MAX_BYTES || !text.ends_with('\n') || !text.as_bytes().iter().all(is_plain) {
        return None;
    }
    let mut reader = Reader { rest: text, line: None };
    reader.advance()?;
    let (indent, _) = reader.line?;
    let value = reader.block(indent, 0)?;
    reader.line.is_none().then_some(value)
}

struct Reader<'a> {
    /// The text after the current line.
    rest: &'a str,
    /// The indentation and the content of the current line, or `None` at the end.
    line: Option<(usize, &'a str)>,
}

impl<'a> Reader<'a> {
    /// Goes to the next line that is neither empty nor a comment.
    fn advance(&mut self) -> Option<()> {
        while let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            if line.is_empty() {
                continue;
            }
            let content = line.trim_start_matches(' ');
            if content.is_empty() {
                return None;
            }
            if !content.starts_with('#') {
                self.line = Some((line.len() - content.len(), content));
                return Some(());
            }
        }
        self.line = None;
        Some(())
    }

    /// Reads the map or list that begins at the current line.
    fn block(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let (_, content) = self.line?;
        match is_item(content) {
            _ if depth > MAX_DEPTH => None,
            true => self.list(indent, depth),
            false => self.map(indent, depth),
        }
    }

    fn map(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut map = Map::new();
        while let Some((at, content)) = self.line {
            if at < indent {
                break;
            }
            if at > indent || is_item(content) {
                return None;
            }
            let (key, rest) = scalar::key(content)?;
            let value = match rest {
                "" => self.nested(indent, depth)?,
                text => self.inline(text, indent)?,
            };
            if map.insert(key, value).is_some() {
                return None;
            }
        }
        Some(Value::Object(map))
    }

    /// Reads the value of a key if it begins on a later line.
    fn nested(&mut self, indent: usize, depth: usize) -> Option<Value> {
        self.advance()?;
        match self.line {
            Some((at, _)) if at > indent => self.block(at, depth + 1),
            Some((at, content)) if at == indent && is_item(content) => self.list(indent, depth + 1),
            _ => Some(Value::Null),
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        while let Some((at, content)) = self.line {
            if at < indent || (at == indent && !is_item(content)) {
                break;
            }
            let item = content.strip_prefix("- ").filter(|_| at == indent)?;
            if item.starts_with([' ', '-', '#']) {
                return None;
            }
            if scalar::key(item).is_some() {
                // The map begins on the line of its item.
                self.line = Some((indent + 2, item));
                items.push(self.block(indent + 2, depth + 1)?);
            } else {
                items.push(self.inline(item, indent)?);
            }
        }
        Some(Value::Array(items))
    }

    /// Reads a value on the current line, or a literal block that begins there.
    fn inline(&mut self, text: &str, indent: usize) -> Option<Value> {
        if let Some(chomping) = text.strip_prefix('|') {
            return self.literal(chomping, indent);
        }
        let value = scalar::value(text)?;
        self.advance()?;
        // A line with more indentation continues the scalar.
        self.line.is_none_or(|(at, _)| at <= indent).then_some(value)
    }

    fn literal(&mut self, chomping: &str, indent: usize) -> Option<Value> {
        if !matches!(chomping, "" | "-") {
            return None;
        }
        let first = self.rest.split('\n').next()?;
        let inner = first.len() - first.trim_start_matches(' ').len();
        if inner <= indent || inner == first.len() {
            return None;
        }
        let mut text = String::new();
        while let Some((line, rest)) = self.rest.split_once('\n') {
            let blank = line.len() - line.trim_start_matches(' ').len();
            if blank == line.len() && blank > 0 {
                return None;
            }
            if blank < inner && !line.is_empty() {
                // A line with the indentation of an outer block ends the literal. The library parses all other cases.
                if blank > indent || line[blank..].starts_with('#') {
                    return None;
                }
                break;
            }
            text.push_str(line.get(inner..).unwrap_or_default());
            text.push('\n');
            self.rest = rest;
        }
        text.truncate(text.trim_end_matches('\n').len());
        if chomping.is_empty() {
            text.push('\n');
        }
        self.advance()?;
        Some(text.into())
    }
}

/// Whether a line begins with an item of a list.
fn is_item(content: &str) -> bool {
    content == "-" || content.starts_with("- ")
}
