//! A property of a resource, a field of an object, a value of a release.

use std::borrow::Cow;

use crate::tree::{At, NodeId};
use crate::val::{Data, Deferred, Part};

use super::index::Place;

/// The value at a path: known, deferred or absent.
///
/// ```
/// # use meshsynth::policy::{Platform, Report};
/// fn retention(platform: &Platform<'_>, report: &mut Report) {
///     for group in platform.resources("AWS::Logs::LogGroup") {
///         let days = group.property("RetentionInDays");
///         if days.as_int().is_none_or(|days| days > 400) {
///             report.at(&days, "logs are kept for longer than 400 days").help("set `retention_days`");
///         }
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Property<'a> {
    pub(super) place: Place<'a>,
    path: String,
    data: Option<&'a Data>,
}

impl<'a> Property<'a> {
    pub(super) fn of(place: Place<'a>, path: &str) -> Self {
        let data = place.node().kind.body().and_then(|body| {
            let path = dotted(path);
            let (key, rest) = split(path.as_ref(), |key| body.get(key))?;
            if rest.is_empty() { Some(key) } else { find(key, rest) }
        });
        Self { place, path: path.to_owned(), data }
    }

    /// Returns its path, such as `spec.ports[0].name`.
    pub fn path(&self) -> String {
        bracketed(&self.path)
    }

    /// Whether the value is absent.
    pub fn is_absent(&self) -> bool {
        self.data.is_none_or(|data| matches!(data, Data::Null))
    }

    /// Whether the value is known only after deployment, such as the ARN of another resource.
    pub fn is_deferred(&self) -> bool {
        matches!(self.data, Some(Data::Deferred(_) | Data::Secret(_)))
    }

    /// Whether it equals a known value. Enums of generated types are valid values:
    /// `encryption.is(SseAlgorithm::AwsKms)`.
    pub fn is(&self, value: impl Into<Data>) -> bool {
        self.data == Some(&value.into())
    }

    /// Returns the value, if it is a known text.
    pub fn as_str(&self) -> Option<&'a str> {
        self.data?.as_str()
    }

    /// Returns the value, if it is a known integer.
    pub fn as_int(&self) -> Option<i64> {
        self.data?.as_int()
    }

    /// Returns the value, if it is a known boolean.
    pub fn as_bool(&self) -> Option<bool> {
        self.data?.as_bool()
    }

    /// Returns the raw value.
    pub fn data(&self) -> Option<&'a Data> {
        self.data
    }

    /// Returns the items of a list. Empty for other values.
    pub fn items(&self) -> impl Iterator<Item = Property<'a>> + use<'a> {
        let (place, path) = (self.place, self.path.clone());
        let items = self.data.map(Data::items).unwrap_or_default();
        items.iter().enumerate().map(move |(idx, data)| Self { place, path: format!("{path}.{idx}"), data: Some(data) })
    }

    /// Returns the entries of a map by key. Empty for other values.
    pub fn entries(&self) -> impl Iterator<Item = (&'a str, Property<'a>)> + use<'a> {
        let (place, path) = (self.place, self.path.clone());
        let bag = self.data.and_then(Data::as_map);
        let entries = bag.into_iter().flat_map(|bag| bag.iter());
        entries.map(move |(key, data)| (key, Self { place, path: format!("{path}.{key}"), data: Some(data) }))
    }

    /// Returns all known texts at any depth, such as the literal parts of a policy document without its references.
    pub fn texts(&self) -> Vec<&'a str> {
        let mut found = Vec::new();
        if let Some(data) = self.data {
            each_text(data, &mut found);
        }
        found
    }

    /// Returns the value at a path below it.
    pub fn get(&self, path: &str) -> Property<'a> {
        let data = self.data.and_then(|data| find(data, &dotted(path)));
        Self { place: self.place, path: format!("{}.{path}", self.path), data }
    }

    /// Returns the line of the program that sets the property, or otherwise the line of its resource or object.
    pub fn line(&self) -> At {
        line(self.place, &self.path())
    }

    /// Returns the nodes to which the value refers.
    pub(super) fn references(&self) -> Vec<NodeId> {
        let mut found = Vec::new();
        if let Some(data) = self.data {
            each(data, &mut found);
        }
        found.dedup();
        found
    }
}

