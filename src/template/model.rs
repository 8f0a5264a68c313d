//! Runs the rules that need no program, over a model of a template's resources.
//!
//! There is one model for each combination of the template's conditions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::diag::Diagnostic;
use crate::node::{self, Kind, OnDelete};
use crate::tree::{Construct, NodeId, Scope};
use crate::val::{Attr, Bag, Data, Deferred, Part};
use crate::{App, facts, rules, synth};

use super::condition::{Choice, Conditions};
use super::document::{Entry, Template};
use super::function::{PSEUDO, Piece, attribute, call, pieces, substitution};
use super::resource_type::is_list;
use super::variant::{conditions_in, decided, written};

/// The maximum number of combinations that are checked.
const MOST_MODELS: usize = 16;

/// Whether a rule reports missing resources, or checks two resources together. Its findings are reported only if they
/// occur in each combination.
fn is_of_several(code: &str) -> bool {
    matches!(code, "MS0107" | "MS0205" | "MS0602" | "MS0604" | "MS0609" | "MS0701" | "MS0702" | "MS0704" | "MS1002")
}

/// The identity of a finding.
type Key = (&'static str, String, Option<String>);

/// Runs the rules over the resources that can be created together.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    let mut used = BTreeSet::new();
    for entry in &template.resources {
        used.extend(entry.text("Condition"));
        entry.properties().iter().for_each(|it| conditions_in(it, &mut used));
    }
    // If combinations are unknown, only unconditional resources are checked.
    let choices = Conditions::of(template).choices(&used).unwrap_or_else(|| BTreeSet::from([Choice::new()]));
    let step = choices.len().div_ceil(MOST_MODELS).max(1);
    let choices: Vec<&Choice> = choices.iter().step_by(step).collect();
    let mut found: BTreeMap<Key, (usize, Diagnostic)> = BTreeMap::new();
    for choice in &choices {
        let mut of_model = BTreeMap::new();
        for diagnostic in judge(template, choice) {
            let key = (diagnostic.code, diagnostic.construct.clone(), diagnostic.field.clone());
            of_model.entry(key).or_insert(diagnostic);
        }
        for (key, diagnostic) in of_model {
            found.entry(key).or_insert((0, diagnostic)).0 += 1;
        }
    }
    for ((code, construct, _), (n_found, diagnostic)) in found {
        let entry = template.resource_of(&construct);
        let n_models = choices.iter().filter(|choice| entry.is_none_or(|it| is_created(it, choice))).count();
        if n_found == n_models || !is_of_several(code) {
            out.push(diagnostic);
        }
    }
}

/// Whether a resource is created. A resource with an undecided condition is not.
fn is_created(entry: &Entry, choice: &Choice) -> bool {
    entry.text("Condition").is_none_or(|name| choice.get(name) == Some(&true))
}

fn judge(template: &Template, choice: &Choice) -> Vec<Diagnostic> {
    let app = App::new("check");
    let stack = node::Stack {
        name: template.name.clone(),
        env: template.env.clone(),
        is_region_assumed: !template.is_region_known,
        ..Default::default()
    };
    let stack = app.scope().define_at("stack", Kind::Stack(stack), template.at);
    stack.change(|node| node.written_id = Some(template.name.as_str().into()));
    let created = template.resources.iter().filter(|it| is_created(it, choice) && !it.type_name().is_empty());
    let created: Vec<(&Entry, Scope)> = created
        .enumerate()
        .map(|(idx, entry)| {
            let resource = node::Resource {
                type_name: entry.type_name().to_owned().into(),
                logical_id: Some(entry.id.clone()),
                on_delete: on_delete(entry),
                ..Default::default()
            };
            let scope = stack.define_at(&format!("resource-{idx}"), Kind::Resource(Box::new(resource)), entry.at);
            scope.change(|node| node.written_id = Some(entry.id.as_str().into()));
            (entry, scope)
        })
        .collect();
    let values = Values {
        template,
        stack: stack.node(),
        resources: created.iter().map(|(entry, scope)| (entry.id.as_str(), scope.node())).collect(),
    };
    for (entry, scope) in &created {
        let properties = entry.properties().and_then(|it| decided(it, choice));
        let Some(Data::Map(bag)) = properties.map(|it| values.value(&it)) else { continue };
        scope.change(|node| {
            if let Kind::Resource(resource) = &mut node.kind {
                resource.props = bag;
            }
        });
    }
    let mut found = synth::check_rules(app.scope(), &rules::Rules::default());
    for diagnostic in &mut found {
        let entry = template.resource_of(&diagnostic.construct);
        if let (Some(field), Some(properties)) = (&mut diagnostic.field, entry.and_then(Entry::properties)) {
            *field = format!("Properties.{}", written(properties, field, choice).0);
        }
    }
    found
}

