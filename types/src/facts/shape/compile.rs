//! From JSON schema to a shape.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::schema::{
    Dialect, Idx, ListRules, Logic, MapRules, Names, Node, NumberRules, Others, Shape, TextRules, Types,
};

/// The place of the node that every value passes.
const ANYTHING: Idx = 0;

/// Words that say nothing about a value beside a `$ref`.
const SILENT: [&str; 5] = ["$ref", "type", "format", "default", "description"];

pub(super) struct Compiler<'a> {
    definitions: &'a Value,
    dialect: Dialect,
    nodes: Vec<Node>,
    known: HashMap<&'a str, Idx>,
}

/// Whether a schema names properties; one that names none takes any.
fn props_of(schema: &Map<String, Value>) -> bool {
    schema.get("properties").and_then(Value::as_object).is_some_and(|props| !props.is_empty())
}

impl<'a> Compiler<'a> {
    pub(super) fn new(definitions: &'a Value, dialect: Dialect) -> Self {
        Self { definitions, dialect, nodes: vec![Node::default()], known: HashMap::new() }
    }

    pub(super) fn compile(mut self, schema: &'a Value) -> Shape {
        let root = self.node(schema, false);
        Shape { nodes: self.nodes, root, dialect: self.dialect }
    }

    /// Compiles one schema. A `branch` only adds to what another one says, so it is not closed by itself.
    fn node(&mut self, schema: &'a Value, branch: bool) -> Idx {
        let Some(schema) = schema.as_object() else { return ANYTHING };
        let Some(name) = schema.get("$ref").and_then(Value::as_str) else {
            let idx = self.reserve();
            let node = self.rules(schema, branch);
            return self.put(idx, node);
        };
        let target = self.definition(name.rsplit('/').next().unwrap_or(name));
        if schema.keys().all(|key| SILENT.contains(&key.as_str())) {
            return target;
        }
        let idx = self.reserve();
        let mut node = self.rules(schema, true);
        let logic = node.logic.get_or_insert_default();
        logic.all_of = logic.all_of.iter().copied().chain([target]).collect();
        self.put(idx, node)
    }

    fn definition(&mut self, name: &'a str) -> Idx {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let Some(schema) = self.definitions.get(name).and_then(Value::as_object) else { return ANYTHING };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            self.known.insert(name, ANYTHING);
            let target = self.definition(target.rsplit('/').next().unwrap_or(target));
            self.known.insert(name, target);
            return target;
        }
        // The place is known before its rules are: a definition may refer to itself.
        let idx = self.reserve();
        self.known.insert(name, idx);
        let node = self.rules(schema, false);
        self.nodes[idx as usize] = node;
        idx
    }

    fn reserve(&mut self) -> Idx {
        self.nodes.push(Node::default());
        Idx::try_from(self.nodes.len() - 1).expect("a schema has fewer than 4 billion parts")
    }

    /// Fills a reserved place; a node without rules is the one that says so.
    fn put(&mut self, idx: Idx, node: Node) -> Idx {
        let empty = node.is_empty();
        if empty && idx as usize == self.nodes.len() - 1 {
            self.nodes.pop();
        } else {
            self.nodes[idx as usize] = node;
        }
        if empty { ANYTHING } else { idx }
    }

    fn rules(&mut self, schema: &'a Map<String, Value>, branch: bool) -> Node {
        Node {
            types: types(schema),
            map: self.map(schema, branch).map(Box::new),
            list: self.list(schema, branch).map(Box::new),
            text: text(schema).map(Box::new),
            number: number(schema).map(Box::new),
            logic: self.logic(schema).map(Box::new),
        }
    }

    fn map(&mut self, schema: &'a Map<String, Value>, branch: bool) -> Option<MapRules> {
        let props = schema.get("properties").and_then(Value::as_object);
        let mut compiled: Vec<(Box<str>, Idx)> = Vec::new();
        for (name, schema) in props.into_iter().flatten() {
            compiled.push((name.as_str().into(), self.node(schema, branch)));
        }
        compiled.sort();
        let rules = MapRules {
            props: compiled.into(),
            required: names(schema.get("required")),
            others: self.others(schema, branch),
            least: count(schema, "minProperties"),
            most: count(schema, "maxProperties"),
            one_of: names(schema.get("requiredXor")),
            any_of: names(schema.get("requiredOr")),
            needs: pairs(schema.get("dependentRequired")),
            excludes: pairs(schema.get("dependentExcluded")),
        };
        (!rules.is_empty()).then_some(rules)
    }

    fn others(&mut self, schema: &'a Map<String, Value>, branch: bool) -> Others {
        let yes = |word: &str| schema.get(word) == Some(&Value::Bool(true));
        let patterns =
            schema.get("patternProperties").and_then(Value::as_object).filter(|patterns| !patterns.is_empty());
        if yes("x-kubernetes-preserve-unknown-fields") || yes("x-kubernetes-embedded-resource") {
            return Others::Anything;
        }
        match (patterns, schema.get("additionalProperties")) {
            // Which pattern a key fits is not looked at; with one pattern, there is no choice.
            (Some(patterns), _) => match patterns.values().next().filter(|_| patterns.len() == 1) {
                Some(each) => Others::Each(self.node(each, branch)),
                None => Others::Anything,
            },
            (None, Some(Value::Bool(false))) => Others::Nothing,
            (None, Some(each @ Value::Object(_))) => Others::Each(self.node(each, branch)),
            (None, Some(_)) => Others::Anything,
            (None, None) => match self.dialect {
                Dialect::Kubernetes if !branch && props_of(schema) => Others::Nothing,
                _ => Others::Anything,
            },
        }
    }

    fn list(&mut self, schema: &'a Map<String, Value>, branch: bool) -> Option<ListRules> {
        let item = schema.get("items").map(|items| self.node(items, branch)).filter(|idx| *idx != ANYTHING);
        let (least, most) = (count(schema, "minItems"), count(schema, "maxItems"));
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let unordered = match self.dialect {
            Dialect::CloudFormation => schema.get("insertionOrder") == Some(&Value::Bool(false)),
            Dialect::Kubernetes => schema.contains_key("x-kubernetes-list-map-keys"),
        };
        let says = item.is_some() || least.is_some() || most.is_some() || unique || unordered;
        says.then_some(ListRules { item, least, most, unique, unordered })
    }

    fn logic(&mut self, schema: &'a Map<String, Value>) -> Option<Logic> {
        let all_of = self.branches(schema, "allOf");
        let logic = Logic {
            all_of: all_of.into_iter().filter(|idx| *idx != ANYTHING).collect(),
            any_of: choice(self.branches(schema, "anyOf")),
            one_of: choice(self.branches(schema, "oneOf")),
            not: schema.get("not").map(|not| self.node(not, true)).filter(|idx| *idx != ANYTHING),
        };
        // `anyOf: [integer, string]` beside this word says what the word says.
        let either = schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true));
        let says =
            !logic.all_of.is_empty() || !logic.any_of.is_empty() || !logic.one_of.is_empty() || logic.not.is_some();
        (says && !either).then_some(logic)
    }

    fn branches(&mut self, schema: &'a Map<String, Value>, word: &str) -> Vec<Idx> {
        let branches = schema.get(word).and_then(Value::as_array);
        branches.into_iter().flatten().map(|branch| self.node(branch, true)).collect()
    }
}

