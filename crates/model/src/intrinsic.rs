//! CloudFormation intrinsic functions.
//!
//! A program rarely needs intrinsic functions. It uses the variables, arguments and conditions of Rust instead, and
//! linking converts references to `Ref` and `Fn::GetAtt`. Use intrinsic functions for values that depend on the
//! deployment, such as on a stack parameter. Adopted stacks also contain intrinsic functions.
//!
//! ```
//! use meshsynth::val::Bag;
//! use meshsynth::{App, Env, Stack, cfn, intrinsic};
//!
//! let app = App::new("shop");
//! let data = Stack::new(&app, "data", Env::region("eu-west-1"));
//! let stage = data.parameter("Stage", "String", Bag::default().with("Default", "dev"));
//! data.condition("IsProd", intrinsic::equals(&stage, "prod"));
//! cfn::sqs::Queue::new().message_retention_period(intrinsic::if_("IsProd", 1_209_600, 345_600)).define(&data, "mails");
//! # app.synth().expect("it synthesizes");
//! ```
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use crate::val::{Bag, Data, Deferred, Part, Val, Value, Verbatim, as_data};

/// A value that CloudFormation computes. It can be the value of a property of any type.
#[derive(Clone, Debug, PartialEq)]
pub struct Intrinsic(Verbatim);

impl<T: Value> From<Intrinsic> for Val<T> {
    fn from(value: Intrinsic) -> Self {
        Val::Deferred(Deferred::Verbatim(Box::new(value.0)))
    }
}

impl<T: Value> From<&Intrinsic> for Val<T> {
    fn from(value: &Intrinsic) -> Self {
        value.clone().into()
    }
}

impl From<Intrinsic> for Data {
    fn from(value: Intrinsic) -> Self {
        as_data(value.0)
    }
}

impl From<&Intrinsic> for Data {
    fn from(value: &Intrinsic) -> Self {
        value.clone().into()
    }
}

impl From<Intrinsic> for Part {
    fn from(value: Intrinsic) -> Self {
        match as_data(value.0) {
            Data::Deferred(deferred) => Part::Value(*deferred),
            known => Part::from(known.to_text()),
        }
    }
}

impl From<&Intrinsic> for Part {
    fn from(value: &Intrinsic) -> Self {
        value.clone().into()
    }
}

/// Returns a value that can be set in a property of another type. An example is the text `"true"` for a Boolean
/// property.
pub fn untyped(value: impl Into<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(value.into()))
}

/// Returns a list of values of different types. The [`list!`](crate::list) macro calls it.
#[doc(hidden)]
pub fn list(items: Vec<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(Data::List(items)))
}

/// Creates a list whose items have different types: text, attributes, functions.
///
/// ```
/// # use meshsynth::{App, cfn, intrinsic, list, testing};
/// # let app = App::new("shop");
/// # let stack = testing::stack(&app, "network");
/// let own = cfn::ec2::SecurityGroup::new("own").define(&stack, "own");
/// cfn::ec2::Instance::new().security_group_ids(list![own.group_id(), "sg-0a1b2c3d"]).define(&stack, "web");
/// ```
#[macro_export]
macro_rules! list {
    ($($item:expr),* $(,)?) => {
        $crate::intrinsic::list(vec![$($crate::val::Data::from($item)),*])
    };
}

/// Creates a map with vendor property names, such as a policy. Takes pairs of a name and a value, in order.
///
/// ```
/// # use meshsynth::{list, map};
/// let policy = map![
///     ("Version", "2012-10-17"),
///     ("Statement", list![map![("Effect", "Allow"), ("Action", "s3:GetObject"), ("Resource", "*")]]),
/// ];
/// ```
#[macro_export]
macro_rules! map {
    ($(($key:expr, $value:expr)),* $(,)?) => {
        $crate::val::Bag::default()$(.with($key, $value))*
    };
}

/// Returns a call of any function by its name, such as `Fn::Transform`.
pub fn function(name: &str, argument: impl Into<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(Data::Map(Bag::default().with(name, argument))))
}

fn call<const N: usize>(name: &str, arguments: [Data; N]) -> Intrinsic {
    function(name, Data::List(arguments.into()))
}

/// Returns the `Ref` of a parameter, a resource or a pseudo parameter by its logical ID.
pub fn reference(id: &str) -> Intrinsic {
    function("Ref", id)
}

