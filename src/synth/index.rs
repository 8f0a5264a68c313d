//! The files that describe the assembly: `manifest.json`, `bindings.json`, `graph.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{SerializeMap, Serializer};
use serde::{Serialize, ser::SerializeSeq};
use serde_json::{Map, Value, json};

use crate::exception::Exception;
use crate::node::{self, Object, Release, Target};
use crate::tree::{At, NodeId};
use crate::val::Data;
use meshsynth_model::FORMAT_VERSION;
use meshsynth_model::reach_rule::{End, ReachRule};

use super::exceptions::Used;
use super::graph::Graph;
use super::judge::AddedRule;
use super::text::{self, map};
use super::{Link, Model, TemplateFormat, deployed, files, kube_text, wire};

pub(super) const MANIFEST: &str = "manifest.json";

/// Returns `manifest.json`, which lists all other files.
pub(super) fn manifest(
    model: &Model,
    link: &Link,
    written: &BTreeMap<String, String>,
    format: TemplateFormat,
    (exceptions, rules): (&Used<'_>, &[AddedRule<'_>]),
) -> String {
    text::json(&Manifest { exceptions, rules, ..Manifest::new(model, link, written, format) })
}

/// Returns the files that describe the platform, by path.
pub(super) fn described(model: &Model, link: &Link) -> [(String, String); 2] {
    [
        ("bindings.json".to_owned(), text::json(&bindings(model, link))),
        ("graph.json".to_owned(), text::json(&Graph::of(model))),
    ]
}

/// A list that is serialized from an iterator.
struct Rows<I>(I);

impl<I: Iterator<Item = T> + Clone, T: Serialize> Serialize for Rows<I> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(None)?;
        for row in self.0.clone() {
            list.serialize_element(&row)?;
        }
        list.end()
    }
}

/// A line of the program.
struct Source(At);

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{}:{}:{}", self.0.file(), self.0.line(), self.0.column()))
    }
}

struct Manifest<'a> {
    model: &'a Model,
    link: &'a Link,
    written: &'a BTreeMap<String, String>,
    /// The stacks with a template.
    deployed: BTreeSet<NodeId>,
    format: TemplateFormat,
    exceptions: &'a [(&'a Exception, bool)],
    rules: &'a [AddedRule<'a>],
    resources: BTreeMap<NodeId, BTreeMap<&'a str, ResourceRow<'a>>>,
    objects: BTreeMap<NodeId, BTreeMap<String, ObjectRow<'a>>>,
}

impl<'a> Manifest<'a> {
    fn new(
        model: &'a Model,
        link: &'a Link,
        written: &'a BTreeMap<String, String>,
        format: TemplateFormat,
    ) -> Manifest<'a> {
        let mut resources: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (id, node, resource) in model.resources() {
            if let Some(stack) = model.stack_of(id) {
                let is_stateful = model.facts(id).is_some_and(|facts| facts.stateful);
                let row = ResourceRow { construct: model.path(id), at: node.at, resource, is_stateful };
                resources.entry(stack).or_default().insert(model.logical_id(id), row);
            }
        }
        let mut objects: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (id, node, object) in model.objects() {
            if let (Some(target), Some(path)) = (model.target_of(id), files::manifest_path(model, id, object)) {
                let row = ObjectRow { construct: model.path(id), at: node.at, object };
                objects.entry(target).or_default().insert(path, row);
            }
        }
        let deployed = deployed::stacks(model, link).into_iter().map(|(id, _)| id).collect();
        Manifest { model, link, written, deployed, format, exceptions: &[], rules: &[], resources, objects }
    }

    /// Returns the paths of the stacks that must be deployed before a stack or a cluster.
    fn needs(&self, id: NodeId) -> BTreeSet<&'a str> {
        let needed = self.link.needs.get(&id).into_iter().flatten();
        needed.filter(|id| self.deployed.contains(id)).map(|id| self.model.path(*id)).collect()
    }
}

