//! Template outputs with a description, an export name or a condition.

use crate::Stack;
use crate::val::{Bag, Data};

/// An output of a stack. For an output that is only a value, [`Stack::output`] is shorter.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Output, Stack, cfn};
/// # let app = App::new("shop");
/// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
/// let vpc = cfn::ec2::Vpc::new().cidr_block("10.0.0.0/16").define(&network, "vpc");
/// Output::new("VpcId", vpc.vpc_id()).describe("The network").export("network-vpc").define(&network);
/// # assert!(app.synth()?.files["network.template.json"].contains("network-vpc"));
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>
#[derive(Clone, Debug)]
#[must_use = "an output belongs to the template only after `define`"]
pub struct Output {
    id: String,
    body: Bag,
}

impl Output {
    /// Creates an output with its logical id and its value.
    pub fn new(id: &str, value: impl Into<Data>) -> Self {
        Self { id: id.to_owned(), body: Bag::default().with("Value", value) }
    }

    /// Sets the description.
    pub fn describe(mut self, text: &str) -> Self {
        self.body.set("Description", text);
        self
    }

    /// Exports the value with a name, for `Fn::ImportValue` of other stacks in the account and region.
    pub fn export(mut self, name: impl Into<Data>) -> Self {
        self.body.set("Export", Bag::default().with("Name", name));
        self
    }

    /// Defines the output only if the template condition with this name is true.
    pub fn condition(mut self, name: &str) -> Self {
        self.body.set("Condition", name);
        self
    }

    /// Defines the output in the template of a stack.
    pub fn define(self, stack: &Stack) {
        stack.entry("Outputs", &self.id, self.body);
    }
}

#[cfg(test)]
mod tests {
    use super::Output;
    use crate::testing::stack;
    use crate::{App, cfn, intrinsic};

    #[test]
    fn writes_description_export_and_condition() {
        let app = App::new("shop");
        let data = stack(&app, "data");
        data.condition("IsProd", intrinsic::equals("a", "b"));
        let mails = cfn::sqs::Queue::new().define(&data, "mails");
        mails.retain().attribute("Condition", "IsProd").logical_id("Mails");
        Output::new("Mails", mails.arn()).describe("The queue").export("mails").condition("IsProd").define(&data);
        let template = app.synth().unwrap().files["data.template.json"].clone();
        let template: serde_json::Value = serde_json::from_str(&template).unwrap();
        let mails = serde_json::json!({
            "Value": {"Fn::GetAtt": ["Mails", "Arn"]}, "Description": "The queue", "Export": {"Name": "mails"},
            "Condition": "IsProd",
        });
        assert_eq!(template["Outputs"]["Mails"], mails);
    }
}
