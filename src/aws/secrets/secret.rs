//! AWS Secrets Manager secrets and their grants.

use crate::Resource;
use crate::aws::data;
use crate::aws::existing::ArnForm;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::Key;
use crate::cfn::ids::FunctionArn;
use crate::cfn::secretsmanager::rotation_schedule::RotationRules;
use crate::cfn::secretsmanager::secret::{GenerateSecretString, ReplicaRegion, Tag};
use crate::cfn::secretsmanager::{self};
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Val};

use super::existing::ExistingSecret;

/// Properties of a [`Secret`].
#[derive(Clone)]
pub struct SecretProps {
    /// The description of the secret. Default: none.
    pub description: String,
    /// The key that encrypts it. Default: a separate key.
    pub key: Option<Key>,
    /// Fields of its JSON document that are not confidential, such as `("username", "app")`. Default:
    /// none.
    pub fields: Vec<(String, String)>,
    /// The field with the generated value. Default: `password`.
    pub generated_field: String,
    /// The number of generated characters. Default: 32.
    pub length: u16,
    /// The excluded characters. Default: those that need quoting in URLs, shells and SQL.
    pub exclude: String,
    /// The rotation function and its interval. Default: no rotation.
    pub rotation: Option<Rotation>,
    /// Replicas in other regions, which AWS keeps up to date. Default: none.
    pub replicas: Vec<Replica>,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for SecretProps {
    fn default() -> Self {
        Self {
            description: String::new(),
            key: None,
            fields: Vec::new(),
            generated_field: "password".to_owned(),
            length: 32,
            exclude: " %+~`#$&*()|[]{}:;<>?!'/@\"\\".to_owned(),
            rotation: None,
            replicas: Vec::new(),
            on_delete: OnDelete::Retain,
        }
    }
}

/// Properties of a secret without a value.
#[derive(Clone)]
pub struct EmptyProps {
    /// The description of the secret. Default: none.
    pub description: String,
    /// The key that encrypts the secret. Default: a separate key.
    pub key: Option<Key>,
    /// Tags of the secret, in addition to the tags of its stack. Default: none.
    pub tags: Vec<(&'static str, &'static str)>,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for EmptyProps {
    fn default() -> Self {
        Self { description: String::new(), key: None, tags: Vec::new(), on_delete: OnDelete::Retain }
    }
}

/// The rotation of a secret.
#[derive(Clone)]
pub struct Rotation {
    /// The Lambda function that rotates the secret.
    pub function: Val<FunctionArn>,
    /// The interval in days.
    pub every_days: u16,
}

/// A replica of a secret in another region.
#[derive(Clone)]
pub struct Replica {
    /// The region, such as `ap-northeast-3`.
    pub region: String,
    /// The key that encrypts the replica, in the same region.
    pub key: Key,
}

/// The ARN format of a secret.
const FORM: ArnForm = ArnForm {
    what: "secret",
    service: "secretsmanager",
    resource: "secret:",
    example: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-AbCdEf",
};

/// A secret whose value AWS generates: a JSON document with one generated field.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, secrets};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let login = secrets::Secret::new(&data, "partner-login", secrets::SecretProps {
///     fields: vec![("username".into(), "shop".into())],
///     ..Default::default()
/// });
/// let password: meshsynth::Secret = login.secret().field("password");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html>
#[derive(Clone)]
pub struct Secret {
    scope: Scope,
    arn: Val<String>,
    key: Option<Key>,
    replicas: Vec<(Replica, Scope)>,
    /// The replica that grants refer to, or `None` for the secret in the stack's region.
    copy: Option<Scope>,
}

impl Secret {
    /// Defines a secret with a generated value.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: SecretProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let diagram = || DiagramNode::new("secret").detail(&props.description);
        scope.diagram(diagram());
        let copied = |it: &Replica| (it.clone(), data::copy(&scope, &it.region, diagram()));
        let replicas = props.replicas.iter().map(copied).collect();
        let fields: serde_json::Map<_, _> =
            props.fields.into_iter().map(|(name, value)| (name, value.into())).collect();
        let generate = GenerateSecretString::new()
            .secret_string_template(serde_json::Value::Object(fields).to_string())
            .generate_string_key(props.generated_field)
            .password_length(props.length)
            .exclude_characters(props.exclude);
        let mut secret = secretsmanager::Secret::new().generate_secret_string(generate).kms_key_id(key.arn());
        if !props.description.is_empty() {
            secret = secret.description(props.description);
        }
        if !props.replicas.is_empty() {
            let replica = |it: &Replica| ReplicaRegion::new(it.region.clone()).kms_key_id(it.key.arn());
            secret = secret.replica_regions(props.replicas.iter().map(replica).collect::<Vec<_>>());
        }
        let secret = secret.define(&scope, "resource");
        secret.on_delete(props.on_delete);
        if let Some(rotation) = props.rotation {
            secretsmanager::RotationSchedule::new(secret.reference())
                .rotation_lambda_arn(rotation.function)
                .rotation_rules(RotationRules::new().automatically_after_days(rotation.every_days))
                .define(&scope, "rotation");
        }
        Self { scope, arn: secret.reference(), key: Some(key), replicas, copy: None }
    }

