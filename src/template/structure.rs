//! The structure of a template: sections, resources, attributes and quotas.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

use crate::diag::Diagnostic;
use crate::facts;
use crate::facts::nearest;
use crate::synth;
use crate::val::Data;

use super::document::{Entry, Template};

const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

const ATTRIBUTES: [&str; 9] = [
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

const OUTPUT_ATTRIBUTES: [&str; 4] = ["Condition", "Description", "Export", "Value"];

const POLICIES: [&str; 4] = ["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"];

/// Reports errors that CloudFormation finds before it reads properties.
pub fn check(template: &Template, out: &mut Vec<Diagnostic>) {
    let about = |message: String| Diagnostic::error("MS0124", message).construct(&template.name);
    for (name, at) in &template.sections {
        if !SECTIONS.contains(&name.as_str()) && name != "Fn::Transform" && !template.transforms.has_macro {
            let help = did_you_mean(name, &SECTIONS)
                .unwrap_or_else(|| "remove the section, or move it below `Metadata`".to_owned());
            out.push(about(format!("`{name}` is not a template section")).at(*at).help(help));
        }
    }
    if !template.has_resources && !template.transforms.has_macro {
        out.push(
            about("the template has no `Resources`".to_owned()).at(template.at).help("define at least one resource"),
        );
    }
    let has_loops = template.transforms.has_extensions || template.transforms.has_macro;
    for entry in template.resources.iter().filter(|it| it.id.starts_with("Fn::ForEach") && !has_loops) {
        let message = format!("`{}` requires the transform of language extensions", entry.id);
        let diagnostic = about(message).construct(template.construct(&entry.id)).at(entry.at);
        out.push(diagnostic.help("add `Transform: AWS::LanguageExtensions`"));
    }
    for entry in template.resources.iter().filter(|it| template.parameter(&it.id).is_some()) {
        let message = format!("`{}` is both a parameter and a resource", entry.id);
        let diagnostic = about(message).construct(template.construct(&entry.id)).at(entry.at);
        out.push(diagnostic.help("rename one of them, because `Ref` uses one name for both"));
    }
    for entry in template.resources.iter().filter(|it| !it.id.starts_with("Fn::")) {
        resource(template, entry, out);
    }
    for entry in template.outputs.iter().filter(|it| !it.id.starts_with("Fn::")) {
        output(template, entry, out);
    }
    limits(template, out);
}

fn resource(template: &Template, entry: &Entry, out: &mut Vec<Diagnostic>) {
    let about =
        |message: String| Diagnostic::error("MS0124", message).construct(template.construct(&entry.id)).at(entry.at);
    name(template, entry, out);
    let Some(bag) = entry.body.as_map() else {
        out.push(
            about(format!("the resource `{}` is not a map", entry.id)).help("write a map with `Type` and `Properties`"),
        );
        return;
    };
    let type_name = entry.type_name();
    let is_made = type_name.starts_with("AWS::Serverless::")
        || bag.get("Fn::Transform").is_some()
        || template.transforms.has_macro;
    if bag.get("Type").is_none() && !is_made {
        let message = format!("the resource `{}` has no `Type`", entry.id);
        out.push(about(message).help("set a resource type, such as `AWS::S3::Bucket`"));
        return;
    }
    let has_transform = template.transforms.is_serverless || template.transforms.has_macro;
    if type_name.starts_with("AWS::Serverless::") && !has_transform {
        let message = format!("`{type_name}` requires the transform of AWS SAM, which the template does not declare");
        out.push(about(message).field("Type").help("add `Transform: AWS::Serverless-2016-10-31`"));
    }
    let is_custom = type_name.starts_with("Custom::") || type_name == "AWS::CloudFormation::CustomResource";
    let is_attribute = |name: &str| {
        // AWS SAM converts the connectors of any resource to policies.
        ATTRIBUTES.contains(&name)
            || is_custom && name == "Version"
            || template.transforms.is_serverless && name == "Connectors"
    };
    for (name, _) in bag.iter().filter(|(name, _)| !is_made && !is_attribute(name)) {
        let is_property = facts::cloudformation(type_name).is_some_and(|facts| facts.has_attribute(name));
        let help = match is_property {
            true => "move it below `Properties`, because it is a property".to_owned(),
            false => {
                did_you_mean(name, &ATTRIBUTES).unwrap_or_else(|| "move it below `Properties` or `Metadata`".to_owned())
            }
        };
        out.push(about(format!("`{name}` is not a resource attribute")).field(name).help(help));
    }
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        let value = match bag.get(policy) {
            Some(Data::Text(value)) => value,
            Some(Data::List(_) | Data::Map(_)) if !template.transforms.has_extensions && !is_made => {
                let message = format!("`{policy}` is not a text, and functions are not available in it");
                let help =
                    format!("use one of `{}`, or add `Transform: AWS::LanguageExtensions`", POLICIES.join("`, `"));
                out.push(about(message).field(policy).help(help));
                continue;
            }
            _ => continue,
        };
        if !POLICIES.contains(&value.as_ref()) {
            let help =
                did_you_mean(value, &POLICIES).unwrap_or_else(|| format!("use one of `{}`", POLICIES.join("`, `")));
            out.push(about(format!("`{value}` is not a valid value of `{policy}`")).field(policy).help(help));
        }
    }
    match bag.get("Properties") {
        None | Some(Data::Map(_)) => {}
        Some(Data::Null) => out.push(
            about(format!("`Properties` of `{}` is null", entry.id))
                .field("Properties")
                .help("remove `Properties`, or set properties"),
        ),
        Some(_) => out.push(
            about(format!("`Properties` of `{}` is not a map", entry.id))
                .field("Properties")
                .help("write a name and a value for each property"),
        ),
    }
    if let Some(properties) = bag.get("Properties").filter(|it| **it != Data::Null)
        && let Some(path) = null(properties, "Properties".to_owned())
    {
        let message = format!("`{path}` is null, which CloudFormation rejects");
        out.push(about(message).field(path).help("remove the property, or use `AWS::NoValue`"));
    }
    let is_of_aws = type_name.starts_with("AWS::") && !type_name.ends_with("::MODULE") && !is_made;
    if is_of_aws && facts::cloudformation(type_name).is_none() {
        let message = format!("this version of meshsynth does not recognize the resource type `{type_name}`");
        let service: String = type_name.split("::").take(2).collect::<Vec<_>>().join("::");
        let near = facts::resource_types(&service);
        let help = match nearest(type_name, near.into_iter()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "check that CloudFormation offers the type in the region; its properties are not checked".to_owned()
            }
        };
        let diagnostic = Diagnostic::warning("MS0125", message).construct(template.construct(&entry.id));
        out.push(diagnostic.at(entry.at).field("Type").help(help));
    }
}

