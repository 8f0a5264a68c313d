//! Emits one template per stack.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use crate::node::{OnDelete, Resource, Stack};
use crate::tree::NodeId;
use crate::val::{Bag, Data};

use super::text::{number, sorted, text};
use super::{Link, Model, TemplateFormat, deployed, files, wire};

/// Returns the templates by file name.
pub(super) fn templates(model: &Model, link: &Link, format: TemplateFormat) -> BTreeMap<String, String> {
    let mut by_stack: BTreeMap<NodeId, Vec<(NodeId, &Resource)>> = BTreeMap::new();
    for (id, _, resource) in model.resources() {
        if let Some(stack) = model.stack_of(id) {
            by_stack.entry(stack).or_default().push((id, resource));
        }
    }
    deployed::stacks(model, link)
        .into_iter()
        .map(|(id, stack)| {
            let mut resources = by_stack.remove(&id).unwrap_or_default();
            resources.sort_by(|a, b| model.logical_id(a.0).cmp(model.logical_id(b.0)));
            let template = Template { model, link, id, stack, resources };
            (files::template_path(model, id, format), text(&template, format))
        })
        .collect()
}

/// The template sections that combine entries of the program with entries of the library.
const WRITTEN_WITH_OTHERS: [&str; 3] = ["Outputs", "Parameters", "Resources"];

struct Template<'a> {
    model: &'a Model,
    link: &'a Link,
    id: NodeId,
    stack: &'a Stack,
    resources: Vec<(NodeId, &'a Resource)>,
}

impl Serialize for Template<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("AWSTemplateFormatVersion", "2010-09-09")?;
        if !self.stack.description.is_empty() {
            map.serialize_entry("Description", &self.stack.description)?;
        }
        for (name, value) in &self.stack.sections {
            map.serialize_entry(name, &self.data(value))?;
        }
        let parameters = self.parameters();
        if !parameters.is_empty() {
            map.serialize_entry("Parameters", &parameters)?;
        }
        let sections: BTreeSet<&str> = self.stack.entries.iter().map(|(section, ..)| *section).collect();
        for section in sections.into_iter().filter(|name| !WRITTEN_WITH_OTHERS.contains(name)) {
            map.serialize_entry(section, &self.entries(section).collect::<BTreeMap<_, _>>())?;
        }
        map.serialize_entry("Resources", &Resources(self))?;
        let outputs = self.outputs();
        if !outputs.is_empty() {
            map.serialize_entry("Outputs", &outputs)?;
        }
        map.end()
    }
}

impl<'a> Template<'a> {
    fn data(&self, data: &'a Data) -> Cfn<'a> {
        Cfn { model: self.model, stack: self.id, data }
    }

    /// Returns the template parameters for AWS Systems Manager parameters, by logical id.
    fn parameters(&self) -> BTreeMap<String, serde_json::Value> {
        let parameter = |(path, is_list): &(String, bool)| {
            let held = if *is_list { "List<String>" } else { "String" };
            let of = serde_json::json!({ "Type": format!("AWS::SSM::Parameter::Value<{held}>"), "Default": path });
            (wire::parameter_id(path, *is_list), of)
        };
        let read = self.link.parameters.get(&self.id).into_iter().flatten().map(parameter);
        let own = self.entries("Parameters").map(|(name, data)| (name.to_owned(), json(&data)));
        read.chain(own).collect()
    }

    /// Returns the entries of a section that the program defines verbatim.
    fn entries(&self, section: &'static str) -> impl Iterator<Item = (&'a str, Cfn<'a>)> {
        let of_section = self.stack.entries.iter().filter(move |(of, ..)| *of == section);
        of_section.map(|(_, name, data)| (name.as_str(), self.data(data)))
    }

    /// Returns the outputs for users, other stacks and clusters, by logical id.
    fn outputs(&self) -> BTreeMap<String, serde_json::Value> {
        let (model, id) = (self.model, self.id);
        let value = |data: &Data| json(&Cfn { model, stack: id, data });
        let shown = self.stack.outputs.iter().map(|(name, data)| {
            let data = wire::shown(model, data);
            (name.clone(), serde_json::json!({ "Value": value(&data) }))
        });
        let read = self.link.outputs.get(&id).into_iter().flatten().map(|(name, output)| {
            let data = wire::output(model, id, &output.value);
            let mut entry = serde_json::json!({ "Value": value(&data) });
            if output.exported {
                entry["Export"] = serde_json::json!({ "Name": wire::export_name(&self.stack.name, name) });
            }
            (name.clone(), entry)
        });
        let own = self.entries("Outputs").map(|(name, data)| (name.to_owned(), json(&data)));
        shown.chain(read).chain(own).collect()
    }
}

fn json(data: &Cfn<'_>) -> serde_json::Value {
    serde_json::to_value(data).expect("data is always written")
}

struct Resources<'a>(&'a Template<'a>);

impl Serialize for Resources<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let template = self.0;
        let resources = template
            .resources
            .iter()
            .map(|(id, resource)| (template.model.logical_id(*id), Either::Resource(Entry { template, resource })));
        let own = template.entries("Resources").map(|(id, data)| (id, Either::Data(data)));
        let mut all: Vec<_> = resources.chain(own).collect();
        all.sort_by_key(|(id, _)| *id);
        out.collect_map(all)
    }
}

