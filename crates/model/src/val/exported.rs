//! Exports of other programs. A stack reads them during deployment, in its own account and region.

use super::{Attr, AttrName, Deferred, Val, Value};
use crate::tree::NodeId;

impl<T: Value> Val<T> {
    /// Returns the value that a stack of another program exports under this name, in the reader's account and region.
    ///
    /// CloudFormation reads the export during deployment (`Fn::ImportValue`). While a stack imports the export,
    /// CloudFormation does not allow changes to it. For a list, the export must contain the items separated by commas.
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
        let name = AttrName::Export(name.into());
        Val::Deferred(Deferred::Attr(Attr { node: NodeId::READER, name, is_list: T::IS_LIST }))
    }
}