    /// Defines a secret without a value. Another tool or a user sets the value later.
    #[track_caller]
    pub fn empty(scope: &impl Construct, id: &str, props: EmptyProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        scope.diagram(DiagramNode::new("secret").detail(&props.description));
        let mut secret = secretsmanager::Secret::new().kms_key_id(key.arn());
        if !props.description.is_empty() {
            secret = secret.description(props.description);
        }
        if !props.tags.is_empty() {
            secret = secret.tags(props.tags.into_iter().map(|(key, value)| Tag::new(key, value)).collect::<Vec<_>>());
        }
        let secret = secret.define(&scope, "resource");
        secret.on_delete(props.on_delete);
        Self { scope, arn: secret.reference(), key: Some(key), replicas: Vec::new(), copy: None }
    }

    /// Creates the handle of a bare secret.
    pub(super) fn of_resource(scope: Scope, secret: &Resource<secretsmanager::Secret>) -> Self {
        Self { scope, arn: secret.reference(), key: None, replicas: Vec::new(), copy: None }
    }

    /// Refers to an existing secret, by its complete ARN or an [`ExistingSecret`].
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a secret.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, kms, secrets};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:partner-AbCdEf";
    /// let of_service_key = secrets::Secret::import(&data, "partner", arn);
    ///
    /// let key = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    /// let key = kms::Key::import(&data, "key", kms::ExistingKey::arn(key));
    /// let existing = secrets::ExistingSecret { key: Some(key), ..secrets::ExistingSecret::arn(arn) };
    /// let of_own_key = secrets::Secret::import(&data, "login", existing);
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: impl Into<ExistingSecret>) -> Self {
        let ExistingSecret { arn, key } = existing.into();
        let scope = scope.scope().construct(id);
        FORM.check_anywhere(&scope, &arn);
        scope.diagram(DiagramNode::new("secret").detail("exists already"));
        Self { arn: scope.read_here(arn), scope, key, replicas: Vec::new(), copy: None }
    }

    /// Selects the replica in another region. Without a replica in that region, it returns the secret
    /// itself.
    ///
    /// A replica has the same name, value and ARN, except for the region and the key.
    ///
    /// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        let Some((replica, copy)) = self.replicas.iter().find(|(it, _)| it.region == region) else {
            return self.clone();
        };
        let (scope, name) = (self.scope.clone(), self.arn.clone().piece(":secret:", 1));
        let place = text![":secretsmanager:", region.to_owned(), ":", scope.account(), ":secret:"];
        let arn = text!["arn:", scope.partition(), place, name];
        Self { scope, arn, key: Some(replica.key.clone()), replicas: Vec::new(), copy: Some(copy.clone()) }
    }

    /// Returns the secret as a value for APIs that accept secrets.
    pub fn secret(&self) -> crate::Secret {
        let secret = crate::Secret::new(self.arn.clone());
        match &self.key {
            Some(key) => secret.encrypted_with(key.arn()),
            None => secret,
        }
    }

    /// Returns the ARN of the secret.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Lets the grantee read the secret, and decrypt it if its key is known.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        let statement = read_statement(&self.secret());
        let role = grantee.role();
        role.grant(grantee, self.copy.as_ref().unwrap_or(&self.scope), statement);
        if let Some(principal) = role.foreign_principal(&self.scope, &self.arn) {
            self.add_to_policy(Statement::allow(READ).on(self.arn()).into_data(Some(principal)));
        }
        if let Some(key) = &self.key {
            key.grant_decrypt_by_service(grantee);
        }
    }

    /// Adds a statement to the resource policy of the secret, or adds an owner task if the secret is
    /// imported.
    #[track_caller]
    fn add_to_policy(&self, statement: Data) {
        if self.scope.child("resource").is_none() {
            return self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the statement to the resource policy of the secret".to_owned(),
                document: Some(statement),
            });
        }
        let policy = self.scope.singleton("resource policy", || {
            let document = Bag::default().with("Version", "2012-10-17").with("Statement", Data::List(Vec::new()));
            let policy = secretsmanager::ResourcePolicy::new(document, self.arn()).block_public_policy(true);
            policy.define(&self.scope, "resource-policy").scope().clone()
        });
        policy.add("ResourcePolicy.Statement", statement);
    }
}

