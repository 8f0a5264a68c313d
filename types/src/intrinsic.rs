//! Functions of CloudFormation, written as they are.
//!
//! A program needs few of them: it has variables, arguments and `if` of its own, and references become `Ref` and `Fn::GetAtt`
//! when they are linked. They are for what is decided when a stack is deployed, as by a parameter, and for stacks
//! that were there before the program.
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

/// A value that CloudFormation finds out, of whatever type the property has.
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

/// A value in place of one of another type, such as the text `"true"` where a template has one for a truth value.
pub fn untyped(value: impl Into<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(value.into()))
}

/// A list of values of several kinds: [`list!`](crate::list) makes it.
#[doc(hidden)]
pub fn list(items: Vec<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(Data::List(items)))
}

/// A list whose items are values of several kinds: texts, attributes, functions.
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

/// A map in the vendor's terms, such as a policy: pairs of a name and a value, in their order.
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

/// Any function by its name, such as `Fn::Transform`.
pub fn function(name: &str, argument: impl Into<Data>) -> Intrinsic {
    Intrinsic(Verbatim::from(Data::Map(Bag::default().with(name, argument))))
}

fn call<const N: usize>(name: &str, arguments: [Data; N]) -> Intrinsic {
    function(name, Data::List(arguments.into()))
}

/// `Ref` of a parameter, of a resource or of a pseudo parameter, by its logical id.
pub fn reference(id: &str) -> Intrinsic {
    function("Ref", id)
}

/// `Fn::GetAtt` of a resource by its logical id; a handle has [`attr`](crate::Resource::attr) and typed attributes.
pub fn get_att(id: &str, attribute: impl Into<Data>) -> Intrinsic {
    call("Fn::GetAtt", [id.into(), attribute.into()])
}

/// The region of the stack.
pub fn region() -> Intrinsic {
    reference("AWS::Region")
}

/// The account of the stack.
pub fn account_id() -> Intrinsic {
    reference("AWS::AccountId")
}

/// The partition of the stack, such as `aws`.
pub fn partition() -> Intrinsic {
    reference("AWS::Partition")
}

/// The name of the stack.
pub fn stack_name() -> Intrinsic {
    reference("AWS::StackName")
}

/// The id of the stack, which is an ARN.
pub fn stack_id() -> Intrinsic {
    reference("AWS::StackId")
}

/// The domain of the partition, such as `amazonaws.com`.
pub fn url_suffix() -> Intrinsic {
    reference("AWS::URLSuffix")
}

/// No value: the property is left out.
pub fn no_value() -> Intrinsic {
    reference("AWS::NoValue")
}

/// `Fn::If`: one of two values, by a condition of the template.
pub fn if_(condition: &str, then: impl Into<Data>, otherwise: impl Into<Data>) -> Intrinsic {
    call("Fn::If", [condition.into(), then.into(), otherwise.into()])
}

/// `Fn::Equals`, in a condition.
pub fn equals(one: impl Into<Data>, other: impl Into<Data>) -> Intrinsic {
    call("Fn::Equals", [one.into(), other.into()])
}

/// `Fn::Not`, in a condition.
pub fn not(holds: impl Into<Data>) -> Intrinsic {
    call("Fn::Not", [holds.into()])
}

/// `Fn::And`, in a condition.
pub fn and(all: Intrinsic) -> Intrinsic {
    function("Fn::And", all)
}

/// `Fn::Or`, in a condition.
pub fn or(any: Intrinsic) -> Intrinsic {
    function("Fn::Or", any)
}

/// Another condition, in a condition.
pub fn condition(name: &str) -> Intrinsic {
    function("Condition", name)
}

/// `Fn::FindInMap`: a value of a mapping of the template.
pub fn find_in_map(mapping: impl Into<Data>, first: impl Into<Data>, second: impl Into<Data>) -> Intrinsic {
    call("Fn::FindInMap", [mapping.into(), first.into(), second.into()])
}

/// `Fn::Join`: the items of a list as one text.
pub fn join(separator: &str, items: impl Into<Data>) -> Intrinsic {
    call("Fn::Join", [separator.into(), items.into()])
}

/// `Fn::Select`: an item of a list.
pub fn select(index: impl Into<Data>, items: impl Into<Data>) -> Intrinsic {
    call("Fn::Select", [index.into(), items.into()])
}

/// `Fn::Split`: the pieces of a text.
pub fn split(separator: &str, text: impl Into<Data>) -> Intrinsic {
    call("Fn::Split", [separator.into(), text.into()])
}

/// `Fn::Sub` with variables of its own; [`text!`](crate::text) makes one without.
pub fn sub(text: &str, variables: Bag) -> Intrinsic {
    call("Fn::Sub", [text.into(), variables.into()])
}

/// `Fn::Base64`.
pub fn base64(text: impl Into<Data>) -> Intrinsic {
    function("Fn::Base64", text)
}

/// `Fn::Cidr`: so many blocks of a block, each with so many bits for hosts.
pub fn cidr(block: impl Into<Data>, count: impl Into<Data>, bits: impl Into<Data>) -> Intrinsic {
    call("Fn::Cidr", [block.into(), count.into(), bits.into()])
}

/// `Fn::GetAZs`: the availability zones of a region; of that of the stack where it is an empty text.
pub fn get_azs(region: impl Into<Data>) -> Intrinsic {
    function("Fn::GetAZs", region)
}

/// `Fn::ImportValue`: what another stack exports; [`Val::exported`] does the same for a name that the program knows.
pub fn import_value(name: impl Into<Data>) -> Intrinsic {
    function("Fn::ImportValue", name)
}
