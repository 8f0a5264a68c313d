//! AWS Systems Manager parameters: plain configuration under `/{app}/{service}/…`.

mod bare;

use super::iam::{Grantee, Statement};
use super::kms::Key;
use crate::cfn::ssm;
use crate::cfn::ssm::parameter::Type;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::{At, Construct, Scope};
use crate::val::{IntoVal, Val, Value};

/// Properties of a [`Parameter`].
#[derive(Clone, Debug, Default)]
pub struct ParameterProps {
    /// The description of the parameter. Default: none.
    pub description: String,
}

/// A configuration value, named `/{app}/{name}`.
///
/// The value can be known or deferred, such as the address of a database. A [`Secret`](crate::Secret) is not accepted
/// and does not compile. Grant readers access to the secret instead.
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
    /// The key that encrypts an imported `SecureString`.
    key: Option<Key>,
}

/// An existing parameter.
#[derive(Clone)]
pub struct ExistingParameter {
    /// Its full name, such as `/shared/partner-url`.
    pub name: String,
    /// The key of a `SecureString`, for the decryption permission of readers. `ExistingParameter::named` leaves the
    /// field empty.
    pub key: Option<Key>,
}

impl ExistingParameter {
    /// Refers to a parameter by its name.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), key: None }
    }
}

impl Parameter {
    /// Refers to an existing parameter in the account and the region of the stack. Use [`existing`] to read its value
    /// in the program's stacks, or grant read access.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the name is not valid in Parameter Store.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{ssm, testing, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let data = testing::stack(&app, "data");
    /// let url = ssm::Parameter::import(&data, "partner", ssm::ExistingParameter::named("/shared/partner-url"));
    /// url.grant_read(&orders);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingParameter) -> Self {
        let scope = scope.scope().construct(id);
        let ExistingParameter { name, key } = existing;
        check_name(&scope, &name);
        scope.diagram(DiagramNode::new("parameter").label(&name).detail("exists already"));
        Self { scope, name, key }
    }

    /// Defines the parameter `/{app}/{name}`. An example of `name` is `orders/db-url`.
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
        Self { scope, name, key: None }
    }

    /// Returns the full name, such as `/shop/orders/db-url`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ARN of the parameter.
    pub fn arn(&self) -> Val<String> {
        arn(&self.scope, &self.name)
    }

    /// Lets the grantee read this parameter, by its name.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["ssm:GetParameter", "ssm:GetParameters"]).on(self.arn());
        grantee.role().grant(grantee, &self.scope, statement);
        if let Some(key) = &self.key {
            key.grant_decrypt(grantee);
        }
    }
}

impl Construct for Parameter {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the value of an existing parameter. CloudFormation reads the value at each deployment of the stack of
/// `scope`.
///
/// It becomes a template parameter of the type `AWS::SSM::Parameter::Value`. The value can be used in properties,
/// texts, outputs and manifests. A `Val<List<String>>` reads a parameter of the type `StringList`. A `SecureString`
/// cannot be read: pass its name to its reader instead.
///
/// # Diagnostics
///
/// - `MS0130`: the name is not valid in Parameter Store.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, Val, kms, ssm};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let arn = ssm::existing(&data, "/shared/orders-key-arn");
/// let key = kms::Key::import(&data, "key", kms::ExistingKey { arn });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>
#[track_caller]
pub fn existing<T: Value>(scope: &impl Construct, name: &str) -> Val<T> {
    check_name(scope.scope(), name);
    scope.scope().existing_parameter(name)
}

/// Reports an invalid parameter name.
#[track_caller]
fn check_name(scope: &Scope, name: &str) {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if name.is_empty() || !name.chars().all(is_valid) || name.contains('/') && !name.starts_with('/') {
        scope.report(
            Diagnostic::error("MS0130", format!("`{name}` is not a valid parameter name"))
                .at(scope.user_line(At::caller()))
                .help("use letters, digits, `.`, `-` and `_`; a path begins with `/`, such as `/shared/vpc-id`"),
        );
    }
}

/// The path below which all parameters of a service are defined: `/{app}/{service}`.
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
///
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-hierarchies.html>
#[derive(Clone)]
pub struct Path {
    scope: Scope,
    name: String,
}

impl Path {
    /// Creates the path `/{app}/{service}`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, service: &str) -> Self {
        let scope = scope.scope().construct(id);
        let name = under_app(&scope, service);
        scope.diagram(DiagramNode::new("parameter").label(format!("{name}/*")));
        Self { scope, name }
    }