/// Returns the `Fn::GetAtt` of a resource by its logical ID. If the program has a handle of the resource, use its typed
/// attributes or [`attr`](crate::Resource::attr) instead.
pub fn get_att(id: &str, attribute: impl Into<Data>) -> Intrinsic {
    call("Fn::GetAtt", [id.into(), attribute.into()])
}

/// Returns the region of the stack.
pub fn region() -> Intrinsic {
    reference("AWS::Region")
}

/// Returns the account of the stack.
pub fn account_id() -> Intrinsic {
    reference("AWS::AccountId")
}

/// Returns the partition of the stack, such as `aws`.
pub fn partition() -> Intrinsic {
    reference("AWS::Partition")
}

/// Returns the name of the stack.
pub fn stack_name() -> Intrinsic {
    reference("AWS::StackName")
}

/// Returns the id of the stack, which is an ARN.
pub fn stack_id() -> Intrinsic {
    reference("AWS::StackId")
}

/// Returns the domain suffix of the partition, such as `amazonaws.com`.
pub fn url_suffix() -> Intrinsic {
    reference("AWS::URLSuffix")
}

/// Returns `AWS::NoValue`, which removes the property.
pub fn no_value() -> Intrinsic {
    reference("AWS::NoValue")
}

/// Returns `Fn::If`, which selects one of two values by a template condition.
pub fn if_(condition: &str, then: impl Into<Data>, otherwise: impl Into<Data>) -> Intrinsic {
    call("Fn::If", [condition.into(), then.into(), otherwise.into()])
}

/// Returns `Fn::Equals`, for conditions.
pub fn equals(one: impl Into<Data>, other: impl Into<Data>) -> Intrinsic {
    call("Fn::Equals", [one.into(), other.into()])
}

/// Returns `Fn::Not`, for conditions.
pub fn not(holds: impl Into<Data>) -> Intrinsic {
    call("Fn::Not", [holds.into()])
}

/// Returns `Fn::And`, for conditions.
pub fn and(all: Intrinsic) -> Intrinsic {
    function("Fn::And", all)
}

/// Returns `Fn::Or`, for conditions.
pub fn or(any: Intrinsic) -> Intrinsic {
    function("Fn::Or", any)
}

/// Returns a reference to a named condition, for use in another condition.
pub fn condition(name: &str) -> Intrinsic {
    function("Condition", name)
}

/// Returns `Fn::FindInMap`, which looks up a value in a template mapping.
pub fn find_in_map(mapping: impl Into<Data>, first: impl Into<Data>, second: impl Into<Data>) -> Intrinsic {
    call("Fn::FindInMap", [mapping.into(), first.into(), second.into()])
}

/// Returns `Fn::Join`, which joins the items of a list into one text.
pub fn join(separator: &str, items: impl Into<Data>) -> Intrinsic {
    call("Fn::Join", [separator.into(), items.into()])
}

/// Returns `Fn::Select`, which selects an item of a list.
pub fn select(index: impl Into<Data>, items: impl Into<Data>) -> Intrinsic {
    call("Fn::Select", [index.into(), items.into()])
}

/// Returns `Fn::Split`, which splits a text.
pub fn split(separator: &str, text: impl Into<Data>) -> Intrinsic {
    call("Fn::Split", [separator.into(), text.into()])
}

/// Returns `Fn::Sub` with a map of variables. The [`text!`](crate::text) macro creates `Fn::Sub` without this map.
pub fn sub(text: &str, variables: Bag) -> Intrinsic {
    call("Fn::Sub", [text.into(), variables.into()])
}

/// Returns `Fn::Base64`.
pub fn base64(text: impl Into<Data>) -> Intrinsic {
    function("Fn::Base64", text)
}

/// Returns `Fn::Cidr`, which divides a CIDR block into `count` blocks with `bits` host bits each.
pub fn cidr(block: impl Into<Data>, count: impl Into<Data>, bits: impl Into<Data>) -> Intrinsic {
    call("Fn::Cidr", [block.into(), count.into(), bits.into()])
}

/// Returns `Fn::GetAZs`, which lists the availability zones of a region. An empty text means the stack's region.
pub fn get_azs(region: impl Into<Data>) -> Intrinsic {
    function("Fn::GetAZs", region)
}

/// Returns `Fn::ImportValue`, which reads an export of another stack. If the name is known at synthesis, use
/// [`Val::exported`] instead.
pub fn import_value(name: impl Into<Data>) -> Intrinsic {
    function("Fn::ImportValue", name)
}
