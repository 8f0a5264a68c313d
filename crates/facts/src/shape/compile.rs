//! Compiles JSON schema to a shape.

use std::collections::HashMap;

use super::super::json::Json;
use super::schema::{
    Dialect, Idx, ListRules, Logic, MapRules, Names, Node, NumberRules, Others, Shape, TextRules, Types,
};
use super::words::Words;

/// The index of the node that accepts every value.
const ANYTHING: Idx = 0;

/// Keywords that add no rule to a `$ref`.
const SILENT: [&str; 5] = ["$ref", "type", "format", "default", "description"];

pub(super) struct Compiler<'a> {
    definitions: HashMap<&'a str, &'a Json<'a>>,
    dialect: Dialect,
    nodes: Vec<Node>,
    known: HashMap<&'a str, Idx>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(definitions: impl Iterator<Item = (&'a str, &'a Json<'a>)>, dialect: Dialect) -> Self {
        Self { definitions: definitions.collect(), dialect, nodes: vec![Node::default()], known: HashMap::new() }
    }

    pub(super) fn compile(mut self, schema: &'a Json<'a>) -> Shape {
        let root = self.node(schema, false);
        Shape { nodes: self.nodes, root, dialect: self.dialect }
    }

    /// Compiles one schema. A `branch` extends another schema, so it allows properties that it does not define.
    fn node(&mut self, schema: &'a Json<'a>, branch: bool) -> Idx {
        let Json::Map(entries) = schema else { return ANYTHING };
        let words = Words::of(entries);
        let Some(name) = words.reference.and_then(Json::as_str) else {
            let idx = self.reserve();
            let node = self.rules(&words, branch);
            return self.put(idx, node);
        };
        let target = self.definition(name.rsplit('/').next().unwrap_or(name));
        if entries.iter().all(|(key, _)| SILENT.contains(&key.as_ref())) {
            return target;
        }
        let idx = self.reserve();
        let mut node = self.rules(&words, true);
        let logic = node.logic.get_or_insert_default();
        logic.all_of = logic.all_of.iter().copied().chain([target]).collect();
        self.put(idx, node)
    }

    fn definition(&mut self, name: &'a str) -> Idx {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let Some(Json::Map(entries)) = self.definitions.get(name) else { return ANYTHING };
        let words = Words::of(entries);
        if let Some(target) = words.reference.and_then(Json::as_str) {
            self.known.insert(name, ANYTHING);
            let target = self.definition(target.rsplit('/').next().unwrap_or(target));
            self.known.insert(name, target);
            return target;
        }
        // The index is reserved before the rules are compiled, because a definition may refer to itself.
        let idx = self.reserve();
        self.known.insert(name, idx);
        let node = self.rules(&words, false);
        self.nodes[idx as usize] = node;
        idx
    }

    fn reserve(&mut self) -> Idx {
        self.nodes.push(Node::default());
        Idx::try_from(self.nodes.len() - 1).expect("a schema has fewer than 4 billion nodes")
    }

    /// Fills a reserved index. If the node has no rules, returns [`ANYTHING`] instead.
    fn put(&mut self, idx: Idx, node: Node) -> Idx {
        let empty = node.is_empty();
        if empty && idx as usize == self.nodes.len() - 1 {
            self.nodes.pop();
        } else {
            self.nodes[idx as usize] = node;
        }
        if empty { ANYTHING } else { idx }
    }

    fn rules(&mut self, words: &Words<'a>, branch: bool) -> Node {
        Node {
            types: types(words),
            map: self.map(words, branch).map(Box::new),
            list: self.list(words, branch).map(Box::new),
            text: text(words).map(Box::new),
            number: number(words).map(Box::new),
            logic: self.logic(words).map(Box::new),
        }
    }

    fn map(&mut self, words: &Words<'a>, branch: bool) -> Option<MapRules> {
        let props = words.properties.map(Json::entries).unwrap_or_default();
        let mut compiled: Vec<(Box<str>, Idx)> = Vec::with_capacity(props.len());
        for (name, schema) in props {
            compiled.push((name.as_ref().into(), self.node(schema, branch)));
        }
        compiled.sort();
        let rules = MapRules {
            props: compiled.into(),
            required: names(words.required),
            others: self.others(words, branch),
            least: count(words.min_properties),
            most: count(words.max_properties),
            one_of: names(words.required_xor),
            any_of: names(words.required_or),
            needs: pairs(words.dependent_required),
            excludes: pairs(words.dependent_excluded),
        };
        (!rules.is_empty()).then_some(rules)
    }

    fn others(&mut self, words: &Words<'a>, branch: bool) -> Others {
        let patterns = words.pattern_properties.map(Json::entries).unwrap_or_default();
        if words.is_free {
            return Others::Anything;
        }
        match (patterns, words.additional_properties) {
            // The check does not match keys with patterns. If there is only one pattern, its schema applies to every
            // key.
            ([(_, each)], _) => Others::Each(self.node(each, branch)),
            ([_, ..], _) => Others::Anything,
            ([], Some(Json::Bool(false))) => Others::Nothing,
            ([], Some(each @ Json::Map(_))) => Others::Each(self.node(each, branch)),
            ([], Some(_)) => Others::Anything,
            ([], None) => match self.dialect {
                // A schema without named properties accepts any property.
                Dialect::Kubernetes if !branch && words.properties.is_some_and(|it| !it.entries().is_empty()) => {
                    Others::Nothing
                }
                _ => Others::Anything,
            },
        }
    }

    fn list(&mut self, words: &Words<'a>, branch: bool) -> Option<ListRules> {
        let item = words.items.map(|items| self.node(items, branch)).filter(|idx| *idx != ANYTHING);
        let (least, most) = (count(words.min_items), count(words.max_items));
        let unique = words.unique_items.is_some_and(Json::is_true);
        let unordered = match self.dialect {
            Dialect::CloudFormation => matches!(words.insertion_order, Some(Json::Bool(false))),
            Dialect::Kubernetes => words.has_list_keys,
        };
        let says = item.is_some() || least.is_some() || most.is_some() || unique || unordered;
        says.then_some(ListRules { item, least, most, unique, unordered })
    }

    fn logic(&mut self, words: &Words<'a>) -> Option<Logic> {
        let all_of = self.branches(words.all_of);
        let logic = Logic {
            all_of: all_of.into_iter().filter(|idx| *idx != ANYTHING).collect(),
            any_of: choice(self.branches(words.any_of)),
            one_of: choice(self.branches(words.one_of)),
            not: words.not.map(|not| self.node(not, true)).filter(|idx| *idx != ANYTHING),
        };
        // The keyword `x-kubernetes-int-or-string` already implies `anyOf: [integer, string]`.
        let says =
            !logic.all_of.is_empty() || !logic.any_of.is_empty() || !logic.one_of.is_empty() || logic.not.is_some();
        (says && !words.is_int_or_string).then_some(logic)
    }

    fn branches(&mut self, branches: Option<&'a Json<'a>>) -> Vec<Idx> {
        branches.map(Json::items).unwrap_or_default().iter().map(|branch| self.node(branch, true)).collect()
    }
}