/// Returns the deletion policy of a resource. The default for databases is a snapshot.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>
fn on_delete(entry: &Entry) -> OnDelete {
    let has = |name: &str| entry.body.as_map().is_some_and(|it| it.get(name).is_some());
    match entry.text("DeletionPolicy") {
        Some("Delete") => OnDelete::Delete,
        Some("Snapshot") => OnDelete::Snapshot,
        Some(_) => OnDelete::Retain,
        None if has("DeletionPolicy") => OnDelete::Retain,
        None if facts::resource(entry.type_name()).has_snapshot => OnDelete::Snapshot,
        None => OnDelete::Unset,
    }
}

/// Converts functions to values of the model.
struct Values<'a> {
    template: &'a Template,
    stack: NodeId,
    resources: HashMap<&'a str, NodeId>,
}

impl Values<'_> {
    fn value(&self, data: &Data) -> Data {
        if let Some((name, argument)) = call(data) {
            return self.function(name, argument).unwrap_or_else(|| unknown(data));
        }
        match data {
            // Templates may contain booleans as text.
            Data::Text(text) if matches!(text.as_ref(), "true" | "false") => Data::Bool(text == "true"),
            Data::Text(text) if text.contains("{{resolve:") => unknown(data),
            Data::List(items) => Data::List(items.iter().map(|it| self.value(it)).collect()),
            Data::Map(bag) if bag.get("Fn::Transform").is_some() => unknown(data),
            Data::Map(bag) => {
                let entries = bag.iter().map(|(key, value)| (key.to_owned(), self.value(value)));
                Data::Map(entries.collect::<Bag>())
            }
            scalar => scalar.clone(),
        }
    }

    /// Returns the result of a function, if it is known.
    fn function(&self, name: &str, argument: &Data) -> Option<Data> {
        match name {
            "Ref" => self.reference(argument.as_str()?),
            "Fn::GetAtt" => {
                let (id, name) = attribute(argument)?;
                self.attribute(id, &name?)
            }
            "Fn::Sub" => {
                let (text, variables) = substitution(argument)?;
                let parts = pieces(text).into_iter().map(|piece| match piece {
                    Piece::Text(text) => Part::from(text),
                    Piece::Variable(name) => self.part(self.variable(name, variables), name),
                });
                Some(concat(parts.collect()))
            }
            "Fn::Join" => {
                let [separator, Data::List(items)] = argument.items() else { return None };
                let separator = separator.as_str()?;
                let mut parts = Vec::new();
                for (idx, item) in items.iter().enumerate() {
                    if idx > 0 {
                        parts.push(Part::from(separator));
                    }
                    parts.push(self.part(Some(self.value(item)), ""));
                }
                Some(concat(parts))
            }
            _ => None,
        }
    }

    fn reference(&self, id: &str) -> Option<Data> {
        if PSEUDO.contains(&id) {
            return Some(attr(self.stack, id, false));
        }
        self.resources.get(id).map(|node| attr(*node, "Ref", false))
    }

    /// Returns an attribute, or `None` if the resource does not have it, which the reference check reports.
    fn attribute(&self, id: &str, name: &str) -> Option<Data> {
        let (node, type_name) = (*self.resources.get(id)?, self.template.resource(id)?.type_name());
        // Rules do not know outputs of nested stacks and values of custom resources.
        let is_there = facts::cloudformation(type_name).is_some_and(|facts| facts.has_attribute(name));
        is_there.then(|| attr(node, name, is_list(type_name, name)))
    }

    fn variable(&self, name: &str, variables: Option<&Bag>) -> Option<Data> {
        match (variables.and_then(|it| it.get(name)), name.split_once('.')) {
            (Some(own), _) => Some(self.value(own)),
            (None, Some((id, attribute))) => self.attribute(id, attribute),
            (None, None) => self.reference(name),
        }
    }

    /// Returns a part of a text. An unknown part is represented by its name.
    fn part(&self, value: Option<Data>, name: &str) -> Part {
        match value {
            Some(Data::Deferred(deferred)) if !matches!(&*deferred, Deferred::Attr(it) if it.is_list) => {
                Part::Value(*deferred)
            }
            Some(Data::Text(text)) => Part::Text(text),
            Some(Data::Bool(_) | Data::Int(_) | Data::Float(_)) => {
                Part::Text(value.unwrap_or_default().to_text().into())
            }
            _ => Part::Value(Deferred::Text(vec![Part::from(format!("${{{name}}}"))])),
        }
    }
}