impl Serialize for Manifest<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut clusters: Vec<_> =
            self.model.targets().map(|(id, target)| ClusterRow { manifest: self, id, target }).collect();
        clusters.sort_by_cached_key(|row| files::cluster_folder(self.model, row.id));
        let stacks: Vec<_> = deployed::stacks(self.model, self.link)
            .into_iter()
            .map(|(id, stack)| StackRow { manifest: self, id, stack })
            .collect();
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("app", &self.model.app)?;
        map.serialize_entry("clusters", &clusters)?;
        if !self.exceptions.is_empty() {
            let model = self.model;
            let rows = self.exceptions.iter().map(|&(exception, is_used)| ExceptionRow { model, exception, is_used });
            map.serialize_entry("exceptions", &Rows(rows))?;
        }
        map.serialize_entry("files", &Rows(self.written.keys()))?;
        map.serialize_entry("format_version", &FORMAT_VERSION)?;
        if !self.model.reach.is_empty() {
            let model = self.model;
            map.serialize_entry("reach", &Rows(self.model.reach.iter().map(|rule| ReachRow { model, rule })))?;
        }
        if !self.rules.is_empty() {
            map.serialize_entry("rules", &Rows(self.rules.iter().map(RuleRow)))?;
        }
        map.serialize_entry("stacks", &stacks)?;
        map.end()
    }
}

struct ExceptionRow<'a> {
    model: &'a Model,
    exception: &'a Exception,
    is_used: bool,
}

impl Serialize for ExceptionRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Exception { node, code, reason, until, who, at } = self.exception;
        map!(out, {
            "code": code,
            "reason": reason,
            "source": &Source(*at),
            "until": until,
            "used": &self.is_used,
            "what": self.model.construct(*node),
            "who": who,
        })
    }
}

struct ReachRow<'a> {
    model: &'a Model,
    rule: &'a ReachRule,
}

impl Serialize for ReachRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let ReachRule { holds, from, to, at } = self.rule;
        let end = |end: &End| match end {
            End::Internet => "internet".to_owned(),
            End::Construct(node, None) => self.model.construct(*node).to_owned(),
            End::Construct(node, Some(port)) => format!("{}:{port}", self.model.construct(*node)),
        };
        map!(out, { "from": &Rows(from.iter().map(end)), "holds": holds.word(), "source": &Source(*at), "to": &end(to) })
    }
}

struct RuleRow<'a>(&'a AddedRule<'a>);

impl Serialize for RuleRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let AddedRule { code, summary, manual, severity } = self.0;
        map!(out, { "code": code, "manual": manual, "severity": severity.word(), "summary": summary })
    }
}

struct StackRow<'a> {
    manifest: &'a Manifest<'a>,
    id: NodeId,
    stack: &'a node::Stack,
}

impl Serialize for StackRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let StackRow { manifest, id, stack } = *self;
        let model = manifest.model;
        let imports: Vec<Value> = manifest
            .link
            .imports
            .get(&id)
            .into_iter()
            .flatten()
            .map(|(from, output)| {
                let is_guarded = model.strong_references && model.stack(*from).env == stack.env;
                let wire = if is_guarded { "export" } else { "output" };
                json!({ "stack": model.path(*from), "output": output, "wire": wire })
            })
            .collect();
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("account", &stack.env.account)?;
        map.serialize_entry("id", model.path(id))?;
        map.serialize_entry("imports", &imports)?;
        map.serialize_entry("name", &stack.name)?;
        map.serialize_entry("needs", &manifest.needs(id))?;
        if let Some(resource) = stack.nested_in {
            let parent = model.stack_of(resource).map(|parent| model.path(parent));
            map.serialize_entry("parent", &json!({ "resource": model.logical_id(resource), "stack": parent }))?;
        }
        map.serialize_entry("region", &stack.env.region)?;
        map.serialize_entry("resources", manifest.resources.get(&id).unwrap_or(&BTreeMap::new()))?;
        let tags: BTreeMap<_, _> = stack.tags.iter().map(|(key, value)| (key, value)).collect();
        map.serialize_entry("tags", &tags)?;
        map.serialize_entry("template", &files::template_path(model, id, manifest.format))?;
        map.end()
    }
}

