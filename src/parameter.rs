//! Template parameters, whose values are set at deployment.

use crate::Stack;
use crate::intrinsic::{self, Intrinsic};
use crate::val::{Bag, Data};

/// A template parameter with its type and its constraints.
///
/// A program rarely needs parameters, because it has variables. Use a parameter for a value that is decided at
/// deployment, such as a password, and for the inputs of a nested stack.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Parameter, Stack, cfn};
/// # let app = App::new("shop");
/// # let network = Stack::new(&app, "network", Env::region("eu-west-1"));
/// let block = Parameter::text("Block").describe("The addresses of the network").default("10.0.0.0/16").define(&network);
/// cfn::ec2::Vpc::new().cidr_block(&block).define(&network, "vpc");
/// # assert!(app.synth()?.files["network.template.json"].contains("The addresses"));
/// # Ok::<(), meshsynth::Failure>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
#[derive(Clone, Debug)]
#[must_use = "a parameter belongs to the template only after `define`"]
pub struct Parameter {
    id: String,
    body: Bag,
}

impl Parameter {
    /// Creates a parameter with its logical id and its CloudFormation type, such as `AWS::EC2::VPC::Id`.
    pub fn new(id: &str, kind: &str) -> Self {
        Self { id: id.to_owned(), body: Bag::default().with("Type", kind) }
    }

    /// Creates a text parameter.
    pub fn text(id: &str) -> Self {
        Self::new(id, "String")
    }

    /// Creates a number parameter.
    pub fn number(id: &str) -> Self {
        Self::new(id, "Number")
    }

    /// Sets the description.
    pub fn describe(self, text: &str) -> Self {
        self.with("Description", text)
    }

    /// Sets the value that is used if the deployment specifies none.
    pub fn default(self, value: impl Into<Data>) -> Self {
        self.with("Default", value)
    }

    /// Sets the allowed values.
    pub fn allowed<T: Into<Data>>(self, values: impl IntoIterator<Item = T>) -> Self {
        self.with("AllowedValues", Data::List(values.into_iter().map(Into::into).collect()))
    }

    /// Sets the regular expression that a text must match.
    pub fn pattern(self, pattern: &str) -> Self {
        self.with("AllowedPattern", pattern)
    }

    /// Sets the minimum and the maximum length of a text.
    pub fn length(self, min: impl Into<Data>, max: impl Into<Data>) -> Self {
        self.with("MinLength", min).with("MaxLength", max)
    }

    /// Sets the minimum and the maximum of a number.
    pub fn range(self, min: impl Into<Data>, max: impl Into<Data>) -> Self {
        self.with("MinValue", min).with("MaxValue", max)
    }

    /// Sets the message for a value that violates a constraint.
    pub fn explain(self, text: &str) -> Self {
        self.with("ConstraintDescription", text)
    }

    /// Hides the value in the console and in API responses.
    pub fn no_echo(self) -> Self {
        self.with("NoEcho", true)
    }

    /// Sets another attribute by its CloudFormation name.
    pub fn with(mut self, name: &'static str, value: impl Into<Data>) -> Self {
        self.body.set(name, value);
        self
    }

    /// Defines the parameter in the template of a stack. Returns its value.
    pub fn define(self, stack: &Stack) -> Intrinsic {
        stack.entry("Parameters", &self.id, self.body);
        intrinsic::reference(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::Parameter;
    use crate::testing::stack;
    use crate::{App, cfn};

    #[test]
    fn writes_constraints_of_parameter() {
        let app = App::new("shop");
        let data = stack(&app, "data");
        let delay = Parameter::number("Delay").range(0, 900).default(5).explain("at most 15 minutes").define(&data);
        Parameter::text("Stage").allowed(["dev", "prod"]).length(3, 4).pattern("[a-z]+").no_echo().define(&data);
        cfn::sqs::Queue::new().delay_seconds(&delay).define(&data, "mails").retain();
        let template = app.synth().unwrap().files["data.template.json"].clone();
        let template: serde_json::Value = serde_json::from_str(&template).unwrap();
        assert_eq!(
            template["Parameters"],
            serde_json::json!({
                "Delay": {
                    "Type": "Number", "MinValue": 0, "MaxValue": 900, "Default": 5,
                    "ConstraintDescription": "at most 15 minutes",
                },
                "Stage": {
                    "Type": "String", "AllowedValues": ["dev", "prod"], "MinLength": 3, "MaxLength": 4,
                    "AllowedPattern": "[a-z]+", "NoEcho": true,
                },
            })
        );
    }
}
