//! Table rows for API versions that have the same schema, except for limits.

/// A group, some of its kinds, the version for which the library has types, and other versions with the same fields.
pub(super) type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// A group, some of its kinds, a version of these kinds, and the limits of this version. Each limit consists of a JSON
/// pointer into the schema and a value.
pub(super) type Limits = (&'static str, &'static [&'static str], &'static str, &'static [(&'static str, u32)]);

/// Returns the version of an object, if it differs from the version of the library's type but has the same fields.
pub(super) fn other_version<'a>(
    rows: impl Iterator<Item = &'static Row>,
    api_version: &'a str,
    kind: &str,
) -> Option<&'a str> {
    let (_, version) = api_version.split_once('/')?;
    let (_, _, _, others) = find(rows, api_version, kind)?;
    others.contains(&version).then_some(version)
}

/// Returns the row of a kind.
pub(super) fn find(
    mut rows: impl Iterator<Item = &'static Row>,
    api_version: &str,
    kind: &str,
) -> Option<&'static Row> {
    let (group, _) = api_version.split_once('/')?;
    rows.find(|(known, kinds, ..)| *known == group && kinds.contains(&kind))
}
