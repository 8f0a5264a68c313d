//! Constructs that are one resource in their bare form.

use meshsynth_types::val::{Bag, Data};

use super::network;
use super::wanted::{Made, Wanted};
use crate::around::alone;
use crate::code::{Named, Writer, attribute, function, text};
use crate::either::either;

/// The bare form of a construct around the resource.
pub(super) fn make(wanted: &Wanted<'_>, writer: &mut Writer<'_>) -> Option<Made> {
    let construct = alone(wanted.type_name)?;
    let path = writer.types.resource(wanted.type_name)?.path.clone();
    let mut props = wanted.props.clone();
    let (mut first, mut then) = (String::new(), String::new());
    match construct.path {
        "ssm::Parameter" => {
            let Some(Data::Text(name)) = props.remove("Name") else { return None };
            if !is_parameter_name(&name) {
                return None;
            }
            first = format!("{}, ", text(&name));
        }
        "aws::Vpc" => first = format!("Cidr::new({:?}), ", network::block(wanted.template, props.get("CidrBlock")?)?),
        "lambda::Function" => then = role(&props, writer).unwrap_or_default(),
        _ => {}
    }
    let resource = writer.record(&path, &props)?.text;
    let text = format!("{}::bare({}, {:?}, {first}{resource}){then}", construct.path, wanted.stack, wanted.id);
    Some(Made { text, path: construct.path, is_construct: true, within: None })
}

/// The call that says which role a function has, where that is a construct of the same part.
fn role(props: &Bag, writer: &mut Writer<'_>) -> Option<String> {
    let (id, name) = match function(props.get("Role")?)? {
        ("Fn::GetAtt", argument) => attribute(argument)?,
        _ => return None,
    };
    let Some(Named::Construct(variable, construct)) = writer.named.get(id) else { return None };
    let is_role = name == "Arn" && construct.path == "iam::Role";
    is_role.then(|| either(variable, &format!(".with_role(&{variable})"), ""))
}

/// A name as `ssm::Parameter` takes it.
fn is_parameter_name(name: &str) -> bool {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    !name.is_empty() && name.chars().all(is_valid) && (!name.contains('/') || name.starts_with('/'))
}
