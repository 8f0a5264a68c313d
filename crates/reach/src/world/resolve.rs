//! Resolves the references of templates across stacks.
//!
//! Parameters are replaced by their defaults, and imports by the imported values. A value that only a deployment
//! determines is [`unknown`](super::reference::unknown).
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>.

use std::cell::Cell;
use std::collections::HashMap;

use serde_json::{Map, Value};

use super::assumption::{Assumed, Assumptions, text};
use super::reference::{Reference, unknown};
use super::resource::Place;
use super::zones::{partition, zones};

/// A template and its environment.
#[derive(Clone, Debug)]
pub struct Template {
    /// The environment.
    pub place: Place,
    /// The document as written.
    pub document: Value,
}

/// Resolves all templates together.
pub struct Resolver<'a> {
    templates: &'a [Template],
    /// Outputs by account, region and export name.
    exports: HashMap<(&'a str, &'a str, String), (usize, &'a str)>,
    /// The remaining steps for the current value. Values that refer to each other twice would never terminate.
    steps: Cell<u32>,
    /// The assumed values of parameters and conditions.
    assumed: Assumptions,
}

/// The maximum depth of references.
const DEEPEST: usize = 40;
/// The maximum number of steps for a value. Values in real templates have fewer parts.
const MOST_STEPS: u32 = 200_000;

impl<'a> Resolver<'a> {
    /// Collects the exports of all templates.
    pub fn new(templates: &'a [Template], assumed: Assumptions) -> Self {
        let mut resolver = Self { templates, exports: HashMap::new(), steps: Cell::new(MOST_STEPS), assumed };
        let mut exports = HashMap::new();
        for (at, template) in templates.iter().enumerate() {
            for (id, output) in template.document["Outputs"].as_object().into_iter().flatten() {
                resolver.steps.set(MOST_STEPS);
                if let Some(name) = resolver.value(at, &output["Export"]["Name"], 0).as_ref().and_then(Value::as_str) {
                    let place = &template.place;
                    exports.insert((place.account.as_str(), place.region.as_str(), name.to_owned()), (at, id.as_str()));
                }
            }
        }
        resolver.exports = exports;
        resolver
    }

    /// Resolves the resources of a template, and removes those whose condition is false.
    pub fn resolve(&self, at: usize, resources: &mut Map<String, Value>) {
        let holds = |resource: &Value| {
            self.steps.set(MOST_STEPS);
            resource["Condition"].as_str().and_then(|name| self.condition(at, name, 0)) != Some(false)
        };
        resources.retain(|_, resource| {
            let is_there = holds(resource);
            self.steps.set(MOST_STEPS);
            is_there && self.replace(at, resource, 0)
        });
    }

    /// Returns whether a condition of a template is true, or `None` if the files do not determine it.
    pub fn holds_named(&self, at: usize, name: &str) -> Option<bool> {
        self.steps.set(MOST_STEPS);
        self.condition(at, name, 0)
    }

    /// Whether a name is a parameter or a pseudo parameter without a value.
    pub fn is_open(&self, at: usize, name: &str) -> bool {
        self.steps.set(MOST_STEPS);
        let is_parameter = name.starts_with("AWS::") || self.templates[at].document["Parameters"].get(name).is_some();
        is_parameter && self.named(at, name, 0).is_some_and(|it| it == open(&self.templates[at].place, name).as_str())
    }

    fn assumed(&self, at: usize, name: &str) -> Option<&Assumed> {
        let stack = (!name.starts_with("AWS::")).then_some(at);
        self.assumed.get(&(stack, name.to_owned()))
    }

    /// Whether a value is a parameter that is assumed to differ from all compared values.
    fn is_other(&self, at: usize, value: &Value) -> bool {
        let place = &self.templates[at].place;
        let others = self.assumed.iter().filter(|(key, it)| **it == Assumed::Other && key.0.is_none_or(|it| it == at));
        others.map(|(key, _)| open(place, &key.1)).any(|it| *value == it.as_str())
    }

    /// Returns the resolved output of a stack.
    pub fn output(&self, at: usize, name: &str) -> Option<Value> {
        let output = self.templates[at].document["Outputs"].get(name)?;
        self.steps.set(MOST_STEPS);
        self.value(at, &output["Value"], 0)
    }

    /// Uses one of the remaining steps, if there is one.
    fn has_step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// Resolves a value in place like [`Self::value`], and returns whether it exists.
    fn replace(&self, at: usize, value: &mut Value, depth: usize) -> bool {
        if depth > DEEPEST || !self.has_step() {
            *value = unknown("too deep").into();
            return true;
        }
        match value {
            Value::Array(items) => items.retain_mut(|item| self.replace(at, item, depth + 1)),
            Value::Object(map) => match map.iter().next().filter(|_| map.len() == 1) {
                Some((key, inner)) if key == "Ref" || key.starts_with("Fn::") => {
                    match self.function(at, key, inner, depth + 1) {
                        Some(resolved) => *value = resolved,
                        None => return false,
                    }
                }
                _ => map.retain(|_, inner| self.replace(at, inner, depth + 2)),
            },
            _ => {}
        }
        true
    }

