//! Access to the fields of an object.

use std::collections::BTreeSet;

use crate::val::{Bag, Data};

/// Returns a label of an object.
pub(in crate::rules) fn label<'a>(body: &'a Bag, key: &str) -> Option<&'a str> {
    body.at("metadata.labels")?.as_map()?.get(key)?.as_str()
}

/// Returns an annotation of an object.
pub(in crate::rules) fn annotation<'a>(body: &'a Bag, key: &str) -> Option<&'a str> {
    body.at("metadata.annotations")?.as_map()?.get(key)?.as_str()
}

/// Whether labels contain all wanted labels.
pub(in crate::rules) fn has_labels(own: &Bag, wanted: &Bag) -> bool {
    wanted.iter().all(|(key, value)| own.get(key) == Some(value))
}

/// Returns the texts of a list.
pub(in crate::rules) fn texts<'a>(body: &'a Bag, path: &str) -> impl Iterator<Item = &'a str> {
    body.at(path).map(Data::items).unwrap_or_default().iter().filter_map(Data::as_str)
}

/// Returns the items of a list, each with its path.
pub(in crate::rules) fn items<'a>(
    data: Option<&'a Data>,
    path: &str,
) -> impl Iterator<Item = (String, &'a Data)> + use<'a> {
    let path = path.to_owned();
    let items = data.map(Data::items).unwrap_or_default();
    items.iter().enumerate().map(move |(idx, item)| (format!("{path}[{idx}]"), item))
}

/// Formats at most eight names in backticks, separated by commas.
pub(in crate::rules) fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let more = if names.len() > 8 { ", …" } else { "" };
    let shown: Vec<_> = names.into_iter().take(8).map(|name| format!("`{name}`")).collect();
    shown.join(", ") + more
}
