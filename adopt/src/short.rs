//! Paths that a module imports a part of, so that its lines say less.

use std::collections::{BTreeMap, BTreeSet};

/// The roots of paths that are shortened: the crate of the library has them.
const ROOTS: [&str; 2] = ["cfn::", "kube::"];

/// A text whose long paths are short, and what it imports for that: `cfn::s3::bucket::Rule` is `bucket::Rule` where the text has no
/// other `bucket`, nor one of `taken`.
pub fn shortened(text: &str, taken: &BTreeSet<&str>) -> (String, String) {
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, path) in paths(text) {
        if let Some((parent, module)) = split(path) {
            parents.entry(module).or_default().insert(parent);
        }
    }
    let chosen: BTreeMap<&str, &str> = parents
        .iter()
        .filter(|(module, parents)| parents.len() == 1 && !taken.contains(*module))
        .filter_map(|(module, parents)| Some((*module, *parents.first()?)))
        .collect();
    let (mut short, mut rest) = (String::new(), 0);
    for (start, path) in paths(text) {
        if let Some((parent, module)) = split(path).filter(|(_, module)| chosen.contains_key(module)) {
            short.push_str(&text[rest..start]);
            rest = start + parent.len() + "::".len();
            debug_assert!(text[rest..].starts_with(module));
        }
    }
    short.push_str(&text[rest..]);
    let mut by_parent: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (module, parent) in chosen {
        by_parent.entry(parent).or_default().push(module);
    }
    let imports = by_parent.into_iter().map(|(parent, modules)| match modules.as_slice() {
        [module] => format!("use meshsynth::{parent}::{module};\n"),
        modules => format!("use meshsynth::{parent}::{{{}}};\n", modules.join(", ")),
    });
    (short, imports.collect())
}

/// The paths of a text that begin with a root, and where.
fn paths(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_path = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let mut found: Vec<(usize, &str)> = Vec::new();
    for root in ROOTS {
        for (start, _) in text.match_indices(root) {
            let is_inside = text[..start].chars().next_back().is_some_and(|c| is_path(c) || c == '"');
            let end = text[start..].find(|c| !is_path(c)).map_or(text.len(), |len| start + len);
            if !is_inside {
                found.push((start, &text[start..end]));
            }
        }
    }
    found.sort_unstable();
    found.into_iter()
}

/// The path of a module within which a path leads to a type, and its name: `cfn::s3` and `bucket`.
fn split(path: &str) -> Option<(&str, &str)> {
    let is_type = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
    let pieces: Vec<&str> = path.split("::").collect();
    match pieces.as_slice() {
        [root, service, module, name, ..] if !is_type(module) && is_type(name) => {
            Some((&path[..root.len() + service.len() + "::".len()], module))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_short_where_its_module_is_the_only_one_of_its_name() {
        let text = "cfn::s3::bucket::Rule::new(cfn::s3::bucket::Status::Enabled) cfn::s3::Bucket::new() \
                    cfn::ec2::vpc::Tag::new() cfn::lex::bot::A cfn::other::bot::B cfn::a::logs::C \"cfn::s3::bucket::Rule\"";
        let (short, imports) = shortened(text, &BTreeSet::from(["logs"]));
        assert_eq!(
            short,
            "bucket::Rule::new(bucket::Status::Enabled) cfn::s3::Bucket::new() vpc::Tag::new() cfn::lex::bot::A \
             cfn::other::bot::B cfn::a::logs::C \"cfn::s3::bucket::Rule\""
        );
        assert_eq!(imports, "use meshsynth::cfn::ec2::vpc;\nuse meshsynth::cfn::s3::bucket;\n");
    }
}