    /// Returns a value as far as it is known, or `None` for `AWS::NoValue`.
    fn value(&self, at: usize, value: &Value, depth: usize) -> Option<Value> {
        if depth > DEEPEST || !self.has_step() {
            return Some(unknown("too deep").into());
        }
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(at, item, depth + 1)).collect()),
            Value::Object(map) => match map.iter().next().filter(|_| map.len() == 1) {
                Some((key, inner)) if key == "Ref" || key.starts_with("Fn::") => {
                    self.function(at, key, inner, depth + 1)
                }
                _ => Some(Value::Object(self.entries(at, map, depth + 1))),
            },
            other => Some(other.clone()),
        }
    }

    fn entries(&self, at: usize, map: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        map.iter().filter_map(|(key, value)| Some((key.clone(), self.value(at, value, depth)?))).collect()
    }

    fn function(&self, at: usize, name: &str, argument: &Value, depth: usize) -> Option<Value> {
        let resolved = || self.value(at, argument, depth).unwrap_or_default();
        let written = || Some(unknown(&format!("{name} {argument}").replace(['{', '}'], "'")).into());
        match name {
            "Ref" => self.named(at, argument.as_str()?, depth),
            "Fn::GetAtt" => {
                let (id, attribute) = match argument {
                    Value::String(text) => text.split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned()))?,
                    _ => (argument[0].as_str()?.to_owned(), argument[1].as_str().unwrap_or_default().to_owned()),
                };
                Some(self.reference(at, &id, &attribute).into())
            }
            "Fn::Sub" => Some(self.substitute(at, argument, depth).into()),
            "Fn::Join" => {
                let list = resolved();
                let items: Option<Vec<&str>> = list[1].as_array()?.iter().map(Value::as_str).collect();
                items.map_or_else(written, |items| Some(items.join(list[0].as_str().unwrap_or_default()).into()))
            }
            "Fn::Split" => {
                let list = resolved();
                let (mark, text) = (list[0].as_str()?, list[1].as_str());
                if let Some(whole) = text.and_then(Reference::parse) {
                    return Some(whole.piece(&mark.replace('/', "%2F")).to_string().into());
                }
                // A parameter without a value can contain the delimiter.
                let text = text.filter(|it| !it.replace("${?AWS::", "").contains("${?"));
                text.map_or_else(written, |text| Some(text.split(mark).map(Value::from).collect()))
            }
            "Fn::Select" => {
                let list = resolved();
                let index = list[0].as_u64().or_else(|| list[0].as_str()?.parse().ok())?;
                if let Some(split) = Reference::of(&list[1]) {
                    return Some(split.piece(&index.to_string()).to_string().into());
                }
                let item = list[1].as_array().and_then(|items| items.get(usize::try_from(index).ok()?));
                item.cloned().map_or_else(written, Some)
            }
            "Fn::GetAZs" => {
                let region = &self.templates[at].place.region;
                Some(zones(region).into_iter().map(Value::from).collect())
            }
            "Fn::If" => match self.condition(at, argument[0].as_str()?, depth) {
                Some(true) => self.value(at, &argument[1], depth),
                Some(false) => self.value(at, &argument[2], depth),
                None => written(),
            },
            "Fn::FindInMap" => {
                let keys = resolved();
                let key = |at: usize| keys[at].as_str().unwrap_or_default();
                let found = &self.templates[at].document["Mappings"][key(0)][key(1)][key(2)];
                if found.is_null() { written() } else { Some(found.clone()) }
            }
            "Fn::ImportValue" => {
                let name = resolved();
                let place = &self.templates[at].place;
                let key = (place.account.as_str(), place.region.as_str(), name.as_str().unwrap_or_default().to_owned());
                let found = self.exports.get(&key).and_then(|(at, id)| {
                    self.value(*at, &self.templates[*at].document["Outputs"][*id]["Value"], depth)
                });
                found.map_or_else(written, Some)
            }
            "Fn::GetStackOutput" => {
                let stack = resolved();
                let region = stack["Region"].as_str().unwrap_or(&self.templates[at].place.region);
                let is_it = |it: &Template| it.place.name == stack["StackName"] && it.place.region == region;
                let other = self.templates.iter().position(is_it);
                let output = stack["OutputName"].as_str().unwrap_or_default();
                let found = other.and_then(|other| {
                    self.value(other, &self.templates[other].document["Outputs"][output]["Value"], depth)
                });
                found.map_or_else(written, Some)
            }
            _ => written(),
        }
    }

    /// Returns the value of a name in `Ref` or `Fn::Sub`.
    fn named(&self, at: usize, name: &str, depth: usize) -> Option<Value> {
        let Template { place, document } = &self.templates[at];
        let known = match name {
            "AWS::NoValue" => return None,
            _ if matches!(self.assumed(at, name), Some(Assumed::Value(_))) => {
                let Some(Assumed::Value(value)) = self.assumed(at, name) else { return None };
                let kind = document["Parameters"][name]["Type"].as_str().unwrap_or_default();
                return Some(typed(kind, value));
            }
            "AWS::Region" if place.region.is_empty() => unknown(name),
            "AWS::Region" => place.region.clone(),
            "AWS::AccountId" if place.account.is_empty() => unknown(name),
            "AWS::AccountId" => place.account.clone(),
            "AWS::Partition" => partition(&place.region).to_owned(),
            "AWS::URLSuffix" if place.region.starts_with("cn-") => "amazonaws.com.cn".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackName" => place.name.clone(),
            _ if name.starts_with("AWS::") => unknown(name),
            _ => match document["Parameters"].get(name) {
                None => self.reference(at, name, ""),
                Some(parameter) => {
                    let kind = parameter["Type"].as_str().unwrap_or_default();
                    let default = parameter.get("Default").filter(|_| !kind.starts_with("AWS::SSM::"));
                    return match default {
                        None => Some(open(place, name).into()),
                        Some(Value::String(text)) => Some(typed(kind, text)),
                        Some(default) => self.value(at, default, depth),
                    };
                }
            },
        };
        Some(known.into())
    }

    fn reference(&self, at: usize, id: &str, attribute: &str) -> String {
        let stack = self.templates[at].place.id.clone();
        Reference { stack, resource: id.to_owned(), attribute: attribute.to_owned() }.to_string()
    }

    fn substitute(&self, at: usize, argument: &Value, depth: usize) -> String {
        let (text, names) = match argument {
            Value::Array(both) => (both.first(), both.get(1)),
            text => (Some(text), None),
        };
        let text = text.and_then(Value::as_str).unwrap_or_default();
        let mut pieces = text.split("${");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
            let value = match (name.strip_prefix('!'), names.and_then(|names| names.get(name))) {
                (Some(literal), _) => Some(format!("${{{literal}}}").into()),
                (None, Some(own)) => self.value(at, own, depth),
                (None, None) => match name.split_once('.') {
                    Some((id, attribute)) => Some(self.reference(at, id, attribute).into()),
                    None => self.named(at, name, depth),
                },
            };
            match value {
                Some(Value::String(text)) => out.push_str(&text),
                Some(other) => out.push_str(&other.to_string()),
                None => {}
            }
            out.push_str(rest);
        }
        out
    }

    /// Returns whether a condition is true, or `None` if only a deployment determines it.
    fn condition(&self, at: usize, name: &str, depth: usize) -> Option<bool> {
        if let Some(Assumed::Holds(holds)) = self.assumed(at, name) {
            return Some(*holds);
        }
        let condition = self.templates[at].document["Conditions"].get(name)?;
        self.holds(at, condition, depth + 1)
    }

    fn holds(&self, at: usize, condition: &Value, depth: usize) -> Option<bool> {
        if depth > DEEPEST || !self.has_step() {
            return None;
        }
        let (key, argument) = condition.as_object()?.iter().next()?;
        let each = || argument.as_array().into_iter().flatten().map(|it| self.holds(at, it, depth + 1));
        match key.as_str() {
            "Condition" => self.condition(at, argument.as_str()?, depth),
            "Fn::Not" => self.holds(at, &argument[0], depth + 1).map(|it| !it),
            "Fn::And" if each().any(|it| it == Some(false)) => Some(false),
            "Fn::And" => each().collect::<Option<Vec<bool>>>().map(|all| all.into_iter().all(|it| it)),
            "Fn::Or" if each().any(|it| it == Some(true)) => Some(true),
            "Fn::Or" => each().collect::<Option<Vec<bool>>>().map(|all| all.into_iter().any(|it| it)),
            "Fn::Equals" => {
                let sides = [&argument[0], &argument[1]].map(|side| self.value(at, side, depth + 1));
                let known = |side: &Option<Value>| !side.as_ref().is_some_and(super::reference::is_unknown);
                let other = |side: &Option<Value>| side.as_ref().is_some_and(|it| self.is_other(at, it));
                match (known(&sides[0]), known(&sides[1])) {
                    (true, true) => Some(sides[0].as_ref().map(text) == sides[1].as_ref().map(text)),
                    (true, false) if other(&sides[1]) => Some(false),
                    (false, true) if other(&sides[0]) => Some(false),
                    (false, false) if sides[0] == sides[1] => Some(true),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// Returns the text for a parameter without a value.
fn open(place: &Place, name: &str) -> String {
    if name.starts_with("AWS::") { unknown(name) } else { unknown(&format!("{}/{name}", place.id)) }
}

/// Returns the value of a parameter with a type.
fn typed(kind: &str, value: &str) -> Value {
    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
        return value.split(',').map(|item| Value::from(item.trim())).collect();
    }
    value.into()
}