struct ResourceRow<'a> {
    construct: &'a str,
    at: At,
    resource: &'a node::Resource,
    is_stateful: bool,
}

impl Serialize for ResourceRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let ResourceRow { construct, at, resource, is_stateful } = *self;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("construct", construct)?;
        if !resource.patches.is_empty() {
            map.serialize_entry("patches", &resource.patches)?;
        }
        map.serialize_entry("source", &Source(at))?;
        map.serialize_entry("stateful", &is_stateful)?;
        map.serialize_entry("type", &resource.type_name)?;
        map.end()
    }
}

struct ClusterRow<'a> {
    manifest: &'a Manifest<'a>,
    id: NodeId,
    target: &'a Target,
}

impl Serialize for ClusterRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let ClusterRow { manifest, id, target } = *self;
        let model = manifest.model;
        let name = match &target.name {
            Data::Deferred(deferred) => kube_text::value_text(model, deferred, &mut |_| {}),
            known => known.to_text(),
        };
        let env = model.stack_of(id).map(|stack| &model.stack(stack).env);
        let account = env.map(|env| &env.account).or(target.place.as_ref().map(|(account, _)| account));
        let region = env.map(|env| &env.region).or(target.place.as_ref().map(|(_, region)| region));
        let releases: BTreeMap<&str, ReleaseRow> = model
            .releases()
            .filter(|(release, _)| model.target_of(*release) == Some(id))
            .map(|(release_id, release)| {
                (release.name.as_str(), ReleaseRow { model, target: id, id: release_id, release })
            })
            .collect();
        let none = BTreeMap::new();
        let objects = manifest.objects.get(&id).unwrap_or(&none);
        map!(out, {
            "account": &account,
            "id": &files::cluster_folder(model, id),
            "name": &name,
            "needs": &manifest.needs(id),
            "objects": &Rows(objects.iter().map(|(path, row)| PlacedRow { path, row })),
            "region": &region,
            "releases": &Rows(releases.values()),
            "version": &target.version,
        })
    }
}

struct ObjectRow<'a> {
    construct: &'a str,
    at: At,
    object: &'a Object,
}

struct PlacedRow<'a> {
    path: &'a str,
    row: &'a ObjectRow<'a>,
}

impl Serialize for PlacedRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        map!(out, {
            "construct": self.row.construct,
            "kind": &self.row.object.kind,
            "path": self.path,
            "source": &Source(self.row.at),
        })
    }
}

struct ReleaseRow<'a> {
    model: &'a Model,
    target: NodeId,
    id: NodeId,
    release: &'a Release,
}

impl Serialize for ReleaseRow<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let ReleaseRow { model, target, id, release } = *self;
        map!(out, {
            "after": &Rows(release.depends_on.iter().map(|id| model.path(*id))),
            "chart": &release.chart,
            "construct": model.path(id),
            "name": &release.name,
            "namespace": &release.namespace,
            "repository": &release.repository,
            "source": &Source(model.node(id).at),
            "values": &files::values_path(model, target, &release.name),
            "version": &release.version,
        })
    }
}

fn bindings(model: &Model, link: &Link) -> Value {
    let rows: Map<String, Value> = link
        .bindings
        .iter()
        .map(|(placeholder, binding)| {
            let mut row = json!({ "stack": model.path(binding.stack), "output": binding.output });
            if binding.is_list {
                row["separator"] = wire::SEPARATOR.into();
            }
            if let Some((call, field)) = &binding.lookup {
                row["lookup"] = json!({ "call": call, "field": field });
            }
            (placeholder.clone(), row)
        })
        .collect();
    Value::Object(rows)
}
