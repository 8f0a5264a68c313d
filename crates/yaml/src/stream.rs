//! Concatenated JSON values, as `jq` and `kubectl get -o json` in a loop write them, and as kubectl reads them.

use serde::de::IgnoredAny;

use super::{Marked, read as read_yaml};

/// Returns the values of a text that begins with a JSON object, or `None` if the text contains anything else.
pub fn read(text: &str) -> Option<Vec<Marked>> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let (mut found, mut start) = (Vec::new(), 0);
    // The lines before a value, and the columns before it on its line.
    let (mut n_lines, mut n_columns) = (0, 0);
    while let Some(value) = values.next() {
        value.ok()?;
        let text = &text[start..values.byte_offset()];
        found.extend(read_yaml(text).ok()?.into_iter().map(|it| it.shifted(n_lines, n_columns)));
        start = values.byte_offset();
        n_lines += number(text.matches('\n').count());
        n_columns = match text.rsplit_once('\n') {
            Some((_, line)) => number(line.chars().count()),
            None => n_columns + number(text.chars().count()),
        };
    }
    Some(found)
}

fn number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn keeps_locations_of_values() {
        let found = read("{\"a\": 1}\n{\n  \"b\": 2}{\"c\": 3}\n").unwrap();
        let places: Vec<_> = found.iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(places, [(1, 1), (2, 1), (3, 10)]);
        assert_eq!(found[1].get("b").map(|it| (it.line, it.column)), Some((3, 8)));
        for text in ["a: 1\n", "{\"a\": 1} b\n", "{a: 1}\n{b: 2}\n", "[]"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