impl Construct for Secret {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Returns the statement that allows reading a secret.
pub(in crate::aws) fn read_statement(secret: &crate::Secret) -> Statement {
    Statement::allow(READ).on(secret.arn())
}

/// The actions to read a secret.
const READ: [&str; 2] = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];

/// Returns the statement that allows decrypting a secret, or `None` if its key is unknown.
pub(in crate::aws) fn decrypt_statement(secret: &crate::Secret) -> Option<Statement> {
    let key = secret.key_arn()?;
    Some(Statement::allow(["kms:Decrypt", "kms:DescribeKey"]).on(key).done_by_service())
}

#[cfg(test)]
mod tests {
    use super::{EmptyProps, ExistingSecret, Replica, Secret, SecretProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::{ExistingKey, Key, KeyProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn generates_value_and_grants_decryption() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let secret = Secret::new(&data, "login", SecretProps::default());
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            secret.grant_read(&role);
        });
        let generate = &platform.resource("AWS::SecretsManager::Secret").props["GenerateSecretString"];
        assert_eq!((&generate["GenerateStringKey"], &generate["PasswordLength"]), (&"password".into(), &32.into()));
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
        assert!(policy.contains("kms:Decrypt") && policy.contains("secretsmanager:GetSecretValue"), "{policy}");
    }

    #[test]
    fn empty_secret_generates_no_value() {
        let platform = Platform::synth("shop", |app| {
            let tags = vec![("managed-by", "external-secrets")];
            Secret::empty(&stack(app, "data"), "token", EmptyProps { tags, ..Default::default() });
        });
        let secret = platform.resource("AWS::SecretsManager::Secret").props;
        assert!(secret["GenerateSecretString"].is_null() && secret["SecretString"].is_null(), "{secret}");
        assert_eq!(secret["Tags"][0]["Value"], "external-secrets");
    }

    #[test]
    fn grants_replica_with_its_regional_key() {
        let platform = Platform::synth("shop", |app| {
            let osaka = || Env::new("111122223333", "ap-northeast-3");
            let keys = Stack::new(app, "keys-osaka", osaka());
            let key = Key::new(&keys, "key", KeyProps::default());
            let replicas = vec![Replica { region: "ap-northeast-3".to_owned(), key }];
            let secret = Secret::new(&stack(app, "data"), "login", SecretProps { replicas, ..Default::default() });
            let services = Stack::new(app, "services-osaka", osaka());
            let role = Role::new(&services, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            secret.in_region("ap-northeast-3").grant_read(&role);
        });
        let secret = platform.resource("AWS::SecretsManager::Secret").props;
        let replica = &secret["ReplicaRegions"][0];
        assert_eq!(replica["Region"], "ap-northeast-3");
        assert_eq!(replica["KmsKeyId"]["Fn::GetStackOutput"]["Region"], "ap-northeast-3");
        let statements = &platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"];
        let text = statements.to_string();
        assert!(text.contains(":secretsmanager:ap-northeast-3:"), "{text}");
        assert!(text.contains("Fn::ImportValue") && text.contains("kms:Decrypt"), "{text}");
    }

    fn reading(arn: &str) -> Platform {
        Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            let key = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
            let key = Some(Key::import(&data, "key", ExistingKey::arn(key)));
            Secret::import(&data, "login", ExistingSecret { key, ..ExistingSecret::arn(arn) }).grant_read(&role);
        })
    }

    #[test]
    fn grants_imported_secret_with_its_key() {
        let platform = reading("arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:orders-AbCdEf");
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("secretsmanager:GetSecretValue") && policy.contains("kms:Decrypt"), "{policy}");
        assert!(!platform.assembly.files.contains_key("owners.json"));
    }

    #[test]
    fn policy_of_foreign_secret_is_owner_task() {
        let platform = reading("arn:aws:secretsmanager:ap-northeast-1:444455556666:secret:orders-AbCdEf");
        assert!(platform.assembly.files["owners.json"].contains("resource policy of the secret"));
    }
}
