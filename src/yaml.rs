//! The writer of YAML.
//!
//! Every reader must read the same text. YAML 1.1 readers interpret unquoted `on`, `1_000` and `12:34:56` differently,
//! so the emitter quotes every text that any reader would misread.

mod block;
mod scalar;
mod writer;
mod written;

use serde::Serialize;
use serde_yaml::SerializerOptions;

use crate::val::Data;

pub(crate) use block::text;
use written::Written;

/// Writes a value as YAML, in the order of its keys. Deferred values are null.
pub fn document(data: &Data) -> String {
    to_text(&Written(data))
}

/// Writes a document as YAML.
///
/// The library defines the notation. Most documents contain only values that [`writer`] writes in the same notation,
/// several times as fast.
pub(crate) fn to_text(value: &impl Serialize) -> String {
    writer::write(value).unwrap_or_else(|_| by_library(value))
}

/// Writes a document with the library, without the indentation of empty lines.
///
/// Only literal blocks contain lines of spaces. A text with such a line as content is not written as a literal block.
fn by_library(value: &impl Serialize) -> String {
    let mut text = serde_yaml::to_string_with_options(value, options()).expect("plain data is always written");
    if text.contains(" \n") {
        let lines = text.split_inclusive('\n');
        text = lines.map(|line| if line.trim_matches(' ') == "\n" { "\n" } else { line }).collect();
    }
    text
}

fn options() -> SerializerOptions {
    // The function `text` chooses blocks if every reader accepts them.
    serde_yaml::ser_options! { prefer_block_scalars: false }
}

#[cfg(test)]
mod tests {
    use serde::Serializer;
    use serde_json::{Map, Value, json};

    use super::*;

    /// Pieces of texts that some readers misinterpret.
    const PIECES: [&str; 64] = [
        "",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        ":",
        ": ",
        "#",
        " #",
        "-",
        "- ",
        "--",
        "---",
        ".",
        "..",
        "...",
        ",",
        "[",
        "]",
        "{",
        "}",
        "&a",
        "*",
        "!",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "?",
        "? ",
        "~",
        "=",
        "<<",
        "\\",
        "/",
        "$",
        "(",
        ";",
        "^",
        "_",
        "+",
        "0",
        "1",
        "07",
        "12:30",
        "2024-01-02",
        "T10:00:00Z",
        "0x1f",
        "1e3",
        "1.5",
        "inf",
        "NaN",
        "null",
        "True",
        "yes",
        "Off",
        "y",
        "orders",
        "é",
        "\u{2028}",
    ];

    /// Pseudo-random numbers that are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % most
        }

        fn text(&mut self) -> String {
            (0..=self.below(4)).map(|_| PIECES[self.below(PIECES.len())]).collect()
        }

        fn value(&mut self, depth: usize) -> Value {
            let n_kinds = if depth == 0 { 7 } else { 12 };
            match self.below(n_kinds) {
                0 => Value::Null,
                1 => json!(self.below(2) == 0),
                2 => json!(self.below(100_000) as i64 - 50_000),
                3 => json!(self.below(1000) as f64 / 8.0),
                4..7 => json!(self.text()),
                7..9 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
                _ => {
                    let entries = (0..self.below(4)).map(|_| (self.text(), self.value(depth - 1)));
                    Value::Object(entries.collect::<Map<_, _>>())
                }
            }
        }
    }

    /// JSON as in a manifest: multi-line texts as blocks, and numbers in their stored form.
    struct Written<'a>(&'a Value);

    impl Serialize for Written<'_> {
        fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                Value::Number(number) if number.is_i64() => out.serialize_i64(number.as_i64().unwrap_or_default()),
                Value::Number(number) => out.serialize_f64(number.as_f64().unwrap_or_default()),
                Value::String(it) => text(it, out),
                Value::Array(items) => out.collect_seq(items.iter().map(Written)),
                Value::Object(map) => out.collect_map(map.iter().map(|(key, value)| (key, Written(value)))),
                scalar => scalar.serialize(out),
            }
        }
    }

    #[test]
    fn writes_every_text_as_the_library_does() {
        let pairs = PIECES.iter().flat_map(|one| PIECES.iter().map(move |other| format!("{one}{other}")));
        for it in
            pairs.chain(["a b: c", "a:b", "Infinity", "10.0.0.0/16", "http://a:8080/", "${a.b[0]}"].map(str::to_owned))
        {
            for value in [
                json!({ "key": it }),
                json!([it]),
                json!([[it]]),
                json!({ it.clone(): 1 }),
                json!({ "a": [{ it.clone(): it }] }),
            ] {
                let value = Written(&value);
                assert_eq!(to_text(&value), by_library(&value), "{it:?}");
            }
        }
    }

    #[test]
    fn writes_every_document_as_the_library_does() {
        let mut numbers = Numbers(1);
        for _ in 0..20_000 {
            let value = numbers.value(5);
            let value = Written(&value);
            assert_eq!(to_text(&value), by_library(&value));
        }
    }

    #[test]
    fn writes_no_trailing_spaces_and_reads_texts_back() {
        let mut numbers = Numbers(7);
        for _ in 0..20_000 {
            let line = |numbers: &mut Numbers| ["", "", "a", "  b: c", "- d", "#", "\t"][numbers.below(7)].to_owned();
            let lines: Vec<String> = (0..1 + numbers.below(6)).map(|_| line(&mut numbers)).collect();
            let it = lines.join("\n");
            for value in [json!({ "key": it, "next": 1 }), json!([[it], 2]), json!({ it.clone(): [it] })] {
                for text in [to_text(&Written(&value)), by_library(&Written(&value))] {
                    assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value, "{text}");
                    assert!(!text.contains(" \n"), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn writes_common_manifest_without_serde_yaml() {
        let container = json!({ "name": "orders", "image": "a/b:1.0", "args": ["--port", "8080"], "tty": true });
        let data = json!({ "start.sh": "set -e\nexec \"$@\"\n", "on": "yes", "limit": "1.5", "cidr": "10.0.0.0/16" });
        let object =
            json!({ "kind": "Pod", "spec": { "containers": [container], "volumes": [], "x": {} }, "data": data });
        assert!(writer::write(&Written(&object)).is_ok());
    }
}
