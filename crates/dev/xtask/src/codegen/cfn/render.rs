//! Renders the generated files.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::model::{Model, Prop, Type};
use crate::codegen::out::MARK;

const GUIDE: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference";

/// Renders `<service>/<resource>.rs`.
pub fn resource(model: &Model) -> String {
    let type_name = &model.type_name;
    let link = link(type_name);
    let mut text = format!("{MARK} from {type_name}; do not edit.\n\n//! `{type_name}`, <{link}>.\n\n");
    text.push_str(&uses(model));
    let _ = writeln!(text, "\nresource! {{");
    let _ = writeln!(text, "    /// A `{type_name}`: <{link}>.");
    let _ = writeln!(text, "    {} = \"{type_name}\" {{", model.name);
    props(&mut text, &model.props);
    let _ = writeln!(text, "    }} attributes {} {{", model.attributes);
    for attr in &model.attrs {
        let _ = writeln!(text, "        {}: {} = \"{}\",", attr.method, attr.kind.rust(), attr.key);
    }
    let _ = writeln!(text, "    }} reference: {}\n}}", model.reference.rust());
    if !model.records.is_empty() {
        let _ = writeln!(text, "\nrecord! {{");
        for (name, of) in &model.records {
            let _ = writeln!(text, "    /// A nested property of [`{type_name}`]({link}).");
            let _ = writeln!(text, "    {name} {{");
            props(&mut text, of);
            let _ = writeln!(text, "    }}");
        }
        let _ = writeln!(text, "}}");
    }
    if !model.choices.is_empty() {
        let _ = writeln!(text, "\nchoices! {{");
        for (name, variants) in &model.choices {
            let _ = writeln!(text, "    /// Values of a property of [`{type_name}`]({link}).");
            let _ = writeln!(text, "    {name} {{");
            for (variant, value) in variants {
                let _ = writeln!(text, "        {variant} = {value:?},");
            }
            let _ = writeln!(text, "    }}");
        }
        let _ = writeln!(text, "}}");
    }
    text
}

/// Renders the required properties, followed by the optional ones.
fn props(text: &mut String, props: &[Prop]) {
    let mut lines = |required: bool| {
        for prop in props.iter().filter(|prop| prop.required == required) {
            let _ = writeln!(text, "        {}: {} = {:?},", prop.field, prop.kind.rust(), prop.key);
        }
        if required {
            let _ = writeln!(text, "    }} {{");
        }
    };
    lines(true);
    lines(false);
}

fn uses(model: &Model) -> String {
    let mut ids = BTreeSet::new();
    let mut values = BTreeSet::new();
    model.each_type(&mut |kind| match kind {
        Type::Id(name) => ids.extend([*name]),
        Type::Json => values.extend(["Json"]),
        Type::List(_) => values.extend(["List"]),
        Type::Map(_) => values.extend(["Map"]),
        _ => {}
    });
    let mut macros = BTreeSet::from(["resource"]);
    macros.extend((!model.records.is_empty()).then_some("record"));
    macros.extend((!model.choices.is_empty()).then_some("choices"));
    let mut text = String::new();
    for (module, names) in [("cfn::ids", ids), ("l1", macros), ("val", values)] {
        let names: Vec<&str> = names.into_iter().collect();
        match names.as_slice() {
            [] => {}
            [name] => text.push_str(&format!("use meshsynth_model::{module}::{name};\n")),
            names => text.push_str(&format!("use meshsynth_model::{module}::{{{}}};\n", names.join(", "))),
        }
    }
    text
}

/// Returns the page of a resource type in the AWS reference.
fn link(type_name: &str) -> String {
    let parts: Vec<String> = type_name.split("::").skip(1).map(str::to_lowercase).collect();
    format!("{GUIDE}/aws-resource-{}.html", parts.join("-"))
}

/// Renders `<service>/mod.rs`.
pub fn service(models: &[Model]) -> String {
    let service = models[0].type_name.rsplit_once("::").map_or("", |(service, _)| service);
    let mut text = format!("{MARK}; do not edit.\n\n//! `{service}`.\n\n");
    for model in models {
        let _ = writeln!(text, "pub mod {};", model.module);
    }
    text.push('\n');
    for model in models {
        let _ = writeln!(text, "pub use {}::{};", model.module, model.name);
    }
    text
}

/// Renders `crates/cfn/src/lib.rs`.
pub fn modules(services: &[&str]) -> String {
    let mut text = format!("{MARK}; do not edit.\n\n");
    text.push_str(
        "//! Typed CloudFormation resources, a module per service that the constructs use.\n\
         //!\n\
         //! The types of every other service are in the crate `meshsynth-services`.\n\n\
         #![allow(clippy::module_inception)]\n\n\
         pub use meshsynth_model::cfn::{\n    \
         Attributed, Attributes, CustomResource, CustomResourceAttributes, Raw, RawAttributes, ResourceType, ids,\n\
         };\n\n",
    );
    for service in services {
        let _ = writeln!(text, "#[rustfmt::skip]\npub mod {service};");
    }
    text
}

/// Renders `crates/services/src/lib.rs`.
pub fn services(services: &[&str]) -> String {
    let mut text = format!("{MARK}; do not edit.\n\n");
    text.push_str(
        "//! Typed CloudFormation resources of the services that the constructs of meshsynth do not use.\n\
         //!\n\
         //! Each service is a module behind a feature of the same name; `all` enables every one. The resources are\n\
         //! defined, referred to and checked like those of `meshsynth::cfn`.\n\n\
         #![allow(clippy::module_inception)]\n\n",
    );
    for service in services {
        let _ = writeln!(text, "#[cfg(feature = \"{service}\")]\n#[rustfmt::skip]\npub mod {service};");
    }
    text
}

/// Renders `crates/facts/src/sources.rs`.
pub fn sources(services: &[&str]) -> String {
    let mut text = format!("{MARK}; do not edit.\n\n//! The facts of each service.\n\n");
    let _ = writeln!(text, "/// The lines of a service, such as `ec2`.");
    let _ = writeln!(text, "#[rustfmt::skip]\npub(super) fn cloudformation(service: &str) -> Option<&'static str> {{");
    let _ = writeln!(text, "    Some(match service {{");
    for service in services {
        let path = format!("../schema/cloudformation/{service}.jsonl");
        let _ = writeln!(text, "        \"{service}\" => include_str!(\"{path}\"),");
    }
    let _ = writeln!(text, "        _ => return None,\n    }})\n}}");
    text
}
