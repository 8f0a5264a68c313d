//! The value of template data for one combination of conditions.

use std::collections::BTreeSet;

use crate::val::{Bag, Data};

use super::condition::Choice;
use super::function::{NO_VALUE, branches, call, reference};

/// Collects the conditions of all `Fn::If` in a value.
pub fn conditions_in<'a>(data: &'a Data, found: &mut BTreeSet<&'a str>) {
    if let Some(("Fn::If", argument)) = call(data)
        && let Some((name, ..)) = branches(argument)
    {
        found.insert(name);
    }
    match data {
        Data::List(items) => items.iter().for_each(|item| conditions_in(item, found)),
        Data::Map(bag) => bag.iter().for_each(|(_, value)| conditions_in(value, found)),
        _ => {}
    }
}

/// Returns the value with each `Fn::If` decided, or `None` if it is removed. Undecided functions remain unchanged.
pub fn decided(data: &Data, choice: &Choice) -> Option<Data> {
    if reference(data) == Some(NO_VALUE) {
        return None;
    }
    if let Some(("Fn::If", argument)) = call(data)
        && let Some((name, yes, no)) = branches(argument)
        && let Some(holds) = choice.get(name)
    {
        return decided(if *holds { yes } else { no }, choice);
    }
    Some(match data {
        Data::List(items) => Data::List(items.iter().filter_map(|item| decided(item, choice)).collect()),
        Data::Map(bag) => {
            let entries = bag.iter().filter_map(|(key, value)| Some((key.to_owned(), decided(value, choice)?)));
            Data::Map(entries.collect::<Bag>())
        }
        scalar => scalar.clone(),
    })
}

/// Returns the template path for a path in the decided value, and the template value.
pub fn written<'a>(data: &'a Data, path: &str, choice: &Choice) -> (String, Option<&'a Data>) {
    let mut found = String::new();
    let (mut data, mut path) = (data, path);
    loop {
        if let Some(("Fn::If", argument)) = call(data)
            && let Some((name, yes, no)) = branches(argument)
            && let Some(holds) = choice.get(name)
        {
            push(&mut found, if *holds { "Fn::If[1]" } else { "Fn::If[2]" });
            data = if *holds { yes } else { no };
            continue;
        }
        path = path.trim_start_matches('.');
        if path.is_empty() {
            return (found, Some(data));
        }
        match data {
            Data::List(items) => {
                let digits = path.trim_start_matches('[');
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                let mut left = items.iter().enumerate().filter(|(_, item)| decided(item, choice).is_some());
                let item = digits[..end].parse::<usize>().ok().and_then(|idx| left.nth(idx));
                let Some((idx, item)) = item else { break };
                found += &format!("[{idx}]");
                data = item;
                path = digits[end..].trim_start_matches(']');
            }
            // Keys may contain dots, so the longest matching key is used.
            Data::Map(bag) => {
                let begins =
                    |key: &str| path.strip_prefix(key).is_some_and(|it| it.is_empty() || it.starts_with(['.', '[']));
                let Some((key, value)) = bag.iter().filter(|(key, _)| begins(key)).max_by_key(|(key, _)| key.len())
                else {
                    break;
                };
                push(&mut found, key);
                data = value;
                path = &path[key.len()..];
            }
            _ => break,
        }
    }
    if path.starts_with('[') {
        found += path;
    } else {
        push(&mut found, path);
    }
    (found, None)
}

fn push(path: &mut String, step: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(step);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rules::testing::manifests::data;

    #[test]
    fn maps_path_back_to_template() {
        let written_as = data(&json!({ "Tags": [
            { "Fn::If": ["IsProd", { "Key": "a" }, { "Ref": "AWS::NoValue" }] },
            { "Fn::If": ["IsProd", { "Key": "b" }, { "Key": "c" }] },
        ] }));
        let choice = |holds| Choice::from([("IsProd".to_owned(), holds)]);
        let left = decided(&written_as, &choice(false)).unwrap();
        assert_eq!(left, data(&json!({ "Tags": [{ "Key": "c" }] })));
        assert_eq!(written(&written_as, "Tags[0].Key", &choice(false)).0, "Tags[1].Fn::If[2].Key");
        assert_eq!(written(&written_as, "Tags[1].Kye", &choice(true)).0, "Tags[1].Fn::If[1].Kye");
    }
}