fn output(template: &Template, entry: &Entry, out: &mut Vec<Diagnostic>) {
    let about =
        |message: String| Diagnostic::error("MS0124", message).construct(template.construct(&entry.id)).at(entry.at);
    name(template, entry, out);
    let Some(bag) = entry.body.as_map() else {
        out.push(about(format!("the output `{}` is not a map", entry.id)).help("set `Value` of the output"));
        return;
    };
    if template.transforms.has_macro || bag.get("Fn::Transform").is_some() {
        return;
    }
    if matches!(bag.get("Value"), None | Some(Data::Null)) {
        out.push(about(format!("the output `{}` has no `Value`", entry.id)).help("set `Value` of the output"));
    }
    for (name, _) in bag.iter().filter(|(name, _)| !OUTPUT_ATTRIBUTES.contains(name)) {
        let help = did_you_mean(name, &OUTPUT_ATTRIBUTES)
            .unwrap_or_else(|| "use `Value`, `Description`, `Condition` or `Export`".to_owned());
        out.push(about(format!("`{name}` is not an output attribute")).field(name).help(help));
    }
}

/// Reports logical ids with characters other than letters and digits.
fn name(template: &Template, entry: &Entry, out: &mut Vec<Diagnostic>) {
    let is_plain = entry.id.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_plain && !template.transforms.has_extensions && !template.transforms.has_macro {
        let message = format!("`{}` is not a valid logical id", entry.id);
        let diagnostic = Diagnostic::error("MS0124", message).construct(template.construct(&entry.id));
        out.push(diagnostic.at(entry.at).help("use only letters and digits"));
    }
}

/// Returns the path of the first null.
fn null(data: &Data, path: String) -> Option<String> {
    match data {
        Data::Null => Some(path),
        Data::List(items) => items.iter().enumerate().find_map(|(idx, item)| null(item, format!("{path}[{idx}]"))),
        Data::Map(bag) => bag.iter().find_map(|(key, value)| null(value, format!("{path}.{key}"))),
        _ => None,
    }
}

/// Reports each quota that is exceeded or nearly exceeded.
fn limits(template: &Template, out: &mut Vec<Diagnostic>) {
    let counted = [
        ("resources", template.resources.len(), synth::MAX_RESOURCES),
        ("outputs", template.outputs.len(), synth::MAX_OUTPUTS),
        ("parameters", template.parameters.len(), synth::MAX_PARAMETERS),
        ("mappings", template.mappings.len(), synth::MAX_MAPPINGS),
        ("bytes of template", template.n_bytes, synth::MAX_BYTES),
    ];
    for (what, n, most) in counted {
        if let Some(diagnostic) = synth::quota_exceeded(what, n, most) {
            let help = "split the template into several stacks, or use nested stacks";
            out.push(diagnostic.construct(&template.name).at(template.at).help(help));
        }
    }
}

