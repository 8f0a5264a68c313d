//! Finds the namespaces of objects in documents that cannot be parsed.

use crate::yaml::is_mark;

/// Returns the namespaces of the objects whose documents contain the given lines, counted from 1. `default` applies to
/// objects that specify none. A document without a kind is not an object.
pub fn namespaces(text: &str, lines: impl IntoIterator<Item = u32>, default: &str) -> Vec<String> {
    let all: Vec<&str> = text.lines().collect();
    let document = |line: u32| {
        let at = (line.saturating_sub(1) as usize).min(all.len().saturating_sub(1));
        let begin = all[..at].iter().rposition(|line| is_mark(line)).unwrap_or_default();
        let end = all[at..].iter().skip(1).position(|line| is_mark(line)).map_or(all.len(), |n| at + 1 + n);
        &all[begin..end]
    };
    let lines = lines.into_iter().filter(|_| !all.is_empty());
    let mut found: Vec<String> = lines.filter_map(|line| namespace(document(line), default)).collect();
    found.sort();
    found.dedup();
    found
}

/// Returns the first lines of the documents in a text, from 1.
pub fn beginnings(text: &str) -> impl Iterator<Item = u32> {
    let marks = text.lines().enumerate().filter(|(_, line)| is_mark(line));
    std::iter::once(1).chain(marks.map(|(idx, _)| u32::try_from(idx + 2).unwrap_or(u32::MAX)))
}

fn namespace(lines: &[&str], default: &str) -> Option<String> {
    let kind = lines.iter().find_map(|line| value(line, "kind"))?;
    let key = if kind == "Namespace" { "name" } else { "namespace" };
    let named = lines.iter().find_map(|line| value(line, key)).filter(|name| !name.contains('{'));
    Some(named.unwrap_or_else(|| default.to_owned()))
}

/// Returns the value of a key on a line, in block style, flow style or JSON.
fn value(line: &str, key: &str) -> Option<String> {
    let is_quote = |c: char| matches!(c, '"' | '\'');
    line.match_indices(key).find_map(|(at, _)| {
        let before = line[..at].trim_end_matches(is_quote).trim_end();
        let after = line[at + key.len()..].trim_start_matches(is_quote).strip_prefix(':')?;
        let is_key = before.is_empty() || before.ends_with(['{', ',', '-']);
        let end = |c: char| c.is_whitespace() || matches!(c, ',' | '}' | '#');
        let text = after.trim_start().split(end).next().unwrap_or_default().trim_matches(is_quote);
        (is_key && !text.is_empty()).then(|| text.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::{beginnings, namespaces};

    #[test]
    fn reads_namespace_of_broken_document() {
        let text = "kind: Service\nmetadata: { name: a, namespace: shop }\nspec: [\n---\nkind: [\n---\n\
                    kind: Namespace\nmetadata:\n  name: 'data'\n---\nkind: Pod\n---\n{\"kind\": \"Pod\", \"namespace\": \"x\"\n";
        let found = |line: u32| namespaces(text, [line], "default");
        assert_eq!(found(3), ["shop"]);
        assert_eq!(found(8), ["data"]);
        assert_eq!(found(11), ["default"]);
        assert_eq!(found(13), ["x"]);
        assert_eq!(namespaces(text, beginnings(text), "default"), ["data", "default", "shop", "x"]);
        assert_eq!(namespaces("a: [\n", [1], "default"), [""; 0]);
        assert_eq!(namespaces("", [1], "default"), [""; 0]);
    }
}
