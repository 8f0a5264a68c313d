//! Parameters of AWS Systems Manager: plain configuration under `/{app}/{service}/…`.

use super::iam::{Grantee, Statement};
use crate::cfn::ssm;
use crate::cfn::ssm::parameter::Type;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{IntoVal, Val};

/// Properties of a [`Parameter`].
#[derive(Clone, Debug, Default)]
pub struct ParameterProps {
    /// What the parameter says. Default: no description.
    pub description: String,
}

/// One value of configuration, named `/{app}/{name}`.
///
/// The value may be known or deferred, such as the address of a database. A
/// [`Secret`](crate::Secret) is not accepted here and does not compile: let the reader
/// read it where it lies.
///
/// ```compile_fail
/// # fn f(data: meshsynth::Stack, login: meshsynth::Secret) {
/// meshsynth::ssm::Parameter::new(&data, "p", "orders/password", login, Default::default());
/// # }
/// ```
///
/// # Diagnostics
///
/// - `MS0311`: the name is not valid in Parameter Store.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, ssm};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let url = ssm::Parameter::new(&data, "orders-db-url", "orders/db-url", "postgresql://db:5432/orders", Default::default());
/// assert_eq!(url.name(), "/shop/orders/db-url");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html>
#[derive(Clone)]
pub struct Parameter {
    scope: Scope,
    name: String,
}

impl Parameter {
    /// Defines the parameter `/{app}/{name}`, such as `orders/db-url`.
    #[track_caller]
    pub fn new(
        scope: &impl Construct,
        id: &str,
        name: &str,
        value: impl IntoVal<String>,
        props: ParameterProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        let name = under_app(&scope, name);
        let mut parameter = ssm::Parameter::new(Type::String, value.into_val()).name(name.clone());
        if !props.description.is_empty() {
            parameter = parameter.description(props.description);
        }
        parameter.define(&scope, "resource");
        scope.diagram(DiagramNode::new("parameter").label(&name));
        Self { scope, name }
    }

    /// The whole name, such as `/shop/orders/db-url`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ARN of the parameter.
    pub fn arn(&self) -> Val<String> {
        arn(&self.scope, &self.name)
    }

    /// Lets the grantee read this parameter, by its name.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["ssm:GetParameter", "ssm:GetParameters"]).on(self.arn());
        grantee.role().grant(grantee, &self.scope, statement);
    }
}

impl Construct for Parameter {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// All parameters of a service: the path `/{app}/{service}`.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, ssm};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let orders = ssm::Path::new(&data, "orders-config", "orders");
/// orders.add("db-port", "5432");
/// assert_eq!(orders.name(), "/shop/orders");
/// ```
#[derive(Clone)]
pub struct Path {
    scope: Scope,
    name: String,
}

impl Path {
    /// The path `/{app}/{service}`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, service: &str) -> Self {
        let scope = scope.scope().construct(id);
        let name = under_app(&scope, service);
        scope.diagram(DiagramNode::new("parameter").label(format!("{name}/*")));
        Self { scope, name }
    }

    /// The path, such as `/shop/orders`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Defines the parameter `key` of this path.
    #[track_caller]
    pub fn add(&self, key: &str, value: impl IntoVal<String>) -> Parameter {
        let parameter =
            Parameter::new(&self.scope, key, &format!("{}/{key}", self.name), value, ParameterProps::default());
        // The path stands for its parameters, unless one is granted by itself.
        parameter.scope.diagram(DiagramNode::quiet("parameter").label(&parameter.name));
        parameter
    }

    /// Lets the grantee read everything below this path, by name or all at once.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"])
            .on(arn(&self.scope, &self.name))
            .on(arn(&self.scope, &format!("{}/*", self.name)));
        grantee.role().grant(grantee, &self.scope, statement);
    }
}

impl Construct for Path {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// `orders/db-url` as `/shop/orders/db-url`; a name that begins there stays as it is.
fn under_app(scope: &Scope, name: &str) -> String {
    let root = format!("/{}/", scope.app_name());
    match name.starts_with(&root) {
        true => name.to_owned(),
        false => format!("{root}{}", name.trim_start_matches('/')),
    }
}

/// The ARN of a parameter or path: its name follows `parameter` at once, since it begins with a slash.
fn arn(scope: &Scope, name: &str) -> Val<String> {
    text!["arn:", scope.partition(), ":ssm:", scope.region(), ":", scope.account(), ":parameter", name.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::Path;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, stack};

    #[test]
    fn a_service_reads_its_own_path_alone() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let config = Path::new(&data, "config", "orders");
            config.add("db-port", "5432");
            let role = Role::new(&data, "orders", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            config.grant_read(&role);
        });
        assert_eq!(platform.resource("AWS::SSM::Parameter").props["Name"], "/shop/orders/db-port");
        let statement = &platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"][0];
        let arn = "arn:${AWS::Partition}:ssm:ap-northeast-1:111122223333:parameter/shop/orders";
        assert_eq!(
            statement["Resource"],
            serde_json::json!([
                { "Fn::Sub": arn }, { "Fn::Sub": format!("{arn}/*") }
            ])
        );
    }
}
