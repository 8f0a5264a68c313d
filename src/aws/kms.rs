//! Keys of AWS KMS.

use crate::cfn;
use crate::cfn::ids::KeyArn;
use crate::diagram::DiagramNode;
use crate::iam::Statement;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

use super::iam::Grantee;

/// A condition of a policy: operator, key, value.
pub type Condition = (&'static str, &'static str, Data);

/// Properties of a [`Key`].
#[derive(Clone, Debug)]
pub struct KeyProps {
    /// What the key encrypts. Default: the path of the construct.
    pub description: String,
    /// Days between the order to delete the key and its end, 7 to 30. Default: 30.
    pub pending_window_days: u8,
    /// Whether replicas in other regions may share its material. Cannot be changed later. Default: no.
    pub multi_region: bool,
}

impl Default for KeyProps {
    fn default() -> Self {
        Self { description: String::new(), pending_window_days: 30, multi_region: false }
    }
}

/// A symmetric key that encrypts one domain of a platform, with its alias `alias/<app>/<path>`.
///
/// It rotates every year and is kept when it leaves the stack: what it
/// encrypted would be lost with it. The account administers it and delegates
/// its use to IAM, so a grant is a statement of the grantee's own policy;
/// services that act for themselves are let in one by one.
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
    /// The key itself, or its replica.
    key: Scope,
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
        Self { scope, key: key.scope().clone() }
    }

    /// Defines a replica of this key in the stack of `scope`, in another region.
    ///
    /// It has the same key material, so what one region encrypted the other
    /// decrypts; its key policy, its alias and its grants are its own, and it
    /// rotates with the key. The key must have been defined with
    /// [`KeyProps::multi_region`].
    ///
    /// A stack that reads the replica is deployed after it, and the replica
    /// after this key: what both regions need (a secret with a replica, a
    /// global table) belongs into a stack after both.
    ///
    /// # Diagnostics
    ///
    /// - `MS0312`: the key is of one region alone, or the replica lies in the region of the key.
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
        Self { scope, key: key.scope().clone() }
    }

    /// The ARN of the key.
    pub fn arn(&self) -> Val<KeyArn> {
        self.key.attr("Arn")
    }

    /// Lets an AWS service use the key for itself, such as `logs.ap-northeast-1.amazonaws.com`.
    ///
    /// `conditions` say for what: name the account, the source or the
    /// encryption context, or any account's resources could make the service use the key.
    pub fn allow_service(&self, service: impl IntoVal<String>, conditions: impl IntoIterator<Item = Condition>) {
        self.allow_service_to(service, USE, conditions);
    }

    /// Lets an AWS service do with the key exactly what `actions` say, such as `kms:Decrypt`.
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
        self.key.add("KeyPolicy.Statement", statement.into_data(Some(principal)));
    }

    /// Lets `grantee` encrypt and decrypt.
    #[track_caller]
    pub fn grant_encrypt_decrypt(&self, grantee: &impl Grantee) {
        grantee.role().grant(grantee, &self.scope, Statement::allow(USE).on(self.arn()));
    }

    /// Lets `grantee` decrypt.
    #[track_caller]
    pub fn grant_decrypt(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["kms:Decrypt", "kms:DescribeKey"]).on(self.arn());
        grantee.role().grant(grantee, &self.scope, statement);
    }
}

impl Construct for Key {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// What it takes to write and read with a key.
const USE: [&str; 7] = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// The policy that a key begins with; services are added to it.
fn policy(scope: &Scope) -> Bag {
    Bag::default().with("Version", "2012-10-17").with("Statement", vec![administration(scope)])
}

/// The account administers the key; without this a key can become one that nobody can manage.
///
/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
fn administration(scope: &Scope) -> Data {
    let root = text!["arn:", scope.partition(), ":iam::", scope.account(), ":root"];
    Statement::allow(["kms:*"]).on_this_key().into_data(Some(Bag::default().with("AWS", root)))
}

impl Statement {
    /// In the policy of a key, `*` is the key itself.
    fn on_this_key(self) -> Self {
        self.on_everything("https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html")
    }
}

/// The alias by which people find the key.
fn alias(scope: &Scope) -> String {
    crate::name::fit(&format!("alias/{}/{}", scope.app_name(), scope.path()).replace('.', "-"), 256)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    #[test]
    fn a_service_is_let_in_beside_the_account() {
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

    #[test]
    fn a_replica_follows_its_key_and_lets_its_own_services_in() {
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
