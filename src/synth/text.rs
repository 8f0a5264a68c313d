//! The text of emitted files, in JSON or YAML.

use serde::{Serialize, Serializer};

use crate::val::{Bag, Data};
use crate::{json, yaml};

use super::TemplateFormat;

/// Serializes a map with sorted keys directly. A platform has many rows, so building intermediate values would be slow.
macro_rules! map {
    ($out:expr, { $($key:literal: $value:expr),+ $(,)? }) => {{
        let mut map = $out.serialize_map(None)?;
        $(map.serialize_entry($key, $value)?;)+
        map.end()
    }};
}
pub(super) use map;

/// Returns a document in the format of the templates.
pub(super) fn text(value: &impl Serialize, format: TemplateFormat) -> String {
    match format {
        TemplateFormat::Json => json(value),
        TemplateFormat::Yaml => yaml::to_text(value),
    }
}

/// Returns indented JSON with a final newline.
pub(super) fn json(value: &impl Serialize) -> String {
    let mut text = json::to_text(value);
    text.push('\n');
    text
}

/// Returns the entries of a map, sorted by key.
pub(super) fn sorted(bag: &Bag) -> Vec<(&str, &Data)> {
    let mut entries: Vec<_> = bag.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

/// Serializes a whole number without `.0`.
pub(super) fn number<S: Serializer>(value: f64, out: S) -> Result<S::Ok, S::Error> {
    match value.fract() == 0.0 && value.abs() < 9.0e15 {
        true => out.serialize_i64(value as i64),
        false => out.serialize_f64(value),
    }
}
