//! The template sections of a stack in CloudFormation notation, such as parameters, conditions and mappings.

use crate::Stack;
use crate::intrinsic::{self, Intrinsic};
use crate::val::{Bag, Data};

impl Stack {
    /// Defines a template parameter, whose value is set at deployment: its logical id, its type, and other
    /// CloudFormation attributes.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, val::Bag};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// let block = network.parameter("Block", "String", Bag::default().with("Default", "10.0.0.0/16"));
    /// cfn::ec2::Vpc::new().cidr_block(&block).define(&network, "vpc");
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
    pub fn parameter(&self, id: &str, kind: &str, more: Bag) -> Intrinsic {
        let body = Bag::default().with("Type", kind).merged(&more);
        self.entry("Parameters", id, body);
        intrinsic::reference(id)
    }

    /// Defines a template condition, for use in `intrinsic::if_` and in the attribute `Condition`.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html>
    pub fn condition(&self, id: &str, holds: impl Into<Data>) -> &Self {
        self.entry("Conditions", id, holds)
    }

    /// Defines a template mapping, for use in `intrinsic::find_in_map`.
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html>
    pub fn mapping(&self, id: &str, rows: Bag) -> &Self {
        self.entry("Mappings", id, rows)
    }

    /// Defines an entry of a template section in CloudFormation notation: an output with `Export`, a rule, metadata.
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, val::Bag};
    /// # let app = App::new("shop");
    /// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
    /// # let vpc = cfn::ec2::Vpc::new().cidr_block("10.0.0.0/16").define(&network, "vpc");
    /// let export = Bag::default().with("Name", "network-vpc");
    /// network.entry("Outputs", "VpcId", Bag::default().with("Value", vpc.reference()).with("Export", export));
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>
    pub fn entry(&self, section: &'static str, id: &str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.change(|stack| stack.entries.push((section, id.to_owned(), value)))
    }

    /// Defines a whole template section in CloudFormation notation, such as `Transform`, with which CloudFormation
    /// expands the template before deployment.
    ///
    /// Properties of a template with a macro are not checked, because the output of the macro is unknown.
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn};
    /// # let app = App::new("shop");
    /// # let orders = Stack::new(&app, "orders", Env::region("eu-west-1"));
    /// orders.adopt("orders").section("Transform", "AWS::Serverless-2016-10-31");
    /// cfn::Raw::new("AWS::Serverless::SimpleTable").define(&orders, "table").logical_id("Table");
    /// # assert!(app.synth()?.files["orders.template.json"].contains("\"Transform\": \"AWS::Serverless-2016-10-31\""));
    /// # Ok::<(), meshsynth::Failure>(())
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html>
    pub fn section(&self, name: &'static str, value: impl Into<Data>) -> &Self {
        let value = value.into();
        self.change(|stack| stack.sections.push((name, value)))
    }
}
