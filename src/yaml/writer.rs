//! The layout of a document: two spaces per level, and lists at the column of their key.
//!
//! Unsupported values return [`Unusual`], and the library then writes the document.

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};

use super::{by_library, scalar};
use crate::writing::{Unusual, indent, unusual, unusual_variant};

/// The maximum length of a key. Longer keys need another notation.
const LONGEST_KEY: usize = 1024;

/// The written text, and the position of the next value.
pub(super) struct Writer {
    text: String,
    at: At,
    is_literal: bool,
}

/// The position of a value.
#[derive(Clone, Copy)]
enum At {
    /// The top level of the document.
    Top,
    /// After a key in this column.
    Key(usize),
    /// After a dash in this column.
    Dash(usize),
}

/// Writes a document as text.
pub(super) fn write(value: &impl Serialize) -> Result<String, Unusual> {
    let mut writer = Writer { text: String::with_capacity(1024), at: At::Top, is_literal: false };
    value.serialize(&mut writer)?;
    Ok(writer.text)
}

impl Writer {
    /// Writes a scalar that needs no quotes.
    fn plain(&mut self, text: &str) {
        self.gap();
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Writes the space between a key and a value on its line.
    fn gap(&mut self) {
        if let At::Key(_) = self.at {
            self.text.push(' ');
        }
    }

    /// Writes a multi-line text as a block.
    fn literal(&mut self, text: &str) -> Result<(), Unusual> {
        let content = text.trim_end_matches('\n');
        // A block whose first line begins with a space needs an explicit indentation indicator.
        let is_usual = !content.is_empty() && !content.starts_with([' ', '\n']);
        if !is_usual || matches!(self.at, At::Top) {
            return Err(Unusual);
        }
        let column = 2 + match self.at {
            At::Top => 0,
            At::Key(column) | At::Dash(column) => column,
        };
        self.gap();
        let n_ends = text.len() - content.len();
        self.text.push_str(match n_ends {
            0 => "|-\n",
            1 => "|\n",
            _ => "|+\n",
        });
        for line in content.split('\n').chain((1..n_ends).map(|_| "")) {
            // An empty line has no indentation, so that no line ends with spaces.
            if !line.is_empty() {
                indent(column, &mut self.text);
            }
            self.text.push_str(line);
            self.text.push('\n');
        }
        Ok(())
    }
}

/// A list or a map, which begins with its first entry.
pub(super) struct Block<'w> {
    writer: &'w mut Writer,
    at: At,
    /// The column of its keys or dashes.
    column: usize,
    is_empty: bool,
}

impl Block<'_> {
    /// Ends the line of the key, and moves to the column of an entry.
    fn entry(&mut self) {
        if !self.is_empty {
            indent(self.column, &mut self.writer.text);
            return;
        }
        self.is_empty = false;
        if let At::Key(_) = self.at {
            self.writer.text.push('\n');
            indent(self.column, &mut self.writer.text);
        }
    }

    fn finish(self, nothing: &str) {
        if self.is_empty {
            self.writer.at = self.at;
            self.writer.plain(nothing);
        }
    }
}

impl SerializeSeq for Block<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        self.entry();
        self.writer.text.push_str("- ");
        self.writer.at = At::Dash(self.column);
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unusual> {
        self.finish("[]");
        Ok(())
    }
}

impl SerializeMap for Block<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unusual> {
        self.entry();
        key.serialize(KeyWriter(&mut self.writer.text))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        self.writer.text.push(':');
        self.writer.at = At::Key(self.column);
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unusual> {
        self.finish("{}");
        Ok(())
    }
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Unusual;
    type SerializeSeq = Block<'w>;
    type SerializeTuple = Impossible<(), Unusual>;
    type SerializeTupleStruct = Impossible<(), Unusual>;
    type SerializeTupleVariant = Impossible<(), Unusual>;
    type SerializeMap = Block<'w>;
    type SerializeStruct = Impossible<(), Unusual>;
    type SerializeStructVariant = Impossible<(), Unusual>;

    fn serialize_bool(self, value: bool) -> Result<(), Unusual> {
        self.plain(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unusual> {
        self.plain(&value.to_string());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unusual> {
        self.plain(by_library(&value).trim_end());
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), Unusual> {
        if std::mem::take(&mut self.is_literal) {
            return self.literal(text);
        }
        self.gap();
        scalar::push_value(text, &mut self.text);
        self.text.push('\n');
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Unusual> {
        self.plain("null");
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unusual> {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    /// The only such type is a text for a literal block.
    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), Unusual> {
        self.is_literal = true;
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Block<'w>, Unusual> {
        let at = self.at;
        let column = match at {
            At::Top => 0,
            At::Key(column) => column,
            At::Dash(column) => column + 2,
        };
        Ok(Block { writer: self, at, column, is_empty: true })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Block<'w>, Unusual> {
        let at = self.at;
        let column = match at {
            At::Top => 0,
            At::Key(column) | At::Dash(column) => column + 2,
        };
        Ok(Block { writer: self, at, column, is_empty: true })
    }

    unusual_variant! {}

    unusual! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_char(char);
        serialize_bytes(&[u8]);
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}

/// Writes a text key.
struct KeyWriter<'w>(&'w mut String);

impl Serializer for KeyWriter<'_> {
    type Ok = ();
    type Error = Unusual;
    type SerializeSeq = Impossible<(), Unusual>;
    type SerializeTuple = Impossible<(), Unusual>;
    type SerializeTupleStruct = Impossible<(), Unusual>;
    type SerializeTupleVariant = Impossible<(), Unusual>;
    type SerializeMap = Impossible<(), Unusual>;
    type SerializeStruct = Impossible<(), Unusual>;
    type SerializeStructVariant = Impossible<(), Unusual>;

    fn serialize_str(self, text: &str) -> Result<(), Unusual> {
        if text.len() > LONGEST_KEY {
            return Err(Unusual);
        }
        scalar::push_key(text, self.0);
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<(), Unusual> {
        Err(Unusual)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, _: &T) -> Result<(), Unusual> {
        Err(Unusual)
    }

    unusual_variant! {}

    unusual! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_map(Option<usize>) -> Self::SerializeMap;
        serialize_struct(&'static str, usize) -> Self::SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }
}
