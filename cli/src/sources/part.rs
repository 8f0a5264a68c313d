//! What a document of a file is: a template, an object, or something that nobody deploys.

use meshsynth::val::Data;

use super::skipped;
use crate::yaml::Marked;

/// A part of a file.
#[derive(Clone, Debug)]
pub enum Part {
    /// A template of CloudFormation.
    Template(Marked),
    /// An object of Kubernetes, or what looks like one.
    Object(Marked),
    /// What is left out, and why.
    Skipped(&'static str),
}

/// What a document is; a list is its items. `is_stack` says that something calls the file the template of a stack, which may
/// be without resources.
pub fn parts(document: Marked, is_stack: bool) -> Vec<Part> {
    if is_stack || is_template(&document) {
        return vec![Part::Template(document)];
    }
    let mut found = Vec::new();
    objects(document, &mut found);
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

fn objects(document: Marked, found: &mut Vec<Part>) {
    if let Some(items) = document.objects() {
        items.into_iter().for_each(|item| objects(item, found));
    } else if let Some(why) = skipped::other_tool(&document) {
        found.push(Part::Skipped(why));
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
