//! Custom resources. For each of them, CloudFormation sends requests to a Lambda function or an SNS topic of the user.

use std::borrow::Cow;

use super::{Attributed, Attributes, ResourceType};
use crate::l1::with;
use crate::val::{Bag, Data, IntoVal, Key, Value};
use crate::{Construct, Resource, Scope, Val};

/// A custom resource of a type such as `Custom::Zone`, or `AWS::CloudFormation::CustomResource`.
///
/// The service token identifies the provider: a Lambda function or an SNS topic. CloudFormation sends the other
/// properties to the provider. The provider returns the attributes, which [`Resource::attr`] reads by name. The
/// properties depend on the provider.
///
/// # Example
///
/// ```
/// # use meshsynth::{cfn, App, Env, Stack, Val};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let zone = cfn::CustomResource::new("Custom::Zone", "arn:aws:lambda:eu-west-1:111122223333:function:zones")
///     .service_timeout(300)
///     .raw("Preferred", ["a", "b"])
///     .define(&data, "zone");
/// let name: Val<String> = zone.attr("Name");
/// # data.output("Zone", name);
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html>
#[derive(Clone)]
pub struct CustomResource {
    type_name: Cow<'static, str>,
    props: Bag,
}

impl CustomResource {
    /// Creates a custom resource of a type for the provider with the service token.
    pub fn new(type_name: impl Into<Cow<'static, str>>, service_token: impl IntoVal<String>) -> Self {
        Self { type_name: type_name.into(), props: with::<String>(Bag::default(), "ServiceToken", service_token) }
    }

    /// Sets `ServiceTimeout`: the number of seconds that CloudFormation waits for the provider. The default of
    /// CloudFormation is one hour.
    #[must_use]
    pub fn service_timeout(self, seconds: impl IntoVal<i64>) -> Self {
        Self { props: with::<i64>(self.props, "ServiceTimeout", seconds), ..self }
    }

    /// Sets a property by its name.
    #[must_use]
    pub fn raw(self, key: impl Into<Key>, value: impl Into<Data>) -> Self {
        Self { props: self.props.with_raw(key, value), ..self }
    }

    /// Returns the type, such as `Custom::Zone`.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Defines the resource in the stack that `scope` belongs to.
    #[track_caller]
    pub fn define(self, scope: &impl Construct, id: &str) -> Resource<CustomResource> {
        Resource::define(scope, id, self.type_name, self.props)
    }
}

impl Value for CustomResource {
    fn into_data(self) -> Data {
        Data::Map(self.props)
    }
}

/// The only typed attribute of a [`CustomResource`]: its `Ref`. [`Resource::attr`] reads all other attributes by name.
pub struct CustomResourceAttributes(Scope);

impl CustomResourceAttributes {
    /// Returns the `Ref` of the resource: the physical ID that the provider assigned.
    pub fn reference(&self) -> Val<String> {
        self.0.attr("Ref")
    }
}

impl Attributes for CustomResourceAttributes {
    fn of(scope: Scope) -> Self {
        Self(scope)
    }

    fn place(&self) -> &Scope {
        &self.0
    }
}

impl Attributed for CustomResource {
    type Attributes = CustomResourceAttributes;
}

impl ResourceType for CustomResource {
    const TYPE: &'static str = "AWS::CloudFormation::CustomResource";

    fn is(type_name: &str) -> bool {
        type_name == Self::TYPE || type_name.starts_with("Custom::")
    }
}
