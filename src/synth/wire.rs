//! The form in which each reader refers to a value.
//!
//! | reader | wire |
//! |---|---|
//! | same stack | `Ref`, `Fn::GetAtt`, `Fn::Sub` |
//! | other stack, same account and region | export and `Fn::ImportValue` |
//! | other account or region | `Fn::GetStackOutput` |
//! | Kubernetes | a literal if the value is known, otherwise a placeholder |
//!
//! An output is a text. The source stack joins the items of a list with [`SEPARATOR`], and the reader splits the text.
//! If the reader needs only one item of a list, the source stack selects it.

use std::borrow::Cow;

use crate::facts::AttributeKind;
use crate::facts::regions::Partition;
use crate::name;
use crate::node::{Env, Kind};
use crate::tree::NodeId;
use crate::val::{Attr, AttrName, Bag, Data, Deferred, Part, Secret};

use super::Model;

/// A value that one stack reads from another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Crossing<'a> {
    /// The stack that has the value.
    pub from: NodeId,
    /// The value, in the notation of that stack.
    pub value: &'a Deferred,
    /// Whether the stack exports it, so that CloudFormation protects it against deletion.
    pub strong: bool,
}

/// Returns the intrinsic function for a value in a stack's template.
pub(super) fn intrinsic(model: &Model, reader: NodeId, value: &Deferred) -> Data {
    if let Some(crossing) = crossing(model, reader, value) {
        let read = import(model, reader, &crossing);
        return match is_list(model, value) {
            true => function("Fn::Split", vec![Data::from(SEPARATOR), read]),
            false => read,
        };
    }
    match value {
        Deferred::Attr(attr) => local(model, attr),
        Deferred::Piece { of, separator, index } => {
            let split = function("Fn::Split", vec![Data::from(*separator), intrinsic(model, reader, of)]);
            function("Fn::Select", vec![Data::from(*index as i64), split])
        }
        Deferred::Item { of, index } => {
            function("Fn::Select", vec![Data::from(*index as i64), intrinsic(model, reader, of)])
        }
        Deferred::Joined { of, separator } => joined(separator, intrinsic(model, reader, of)),
        Deferred::Text(parts) | Deferred::Doc(parts) => sub(model, reader, parts),
        // The deferred values in this data are converted when the data is written.
        Deferred::Verbatim(tree) => Data::from(&**tree),
    }
}

/// The separator of list items in an output, which does not occur in names, ids, ARNs or addresses.
pub(super) const SEPARATOR: &str = "||";

/// Returns the value of an output in the notation of its stack.
pub(super) fn output(model: &Model, stack: NodeId, value: &Deferred) -> Data {
    let local = intrinsic(model, stack, value);
    if is_list(model, value) { joined(SEPARATOR, local) } else { local }
}

/// Returns the value of an output that the program defines. The items of a list are joined with commas.
pub(super) fn shown(model: &Model, data: &Data) -> Data {
    match data {
        Data::List(items) if items.iter().any(|item| matches!(item, Data::Deferred(_))) => joined(",", data.clone()),
        Data::List(items) => Data::from(items.iter().map(Data::to_text).collect::<Vec<_>>().join(",")),
        Data::Deferred(deferred) if is_list(model, deferred) => joined(",", data.clone()),
        other => other.clone(),
    }
}

fn joined(separator: &'static str, list: Data) -> Data {
    function("Fn::Join", vec![Data::from(separator), list])
}

/// Whether a value is a list.
pub(super) fn is_list(model: &Model, value: &Deferred) -> bool {
    matches!(value, Deferred::Attr(attr) if kind(model, attr) != AttributeKind::Text)
}

/// Returns the kind of an attribute according to the facts. If the facts do not contain the attribute, its use
/// determines the kind.
pub(super) fn kind(model: &Model, attr: &Attr) -> AttributeKind {
    let read_as = if attr.is_list { AttributeKind::List } else { AttributeKind::Text };
    model.facts(attr.node).and_then(|facts| facts.attribute_kind(attr.name.named()?)).unwrap_or(read_as)
}

/// Returns the crossing of a value that is derived from one attribute of another stack.
///
/// The source stack splits an attribute into pieces. A text can contain values of several stacks. Each value crosses
/// separately, and the reader combines them.
pub(super) fn crossing<'a>(model: &Model, reader: NodeId, value: &'a Deferred) -> Option<Crossing<'a>> {
    let attr = root(value)?;
    let from = model.stack_of(attr.node).filter(|from| *from != reader)?;
    let (theirs, ours) = (&model.stack(from).env, &model.stack(reader).env);
    if is_pseudo(attr) && theirs == ours {
        return None;
    }
    Some(Crossing { from, value, strong: model.strong_references && theirs == ours })
}