fn attr(node: NodeId, name: &str, is_list: bool) -> Data {
    Data::from(Deferred::Attr(Attr { node, name: name.to_owned().into(), is_list }))
}

/// Combines parts to a text, which is known if all parts are known.
fn concat(parts: Vec<Part>) -> Data {
    let mut known = String::new();
    for part in &parts {
        match part {
            Part::Text(text) => known += text,
            Part::Value(_) => return Data::from(Deferred::Text(parts)),
        }
    }
    Data::from(known)
}

/// Returns an unknown value, which is equal only for equal functions.
fn unknown(data: &Data) -> Data {
    Data::from(Deferred::Text(vec![Part::from(format!("${{{data:?}}}"))]))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, found};

    fn subnets(first: &str, second: &str) -> String {
        let subnet = |more: &str, block: &str| {
            format!(
                r#"{{ "Type": "AWS::EC2::Subnet"{more}, "Properties": {{ "VpcId": {{ "Ref": "Vpc" }}, "CidrBlock": "{block}" }} }}"#
            )
        };
        let (first, second) = (subnet(first, "10.0.0.0/24"), subnet(second, "10.0.0.0/25"));
        format!(
            r#"{{
            "Parameters": {{ "Stage": {{ "Type": "String" }} }},
            "Conditions": {{
                "IsProd": {{ "Fn::Equals": [{{ "Ref": "Stage" }}, "prod"] }},
                "IsOther": {{ "Fn::Not": [{{ "Condition": "IsProd" }}] }}
            }},
            "Resources": {{
                "Vpc": {{ "Type": "AWS::EC2::VPC", "Properties": {{ "CidrBlock": "10.0.0.0/16" }} }},
                "A": {first}, "B": {second}
            }}
        }}"#
        )
    }

    #[test]
    fn checks_resources_together() {
        assert_eq!(fields(&subnets("", "")), ["MS0107 run/B"]);
    }

    #[test]
    fn ignores_conflicts_of_resources_with_opposite_conditions() {
        assert_eq!(fields(&subnets(r#", "Condition": "IsProd""#, r#", "Condition": "IsOther""#)), [""; 0]);
    }

    #[test]
    fn reports_missing_deletion_policy_in_template_terms() {
        let table = |policy: &str| {
            format!(
                r#"{{ "Resources": {{ "T": {{ "Type": "AWS::DynamoDB::Table"{policy}, "Properties": {{
            "AttributeDefinitions": [{{ "AttributeName": "id", "AttributeType": "S" }}], "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{{ "AttributeName": "id", "KeyType": "HASH" }}]
        }} }} }} }}"#
            )
        };
        let told = found(&table(""));
        assert_eq!(told.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0310"]);
        assert!(told[0].help.as_deref().is_some_and(|help| help.contains("`DeletionPolicy`")));
        assert_eq!(found(&table(r#", "DeletionPolicy": "Retain""#)), []);
    }

    #[test]
    fn reads_policy_through_functions() {
        let policy = |action: &str| {
            format!(
                r#"{{ "Resources": {{ "Policy": {{ "Type": "AWS::IAM::ManagedPolicy", "Properties": {{ "PolicyDocument": {{
            "Version": "2012-10-17", "Statement": [{{ "Effect": "Allow", "Action": "{action}", "Resource": {{ "Fn::Sub": "arn:${{AWS::Partition}}:s3:::a/*" }} }}]
        }} }} }} }} }}"#
            )
        };
        assert_eq!(fields(&policy("s3:*")), ["MS0503 run/Policy"]);
        assert_eq!(fields(&policy("s3:GetObject")), [""; 0]);
    }
}
