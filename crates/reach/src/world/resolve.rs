//! Resolves the references of templates across stacks.
//!
//! Parameters are replaced by their defaults, and imports by the imported values. A value that only a deployment
//! determines is [`unknown`](super::reference::unknown).

use std::collections::{BTreeSet, HashMap};

use meshsynth_facts::regions::Partition;
use meshsynth_template as template;
use meshsynth_template::{Budget, Choice, Environment, Evaluator, Keys, Mode, Open, Piece, Values, scalar};
use serde_json::{Map, Value};

use super::assumption::Assumptions;
use super::reference::{Reference, unknown};
use super::resource::Place;
use super::zones;

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
    budget: Budget,
    /// The assumed values of each template.
    values: Vec<Values>,
}

impl<'a> Resolver<'a> {
    /// Collects the exports of all templates.
    pub fn new(templates: &'a [Template], assumed: &Assumptions) -> Self {
        let values = |at: usize| -> Values {
            let own = assumed.iter().filter(|((stack, _), _)| stack.is_none_or(|stack| stack == at));
            own.map(|((_, name), value)| (name.clone(), value.clone())).collect()
        };
        let values = (0..templates.len()).map(values).collect();
        let mut resolver = Self { templates, exports: HashMap::new(), budget: Budget::default(), values };
        let mut exports = HashMap::new();
        for (at, template) in templates.iter().enumerate() {
            for (id, output) in template.document["Outputs"].as_object().into_iter().flatten() {
                resolver.budget.reset();
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
        resources.retain(|_, resource| {
            if resource["Condition"].as_str().and_then(|name| self.condition(at, name)) == Some(false) {
                return false;
            }
            self.budget.reset();
            self.with(at, |evaluator| evaluator.replace(resource, 0))
        });
    }

    /// Returns whether a condition of a template is true, or `None` if the files do not determine it.
    pub fn condition(&self, at: usize, name: &str) -> Option<bool> {
        self.budget.reset();
        self.with(at, |evaluator| evaluator.condition(name))
    }

    /// Returns the choices on which conditions of a template depend.
    pub fn choices(&self, at: usize, conditions: &BTreeSet<String>) -> Vec<Choice> {
        let Template { place, document } = &self.templates[at];
        let is_open = |name: &str| match name.strip_prefix("AWS::") {
            Some(_) => pseudo(place, name).is_none(),
            None => {
                let parameter = template::Template::new(document).parameter(name);
                parameter.is_some_and(|it| it.default().is_none() || it.is_stored())
            }
        };
        self.with(at, |evaluator| template::choices(evaluator, conditions, &Keys::new(), is_open))
    }

    /// Returns the resolved output of a stack.
    pub fn output(&self, at: usize, name: &str) -> Option<Value> {
        let output = self.templates[at].document["Outputs"].get(name)?;
        self.budget.reset();
        self.value(at, &output["Value"], 0)
    }

    /// Returns a value as far as it is known, or `None` for `AWS::NoValue`.
    fn value(&self, at: usize, value: &Value, depth: usize) -> Option<Value> {
        self.with(at, |evaluator| evaluator.value(value, depth))
    }

    fn with<T>(&self, at: usize, evaluate: impl FnOnce(&Evaluator<'_, Stack<'_, 'a>>) -> T) -> T {
        let environment = Stack { resolver: self, place: &self.templates[at].place };
        evaluate(&Evaluator {
            template: template::Template::new(&self.templates[at].document),
            environment: &environment,
            values: &self.values[at],
            budget: &self.budget,
            mode: Mode::Decide,
        })
    }
}

/// The environment of one stack. References and unknown values are texts.
struct Stack<'r, 'a> {
    resolver: &'r Resolver<'a>,
    place: &'r Place,
}

impl Stack<'_, '_> {
    fn reference(&self, id: &str, attribute: &str) -> Value {
        let (stack, resource) = (self.place.id.clone(), id.to_owned());
        Reference { stack, resource, attribute: attribute.to_owned() }.to_string().into()
    }
}

impl Environment for Stack<'_, '_> {
    fn pseudo(&self, name: &str) -> Option<String> {
        pseudo(self.place, name)
    }

    fn replaces_pseudo_parameters(&self) -> bool {
        true
    }

    fn open(&self, open: Open<'_>) -> Value {
        let written = |name: &str, argument: &Value| unknown(&format!("{name} {argument}").replace(['{', '}'], "'"));
        match open {
            Open::Parameter(name) if name.starts_with("AWS::") => unknown(name).into(),
            Open::Parameter(name) => unknown(&format!("{}/{name}", self.place.id)).into(),
            Open::Resource(id) => self.reference(id, ""),
            Open::Attribute { id, attribute, .. } => self.reference(id, attribute),
            Open::Choice { condition, branches } => {
                let [yes, no] = branches.map(Option::unwrap_or_default);
                written("Fn::If", &Value::Array(vec![condition.into(), yes, no])).into()
            }
            Open::Function(name, argument) => written(name, &argument).into(),
            Open::Dynamic(text) => unknown(&text.replace(['{', '}'], "")).into(),
            Open::TooDeep => unknown("too deep").into(),
        }
    }

    fn is_open(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains("${"),
            Value::Array(items) => items.iter().any(|it| self.is_open(it)),
            Value::Object(map) => map.values().any(|it| self.is_open(it)),
            _ => false,
        }
    }

    fn text(&self, pieces: Vec<Piece<'_>>) -> Value {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Escaped(name) => out.push_str(&format!("${{{name}}}")),
                Piece::Variable { value, .. } => out.push_str(&scalar(&value).unwrap_or_else(|| value.to_string())),
            }
        }
        out.into()
    }