/// A choice with a branch that everything passes is none.
fn choice(branches: Vec<Idx>) -> Box<[Idx]> {
    match branches.contains(&ANYTHING) {
        true => Box::default(),
        false => branches.into(),
    }
}

fn types(schema: &Map<String, Value>) -> Types {
    if schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true)) {
        // Of a quantity, the server takes any number.
        let number = if schema.get("format") == Some(&Value::from("quantity")) { Types::NUMBER } else { 0 };
        return Types(Types::TEXT | Types::INT | number);
    }
    let bit = |name: &str| match name {
        "string" => Types::TEXT,
        "integer" => Types::INT,
        "number" => Types::NUMBER,
        "boolean" => Types::BOOL,
        "array" => Types::LIST,
        "object" => Types::MAP,
        "null" => Types::NULL,
        _ => 0,
    };
    let types = match schema.get("type") {
        Some(Value::String(name)) => bit(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).fold(0, |types, name| types | bit(name)),
        _ => 0,
    };
    match types != 0 && schema.get("nullable") == Some(&Value::Bool(true)) {
        true => Types(types | Types::NULL),
        false => Types(types),
    }
}

fn text(schema: &Map<String, Value>) -> Option<TextRules> {
    let ignore_case = schema.contains_key("enumCaseInsensitive");
    let listed = schema.get("enum").or_else(|| schema.get("enumCaseInsensitive")).and_then(Value::as_array);
    let values: Names = listed.into_iter().flatten().map(plain).collect();
    let (shortest, longest) = (count(schema, "minLength"), count(schema, "maxLength"));
    let says = !values.is_empty() || shortest.is_some_and(|least| least > 0) || longest.is_some();
    says.then_some(TextRules { values, ignore_case, shortest, longest })
}

fn number(schema: &Map<String, Value>) -> Option<NumberRules> {
    let at = |word: &str| schema.get(word).and_then(Value::as_f64);
    let rules = NumberRules {
        least: at("minimum"),
        most: at("maximum"),
        above: at("exclusiveMinimum"),
        below: at("exclusiveMaximum"),
    };
    let says = [rules.least, rules.most, rules.above, rules.below].iter().any(Option::is_some);
    says.then_some(rules)
}

/// A scalar as it is compared: as text.
fn plain(value: &Value) -> Box<str> {
    match value {
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

fn names(value: Option<&Value>) -> Names {
    value.and_then(Value::as_array).into_iter().flatten().map(plain).collect()
}

fn pairs(value: Option<&Value>) -> Box<[(Box<str>, Names)]> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.map(|(name, others)| (name.as_str().into(), names(Some(others)))).collect()
}

fn count(schema: &Map<String, Value>, word: &str) -> Option<usize> {
    schema.get(word).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
}

impl Node {
    fn is_empty(&self) -> bool {
        let rules = self.map.is_some() || self.list.is_some() || self.text.is_some() || self.number.is_some();
        self.types == Types(0) && !rules && self.logic.is_none()
    }
}

impl MapRules {
    fn is_empty(&self) -> bool {
        let names =
            self.props.is_empty() && self.required.is_empty() && self.one_of.is_empty() && self.any_of.is_empty();
        let pairs = self.needs.is_empty() && self.excludes.is_empty();
        names && pairs && self.others == Others::Anything && self.least.is_none() && self.most.is_none()
    }
}
