//! AWS KMS keys.

mod bare;

use crate::cfn;
use crate::cfn::ids::KeyArn;
use crate::diagram::DiagramNode;
use crate::iam::Statement;
use crate::owner_task::OwnerTask;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

use super::existing::ArnForm;
use super::iam::Grantee;

/// A condition of a policy: operator, key, value.
pub type Condition = (&'static str, &'static str, Data);

/// Properties of a [`Key`].
#[derive(Clone, Debug)]
pub struct KeyProps {
    /// The description of the key. Default: the path of the construct.
    pub description: String,
    /// The waiting period before the key is deleted, from 7 to 30 days. Default: 30.
    pub pending_window_days: u8,
    /// Whether the key is a multi-Region key, which can have replicas. It cannot be changed later. Default: no.
    pub multi_region: bool,
}

impl Default for KeyProps {
    fn default() -> Self {
        Self { description: String::new(), pending_window_days: 30, multi_region: false }
    }
}

/// An existing key.
///
/// # Example
///
/// ```
/// # use meshsynth::{kms, Val};
/// use meshsynth::kms::ExistingKey;
///
/// let known = ExistingKey::arn("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab");
/// let exported = ExistingKey { arn: Val::exported("security-OrdersKeyArn") };
/// ```
#[derive(Clone, Debug)]
pub struct ExistingKey {
    /// Its ARN, which ends with `key/` and the key ID. Policies do not support aliases.
    pub arn: Val<KeyArn>,
}

impl ExistingKey {
    /// Refers to a key by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: KeyArn::new(arn).into() }
    }
}

/// A symmetric encryption key for one domain of a platform, with the alias `alias/<app>/<path>`.
///
/// The key rotates every year. If the key is removed from the stack, CloudFormation keeps it, because data cannot be
/// decrypted without its key. The account administers the key and delegates its use to IAM, so a grant is a statement
/// in the grantee's policy. The key policy allows each AWS service individually.
///
/// If an imported key encrypts a resource, a grant on the resource also adds permissions for the key to the grantee's
/// policy. The key policy is not changed: statements for services and other accounts become owner tasks in
/// `owners.json`.
///
/// # Diagnostics
///
/// - `MS0130`: the imported value is not the ARN of a key.
/// - `MS0131`: the imported key is in another region than the stack.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, kms, App};
/// # let app = App::new("shop");
/// # let data = testing::stack(&app, "data");
/// let key = kms::Key::new(&data, "orders-key", kms::KeyProps::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html>
#[derive(Clone)]
pub struct Key {
    scope: Scope,
    arn: Val<KeyArn>,
    /// The key or its replica, or `None` if the key is imported.
    key: Option<Scope>,
}

