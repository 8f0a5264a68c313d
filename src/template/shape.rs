//! Checks properties against the facts of their type, for each possible combination of conditions.

use std::collections::BTreeSet;

use crate::diag::Diagnostic;
use crate::facts::{self, PACKAGED, Problem, TypeFacts};
use crate::val::{Bag, Data, Deferred, Part};

use super::condition::{Choice, Conditions};
use super::document::{Entry, Template};
use super::function::{LISTS, attribute, call, reference};
use super::resource_type;
use super::variant::{conditions_in, decided, written};

/// The maximum number of combinations for one resource.
const MOST_CHOICES: usize = 64;

/// Reports every property that CloudFormation or the service would reject.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    let conditions = Conditions::of(template);
    for entry in &template.resources {
        let Some(facts) = facts::cloudformation(entry.type_name()) else { continue };
        let properties = entry.properties().cloned().unwrap_or_else(|| Data::Map(Bag::default()));
        if !matches!(properties, Data::Map(_)) || call(&properties).is_some() {
            continue;
        }
        Judged { template, entry, facts, properties: &properties, told: BTreeSet::new(), out }.resource(&conditions);
    }
}

struct Judged<'a> {
    template: &'a Template,
    entry: &'a Entry,
    facts: &'static TypeFacts,
    properties: &'a Data,
    /// The reported paths and messages.
    told: BTreeSet<(String, String)>,
    out: &'a mut Vec<Diagnostic>,
}