/// Returns the only attribute of a value, if there is one.
fn root(value: &Deferred) -> Option<&Attr> {
    match value {
        Deferred::Attr(attr) => Some(attr),
        Deferred::Piece { of, .. } | Deferred::Item { of, .. } | Deferred::Joined { of, .. } => root(of),
        Deferred::Text(_) | Deferred::Doc(_) | Deferred::Verbatim(_) => None,
    }
}

fn import(model: &Model, reader: NodeId, crossing: &Crossing<'_>) -> Data {
    let output = output_id(model, crossing.value);
    let from = model.stack(crossing.from);
    if crossing.strong {
        return single("Fn::ImportValue", export_name(&from.name, &output));
    }
    let mut call = Bag::default().with("StackName", from.name.clone()).with("OutputName", output);
    let (theirs, ours) = (&from.env, &model.stack(reader).env);
    if theirs.region != ours.region {
        call.set("Region", theirs.region.clone());
    }
    if let Some(role) = reader_role(model, theirs, ours) {
        call.set("RoleArn", role);
    }
    single("Fn::GetStackOutput", call)
}

/// Returns the role with which a stack reads the outputs of another account.
fn reader_role(model: &Model, theirs: &Env, ours: &Env) -> Option<String> {
    let account = theirs.account.as_ref().filter(|_| theirs.account != ours.account)?;
    let partition = partition(&theirs.region);
    Some(format!("arn:{partition}:iam::{account}:role/{}", model.output_reader_role))
}

/// Returns `Ref` or `Fn::GetAtt` for an attribute of the same stack.
fn local(model: &Model, attr: &Attr) -> Data {
    if let Some(text) = pseudo_literal(model, attr) {
        return Data::from(text);
    }
    let name = match &attr.name {
        AttrName::Export(name) => {
            let read = single("Fn::ImportValue", name.to_string());
            return if attr.is_list { function("Fn::Split", vec![Data::from(","), read]) } else { read };
        }
        AttrName::Parameter(path) => return single("Ref", parameter_id(path, attr.is_list)),
        AttrName::Zone(idx) => {
            return function("Fn::Select", vec![Data::from(*idx as i64), single("Fn::GetAZs", "")]);
        }
        // Templates cannot read a field of an API response. The link pass reports this error.
        AttrName::Lookup(lookup) => lookup.field.as_ref(),
        AttrName::Named(name) => name.as_ref(),
    };
    match (&model.node(attr.node).kind, name) {
        (Kind::Stack(_), pseudo) => single("Ref", pseudo.to_owned()),
        (_, "Ref") => single("Ref", model.logical_id(attr.node).to_owned()),
        (_, name) => {
            function("Fn::GetAtt", vec![Data::from(model.logical_id(attr.node).to_owned()), name.to_owned().into()])
        }
    }
}

/// Returns the logical id of the template parameter that reads an AWS Systems Manager parameter.
pub(super) fn parameter_id(path: &str, is_list: bool) -> String {
    let kind = if is_list { "SsmList" } else { "Ssm" };
    format!("{kind}{}", unlike(path))
}

/// Returns a part of a logical id that is unique for the text.
fn unlike(text: &str) -> String {
    let mut name = name::pascal(text);
    name.truncate(200);
    format!("{name}{}", name::hash8(text).to_uppercase())
}

/// Returns `Fn::Sub` for a text with values. Literals and local attributes are inline, and other values are variables.
fn sub(model: &Model, reader: NodeId, parts: &[Part]) -> Data {
    let (mut text, mut variables, mut has_value) = (String::new(), Bag::default(), false);
    for part in parts {
        match part {
            Part::Text(literal) => text.push_str(&literal.replace("${", "${!")),
            Part::Value(value) => match intrinsic(model, reader, value) {
                Data::Text(literal) => text.push_str(&literal.replace("${", "${!")),
                known => {
                    has_value = true;
                    let name = inline(&known).unwrap_or_else(|| variable(&mut variables, known));
                    text.push_str(&format!("${{{name}}}"));
                }
            },
        }
    }
    match (has_value, variables.is_empty()) {
        (false, _) => Data::from(text.replace("${!", "${")),
        (true, true) => single("Fn::Sub", text),
        (true, false) => function("Fn::Sub", vec![Data::from(text), Data::Map(variables)]),
    }
}

