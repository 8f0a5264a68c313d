//! Classifies the documents of a file: templates, objects, and documents that are not deployed.

use std::borrow::Cow;

use meshsynth::val::Data;

use super::source::Source;
use super::{made, skipped};
use crate::yaml::Marked;

/// A part of a file.
#[derive(Clone, Debug)]
pub enum Part {
    /// A CloudFormation template.
    Template(Marked),
    /// A Kubernetes object, or a document that looks like one.
    Object(Marked),
    /// The reason why a document is skipped.
    Skipped(Cow<'static, str>),
}

/// Classifies a document; a list is split into its items. The template of a known stack may have no resources. An
/// object that was requested by name is kept even if a controller created it.
pub fn parts(document: Marked, source: &Source) -> Vec<Part> {
    if source.stack.is_some() || is_template(&document) {
        return vec![Part::Template(document)];
    }
    let mut found = Vec::new();
    objects(document, source.is_by_name, &mut found);
    found
}

/// Whether a document is a template. A template has the format version, a resource with a type such as
/// `AWS::EC2::VPC`, or a key that generates resources, such as `Fn::ForEach::Queues`.
pub fn is_template(document: &Marked) -> bool {
    let is_resource = |body: &Marked| body.text("Type").is_some_and(|name| name.starts_with("AWS::"));
    let is_made = |key: &str| key.starts_with("Fn::ForEach::") || key == "Fn::Transform";
    document.get("AWSTemplateFormatVersion").is_some()
        || document
            .get("Resources")
            .is_some_and(|all| all.entries().any(|(key, body)| is_made(key) || is_resource(body)))
}

fn objects(document: Marked, is_by_name: bool, found: &mut Vec<Part>) {
    let document = match document.into_objects() {
        Ok(items) => return items.into_iter().for_each(|item| objects(item, is_by_name, found)),
        Err(document) => document,
    };
    if let Some(why) = skipped::other_tool(&document) {
        found.push(Part::Skipped(why.into()));
    } else if let Some(maker) = made::maker(&document).filter(|_| !is_by_name) {
        let kind = document.text("kind").unwrap_or_default();
        found.push(Part::Skipped(format!("`{kind}`: {maker}").into()));
    } else {
        found.push(Part::Object(document));
    }
}

/// Returns the missing field that prevents a document from being an object, or `None` if it is complete.
pub fn lacks(object: &Marked) -> Option<&'static str> {
    let is_there = |of: &Marked, key: &str| of.get(key).is_some_and(|it| it.literal() != Data::Null);
    let metadata = || object.get("metadata");
    let is_named = || metadata().is_some_and(|it| is_there(it, "name") || is_there(it, "generateName"));
    match () {
        () if !is_there(object, "apiVersion") => Some("apiVersion"),
        () if !is_there(object, "kind") => Some("kind"),
        () if !is_named() => Some("metadata.name"),
        () => None,
    }
}