impl Judged<'_> {
    fn resource(mut self, conditions: &Conditions<'_>) {
        let mut used = BTreeSet::new();
        conditions_in(self.properties, &mut used);
        let own = self.entry.text("Condition");
        used.extend(own);
        // If combinations are unknown, values that depend on conditions are unknown.
        let choices = conditions.choices(&used).unwrap_or_else(|| BTreeSet::from([Choice::new()]));
        let is_created = |choice: &&Choice| own.and_then(|own| choice.get(own)).is_none_or(|holds| *holds);
        for choice in choices.iter().filter(is_created).take(MOST_CHOICES) {
            for (path, problem) in self.problems(choice, false) {
                self.tell(path, problem, None);
            }
        }
        if let Some(choice) = conditions.by_default(&used).filter(|choice| is_created(&choice)) {
            for (path, problem) in self.problems(&choice, true) {
                let (_, value) = written(self.properties, &problem.path, &choice);
                if let Some(id) = value.and_then(reference) {
                    self.tell(path, problem, Some(id.to_owned()));
                }
            }
        }
    }

    /// Returns the problems for a choice, each with its path in the template.
    fn problems(&self, choice: &Choice, with_defaults: bool) -> Vec<(String, Problem)> {
        let Some(Data::Map(bag)) = decided(self.properties, choice).map(|it| self.opaque(&it, with_defaults)) else {
            return Vec::new();
        };
        let found = self.facts.shape.check_written(&bag, &|value| matches!(value, Deferred::Doc(_)));
        let told = found.into_iter().map(|mut problem| {
            let (path, value) = written(self.properties, &problem.path, choice);
            if value.and_then(call).is_some_and(|(name, argument)| self.is_list(name, argument)) {
                problem.help = Some("select an item with `Fn::Select`, or join the list with `Fn::Join`".to_owned());
            }
            (path, problem)
        });
        told.collect()
    }

    fn tell(&mut self, path: String, problem: Problem, default_of: Option<String>) {
        let Problem { message, help, .. } = problem;
        if !self.told.insert((path.clone(), message.clone())) {
            return;
        }
        let type_name = &self.facts.name;
        let message = match path.is_empty() {
            true => format!("{type_name}: {message}"),
            false => format!("`{path}` of {type_name}: {message}"),
        };
        let field = if path.is_empty() { "Properties".to_owned() } else { format!("Properties.{path}") };
        let mut diagnostic = Diagnostic::error("MS0105", message).construct(self.template.construct(&self.entry.id));
        diagnostic = diagnostic.at(self.entry.at).field(field);
        if let Some(parameter) = default_of.and_then(|id| self.template.parameter(&id)) {
            diagnostic = diagnostic
                .note_at(format!("the value comes from the default of the parameter `{}`", parameter.id), parameter.at);
        }
        self.out.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }

    /// Replaces functions with unknown values.
    fn opaque(&self, data: &Data, with_defaults: bool) -> Data {
        if let Some((name, argument)) = call(data) {
            return match self.is_list(name, argument) {
                true => list(data),
                false => self.default(data).filter(|_| with_defaults).unwrap_or_else(|| unknown(data)),
            };
        }
        match data {
            // `aws cloudformation package` uploads the file at the path, and replaces the path with its location.
            Data::Map(bag) if bag.iter().any(|(key, it)| PACKAGED.contains(&key) && matches!(it, Data::Text(_))) => {
                let entries = bag.iter().map(|(key, it)| {
                    let is_path = PACKAGED.contains(&key) && matches!(it, Data::Text(_));
                    (key.to_owned(), if is_path { unknown(it) } else { self.opaque(it, with_defaults) })
                });
                Data::Map(entries.collect::<Bag>())
            }
            // CloudFormation reads booleans case-insensitively.
            Data::Text(text) if matches!(text.as_ref(), "True" | "TRUE" | "False" | "FALSE") => unknown(data),
            // Reported for the template as a whole.
            Data::Null => unknown(data),
            Data::Text(text) if text.contains("{{resolve:") => unknown(data),
            Data::List(items) => Data::List(items.iter().map(|it| self.opaque(it, with_defaults)).collect()),
            Data::Map(bag) if bag.get("Fn::Transform").is_some() => unknown(data),
            Data::Map(bag) => {
                let entries = bag.iter().map(|(key, value)| (key.to_owned(), self.opaque(value, with_defaults)));
                Data::Map(entries.collect::<Bag>())
            }
            scalar => scalar.clone(),
        }
    }

    fn is_list(&self, name: &str, argument: &Data) -> bool {
        match name {
            "Ref" => argument.as_str().is_some_and(|id| {
                let type_name = self.template.parameter(id).map_or("", Entry::type_name);
                type_name == "CommaDelimitedList" || type_name.starts_with("List<") || type_name.contains("Value<List<")
            }),
            "Fn::GetAtt" => {
                let Some((id, Some(name))) = attribute(argument) else { return false };
                self.template.resource(id).is_some_and(|it| resource_type::is_list(it.type_name(), &name))
            }
            name => LISTS.contains(&name),
        }
    }

    /// Returns the default of a text or number parameter. An empty default represents a value that the user must set.
    fn default(&self, data: &Data) -> Option<Data> {
        let parameter = self.template.parameter(reference(data)?)?;
        let default = parameter.body.at("Default").filter(|it| !it.to_text().is_empty())?;
        matches!(parameter.type_name(), "String" | "Number").then(|| default.clone())
    }
}

/// Returns an unknown value, which is equal only for equal functions.
fn unknown(data: &Data) -> Data {
    Data::from(Deferred::Text(vec![Part::from(format!("{data:?}"))]))
}