impl Key {
    /// Defines a key.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: KeyProps) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("key"));
        let description = if props.description.is_empty() { scope.path() } else { props.description };
        let mut key = cfn::kms::Key::new()
            .description(description)
            .enable_key_rotation(true)
            .pending_window_in_days(props.pending_window_days)
            .key_policy(policy(&scope));
        if props.multi_region {
            key = key.multi_region(true);
        }
        let key = key.define(&scope, "resource");
        key.retain();
        cfn::kms::Alias::new(alias(&scope), key.reference()).define(&scope, "alias");
        Self { scope, arn: key.arn(), key: Some(key.scope().clone()) }
    }

    /// Refers to an existing key, without changing it.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{kms, sqs, testing, App};
    /// # let app = App::new("shop");
    /// # let data = testing::stack(&app, "data");
    /// let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    /// let key = kms::Key::import(&data, "key", kms::ExistingKey::arn(arn));
    /// sqs::Queue::new(&data, "mails", sqs::QueueProps { key: Some(key), ..Default::default() });
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingKey) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        scope.diagram(DiagramNode::quiet("key").detail("exists already"));
        Self { arn: scope.read_here(existing.arn), scope, key: None }
    }

    /// Defines a replica of this key in the stack of `scope`, in another region.
    ///
    /// The replica has the same key material, so each region can decrypt the data of the other. It has a separate key
    /// policy, alias and grants, and rotates with the key. The key must be defined with [`KeyProps::multi_region`].
    ///
    /// The stack of the replica is deployed after the stack of this key. Stacks that use the replica are deployed after
    /// the stack of the replica. Define resources that need both regions in a stack after both, for example a secret
    /// with a replica or a global table.
    ///
    /// # Diagnostics
    ///
    /// - `MS0312`: the key is not a multi-Region key, or the replica is in the region of the key.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{kms, App, Env, Stack};
    /// # let app = App::new("shop");
    /// let tokyo = Stack::new(&app, "keys-tokyo", Env::region("ap-northeast-1"));
    /// let osaka = Stack::new(&app, "keys-osaka", Env::region("ap-northeast-3"));
    /// let key = kms::Key::new(&tokyo, "key", kms::KeyProps { multi_region: true, ..Default::default() });
    /// let replica = key.add_replica(&osaka, "key");
    /// ```
    ///
    /// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-replicakey.html>
    #[track_caller]
    pub fn add_replica(&self, scope: &impl Construct, id: &str) -> Key {
        let scope = scope.scope().construct(id);
        let key = cfn::kms::ReplicaKey::new(policy(&scope), self.arn())
            .description(format!("Replica of {}", self.scope.path()))
            .pending_window_in_days(30)
            .define(&scope, "resource");
        key.retain();
        cfn::kms::Alias::new(alias(&scope), key.reference()).define(&scope, "alias");
        Self { scope, arn: key.arn(), key: Some(key.scope().clone()) }
    }

    /// Returns the ARN of the key.
    pub fn arn(&self) -> Val<KeyArn> {
        self.arn.clone()
    }

    /// Lets an AWS service use the key, such as `logs.ap-northeast-1.amazonaws.com`.
    ///
    /// `conditions` must restrict the account, the source or the encryption context. Otherwise, resources of any
    /// account could make the service use the key.
    pub fn allow_service(&self, service: impl IntoVal<String>, conditions: impl IntoIterator<Item = Condition>) {
        self.allow_service_to(service, USE, conditions);
    }

    /// Lets an AWS service call exactly these `actions` with the key, such as `kms:Decrypt`.
    pub fn allow_service_to(
        &self,
        service: impl IntoVal<String>,
        actions: impl IntoIterator<Item = &'static str>,
        conditions: impl IntoIterator<Item = Condition>,
    ) {
        let principal = Bag::default().with("Service", service.into_val());
        let mut statement = Statement::allow(actions).on_this_key();
        for (operator, key, value) in conditions {
            statement = statement.when(operator, key, value);
        }
        self.add_to_policy(statement.into_data(Some(principal)));
    }

    /// Lets `grantee` encrypt and decrypt.
    #[track_caller]
    pub fn grant_encrypt_decrypt(&self, grantee: &impl Grantee) {
        self.grant_use(grantee, Statement::allow(USE));
    }

    /// Lets `grantee` decrypt.
    #[track_caller]
    pub fn grant_decrypt(&self, grantee: &impl Grantee) {
        self.grant_use(grantee, Statement::allow(["kms:Decrypt", "kms:DescribeKey"]));
    }

    /// Lets an AWS service call `actions` with the key on behalf of the grantee, for data that the service encrypts: a
    /// bucket, a table, a queue. The grantee does not call KMS directly, so it needs no network path.
    #[track_caller]
    pub(crate) fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        self.grant_use(grantee, Statement::allow(actions.iter().copied()).done_by_service());
    }

    /// Lets the grantee read data that an AWS service decrypts for it.
    #[track_caller]
    pub(crate) fn grant_decrypt_by_service(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["kms:Decrypt", "kms:DescribeKey"]);
    }

    /// Lets the grantee read and write data that an AWS service decrypts and encrypts for it.
    #[track_caller]
    pub(crate) fn grant_encrypt_decrypt_by_service(&self, grantee: &impl Grantee) {
        self.grant(grantee, &USE);
    }

    /// Grants the use of the key. For a role of another account, the key policy also allows it.
    #[track_caller]
    fn grant_use(&self, grantee: &impl Grantee, statement: Statement) {
        let role = grantee.role();
        role.grant(grantee, &self.scope, statement.clone().on(self.arn()));
        if let Some(principal) = role.foreign_principal(&self.scope, &Val::<String>::from(self.arn())) {
            self.add_to_policy(statement.on_this_key().into_data(Some(principal)));
        }
    }

    /// Adds a statement to the key policy, or adds an owner task if the key is imported.
    #[track_caller]
    fn add_to_policy(&self, statement: Data) {
        match &self.key {
            Some(key) => key.add("KeyPolicy.Statement", statement),
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn().into(),
                what: "add the statement to the policy of the key".to_owned(),
                document: Some(statement),
            }),
        }
    }
}

/// The ARN format of a key.
const FORM: ArnForm = ArnForm {
    what: "KMS key",
    service: "kms",
    resource: "key/",
    example: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
};

