//! Serialization of data without references.

use serde::{Serialize, Serializer};

use super::block::text;
use crate::val::Data;

/// Data with its keys in their order, and multi-line texts as blocks.
pub(super) struct Written<'a>(pub &'a Data);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Data::Null | Data::Deferred(_) | Data::Secret(_) => out.serialize_unit(),
            Data::Bool(value) => out.serialize_bool(*value),
            Data::Int(value) => out.serialize_i64(*value),
            Data::Float(value) => out.serialize_f64(*value),
            Data::Text(value) => text(value, out),
            Data::List(items) => out.collect_seq(items.iter().map(Written)),
            Data::Map(bag) => out.collect_map(bag.iter().map(|(key, value)| (key, Written(value)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::document;

    #[test]
    fn reads_written_document_back_unchanged() {
        let text = "kind: A\napiVersion: v1\ndata:\n  lines: |\n    a: \"b\"\n     - c\n  on: \"yes\"\n  list:\n  - 1.5\n  - -3\n  - null\n  empty: {}\n";
        let data = meshsynth_yaml::read(text).unwrap().remove(0).written();
        let written = document(&data);
        assert_eq!(meshsynth_yaml::read(&written).unwrap().remove(0).written(), data, "{written}");
        assert!(written.starts_with("kind: A\napiVersion: v1\n"), "keys keep their order: {written}");
        assert!(written.contains("lines: |"), "{written}");
    }
}
