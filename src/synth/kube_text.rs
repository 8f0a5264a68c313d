//! The Kubernetes notation of objects and values: known values as literals, deferred values as placeholders.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::name;
use crate::node::{Kind, Object};
use crate::val::{Attr, Bag, Data, Deferred, Part};
use crate::yaml;
use meshsynth_model::DIGEST;

use super::text::{number, sorted};
use super::{Model, wire};

/// Returns a value as manifest text, with placeholders for deferred values, which are passed to `unknown`.
pub(super) fn value_text<'a>(model: &'a Model, value: &'a Deferred, unknown: &mut dyn FnMut(&'a Deferred)) -> String {
    match value {
        Deferred::Attr(attr) => match literal(model, attr, unknown) {
            Some(text) => text,
            None => {
                unknown(value);
                placeholder(model, value)
            }
        },
        Deferred::Verbatim(tree) => Data::from(&**tree).to_text(),
        Deferred::Piece { of, separator, index } => {
            let mut is_known = true;
            let whole = value_text(model, of, &mut |_| is_known = false);
            match is_known {
                true => whole.split(separator).nth(*index).unwrap_or_default().to_owned(),
                false => {
                    unknown(value);
                    placeholder(model, value)
                }
            }
        }
        Deferred::Item { .. } | Deferred::Joined { .. } => {
            unknown(value);
            placeholder(model, value)
        }
        Deferred::Text(parts) | Deferred::Doc(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.to_string(),
                Part::Value(value) => value_text(model, value, unknown),
            })
            .collect(),
    }
}

/// Returns the value of an attribute, if the program determines it.
fn literal<'a>(model: &'a Model, attr: &'a Attr, unknown: &mut dyn FnMut(&'a Deferred)) -> Option<String> {
    match &model.node(attr.node).kind {
        Kind::Stack(_) => wire::pseudo_literal(model, attr).or_else(|| {
            (attr.name.named() == Some("AWS::Partition"))
                .then(|| wire::partition(&model.stack(attr.node).env.region).to_owned())
        }),
        Kind::Object(object) if attr.name.named() == Some(DIGEST) => Some(digest(model, object)),
        Kind::Target(target) => in_manifest(model, &target.name, unknown),
        Kind::Resource(resource) => {
            let facts = model.facts(attr.node)?;
            let property = match attr.name.named()? {
                "Ref" => facts.ref_is.as_deref()?,
                name => name,
            };
            in_manifest(model, resource.props.get(property)?, unknown)
        }
        _ => None,
    }
}

fn in_manifest<'a>(model: &'a Model, data: &'a Data, unknown: &mut dyn FnMut(&'a Deferred)) -> Option<String> {
    match data {
        Data::Deferred(deferred) => Some(value_text(model, deferred, unknown)),
        Data::Text(_) | Data::Int(_) | Data::Bool(_) => Some(data.to_text()),
        _ => None,
    }
}

/// Returns the placeholder of a value in a manifest, such as `${data/orders-db.Endpoint.Address}`.
pub(super) fn placeholder(model: &Model, value: &Deferred) -> String {
    format!("${{{}}}", address(model, value))
}

fn address(model: &Model, value: &Deferred) -> String {
    match value {
        Deferred::Attr(attr) => {
            let list = if wire::is_list(model, value) { "[]" } else { "" };
            format!("{}.{}{list}", model.construct(attr.node), wire::field(attr))
        }
        Deferred::Piece { of, index, .. } => format!("{}[{index}]", address(model, of)),
        Deferred::Item { of, index } => format!("{}[{index}]", address(model, of).trim_end_matches("[]")),
        Deferred::Joined { of, separator } => {
            let is_plain = |c: char| c.is_ascii_punctuation() && !matches!(c, '{' | '}' | '[' | ']' | '"' | '\\');
            let shown = if separator.chars().all(is_plain) { (*separator).to_owned() } else { name::hash8(separator) };
            format!("{}[joined {shown}]", address(model, of).trim_end_matches("[]"))
        }
        Deferred::Text(_) | Deferred::Doc(_) => unreachable!("a text is written part by part"),
        Deferred::Verbatim(tree) => Data::from(&**tree).to_text(),
    }
}

/// Returns a content digest of an object, with 16 hex digits.
fn digest(model: &Model, object: &Object) -> String {
    let text = serde_json::to_string(&Manifest { model, object }).expect("an object is always written");
    format!("{:016x}", name::fnv1a(&text))
}

/// An object with `apiVersion`, `kind` and `metadata` first.
pub(super) struct Manifest<'a> {
    pub model: &'a Model,
    pub object: &'a Object,
}

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Manifest { model, object } = *self;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("apiVersion", &object.api_version)?;
        map.serialize_entry("kind", &object.kind)?;
        map.serialize_entry("metadata", &Metadata(self))?;
        for (key, data) in sorted(&object.body) {
            if key != "metadata" {
                map.serialize_entry(key, &Kube { model, data })?;
            }
        }
        map.end()
    }
}

/// Metadata with the name and the namespace first.
struct Metadata<'a>(&'a Manifest<'a>);

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Manifest { model, object } = *self.0;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("name", &object.name)?;
        if let Some(namespace) = &object.namespace {
            map.serialize_entry("namespace", namespace)?;
        }
        for (key, data) in object.body.get("metadata").and_then(Data::as_map).map(sorted).unwrap_or_default() {
            if key != "name" && key != "namespace" {
                map.serialize_entry(key, &Kube { model, data })?;
            }
        }
        map.end()
    }
}

/// Data in a manifest, with references as literals or placeholders.
pub(super) struct Kube<'a> {
    pub model: &'a Model,
    pub data: &'a Data,
}

impl Serialize for Kube<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Kube { model, data } = *self;
        let with = |data| Kube { model, data };
        match data {
            Data::Null => out.serialize_unit(),
            Data::Bool(value) => out.serialize_bool(*value),
            Data::Int(value) => out.serialize_i64(*value),
            Data::Float(value) => number(*value, out),
            Data::Text(text) => yaml::text(text, out),
            Data::List(items) => {
                let mut list = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&with(item))?;
                }
                list.end()
            }
            Data::Map(bag) => map(model, bag, out),
            // A single placeholder item represents all items of the list. The deployment replaces it with the actual
            // items.
            Data::Deferred(deferred) if wire::is_list(model, deferred) => {
                let mut list = out.serialize_seq(Some(1))?;
                list.serialize_element(&placeholder(model, deferred))?;
                list.end()
            }
            Data::Deferred(deferred) => yaml::text(&value_text(model, deferred, &mut |_| {}), out),
            Data::Secret(_) => unreachable!("a secret in a manifest is an error of the check pass"),
        }
    }
}

fn map<S: Serializer>(model: &Model, bag: &Bag, out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(sorted(bag).into_iter().map(|(key, data)| (key, Kube { model, data })))
}
