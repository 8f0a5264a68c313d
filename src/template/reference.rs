//! References: the existence of targets and attributes.

use crate::diag::Diagnostic;
use crate::facts::nearest;
use crate::val::Data;

use super::document::{Entry, Template};
use super::function::{KNOWN, PSEUDO, Piece, attribute, branches, call, pieces, substitution, wanted};
use super::resource_type::{attributes, has_attribute};

/// Reports all references to undefined targets.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    for entry in &template.conditions {
        Walk::of(template, entry, Part::Condition, out).value(&entry.body);
    }
    for entry in &template.rules {
        Walk::of(template, entry, Part::Rule, out).value(&entry.body);
    }
    for entry in &template.resources {
        if entry.id.starts_with("Fn::") {
            continue;
        }
        let mut walk = Walk::of(template, entry, Part::Resource, out);
        walk.attributes(&["Properties", "Metadata", "CreationPolicy", "UpdatePolicy"]);
        walk.condition();
        walk.depends_on();
    }
    for entry in &template.outputs {
        let mut walk = Walk::of(template, entry, Part::Output, out);
        walk.attributes(&["Value", "Export"]);
        walk.condition();
    }
}

/// The section that is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Condition,
    Rule,
    Resource,
    Output,
}

struct Walk<'a> {
    template: &'a Template,
    entry: &'a Entry,
    part: Part,
    path: String,
    out: &'a mut Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn of(template: &'a Template, entry: &'a Entry, part: Part, out: &'a mut Vec<Diagnostic>) -> Self {
        Self { template, entry, part, path: String::new(), out }
    }

    fn attributes(&mut self, names: &[&str]) {
        for name in names {
            if let Some(value) = self.entry.body.as_map().and_then(|it| it.get(name)) {
                self.below(name, |walk| walk.value(value));
            }
        }
    }

    fn below(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if !self.path.is_empty() && !step.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(step);
        then(self);
        self.path.truncate(length);
    }

    fn value(&mut self, data: &'a Data) {
        match data {
            Data::List(items) => {
                for (idx, item) in items.iter().enumerate() {
                    self.below(&format!("[{idx}]"), |walk| walk.value(item));
                }
            }
            Data::Map(bag) => {
                if let Some((name, argument)) = call(data) {
                    return self.below(name, |walk| walk.function(name, argument));
                }
                for (key, value) in bag.iter() {
                    self.below(key, |walk| walk.value(value));
                }
                if let (true, Some(name)) = (self.part == Part::Condition, bag.get("Condition").and_then(Data::as_str))
                {
                    self.below("Condition", |walk| walk.names_condition(name));
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, name: &str, argument: &'a Data) {
        if let Some(wanted) = wanted(name, argument).filter(|_| !self.is_extended()) {
            self.tell(
                "MS0124",
                format!("the argument of `{name}` must be {wanted}"),
                "see the function in the CloudFormation template reference",
            );
        }
        match name {
            "Ref" => {
                if let Some(id) = argument.as_str() {
                    self.names_value(id, "`Ref`", &[]);
                }
            }
            "Fn::GetAtt" => {
                if let Some((id, name)) = attribute(argument) {
                    self.names_attribute(id, name.as_deref(), "`Fn::GetAtt`");
                }
            }
            "Fn::Sub" => self.substitution(argument),
            "Fn::If" => {
                if let Some((condition, ..)) = branches(argument) {
                    self.names_condition(condition);
                }
                argument.items().iter().enumerate().skip(1).for_each(|(idx, item)| {
                    self.below(&format!("[{idx}]"), |walk| walk.value(item));
                });
            }
            "Fn::ImportValue" if matches!(self.part, Part::Condition | Part::Rule) => self.tell(
                "MS0124",
                "conditions cannot use `Fn::ImportValue`".to_owned(),
                "pass the value as a parameter, because conditions are evaluated before values are imported",
            ),
            "Fn::FindInMap" => {
                self.mapping(argument);
                self.value(argument);
            }
            name if !KNOWN.contains(&name) && !self.is_extended() => {
                let near = nearest(name, KNOWN.into_iter());
                let help = near.map_or_else(
                    || "see the list of intrinsic functions in the CloudFormation template reference".to_owned(),
                    did_you_mean,
                );
                self.tell("MS0124", format!("`{name}` is not an intrinsic function"), help);
            }
            _ => self.value(argument),
        }
    }

    fn substitution(&mut self, argument: &'a Data) {
        let Some((text, variables)) = substitution(argument) else { return self.value(argument) };
        let own: Vec<&str> = variables.into_iter().flat_map(|it| it.iter().map(|(name, _)| name)).collect();
        let mut told: Vec<&str> = Vec::new();
        for piece in pieces(text) {
            let Piece::Variable(name) = piece else { continue };
            if own.contains(&name) || told.contains(&name) {
                continue;
            }
            told.push(name);
            match name.split_once('.') {
                Some((id, attribute)) => self.names_attribute(id, Some(attribute), "`Fn::Sub`"),
                None => self.names_value(name, "`Fn::Sub`", &own),
            }
        }
        if let Some(variables) = variables {
            for (name, value) in variables.iter() {
                self.below(&format!("[1].{name}"), |walk| walk.value(value));
            }
        }
    }

    fn names_value(&mut self, id: &str, by: &str, own: &[&str]) {
        let template = self.template;
        let is_parameter = PSEUDO.contains(&id) || template.parameter(id).is_some();
        let is_resource = template.resource(id).is_some();
        let takes_resources = matches!(self.part, Part::Resource | Part::Output);
        if is_parameter || is_resource && takes_resources || self.may_be_generated(id) {
            return;
        }
        if is_resource {
            let message = format!("{by} refers to the resource `{id}`, but conditions can refer only to parameters");
            return self.tell(
                "MS0121",
                message,
                "compare parameters, because conditions are evaluated before resources are created",
            );
        }
        let parameters = template.parameters.iter().map(|it| it.id.as_str());
        let resources = template.resources.iter().map(|it| it.id.as_str()).filter(|_| takes_resources);
        let near = nearest(id, parameters.chain(resources).chain(PSEUDO).chain(own.iter().copied()));
        let help = match near {
            Some(near) => did_you_mean(near),
            None if by == "`Fn::Sub`" => format!("define it, or write `${{!{id}}}` for text that is not a variable"),
            None => "define a parameter or a resource of this name".to_owned(),
        };
        let kinds = if takes_resources { "neither a parameter nor a resource" } else { "not a parameter" };
        self.tell("MS0121", format!("{by} refers to `{id}`, which is {kinds} of the template"), help);
    }

    fn names_attribute(&mut self, id: &str, attribute: Option<&str>, by: &str) {
        let template = self.template;
        let Some(resource) = template.resource(id) else {
            if !self.may_be_generated(id) {
                let near = nearest(id, template.resources.iter().map(|it| it.id.as_str()));
                let help = near.map_or_else(
                    || "define a resource with this logical id, or correct the reference".to_owned(),
                    did_you_mean,
                );
                self.tell("MS0121", format!("{by} refers to `{id}`, which is not a resource of the template"), help);
            }
            return;
        };
        let Some(name) = attribute else { return };
        let type_name = resource.type_name();
        if has_attribute(type_name, name) == Some(false) {
            let known = attributes(type_name);
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(near) => did_you_mean(near),
                None if (1..=12).contains(&known.len()) => {
                    format!("use one of the attributes `{}`", known.join("`, `"))
                }
                None => "see the return values of the resource in the CloudFormation reference".to_owned(),
            };
            self.tell("MS0113", format!("`{id}` has no attribute `{name}`: its type is `{type_name}`"), help);
        }
    }

    fn condition(&mut self) {
        if let Some(name) = self.entry.text("Condition") {
            self.below("Condition", |walk| walk.names_condition(name));
        }
    }

    fn names_condition(&mut self, name: &str) {
        let conditions = &self.template.conditions;
        if conditions.get(name).is_some() || self.is_extended() {
            return;
        }
        let near = nearest(name, conditions.iter().map(|it| it.id.as_str()));
        let help = near.map_or_else(|| "define it in `Conditions`".to_owned(), did_you_mean);
        self.tell("MS0121", format!("the condition `{name}` is not defined"), help);
    }

    fn depends_on(&mut self) {
        let Some(names) = self.entry.body.as_map().and_then(|it| it.get("DependsOn")) else { return };
        let names = if let Data::List(items) = names { items.as_slice() } else { std::slice::from_ref(names) };
        for (idx, name) in names.iter().enumerate() {
            let Some(id) = name.as_str() else { continue };
            if self.template.resource(id).is_some() || self.may_be_generated(id) {
                continue;
            }
            let near = nearest(id, self.template.resources.iter().map(|it| it.id.as_str()));
            let help = near.map_or_else(|| "use the logical id of a resource of the template".to_owned(), did_you_mean);
            let step = format!("DependsOn[{idx}]");
            self.below(&step, |walk| {
                walk.tell(
                    "MS0121",
                    format!("`DependsOn` refers to `{id}`, which is not a resource of the template"),
                    help,
                );
            });
        }
    }

    fn mapping(&mut self, argument: &Data) {
        // A fourth argument is a default.
        let [name, top, second] = argument.items() else { return };
        let Some(name) = name.as_str() else { return };
        let mappings = &self.template.mappings;
        let Some(mapping) = mappings.get(name) else {
            if !self.is_extended() {
                let near = nearest(name, mappings.iter().map(|it| it.id.as_str()));
                let help = near.map_or_else(|| "define it in `Mappings`".to_owned(), did_you_mean);
                self.tell("MS0121", format!("the mapping `{name}` is not defined"), help);
            }
            return;
        };
        let Some(keys) = mapping.body.as_map().filter(|it| it.get("Fn::Transform").is_none()) else { return };
        let has_second = |data: &Data, key: &str| data.as_map().is_some_and(|it| it.get(key).is_some());
        let missing = match (top.as_str(), second.as_str()) {
            (Some(top), _) if keys.get(top).is_none() => Some((
                format!("the mapping `{name}` has no key `{top}`"),
                nearest(top, keys.iter().map(|(key, _)| key)),
            )),
            (Some(top), Some(key)) if keys.get(top).is_some_and(|it| !has_second(it, key)) => {
                Some((format!("`{top}` of the mapping `{name}` has no key `{key}`"), None))
            }
            (None, Some(key)) if !keys.iter().any(|(_, it)| has_second(it, key)) => {
                let known = keys
                    .iter()
                    .flat_map(|(_, it)| it.as_map().into_iter().flat_map(|it| it.iter().map(|(key, _)| key)));
                Some((format!("the mapping `{name}` has no second-level key `{key}`"), nearest(key, known)))
            }
            _ => None,
        };
        if let Some((message, near)) = missing {
            let help = near.map_or_else(|| "add the key to the mapping".to_owned(), did_you_mean);
            self.tell("MS0121", message, help);
        }
    }

    /// Whether loops and other extensions generate names.
    fn is_extended(&self) -> bool {
        self.template.transforms.has_extensions
    }

    /// Whether a transform may define a resource of this name.
    fn may_be_generated(&self, id: &str) -> bool {
        let of = |prefix: &str| {
            self.template.resources.iter().any(|it| it.type_name().starts_with(prefix) && id.starts_with(&it.id))
        };
        let is_module =
            self.template.resources.iter().any(|it| it.type_name().ends_with("::MODULE") && id.starts_with(&it.id));
        let is_serverless =
            self.template.transforms.is_serverless && (id.starts_with("Serverless") || of("AWS::Serverless::"));
        self.is_extended() || is_module || is_serverless
    }

    fn tell(&mut self, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        let diagnostic = Diagnostic::error(code, message).construct(self.template.construct(&self.entry.id));
        self.out.push(diagnostic.at(self.entry.at).field(self.path.clone()).help(help));
    }
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}
