//! The rows of the tables of versions that have one schema, but for limits.

/// A group, its kinds, the version of their types, and the others that are served with the same fields.
pub(super) type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// A group, its kinds, a version of them, and what the limits in its schema are, each with the pointer to it.
pub(super) type Limits = (&'static str, &'static [&'static str], &'static str, &'static [(&'static str, u32)]);

/// The version of an object, where its row has it among the others.
pub(super) fn other_version<'a>(
    rows: impl Iterator<Item = &'static Row>,
    api_version: &'a str,
    kind: &str,
) -> Option<&'a str> {
    let (_, version) = api_version.split_once('/')?;
    let (_, _, _, others) = find(rows, api_version, kind)?;
    others.contains(&version).then_some(version)
}

/// The row of a kind.
pub(super) fn find(
    mut rows: impl Iterator<Item = &'static Row>,
    api_version: &str,
    kind: &str,
) -> Option<&'static Row> {
    let (group, _) = api_version.split_once('/')?;
    rows.find(|(known, kinds, ..)| *known == group && kinds.contains(&kind))
}