    /// Returns the path, such as `/shop/orders`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds the parameter `key` to this path.
    #[track_caller]
    pub fn add(&self, key: &str, value: impl IntoVal<String>) -> Parameter {
        let parameter =
            Parameter::new(&self.scope, key, &format!("{}/{key}", self.name), value, ParameterProps::default());
        // The diagram shows the path instead of its parameters, except for parameters with separate grants.
        parameter.scope.diagram(DiagramNode::quiet("parameter").label(&parameter.name));
        parameter
    }

    /// Lets the grantee read all parameters below this path, by name or by path.
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

/// Adds the prefix of the app to a name: `orders/db-url` becomes `/shop/orders/db-url`. A name with the prefix is not
/// changed.
fn under_app(scope: &Scope, name: &str) -> String {
    let root = format!("/{}/", scope.app_name());
    match name.starts_with(&root) {
        true => name.to_owned(),
        false => format!("{root}{}", name.trim_start_matches('/')),
    }
}

/// Returns the ARN of a parameter or path. If the name starts with a slash, the ARN contains no other slash after
/// `parameter`.
fn arn(scope: &Scope, name: &str) -> Val<String> {
    let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
    text!["arn:", scope.partition(), ":ssm:", scope.region(), ":", scope.account(), ":parameter", name]
}

#[cfg(test)]
mod tests {
    use super::{ExistingParameter, Path, existing};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::Key;
    use crate::testing::{Platform, codes, stack, workload};
    use crate::val::{List, Val};

    #[test]
    fn reads_parameter_values_into_properties_and_manifests() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let host: Val<String> = existing(&data, "/shared/host");
            let zones: Val<List<String>> = existing(&data, "/shared/zones");
            super::Parameter::new(&data, "url", "url", crate::text!["https://", host.clone()], Default::default());
            super::Parameter::new(&data, "zone", "zone", zones.item(1), Default::default());
            workload(app).env("HOST", host);
        });
        let template: serde_json::Value =
            serde_json::from_str(&platform.assembly.files["data.template.json"]).expect("it is JSON");
        let parameters = template["Parameters"].as_object().expect("a map");
        let of = |kind: &str| parameters.iter().find(|(_, it)| it["Type"] == kind).map(|(name, _)| name.as_str());
        let host = of("AWS::SSM::Parameter::Value<String>").expect("the text");
        assert!(of("AWS::SSM::Parameter::Value<List<String>>").is_some(), "{parameters:?}");
        assert_eq!(parameters[host]["Default"], "/shared/host");
        let values: Vec<String> =
            platform.resources("AWS::SSM::Parameter").iter().map(|it| it.props["Value"].to_string()).collect();
        assert!(values.iter().any(|it| it.contains(&format!("https://${{{host}}}"))), "{values:?}");
        assert!(platform.assembly.files["bindings.json"].contains("${data.ssm:/shared/host}"));
        assert!(template["Outputs"].to_string().contains(host));
    }

    #[test]
    fn reports_invalid_parameter_name() {
        let found = |name: &str| codes(|app| drop(existing::<String>(&stack(app, "data"), name)));
        assert_eq!(found("shared/host"), ["MS0111", "MS0130"]);
        assert_eq!(found("/shared/host name"), ["MS0111", "MS0130"]);
    }

    #[test]
    fn path_grant_is_limited_to_its_path() {
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

    #[test]
    fn grants_imported_secure_parameter_with_key() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
            let key = Some(Key::import(&data, "key", crate::kms::ExistingKey::arn(key)));
            let existing = ExistingParameter { key, ..ExistingParameter::named("/shared/token") };
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            super::Parameter::import(&data, "token", existing).grant_read(&role);
        });
        assert!(platform.resources("AWS::SSM::Parameter").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("parameter/shared/token") && policy.contains("kms:Decrypt"), "{policy}");
    }
}
