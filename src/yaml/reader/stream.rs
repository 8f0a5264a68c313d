//! JSON values one after the other, as `jq` and `kubectl get -o json` in a loop write them, and kubectl reads them.

use serde::de::IgnoredAny;

use super::{Marked, read as read_yaml};

/// The values of a text that begins with an object of JSON; none where that is not all that it holds.
pub fn read(text: &str) -> Option<Vec<Marked>> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let (mut found, mut start) = (Vec::new(), 0);
    while let Some(value) = values.next() {
        value.ok()?;
        let (before, end) = (&text[..start], values.byte_offset());
        // What stands before it on its line is left blank, so that columns stay.
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let blank = " ".repeat(before[line..].chars().count());
        let n_before = before.matches('\n').count();
        let value = read_yaml(&format!("{blank}{}", &text[start..end])).ok()?;
        found.extend(value.into_iter().map(|it| it.below(u32::try_from(n_before).unwrap_or(u32::MAX))));
        start = end;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn values_keep_their_places() {
        let found = read("{\"a\": 1}\n{\n  \"b\": 2}{\"c\": 3}\n").unwrap();
        let places: Vec<_> = found.iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(places, [(1, 1), (2, 1), (3, 10)]);
        assert_eq!(found[1].get("b").map(|it| (it.line, it.column)), Some((3, 8)));
        for text in ["a: 1\n", "{\"a\": 1} b\n", "{a: 1}\n{b: 2}\n", "[]"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