fn did_you_mean(name: &str, known: &[&str]) -> Option<String> {
    nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::{fields, found};

    fn with_topics(n: usize) -> String {
        let topics: Vec<String> = (0..n).map(|idx| format!(r#""T{idx}": {{ "Type": "AWS::SNS::Topic" }}"#)).collect();
        format!(r#"{{ "Resources": {{ {} }} }}"#, topics.join(", "))
    }

    #[test]
    fn reports_quotas_of_stack() {
        assert_eq!(fields(&with_topics(399)), [""; 0]);
        assert_eq!(fields(&with_topics(400)), ["MS0109 run"]);
        let told = found(&with_topics(501));
        assert_eq!(told.iter().map(|it| it.code).collect::<Vec<_>>(), ["MS0110"]);
        assert!(told[0].help.as_deref().is_some_and(|help| help.contains("nested stacks")));
    }

    #[test]
    fn reports_loops_without_transform_and_ambiguous_names() {
        let of = |before: &str, id: &str, body: &str| {
            fields(&format!(r#"{{ {before} "Resources": {{ "{id}": {body} }} }}"#))
        };
        let loops = r#"["Name", ["A", "B"], { "Topic${Name}": { "Type": "AWS::SNS::Topic" } }]"#;
        let found = of(r#""AWSTemplateFormatVersion": "2010-09-09","#, "Fn::ForEach::Topics", loops);
        assert_eq!(found, ["MS0124 run/Fn::ForEach::Topics"]);
        let parameter = r#""Parameters": { "Name": { "Type": "String" } },"#;
        let topic = r#"{ "Type": "AWS::SNS::Topic" }"#;
        assert_eq!(of(parameter, "Name", topic), ["MS0124 run/Name"]);
        assert_eq!(of(parameter, "Topic", topic), [""; 0]);
    }

    #[test]
    fn reports_deletion_policies_in_another_form() {
        let of = |type_name: &str, policy: &str| {
            let body = format!(r#"{{ "Type": "{type_name}", "DeletionPolicy": {policy}, "Properties": {{}} }}"#);
            let found = fields(&format!(r#"{{ "Resources": {{ "A": {body} }} }}"#));
            found.iter().filter(|it| *it == "MS0124 DeletionPolicy").count()
        };
        assert_eq!(of("AWS::EC2::Volume", r#""Snapshot""#), 0);
        assert_eq!(of("AWS::EC2::Volume", r#""Snapshots""#), 1);
        assert_eq!(of("AWS::EC2::Volume", r#"["Snapshot"]"#), 1);
    }

    #[test]
    fn reports_arguments_of_imports() {
        let of = |value: &str| {
            let topic = format!(r#"{{ "Type": "AWS::SNS::Topic", "Properties": {{ "DisplayName": {value} }} }}"#);
            fields(&format!(r#"{{ "Resources": {{ "Topic": {topic} }} }}"#)).len()
        };
        for wrong in [
            r#"{ "Fn::ImportValue": ["a"] }"#,
            r#"{ "Fn::ImportValue": { "Fn::ImportValue": "a" } }"#,
            r#"{ "Fn::GetStackOutput": { "StackName": "a" } }"#,
        ] {
            assert_eq!(of(wrong), 1, "{wrong}");
        }
        assert_eq!(of(r#"{ "Fn::ImportValue": { "Fn::Sub": "a" } }"#), 0);
        assert_eq!(of(r#"{ "Fn::GetStackOutput": { "StackName": "a", "OutputName": "b" } }"#), 0);
    }

    #[test]
    fn checks_the_transform_of_aws_sam() {
        let of = |transform: &str, type_name: &str| {
            let api = format!(r#""Type": "{type_name}", "Connectors": {{ "C": {{ "Properties": {{}} }} }}"#);
            fields(&format!(
                r#"{{ {transform} "AWSTemplateFormatVersion": "2010-09-09", "Resources": {{ "A": {{ {api} }} }} }}"#
            ))
        };
        let transform = r#""Transform": "AWS::Serverless-2016-10-31","#;
        assert_eq!(of(transform, "AWS::SNS::Topic"), [""; 0]);
        assert_eq!(of("", "AWS::SNS::Topic"), ["MS0124 Connectors"]);
        assert_eq!(of(transform, "AWS::Serverless::SimpleTable"), [""; 0]);
        assert_eq!(of("", "AWS::Serverless::SimpleTable"), ["MS0124 Type"]);
    }

    #[test]
    fn skips_checks_of_macro_output() {
        let of = |transform: &str| {
            format!(
                r#"{{ "Transform": ["{transform}"], "Things": {{}}, "Resources": {{
                "A": {{ "Type": "AWS::SNS::Topic", "Properties": {{ "Nmae": {{ "Ref": "Nothing" }} }} }}
            }} }}"#
            )
        };
        assert_eq!(fields(&of("OurMacro")), [""; 0]);
        assert_eq!(fields(&of("AWS::CodeDeployBlueGreen")).len(), 3);
    }
}
