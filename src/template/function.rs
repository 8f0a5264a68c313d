//! Intrinsic functions in templates.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use crate::val::{Bag, Data};

/// Every intrinsic function.
pub const KNOWN: [&str; 25] = [
    "Fn::And",
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::Equals",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Not",
    "Fn::Or",
    "Fn::RefAll",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
];

/// Functions that return lists.
pub const LISTS: [&str; 3] = ["Fn::Cidr", "Fn::GetAZs", "Fn::Split"];

/// The pseudo parameters.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
pub const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    NO_VALUE,
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The pseudo parameter that removes the property with this value.
pub const NO_VALUE: &str = "AWS::NoValue";

/// Returns the required argument of a function if its argument is invalid. A function as the argument is always valid.
pub fn wanted(name: &str, argument: &Data) -> Option<String> {
    let (least, most, what) = match name {
        "Ref" => return (!matches!(argument, Data::Text(_)) && call(argument).is_none()).then(|| "a name".to_owned()),
        "Fn::Base64" | "Fn::GetAZs" | "Fn::ImportValue" => {
            let is_itself = call(argument).is_some_and(|(inner, _)| inner == "Fn::ImportValue" && inner == name);
            let is_text = !matches!(argument, Data::List(_) | Data::Map(_)) || call(argument).is_some() && !is_itself;
            return (!is_text).then(|| "a text or a function that returns one".to_owned());
        }
        "Fn::GetStackOutput" => {
            let has = |key: &str| argument.as_map().is_some_and(|it| it.get(key).is_some());
            let is_complete = has("StackName") && has("OutputName");
            return (!is_complete).then(|| "a map with `StackName` and `OutputName`".to_owned());
        }
        "Fn::Join" | "Fn::Split" => (2, 2, "a list of a separator and a value"),
        "Fn::Select" => (2, 2, "a list of an index and a list"),
        "Fn::Equals" => (2, 2, "a list of two values"),
        "Fn::And" | "Fn::Or" => (2, 10, "a list of 2 to 10 conditions"),
        "Fn::Not" => (1, 1, "a list of one condition"),
        "Fn::If" => (3, 3, "a list of a condition name, the value if true, and the value if false"),
        "Fn::FindInMap" => (3, 4, "a list of a mapping name and two keys"),
        "Fn::Cidr" => (2, 3, "a list of a CIDR block, a number of blocks and their size in bits"),
        _ => return None,
    };
    // Operands are texts or functions that return one.
    let is_operand = |it: &Data| !matches!(it, Data::List(_) | Data::Map(_)) || call(it).is_some();
    if name == "Fn::Equals" && !argument.items().iter().all(is_operand) {
        return Some("a list of two texts".to_owned());
    }
    let is_taken = match argument {
        Data::List(items) => (least..=most).contains(&items.len()),
        argument => call(argument).is_some(),
    };
    (!is_taken).then(|| what.to_owned())
}

/// Returns the name and the argument of a function call, if the value is one.
pub fn call(data: &Data) -> Option<(&str, &Data)> {
    let bag = data.as_map()?;
    let (name, argument) = bag.iter().next()?;
    (bag.len() == 1 && (name == "Ref" || name.starts_with("Fn::"))).then_some((name, argument))
}

/// Returns the target of a `Ref`, if the value is one.
pub fn reference(data: &Data) -> Option<&str> {
    match call(data)? {
        ("Ref", name) => name.as_str(),
        _ => None,
    }
}

/// Returns the condition and the values of its two branches.
pub fn branches(argument: &Data) -> Option<(&str, &Data, &Data)> {
    match argument.items() {
        [condition, yes, no] => Some((condition.as_str()?, yes, no)),
        _ => None,
    }
}

/// Returns the logical id and the attribute of `Fn::GetAtt`. The attribute is `None` if it is unknown.
pub fn attribute(argument: &Data) -> Option<(&str, Option<String>)> {
    match argument {
        Data::Text(text) => text.split_once('.').map(|(id, name)| (id, Some(name.to_owned()))),
        Data::List(items) => {
            let (id, names) = items.split_first()?;
            let names: Option<Vec<&str>> = names.iter().map(Data::as_str).collect();
            Some((id.as_str()?, names.filter(|it| !it.is_empty()).map(|it| it.join("."))))
        }
        _ => None,
    }
}

/// Returns the text and the variables of `Fn::Sub`.
pub fn substitution(argument: &Data) -> Option<(&str, Option<&Bag>)> {
    match argument {
        Data::Text(text) => Some((text, None)),
        Data::List(items) => match items.as_slice() {
            [text] => Some((text.as_str()?, None)),
            [text, variables] => Some((text.as_str()?, variables.as_map())),
            _ => None,
        },
        _ => None,
    }
}

/// A piece of the text of `Fn::Sub`.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece<'a> {
    /// Literal text.
    Text(String),
    /// The name of a variable.
    Variable(&'a str),
}

/// Returns the pieces of the text of `Fn::Sub`. `${!Name}` is the text `${Name}`.
pub fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut plain = String::new();
    while let Some(start) = text.find("${") {
        let Some(length) = text[start..].find('}') else { break };
        let name = &text[start + 2..start + length];
        plain += &text[..start];
        match name.strip_prefix('!') {
            Some(literal) => plain += &format!("${{{literal}}}"),
            None => {
                found.push(Piece::Text(std::mem::take(&mut plain)));
                found.push(Piece::Variable(name.trim()));
            }
        }
        text = &text[start + length + 1..];
    }
    plain += text;
    found.push(Piece::Text(plain));
    found.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_sub_text_into_variables_and_literals() {
        let text = |text: &str| Piece::Text(text.to_owned());
        assert_eq!(pieces("a-${Vpc.Id}-${!User}$"), [text("a-"), Piece::Variable("Vpc.Id"), text("-${User}$")]);
        assert_eq!(pieces("${A}${AWS::Region}"), [Piece::Variable("A"), Piece::Variable("AWS::Region")]);
        assert_eq!(pieces("echo ${"), [text("echo ${")]);
    }

    #[test]
    fn parses_both_notations_of_attributes() {
        let list = Data::from(vec!["Db", "Endpoint.Address"]);
        assert_eq!(attribute(&list), Some(("Db", Some("Endpoint.Address".to_owned()))));
        assert_eq!(attribute(&Data::from("Db.Endpoint.Address")), Some(("Db", Some("Endpoint.Address".to_owned()))));
    }
}
