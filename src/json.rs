//! The writer of indented JSON.
//!
//! The text equals that of `serde_json`, but needs fewer steps, because most of it consists of short texts without
//! escapes.

use serde::ser::{Impossible, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::writing::{Unusual, indent, unusual, unusual_variant};

/// Writes a document with an indentation of two spaces, without a final newline.
pub(crate) fn to_text(value: &impl Serialize) -> String {
    let mut text = String::with_capacity(4096);
    match value.serialize(Writer { text: &mut text, column: 0 }) {
        Ok(()) => text,
        Err(Unusual) => serde_json::to_string_pretty(value).expect("plain data is always written"),
    }
}

/// The position of a value.
struct Writer<'w> {
    text: &'w mut String,
    /// The column of the line on which it begins.
    column: usize,
}

/// A list or a map.
struct Block<'w> {
    text: &'w mut String,
    /// The column of its entries.
    column: usize,
    is_empty: bool,
}

impl<'w> Writer<'w> {
    fn block(self, open: char) -> Block<'w> {
        self.text.push(open);
        Block { text: self.text, column: self.column + 2, is_empty: true }
    }

    fn plain(self, text: &str) -> Result<(), Unusual> {
        self.text.push_str(text);
        Ok(())
    }
}

impl Block<'_> {
    fn entry(&mut self) {
        self.text.push_str(if self.is_empty { "\n" } else { ",\n" });
        self.is_empty = false;
        indent(self.column, self.text);
    }

    fn finish(self, close: char) {
        if !self.is_empty {
            self.text.push('\n');
            indent(self.column - 2, self.text);
        }
        self.text.push(close);
    }
}

impl SerializeSeq for Block<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        self.entry();
        value.serialize(Writer { text: self.text, column: self.column })
    }

    fn end(self) -> Result<(), Unusual> {
        self.finish(']');
        Ok(())
    }
}

impl SerializeMap for Block<'_> {
    type Ok = ();
    type Error = Unusual;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Unusual> {
        self.entry();
        key.serialize(KeyWriter(self.text))
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unusual> {
        self.text.push_str(": ");
        value.serialize(Writer { text: self.text, column: self.column })
    }

    fn end(self) -> Result<(), Unusual> {
        self.finish('}');
        Ok(())
    }
}

impl<'w> Serializer for Writer<'w> {
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
        self.plain(if value { "true" } else { "false" })
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unusual> {
        self.plain(&value.to_string())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unusual> {
        self.plain(&value.to_string())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unusual> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unusual> {
        self.serialize_u64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unusual> {
        self.plain(&serde_json::to_string(&value).expect("a number is always written"))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unusual> {
        push_text(text, self.text);
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Unusual> {
        self.plain("null")
    }

    fn serialize_none(self) -> Result<(), Unusual> {
        self.plain("null")
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> Result<(), Unusual> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Block<'w>, Unusual> {
        Ok(self.block('['))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Block<'w>, Unusual> {
        Ok(self.block('{'))
    }

    unusual_variant! {}

    unusual! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_u8(u8);
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
        push_text(text, self.0);
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

/// Appends a quoted text. It checks eight bytes at a time until one of them may need an escape.
fn push_text(text: &str, out: &mut String) {
    out.push('"');
    let (mut written, mut at) = (0, 0);
    let (words, _) = text.as_bytes().as_chunks::<8>();
    for word in words {
        if may_be_escaped(u64::from_le_bytes(*word)) {
            push_escaped(text, at..at + 8, &mut written, out);
        }
        at += 8;
    }
    push_escaped(text, at..text.len(), &mut written, out);
    out.push_str(&text[written..]);
    out.push('"');
}

/// Whether one of eight bytes is a quote, a backslash or a control character. May return false positives.
fn may_be_escaped(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    let is_below = |word: u64, least: u64| word.wrapping_sub(ONES * least) & !word;
    let is = |byte: u8| is_below(word ^ (ONES * u64::from(byte)), 1);
    (is_below(word, 0x20) | is(b'"') | is(b'\\')) & (ONES * 0x80) != 0
}

/// Appends the unwritten text up to the last escape in a part of the text, including the escapes.
fn push_escaped(text: &str, part: std::ops::Range<usize>, written: &mut usize, out: &mut String) {
    for at in part {
        let byte = text.as_bytes()[at];
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\t' => "\\t",
            b'\r' => "\\r",
            8 => "\\b",
            12 => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[*written..at]);
        match escape {
            "" => out.push_str(&format!("\\u{byte:04x}")),
            escape => out.push_str(escape),
        }
        *written = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn writes_document_as_the_library_does() {
        let value = json!({
            "empty": { "map": {}, "list": [], "text": "" },
            "numbers": [0, -1, i64::MIN, u64::MAX, 0.5, 1e300, -2.0],
            "rest": [null, true, false, [[1], [[]]], { "a \"key\"": { "b\\": "c" } }],
        });
        assert_eq!(to_text(&value), serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(to_text(&Some("a")), "\"a\"");
        assert_eq!(
            to_text(&(1, "left to the library")),
            serde_json::to_string_pretty(&(1, "left to the library")).unwrap()
        );
    }

    #[test]
    fn escapes_every_character_as_the_library_does() {
        let chars = (0..0x100).filter_map(char::from_u32).chain(['\u{2028}', '\u{feff}', '日', '🦀']);
        for c in chars {
            for n_before in 0..10 {
                let text = format!("{}{c}{c}abcdefgh{c}", "é".repeat(n_before % 2) + &"x".repeat(n_before));
                let value = Value::String(text);
                assert_eq!(to_text(&value), value.to_string());
            }
        }
    }
}