impl Construct for Key {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The actions to encrypt and decrypt with a key.
const USE: [&str; 7] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// Returns the initial key policy. Statements for services are added to it.
fn policy(scope: &Scope) -> Bag {
    Bag::default().with("Version", "2012-10-17").with("Statement", vec![administration(scope)])
}

/// Returns the statement that lets the account administer the key. Without it, a key can become unmanageable.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
fn administration(scope: &Scope) -> Data {
    let root = text!["arn:", scope.partition(), ":iam::", scope.account(), ":root"];
    Statement::allow(["kms:*"]).on_this_key().into_data(Some(Bag::default().with("AWS", root)))
}

impl Statement {
    /// Applies the statement to the key. In a key policy, `*` means the key itself.
    fn on_this_key(self) -> Self {
        self.on_everything("https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html")
    }
}

/// Returns the alias of the key.
fn alias(scope: &Scope) -> String {
    crate::name::fit(&format!("alias/{}/{}", scope.app_name(), scope.path()).replace('.', "-"), 256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::logs::{LogGroup, LogGroupProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn key_policy_allows_account_and_service() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Key::new(&data, "key", KeyProps::default());
            key.allow_service(
                "logs.ap-northeast-1.amazonaws.com",
                [("StringEquals", "aws:SourceAccount", Data::from(data.scope().account()))],
            );
        });
        let key = platform.resource("AWS::KMS::Key");
        assert_eq!(key.props["EnableKeyRotation"], true);
        assert_eq!(key.entry["UpdateReplacePolicy"], "Retain");
        let statements = key.props["KeyPolicy"]["Statement"].as_array().map_or(0, Vec::len);
        assert_eq!(statements, 2);
        assert_eq!(platform.resource("AWS::KMS::Alias").props["AliasName"], "alias/shop/data/key");
    }

    const ARN: &str = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn grants_decrypt_with_imported_key() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Some(Key::import(&data, "key", ExistingKey::arn(ARN)));
            let queue = Queue::new(&data, "mails", QueueProps { key, ..QueueProps::default() });
            let role = Role::new(&data, "worker", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            queue.grant_receive(&role);
        });
        assert!(platform.resources("AWS::KMS::Key").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
        assert!(policy.contains("kms:Decrypt") && policy.contains(ARN), "{policy}");
        assert!(!platform.assembly.files.contains_key("owners.json"));
    }

    #[test]
    fn policy_of_imported_key_is_owner_task() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Key::import(&data, "key", ExistingKey::arn(ARN.replace("111122223333", "444455556666")));
            LogGroup::new(&data, "audit", LogGroupProps { key: Some(key.clone()), ..LogGroupProps::default() });
            let role = Role::new(&data, "worker", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            key.grant_decrypt(&role);
        });
        let owners = platform.assembly.files["owners.json"].as_str();
        let owners: serde_json::Value = serde_json::from_str(owners).expect("it is JSON");
        let tasks = owners["tasks"].as_array().expect("a list");
        assert_eq!(tasks.len(), 2, "{owners}");
        assert!(tasks.iter().all(|task| task["owner"].as_str().is_some_and(|arn| arn.contains("444455556666"))));
        let documents: String = tasks.iter().map(|task| task["document"].to_string()).collect();
        assert!(documents.contains("logs.ap-northeast-1.amazonaws.com"), "{documents}");
        assert!(documents.contains("${data/worker.Arn}"), "{documents}");
        assert!(platform.assembly.files["bindings.json"].contains("${data/worker.Arn}"));
    }

    #[test]
    fn reads_exported_key_in_importing_stack() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Some(Key::import(&data, "key", ExistingKey { arn: Val::exported("security-KeyArn") }));
            Queue::new(&data, "mails", QueueProps { key, ..QueueProps::default() });
        });
        let queue = platform.resources("AWS::SQS::Queue").remove(0);
        assert_eq!(queue.props["KmsMasterKeyId"]["Fn::ImportValue"], "security-KeyArn");
    }

    #[test]
    fn replica_has_separate_key_policy() {
        let platform = Platform::synth("shop", |app| {
            let (tokyo, osaka) =
                (stack(app, "tokyo"), Stack::new(app, "osaka", Env::new("111122223333", "ap-northeast-3")));
            let key = Key::new(&tokyo, "key", KeyProps { multi_region: true, ..Default::default() });
            key.add_replica(&osaka, "key").allow_service("logs.ap-northeast-3.amazonaws.com", []);
        });
        let replica = platform.resource("AWS::KMS::ReplicaKey");
        assert_eq!(replica.props["PrimaryKeyArn"]["Fn::GetStackOutput"]["Region"], "ap-northeast-1");
        assert_eq!(replica.props["KeyPolicy"]["Statement"].as_array().map_or(0, Vec::len), 2);
        assert_eq!(
            platform.resource("AWS::KMS::Key").props["KeyPolicy"]["Statement"].as_array().map_or(0, Vec::len),
            1
        );
    }
}
