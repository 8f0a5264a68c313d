//! Templates, normalized for comparison, without metadata of the AWS CDK.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use meshsynth_assembly::{Resource, Stack};
use serde_json::Value;

use super::each::Loops;
use crate::yaml;
use meshsynth_check::sources::{StackFile, stem};

/// A template with the known properties of its stack.
#[derive(Clone, Debug)]
pub struct Template {
    /// The ID of the stack in reports.
    pub id: String,
    /// The name of the stack in AWS, or the name of the file if that is unknown.
    pub name: String,
    /// Whether the name of the stack is known.
    pub is_named: bool,
    /// The account, if it is known.
    pub account: Option<String>,
    /// The region, if it is known.
    pub region: Option<String>,
    /// The path of the file below the folder.
    pub file: String,
    /// The tags of the stack.
    pub tags: BTreeMap<String, String>,
    /// The stacks that are deployed before it.
    pub needs: Vec<String>,
    /// The content.
    pub document: Value,
    /// The original text, if it is equal on both sides.
    pub text: Option<String>,
    /// The resources with their positions.
    pub resources: BTreeMap<String, Resource>,
    /// The loops.
    pub loops: Loops,
}

/// The key of a macro among resources that adds further resources, such as `AWS::Include`.
const MACRO: &str = "Fn::Transform";

/// Expands the loops of a template, and removes loops and macros with unknown items.
fn expanded(document: &mut Value) -> Loops {
    let mut loops = Loops::expand_all(document);
    if let Some(body) = document["Resources"].get(MACRO) {
        loops.left.insert(MACRO.to_owned(), body.clone());
    }
    if let Some(all) = document["Resources"].as_object_mut() {
        all.retain(|id, _| !loops.left.contains_key(id));
    }
    loops
}

/// The resource type that the AWS CDK uses for usage statistics.
const CDK_METADATA: &str = "AWS::CDK::Metadata";
/// The condition of that resource.
const CDK_CONDITION: &str = "CDKMetadataAvailable";
/// Prefixes of metadata that the AWS CDK and its tools use.
const OF_TOOLS: [&str; 2] = ["aws:cdk:", "aws:asset:"];
/// The metadata key for the path of a construct.
const CDK_PATH: &str = "aws:cdk:path";

impl Template {
    /// Whether a macro adds resources that the other template may define directly.
    pub fn includes_more_than(&self, other: &Template) -> bool {
        let made = |it: &'_ Template| it.loops.left.get(MACRO).cloned();
        made(self).is_some() && made(self) != made(other)
    }

    /// Returns why some resources are not compared, if their loop or macro differs from the other side.
    pub fn in_part(&self, other: Option<&Template>) -> Option<String> {
        let is_other = |(key, body): &(&String, &Value)| other.and_then(|it| it.loops.left.get(*key)) != Some(*body);
        self.loops.left.iter().find(is_other).map(|(key, _)| match key == MACRO {
            true => format!("`{key}` adds resources that are known only at deployment"),
            false => format!("`{key}` loops over values that are known only at deployment"),
        })
    }

    /// Creates the template of a file; `place` is the file in reports.
    pub fn new(found: &StackFile, place: &str, file: String) -> Self {
        let mut document = yaml::json(&found.document.literal());
        let loops = expanded(&mut document);
        let mut resources = BTreeMap::new();
        for (id, body) in document["Resources"].as_object().into_iter().flatten() {
            let (line, column) = found.document.place(&format!("Resources.{}", loops.origins.get(id).unwrap_or(id)));
            let path = body["Metadata"][CDK_PATH].as_str().unwrap_or_default();
            let construct = construct(path, &found.path);
            let source = format!("{place}:{line}:{column}");
            resources.insert(id.clone(), Resource { stateful: false, construct, source });
        }
        clean(&mut document);
        Self {
            id: found.name.clone(),
            name: found.name.clone(),
            is_named: found.is_named,
            account: found.account.clone(),
            region: found.region.clone(),
            file,
            tags: BTreeMap::new(),
            needs: Vec::new(),
            document,
            text: None,
            resources,
            loops,
        }
    }

    /// Creates the template of a stack in an assembly. An adopted program may contain the loops of its source.
    pub fn of_assembly(stack: &Stack, mut document: Value) -> Self {
        let loops = expanded(&mut document);
        let mut resources = stack.resources.clone();
        for id in loops.origins.keys() {
            resources.entry(id.clone()).or_default();
        }
        Self {
            id: stack.id.clone(),
            name: stack.name.clone(),
            is_named: true,
            account: stack.account.clone(),
            region: Some(stack.region.clone()),
            file: stack.template.clone(),
            tags: stack.tags.clone(),
            needs: stack.needs.clone(),
            document,
            text: None,
            resources,
            loops,
        }
    }