/// Returns the name of the variable with this value. Equal values share a variable.
fn variable(variables: &mut Bag, value: Data) -> String {
    if let Some((name, _)) = variables.iter().find(|(_, known)| **known == value) {
        return name.to_owned();
    }
    let name = format!("Value{}", variables.len() + 1);
    variables.set(name.clone(), value);
    name
}

/// Returns `Vpc` for `{"Ref": "Vpc"}`, `Db.Arn` for `{"Fn::GetAtt": ["Db", "Arn"]}`.
fn inline(data: &Data) -> Option<String> {
    let (name, value) = data.as_map()?.iter().next()?;
    match (name, value) {
        ("Ref", value) => value.as_str().map(str::to_owned),
        ("Fn::GetAtt", Data::List(items)) => Some(items.iter().filter_map(Data::as_str).collect::<Vec<_>>().join(".")),
        _ => None,
    }
}

/// Returns a dynamic reference. CloudFormation resolves it and does not show the resolved value.
pub(super) fn dynamic_reference(model: &Model, reader: NodeId, secret: &Secret) -> Data {
    let field = secret.field_name().unwrap_or_default();
    let text = crate::text!["{{resolve:secretsmanager:", secret.arn(), ":SecretString:", field.to_owned(), "}}"];
    match Data::from(text) {
        Data::Deferred(deferred) => intrinsic(model, reader, &deferred),
        known => known,
    }
}

/// Returns the logical id of the output for a value.
pub(super) fn output_id(model: &Model, value: &Deferred) -> String {
    match value {
        Deferred::Attr(attr) => match &model.node(attr.node).kind {
            Kind::Stack(_) => match &attr.name {
                AttrName::Export(_) | AttrName::Parameter(_) => unlike(&attr.name.to_string()),
                name => name::pascal(&name.to_string()),
            },
            _ => format!("{}{}", model.logical_id(attr.node), name::pascal(&attr.name.to_string())),
        },
        Deferred::Piece { of, index, .. } => format!("{}Piece{index}", output_id(model, of)),
        Deferred::Item { of, index } => format!("{}Item{index}", output_id(model, of)),
        Deferred::Joined { of, separator } => {
            format!("{}Joined{}", output_id(model, of), name::hash8(separator).to_uppercase())
        }
        Deferred::Text(_) | Deferred::Doc(_) => unreachable!("a text crosses part by part"),
        Deferred::Verbatim(tree) => unlike(&format!("{tree:?}")),
    }
}

/// Returns the name of a stack's export.
pub(super) fn export_name(stack: &str, output: &str) -> String {
    format!("{stack}:{output}")
}

/// Whether an attribute belongs to no resource, and has the same value for all stacks of an account and a region.
fn is_pseudo(attr: &Attr) -> bool {
    match &attr.name {
        AttrName::Named(name) => name.starts_with("AWS::"),
        AttrName::Zone(_) | AttrName::Export(_) | AttrName::Parameter(_) => true,
        AttrName::Lookup(_) => false,
    }
}

/// Returns the value of a pseudo parameter, if the program determines it.
pub(super) fn pseudo_literal(model: &Model, attr: &Attr) -> Option<String> {
    let Kind::Stack(stack) = &model.node(attr.node).kind else { return None };
    match attr.name.named()? {
        "AWS::AccountId" => stack.env.account.clone(),
        "AWS::Region" => Some(stack.env.region.clone()),
        _ => None,
    }
}

/// Returns the partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    Partition::of(region).name
}

/// Returns the response field and the API call, if only an API call provides the attribute.
pub(super) fn lookup(attr: &Attr) -> Option<(&str, &str)> {
    match &attr.name {
        AttrName::Lookup(lookup) => Some((&lookup.field, &lookup.call)),
        _ => None,
    }
}

/// Returns the name of an attribute without its call.
pub(super) fn field(attr: &Attr) -> Cow<'_, str> {
    match &attr.name {
        AttrName::Lookup(lookup) => Cow::Borrowed(&lookup.field),
        AttrName::Named(name) => Cow::Borrowed(name),
        name => Cow::Owned(name.to_string()),
    }
}

fn single(name: &'static str, value: impl Into<Data>) -> Data {
    Data::Map(Bag::default().with(name, value))
}

fn function(name: &'static str, args: Vec<Data>) -> Data {
    single(name, Data::List(args))
}