/// Returns an unknown list.
fn list(data: &Data) -> Data {
    Data::from(Deferred::Doc(vec![Part::from(format!("{data:?}"))]))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, found};

    fn bucket(properties: &str) -> String {
        format!(
            r#"{{
            "Parameters": {{
                "Stage": {{ "Type": "String", "AllowedValues": ["dev", "prod"] }},
                "Zones": {{ "Type": "CommaDelimitedList" }},
                "Mode": {{ "Type": "String", "Default": "Enable" }}
            }},
            "Conditions": {{
                "IsProd": {{ "Fn::Equals": [{{ "Ref": "Stage" }}, "prod"] }},
                "IsDev": {{ "Fn::Equals": [{{ "Ref": "Stage" }}, "dev"] }}
            }},
            "Resources": {{ "Files": {{ "Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {properties} }} }}
        }}"#
        )
    }

    #[test]
    fn checks_both_branches_of_condition() {
        let text = bucket(
            r#"{ "VersioningConfiguration": { "Fn::If": ["IsProd", { "Status": "Enabled" }, { "Status": "Off" }] } }"#,
        );
        assert_eq!(fields(&text), ["MS0105 Properties.VersioningConfiguration.Fn::If[2].Status"]);
    }

    #[test]
    fn checks_only_possible_combinations() {
        let status = r#"{ "Status": "Enabled" }"#;
        let one_of = |name: &str| {
            format!(
                r#"{{ "VersioningConfiguration": {{ "Fn::If": ["{name}", {status}, {{ "Status": {{ "Fn::If": ["IsDev", "Suspended", "Off"] }} }}] }} }}"#
            )
        };
        // The status would be wrong only for a stage other than `prod` or `dev`, which is not possible.
        assert_eq!(fields(&bucket(&one_of("IsProd"))), [""; 0]);
        assert_eq!(fields(&bucket(&one_of("IsDev"))).len(), 1);
    }

    #[test]
    fn treats_removed_value_as_unset() {
        let text = bucket(
            r#"{ "VersioningConfiguration": { "Status": { "Fn::If": ["IsProd", "Enabled", { "Ref": "AWS::NoValue" }] } } }"#,
        );
        assert_eq!(fields(&text), ["MS0105 Properties.VersioningConfiguration.Status.Fn::If[2]"]);
    }

    #[test]
    fn treats_valid_empty_list_as_unset() {
        let alarm = |dimensions: &str| {
            format!(
                r#"{{ "Resources": {{ "Alarm": {{ "Type": "AWS::CloudWatch::Alarm", "Properties": {{
                "ActionsEnabled": false, "ComparisonOperator": "LessThanThreshold", "EvaluationPeriods": 1, "Threshold": 1,
                "Dimensions": {dimensions}, "Metrics": [{{ "Id": "a", "Expression": "b" }}]
            }} }} }} }}"#
            )
        };
        assert_eq!(fields(&alarm("[]")), [""; 0]);
        assert_eq!(fields(&alarm(r#"[{ "Name": "a", "Value": "b" }]"#)), ["MS0105 Properties"]);
        let tags = bucket(r#"{ "Tags": [], "LifecycleConfiguration": { "Rules": {} } }"#);
        assert_eq!(fields(&tags), ["MS0105 Properties.LifecycleConfiguration.Rules"]);
    }

    #[test]
    fn rejects_list_for_text_property() {
        let text = bucket(r#"{ "BucketName": { "Ref": "Zones" } }"#);
        assert_eq!(fields(&text), ["MS0105 Properties.BucketName"]);
        assert!(found(&text)[0].help.as_deref().is_some_and(|help| help.contains("Fn::Select")));
        assert_eq!(fields(&bucket(r#"{ "BucketName": { "Fn::Select": [0, { "Ref": "Zones" }] } }"#)), [""; 0]);
    }

    #[test]
    fn distinguishes_unknown_values() {
        let balancer = |first: &str, second: &str| {
            format!(
                r#"{{ "Parameters": {{ "A": {{ "Type": "String" }}, "B": {{ "Type": "String" }} }}, "Resources": {{
                "Balancer": {{ "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {{ "Subnets": [{{ "Ref": "{first}" }}, {{ "Ref": "{second}" }}] }} }}
            }} }}"#
            )
        };
        assert_eq!(fields(&balancer("A", "B")), [""; 0]);
        assert_eq!(fields(&balancer("A", "A")), ["MS0105 Properties.Subnets[1]"]);
    }

    #[test]
    fn reports_parameter_of_invalid_default() {
        let text = bucket(r#"{ "VersioningConfiguration": { "Status": { "Ref": "Mode" } } }"#);
        let found = found(&text);
        assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0105"]);
        assert!(found[0].notes[0].text.contains("`Mode`"));
        assert_eq!(fields(&text.replace("\"Enable\"", "\"Enabled\"")), [""; 0]);
    }
}
