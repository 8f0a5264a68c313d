//! CloudFormation custom resources. A Lambda function or an SNS topic of the user handles their requests.

use crate::aws::lambda::Function;
use crate::aws::sns::Topic;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, IntoVal, Val};
use crate::{Duration, Resource, cfn};

/// Properties of a [`CustomResource`].
#[derive(Clone, Debug, Default)]
pub struct CustomResourceProps {
    /// The properties that CloudFormation passes to the provider. A changed property updates the resource. Default:
    /// none.
    pub properties: Bag,
    /// The time that CloudFormation waits for the provider's response, from one second to one hour. Default: one hour.
    pub timeout: Option<Duration>,
}

/// The provider of a custom resource: a Lambda function, or an SNS topic in the region of the stack.
///
/// A [`Function`], a [`Topic`], or the ARN of an existing function or topic can be converted to a token.
#[derive(Clone, Debug)]
pub struct ServiceToken(Val<String>);

impl From<&Function> for ServiceToken {
    fn from(function: &Function) -> Self {
        Self(function.arn())
    }
}

impl From<&Topic> for ServiceToken {
    fn from(topic: &Topic) -> Self {
        Self(topic.arn().into_text())
    }
}

impl From<Val<String>> for ServiceToken {
    fn from(arn: Val<String>) -> Self {
        Self(arn)
    }
}

impl From<&str> for ServiceToken {
    fn from(arn: &str) -> Self {
        Self(arn.into_val())
    }
}

/// A custom resource. It represents, for example, a record in another system or a value that CloudFormation cannot
/// compute.
///
/// CloudFormation sends a request to the provider when the resource is created, updated or deleted, and waits for the
/// response. The response contains an ID, and attributes that [`CustomResource::attr`] reads by name. The provider
/// receives numbers and booleans as text.
///
/// # Diagnostics
///
/// - `MS0144`: the type is not valid.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Duration, Env, Stack, cloudformation, map};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let provider = "arn:aws:lambda:eu-west-1:111122223333:function:tenants";
/// let tenant = cloudformation::CustomResource::new(&data, "tenant", "Custom::Tenant", provider, cloudformation::CustomResourceProps {
///     properties: map![("Name", "orders"), ("Regions", ["eu-west-1", "eu-central-1"])],
///     timeout: Some(Duration::minutes(5)),
/// });
/// data.output("TenantUrl", tenant.attr("Url"));
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html>
#[derive(Clone)]
pub struct CustomResource {
    scope: Scope,
}

impl CustomResource {
    /// Defines a custom resource with a type such as `Custom::Tenant`.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        type_name: &str,
        provider: impl Into<ServiceToken>,
        props: CustomResourceProps,
    ) -> Self {
        let resource = cfn::CustomResource::new(type_name.to_owned(), provider.into().0);
        let resource = match props.timeout {
            Some(timeout) => resource.service_timeout(i64::try_from(timeout.as_seconds()).unwrap_or(i64::MAX)),
            None => resource,
        };
        let properties = &props.properties;
        let resource = properties.iter().fold(resource, |of, (key, value)| of.raw(key.to_owned(), value.clone()));
        Self::bare(scope, id, resource)
    }

    /// Defines a bare custom resource.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, cloudformation};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let token = "arn:aws:sns:eu-west-1:111122223333:tenants";
    /// let tenant = cfn::CustomResource::new("Custom::Tenant", token).raw("Name", "orders");
    /// let tenant = cloudformation::CustomResource::bare(&data, "tenant", tenant);
    /// tenant.resource().logical_id("Tenant");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, resource: cfn::CustomResource) -> Self {
        let scope = scope.scope().construct(id);
        let detail = resource.type_name().to_owned();
        resource.define(&scope, "resource");
        scope.diagram(DiagramNode::quiet("parameter").detail(detail));
        Self { scope }
    }

    /// Returns an attribute of the provider's response by its name.
    pub fn attr(&self, name: &str) -> Val<String> {
        self.resource().attr(name.to_owned())
    }

    /// Returns the physical ID that the provider assigned. `Ref` returns the same value.
    pub fn physical_id(&self) -> Val<String> {
        self.resource().reference()
    }

    /// Returns the typed resource, for example to keep its logical ID, or to set a property for which the construct has
    /// no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<cfn::CustomResource> {
        Resource::of(self, "resource")
    }
}

impl Construct for CustomResource {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{CustomResource, CustomResourceProps};
    use crate::testing::{Platform, codes, stack};
    use crate::{Duration, cfn, map, sns};

    #[test]
    fn passes_properties_to_topic_provider() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let topic = sns::Topic::bare(&data, "tenants", cfn::sns::Topic::new());
            let props = CustomResourceProps { properties: map![("Size", 2)], timeout: Some(Duration::minutes(1)) };
            let tenant = CustomResource::new(&data, "tenant", "Custom::Tenant", &topic, props);
            data.output("Url", tenant.attr("Url"));
            data.output("Id", tenant.physical_id());
        });
        let tenant = platform.resource("Custom::Tenant").props;
        assert_eq!((&tenant["Size"], &tenant["ServiceTimeout"]), (&2.into(), &60.into()));
        assert!(tenant["ServiceToken"]["Ref"].is_string(), "{tenant}");
    }

    #[test]
    fn accepts_any_attribute_of_a_custom_resource() {
        for type_name in ["Custom::Tenant", "AWS::CloudFormation::CustomResource"] {
            let found = codes(|app| {
                let data = stack(app, "data");
                let token = "arn:aws:sns:eu-west-1:111122223333:tenants";
                let tenant = CustomResource::new(&data, "tenant", type_name, token, CustomResourceProps::default());
                data.output("Url", tenant.attr("Url.Host"));
            });
            assert_eq!(found, [""; 0], "{type_name}");
        }
    }
}
