//! What a document of a file is: a template, an object, or something that nobody deploys.

use std::borrow::Cow;

use meshsynth::val::Data;

use super::source::Source;
use super::{made, skipped};
use crate::yaml::Marked;

/// A part of a file.
#[derive(Clone, Debug)]
pub enum Part {
    /// A template of CloudFormation.
    Template(Marked),
    /// An object of Kubernetes, or what looks like one.
    Object(Marked),
    /// What is left out, and why.
    Skipped(Cow<'static, str>),
}

/// What a document of a file is; a list is its items. What something calls the template of a stack may be without resources,
/// and what was asked for by its name is an object whoever made it.
pub fn parts(document: Marked, source: &Source) -> Vec<Part> {
    if source.stack.is_some() || is_template(&document) {
        return vec![Part::Template(document)];
    }
    let mut found = Vec::new();
    objects(document, source.is_by_name, &mut found);
    found
}

/// Whether a document is a template: it says so, or has a resource of a type such as `AWS::EC2::VPC`, or what CloudFormation
/// makes resources of, such as `Fn::ForEach::Queues`.
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

/// What an object lacks, so that it is none; nothing where it lacks nothing.
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
