//! Values that the account and the region of the reader have already, and that are read when a stack is deployed.

use super::{Attr, Deferred, Val, Value};
use crate::tree::NodeId;

/// How the name of an attribute of a stack begins that stands for an export of another stack.
#[doc(hidden)]
pub const EXPORT: &str = "export:";

/// How the name of an attribute of a stack begins that stands for a parameter of AWS Systems Manager.
#[doc(hidden)]
pub const PARAMETER: &str = "ssm:";

impl<T: Value> Val<T> {
    /// What a stack of another program exports under this name, in the account and the region of whoever reads it.
    ///
    /// It is read when a stack is deployed (`Fn::ImportValue`); CloudFormation keeps it as it is while a stack reads it. A
    /// list is an export whose items are separated by commas.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, Val, ssm};
    /// # let app = App::new("shop");
    /// let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// let vpc_id: Val<String> = Val::exported("network-VpcId");
    /// ssm::Parameter::new(&run, "vpc-id", "network/vpc-id", vpc_id, Default::default());
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-importvalue.html>
    pub fn exported(name: &str) -> Self {
        let name = format!("{EXPORT}{name}").into();
        Val::Deferred(Deferred::Attr(Attr { node: NodeId::READER, name, is_list: T::IS_LIST }))
    }
}