/// Returns the line of the program for a path in a body.
pub(super) fn line(place: Place<'_>, path: &str) -> At {
    let node = place.node();
    let is_it = |start: &str, key: &str| path.strip_prefix(start).and_then(|it| it.strip_prefix('.')) == Some(key);
    let put = node.puts.iter().find(|(start, key, _)| is_it(start, key));
    put.map_or(node.at, |(.., at)| *at)
}

/// Returns the value at a dotted path. If a key contains dots, it is compared with the beginning of the remaining path.
fn find<'a>(data: &'a Data, path: &str) -> Option<&'a Data> {
    let (found, rest) = match data {
        Data::Map(bag) => split(path, |key| bag.get(key))?,
        Data::List(items) => split(path, |key| items.get(key.parse::<usize>().ok()?))?,
        _ => return None,
    };
    if rest.is_empty() { Some(found) } else { find(found, rest) }
}

/// Returns the value of the shortest existing key at the beginning of a path, and the remaining path.
fn split<'a, 'p>(path: &'p str, get: impl Fn(&str) -> Option<&'a Data>) -> Option<(&'a Data, &'p str)> {
    let ends = path.match_indices('.').map(|(idx, _)| idx).chain([path.len()]);
    ends.into_iter().find_map(|end| Some((get(&path[..end])?, path[end..].strip_prefix('.').unwrap_or_default())))
}

fn dotted(path: &str) -> Cow<'_, str> {
    match path.contains('[') {
        true => path.replace('[', ".").replace(']', "").replace("..", ".").trim_start_matches('.').to_owned().into(),
        false => path.into(),
    }
}

/// Returns a path with its indices in brackets, as in diagnostics.
fn bracketed(path: &str) -> String {
    let mut out = String::new();
    for key in dotted(path).split('.') {
        match key.parse::<usize>() {
            Ok(idx) => out.push_str(&format!("[{idx}]")),
            Err(_) if out.is_empty() => out.push_str(key),
            Err(_) => {
                out.push('.');
                out.push_str(key);
            }
        }
    }
    out
}

fn each_text<'a>(data: &'a Data, found: &mut Vec<&'a str>) {
    match data {
        Data::Text(text) => found.push(text),
        Data::List(items) => items.iter().for_each(|item| each_text(item, found)),
        Data::Map(bag) => bag.iter().for_each(|(_, data)| each_text(data, found)),
        Data::Deferred(deferred) => {
            if let Deferred::Text(parts) | Deferred::Doc(parts) = deferred.as_ref() {
                found.extend(
                    parts
                        .iter()
                        .filter_map(|part| if let Part::Text(text) = part { Some(text.as_ref()) } else { None }),
                );
            }
        }
        _ => {}
    }
}

fn each(data: &Data, found: &mut Vec<NodeId>) {
    match data {
        Data::List(items) => items.iter().for_each(|item| each(item, found)),
        Data::Map(bag) => bag.iter().for_each(|(_, data)| each(data, found)),
        Data::Deferred(deferred) => each_deferred(deferred, found),
        Data::Secret(secret) => {
            if let crate::Val::Deferred(deferred) = secret.place() {
                each_deferred(deferred, found);
            }
        }
        _ => {}
    }
}

fn each_deferred(deferred: &Deferred, found: &mut Vec<NodeId>) {
    match deferred {
        Deferred::Attr(attr) => found.push(attr.node),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => {
            each_deferred(of, found)
        }
        Deferred::Verbatim(tree) => tree.each(&mut |value| each_deferred(value, found)),
        Deferred::Text(parts) | Deferred::Doc(parts) => {
            for part in parts {
                if let Part::Value(value) = part {
                    each_deferred(value, found);
                }
            }
        }
    }
}