/// An entry of `Resources`: a resource, or a verbatim entry of the program, such as a loop.
enum Either<'a> {
    Resource(Entry<'a>),
    Data(Cfn<'a>),
}

impl Serialize for Either<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Resource(entry) => entry.serialize(out),
            Self::Data(data) => data.serialize(out),
        }
    }
}

struct Entry<'a> {
    template: &'a Template<'a>,
    resource: &'a Resource,
}

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Entry { template, resource } = *self;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("Type", &resource.type_name)?;
        let model = template.model;
        let depends_on: BTreeSet<&str> = resource.depends_on.iter().map(|id| model.logical_id(*id)).collect();
        if !depends_on.is_empty() {
            map.serialize_entry("DependsOn", &depends_on)?;
        }
        // With `Retain`, CloudFormation would keep the resource of a failed stack creation. The next attempt would then
        // fail, because the name already exists.
        let policies = match resource.on_delete {
            OnDelete::Unset => None,
            OnDelete::Delete => Some(("Delete", "Delete")),
            OnDelete::Retain => Some(("RetainExceptOnCreate", "Retain")),
            OnDelete::RetainAlways => Some(("Retain", "Retain")),
            OnDelete::Snapshot => Some(("Snapshot", "Snapshot")),
        };
        for (name, data) in sorted(&resource.attributes) {
            map.serialize_entry(name, &template.data(data))?;
        }
        let is_said = |name: &str| resource.attributes.get(name).is_some();
        let policies = policies.filter(|_| !is_said("DeletionPolicy") && !is_said("UpdateReplacePolicy"));
        if let Some((on_delete, on_replace)) = policies {
            map.serialize_entry("DeletionPolicy", on_delete)?;
            map.serialize_entry("UpdateReplacePolicy", on_replace)?;
        }
        if !resource.metadata.is_empty() && !is_said("Metadata") {
            map.serialize_entry("Metadata", &Properties { template, bag: &resource.metadata })?;
        }
        if !resource.props.is_empty() {
            map.serialize_entry("Properties", &Properties { template, bag: &resource.props })?;
        }
        map.end()
    }
}

struct Properties<'a> {
    template: &'a Template<'a>,
    bag: &'a Bag,
}

impl Serialize for Properties<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(sorted(self.bag).into_iter().map(|(key, value)| (key, self.template.data(value))))
    }
}

/// Data in the template of `stack`. References are serialized as intrinsic functions.
struct Cfn<'a> {
    model: &'a Model,
    stack: NodeId,
    data: &'a Data,
}

impl Serialize for Cfn<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Cfn { model, stack, data } = *self;
        let with = |data| Cfn { model, stack, data };
        match data {
            Data::Null => out.serialize_unit(),
            Data::Bool(value) => out.serialize_bool(*value),
            Data::Int(value) => out.serialize_i64(*value),
            Data::Float(value) => number(*value, out),
            Data::Text(text) => out.serialize_str(text),
            Data::List(items) => {
                let mut list = out.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&with(item))?;
                }
                list.end()
            }
            Data::Map(bag) => out.collect_map(sorted(bag).into_iter().map(|(key, value)| (key, with(value)))),
            Data::Deferred(deferred) => with(&wire::intrinsic(model, stack, deferred)).serialize(out),
            Data::Secret(secret) => with(&wire::dynamic_reference(model, stack, secret)).serialize(out),
        }
    }
}