    fn fold(&self, function: &str, argument: &Value) -> Option<Value> {
        match function {
            // The joined text contains references and unknown texts.
            "Fn::Join" => {
                let items: Option<Vec<String>> = argument[1].as_array()?.iter().map(scalar).collect();
                Some(items?.join(argument[0].as_str()?).into())
            }
            "Fn::Split" => {
                let (mark, text) = (argument[0].as_str().filter(|it| !it.is_empty())?, argument[1].as_str()?);
                if let Some(whole) = Reference::parse(text) {
                    return Some(whole.piece(&mark.replace('/', "%2F")).to_string().into());
                }
                // A parameter without a value can contain the delimiter.
                let is_known = !text.replace("${?AWS::", "").contains("${?");
                is_known.then(|| text.split(mark).map(Value::from).collect())
            }
            "Fn::Select" => {
                let index: usize = scalar(&argument[0])?.parse().ok()?;
                Some(Reference::of(&argument[1])?.piece(&index.to_string()).to_string().into())
            }
            "Fn::GetAZs" => {
                let named = argument.as_str().filter(|it| !it.is_empty() && !it.contains("${"));
                let zones = zones(named.unwrap_or(&self.place.region));
                Some(zones.into_iter().map(Value::from).collect())
            }
            _ => None,
        }
    }

    fn output(&self, function: &str, argument: &Value, depth: usize) -> Option<Value> {
        let Resolver { templates, exports, .. } = self.resolver;
        let (at, output) = if function == "Fn::ImportValue" {
            let place = self.place;
            let key = (place.account.as_str(), place.region.as_str(), argument.as_str()?.to_owned());
            *exports.get(&key)?
        } else {
            let region = argument["Region"].as_str().unwrap_or(&self.place.region);
            let is_it = |it: &Template| it.place.name == argument["StackName"] && it.place.region == region;
            (templates.iter().position(is_it)?, argument["OutputName"].as_str()?)
        };
        self.resolver.value(at, &templates[at].document["Outputs"][output]["Value"], depth)
    }
}

/// Returns the value of a pseudo parameter, or `None` if the place does not determine it.
fn pseudo(place: &Place, name: &str) -> Option<String> {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match name {
        "AWS::Region" => known(&place.region),
        "AWS::AccountId" => known(&place.account),
        // Most platforms are in the main partition.
        "AWS::Partition" => Some(Partition::of(&place.region).name.to_owned()),
        "AWS::URLSuffix" => Some(Partition::of(&place.region).dns_suffix.to_owned()),
        "AWS::StackName" => Some(place.name.clone()),
        _ => None,
    }
}