/// Returns the branches. Returns an empty list if one branch accepts every value, because the choice then has no
/// effect.
fn choice(branches: Vec<Idx>) -> Box<[Idx]> {
    match branches.contains(&ANYTHING) {
        true => Box::default(),
        false => branches.into(),
    }
}

fn types(words: &Words<'_>) -> Types {
    if words.is_int_or_string {
        // The API server accepts every number as a resource quantity.
        let number = if words.format.and_then(Json::as_str) == Some("quantity") { Types::NUMBER } else { 0 };
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
    let types = match words.types {
        Some(Json::Text(name)) => bit(name),
        Some(Json::List(names)) => names.iter().filter_map(Json::as_str).fold(0, |types, name| types | bit(name)),
        _ => 0,
    };
    match types != 0 && words.nullable.is_some_and(Json::is_true) {
        true => Types(types | Types::NULL),
        false => Types(types),
    }
}

fn text(words: &Words<'_>) -> Option<TextRules> {
    let ignore_case = words.any_case.is_some();
    let values = names(words.values.or(words.any_case));
    let (shortest, longest) = (count(words.min_length), count(words.max_length));
    let says = !values.is_empty() || shortest.is_some_and(|least| least > 0) || longest.is_some();
    says.then_some(TextRules { values, ignore_case, shortest, longest })
}

fn number(words: &Words<'_>) -> Option<NumberRules> {
    let at = |number: Option<&Json<'_>>| match number? {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    };
    let rules = NumberRules {
        least: at(words.minimum),
        most: at(words.maximum),
        above: at(words.exclusive_minimum),
        below: at(words.exclusive_maximum),
    };
    let says = [rules.least, rules.most, rules.above, rules.below].iter().any(Option::is_some);
    says.then_some(rules)
}

/// Converts a scalar to text for comparison.
fn plain(value: &Json<'_>) -> Box<str> {
    match value {
        Json::Text(text) | Json::Number(text) => text.as_ref().into(),
        other => other.to_value().to_string().into(),
    }
}

fn names(value: Option<&Json<'_>>) -> Names {
    value.map(Json::items).unwrap_or_default().iter().map(plain).collect()
}

fn pairs(value: Option<&Json<'_>>) -> Box<[(Box<str>, Names)]> {
    let entries = value.map(Json::entries).unwrap_or_default().iter();
    entries.map(|(name, others)| (name.as_ref().into(), names(Some(others)))).collect()
}

fn count(number: Option<&Json<'_>>) -> Option<usize> {
    match number? {
        Json::Number(text) => text.parse().ok(),
        _ => None,
    }
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
