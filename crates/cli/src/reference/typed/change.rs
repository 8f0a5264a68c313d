//! The effect of a changed property.

use meshsynth::facts;
use meshsynth_adopt::types::{Form, Listed};

/// The effect of a changed property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An update without a replacement.
    InPlace,
    /// A replacement of the resource.
    Replaces,
    /// A replacement, depending on the values.
    MayReplace,
    /// A replacement if one of these properties below it changes.
    Below(Vec<String>),
    /// The API server rejects the change.
    Rejected,
    /// The API server rejects changes of these fields below it.
    RejectedBelow(Vec<String>),
    /// The effect depends on the property that contains it.
    DependsOnUse,
    /// The facts do not contain the type.
    Unknown,
}

impl Change {
    /// Returns the effect of a changed property of a type. `uses` are the paths of a nested type.
    pub fn of(listed: &Listed, uses: &[String], key: &str) -> Self {
        let owner = listed.vendor.split('.').next().unwrap_or_default();
        match listed.form {
            Form::Kind => {
                let (version, kind) = listed.vendor.split_once(' ').unwrap_or_default();
                facts::kubernetes(version, kind).map_or(Self::Unknown, |facts| Self::in_object(&facts.immutable, key))
            }
            Form::Resource => Self::in_resource(&listed.vendor, key),
            Form::Record | Form::Choice => {
                let mut all: Vec<Self> =
                    uses.iter().map(|path| Self::in_resource(owner, &format!("{path}.{key}"))).collect();
                all.dedup();
                match all.len() {
                    0 => Self::Unknown,
                    1 => all.remove(0),
                    _ => Self::DependsOnUse,
                }
            }
        }
    }

    fn in_resource(type_name: &str, path: &str) -> Self {
        let Some(facts) = facts::cloudformation(type_name) else { return Self::Unknown };
        let contains = |all: &[String]| all.iter().any(|it| it == path || is_below(path, it));
        if contains(&facts.create_only) {
            return Self::Replaces;
        }
        if contains(&facts.conditional_create_only) {
            return Self::MayReplace;
        }
        match below(&facts.create_only, path) {
            found if found.is_empty() => Self::InPlace,
            found => Self::Below(found),
        }
    }

    fn in_object(immutable: &[String], path: &str) -> Self {
        if immutable.iter().any(|it| it == path) {
            return Self::Rejected;
        }
        match below(immutable, path) {
            found if found.is_empty() => Self::InPlace,
            found => Self::RejectedBelow(found),
        }
    }

    /// Returns the word for JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::InPlace => "in-place",
            Self::Replaces => "replaces",
            Self::MayReplace => "may-replace",
            Self::Below(_) => "some-replace",
            Self::Rejected => "rejected",
            Self::RejectedBelow(_) => "some-rejected",
            Self::DependsOnUse => "depends-on-use",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the description for the page; empty for an update without a replacement.
    pub fn text(&self) -> String {
        let list = |all: &[String]| format!("`{}`", all.join("`, `"));
        match self {
            Self::InPlace => String::new(),
            Self::Replaces => "replaces the resource".to_owned(),
            Self::MayReplace => "may replace the resource".to_owned(),
            Self::Below(all) => format!("replaces the resource: {}", list(all)),
            Self::Rejected => "immutable".to_owned(),
            Self::RejectedBelow(all) => format!("immutable: {}", list(all)),
            Self::DependsOnUse => "depends on its use".to_owned(),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// Whether a path is below another path.
fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.starts_with('.'))
}

/// Returns the paths below a path, without that path.
fn below(all: &[String], path: &str) -> Vec<String> {
    let below = all.iter().filter_map(|it| it.strip_prefix(path)?.strip_prefix('.'));
    // Fields below a path that begins with `!` may change.
    below.map(str::to_owned).collect()
}
