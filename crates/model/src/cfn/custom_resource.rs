//! Custom resources: what a function or a topic of yours makes for a stack.

use std::borrow::Cow;

use super::{Attributed, Attributes, ResourceType};
use crate::l1::with;
use crate::val::{Bag, Data, IntoVal, Key, Value};
use crate::{Construct, Resource, Scope, Val};

/// A custom resource of a type such as `Custom::Zone`, or `AWS::CloudFormation::CustomResource`.
///
/// Whoever has the service token, a Lambda function or an SNS topic, is told the other properties and answers with the
/// attributes, which [`Resource::attr`] reads by their names. A property is whatever that provider asks for.
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
    /// A custom resource of a type, which the provider with the service token makes.
    pub fn new(type_name: impl Into<Cow<'static, str>>, service_token: impl IntoVal<String>) -> Self {
        Self { type_name: type_name.into(), props: with::<String>(Bag::default(), "ServiceToken", service_token) }
    }

    /// Sets `ServiceTimeout`: how many seconds CloudFormation waits for the answer of the provider; an hour where it is not set.
    #[must_use]
    pub fn service_timeout(self, seconds: impl IntoVal<i64>) -> Self {
        Self { props: with::<i64>(self.props, "ServiceTimeout", seconds), ..self }
    }

    /// Sets a property by its name, as the provider reads it.
    #[must_use]
    pub fn raw(self, key: impl Into<Key>, value: impl Into<Data>) -> Self {
        Self { props: self.props.with_raw(key, value), ..self }
    }

    /// Its type, such as `Custom::Zone`.
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

/// What a handle of a [`CustomResource`] refers to: what `Ref` returns; attributes by [`Resource::attr`].
pub struct CustomResourceAttributes(Scope);

impl CustomResourceAttributes {
    /// What `Ref` returns for the resource: the physical id that the provider gave.
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