    /// Reads the template in a JSON file that both sides contain unchanged, or returns `None` for other files.
    /// Positions of resources come from the indentation, which is faster than a full parse with positions.
    pub fn same(text: &str, place: &str, file: String) -> Option<Self> {
        let document: Value = serde_json::from_str(text).ok()?;
        let is_of_aws = |body: &Value| body["Type"].as_str().is_some_and(|name| name.starts_with("AWS::"));
        let resources = document["Resources"].as_object()?;
        if document["AWSTemplateFormatVersion"].is_null() && !resources.values().any(is_of_aws) {
            return None;
        }
        let lines = lines(text);
        let row = |id: &String| {
            let (line, column) = lines.get(id.as_str()).copied().unwrap_or((1, 1));
            (id.clone(), Resource { source: format!("{place}:{line}:{column}"), ..Resource::default() })
        };
        let resources = resources.keys().map(row).collect();
        let name = stem(&file);
        Some(Self {
            id: name.clone(),
            name,
            is_named: false,
            account: None,
            region: None,
            file,
            tags: BTreeMap::new(),
            needs: Vec::new(),
            document,
            text: Some(text.to_owned()),
            resources,
            loops: Loops::default(),
        })
    }

    /// Removes metadata of the AWS CDK, as for a template that was read from a file.
    pub fn clean(&mut self) {
        clean(&mut self.document);
        let Self { document, resources, .. } = self;
        resources.retain(|id, _| !document["Resources"][id].is_null());
    }

    /// Returns the logical IDs and types of resources, which identify a template under another name.
    pub fn parts(&self) -> BTreeSet<(&str, &str)> {
        let resources = self.document["Resources"].as_object().into_iter().flatten();
        resources.map(|(id, body)| (id.as_str(), body["Type"].as_str().unwrap_or_default())).collect()
    }
}

/// Returns the positions of the entries of `Resources` by indentation.
fn lines(text: &str) -> HashMap<&str, (usize, usize)> {
    let mut found = HashMap::new();
    let mut indent = None;
    let is_begin = |line: &str| line.trim_start().starts_with("\"Resources\":");
    let rest = text.lines().enumerate().skip_while(|(_, line)| !is_begin(line)).skip(1);
    for (idx, line) in rest {
        let content = line.trim_start();
        let own = line.len() - content.len();
        if own < *indent.get_or_insert(own) {
            break;
        }
        if indent == Some(own)
            && let Some((key, _)) = content.strip_prefix('"').and_then(|rest| rest.split_once("\":"))
        {
            found.insert(key, (idx + 1, own + 1));
        }
    }
    found
}

/// Returns the path of an AWS CDK construct below its stack.
fn construct(path: &str, stack: &str) -> String {
    let path = path.strip_prefix(stack).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path);
    let own = path.strip_suffix("/Resource").or_else(|| path.strip_suffix("/Default"));
    own.unwrap_or(path).to_owned()
}

fn clean(document: &mut Value) {
    if let Some(resources) = document.get_mut("Resources").and_then(Value::as_object_mut) {
        resources.retain(|_, body| body["Type"] != CDK_METADATA);
        for body in resources.values_mut().filter_map(Value::as_object_mut) {
            let Some(metadata) = body.get_mut("Metadata").and_then(Value::as_object_mut) else { continue };
            metadata.retain(|key, _| !OF_TOOLS.iter().any(|start| key.starts_with(start)));
            if metadata.is_empty() {
                body.remove("Metadata");
            }
        }
    }
    let Some(template) = document.as_object_mut() else { return };
    if let Some(conditions) = template.get_mut("Conditions").and_then(Value::as_object_mut) {
        conditions.remove(CDK_CONDITION);
    }
    // An empty section is equivalent to a missing one.
    template.retain(|name, section| name == "Resources" || !section.as_object().is_some_and(serde_json::Map::is_empty));
    if !template.get("Resources").is_some_and(Value::is_object) {
        template.insert("Resources".to_owned(), Value::Object(serde_json::Map::new()));
    }
}

#[cfg(test)]
mod tests {
    use super::{construct, lines};

    #[test]
    fn finds_resources_by_indentation() {
        let text = "{\n  \"Outputs\": {},\n  \"Resources\": {\n    \"A\": {\n      \"Type\": \"B\"\n    },\n    \
             \"C\": {}\n  }\n}\n";
        let found = lines(text);
        assert_eq!((found["A"], found["C"], found.len()), ((4, 5), (7, 5), 2));
    }

    #[test]
    fn removes_stack_from_construct_path() {
        assert_eq!(construct("Shop/Orders/Table/Resource", "Shop"), "Orders/Table");
        assert_eq!(construct("Stage/Shop/Vpc", "Shop"), "Stage/Shop/Vpc");
        assert_eq!(construct("", "Shop"), "");
    }
}
