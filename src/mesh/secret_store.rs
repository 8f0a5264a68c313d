//! The access of a namespace to AWS Secrets Manager, for the External Secrets Operator.
//!
//! The operator reads each secret with the identity of the namespace that uses the secret. This identity is a service
//! account whose role may read only the secrets of the namespace's workloads. The operator itself may not read secrets.

use crate::aws::iam::web_identity_trust;
use crate::iam::{Role, RoleProps, Statement, Trust};
use crate::kube::external_secrets::{
    AwsProviderService, CreationPolicy, ExternalSecret, ExternalSecretData, ExternalSecretDataRemoteRef,
    ExternalSecretSpec, SecretStore, SecretStoreRef, SecretStoreRefKind, SecretStoreSpec, ServiceAccountSelector,
};
use crate::kube::{core, external_secrets};
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::Secret;

use super::Namespace;

/// The name of the store in each namespace. The name of a store for another region has the region as a suffix.
pub(super) const STORE: &str = "aws-secrets-manager";
/// The service account of the store.
const READER: &str = "secret-reader";

/// Allows the namespace to read a secret of its region. The first secret defines the store.
#[track_caller]
pub(super) fn allow(namespace: &Namespace, secret: &Secret) {
    let region = namespace.scope().region();
    allow_in(namespace, secret, &region, &["DescribeSecret", "GetSecretValue"], &["Decrypt"]);
}

/// Allows the namespace to read a secret of any region, and returns the name of its store.
#[track_caller]
pub(super) fn allow_reading(namespace: &Namespace, secret: &Secret, region: &str) -> String {
    allow_in(namespace, secret, region, &["DescribeSecret", "GetSecretValue"], &["Decrypt"])
}

/// Allows the namespace to read and write a secret of its region, and returns the name of its store.
#[track_caller]
pub(super) fn allow_writing(namespace: &Namespace, secret: &Secret) -> String {
    let region = namespace.scope().region();
    let actions = ["DescribeSecret", "GetResourcePolicy", "GetSecretValue", "PutSecretValue"];
    allow_in(namespace, secret, &region, &actions, &["Decrypt", "GenerateDataKey"])
}

/// Returns the objects that a secret of the namespace's region needs: its store and the store's service account.
pub(super) fn objects(namespace: &Namespace) -> Vec<Scope> {
    let base = namespace.scope().singleton("secret-store", || define(namespace));
    ["reader", "store"].into_iter().filter_map(|id| base.child(id)).collect()
}

fn allow_in(namespace: &Namespace, secret: &Secret, region: &str, actions: &[&str], by_key: &[&str]) -> String {
    let base = namespace.scope().singleton("secret-store", || define(namespace));
    let here = base.region() == region;
    let name = if here { STORE.to_owned() } else { format!("{STORE}-{region}") };
    if !here {
        base.singleton(format!("store {region}"), || store(&base, &format!("store-{region}"), &name, region));
    }
    let Some(role) = base.child("role").and_then(Role::at) else { return name };
    role.allow(Statement::allow(actions.iter().map(|it| format!("secretsmanager:{it}"))).on(secret.arn()));
    if let Some(key) = secret.key_arn() {
        let by_secrets_manager = format!("secretsmanager.{region}.amazonaws.com");
        role.allow(
            Statement::allow(by_key.iter().map(|it| format!("kms:{it}")))
                .on(key)
                .when("StringEquals", "kms:ViaService", by_secrets_manager)
                .when("StringEquals", "kms:EncryptionContext:SecretARN", secret.arn()),
        );
    }
    name
}

fn define(namespace: &Namespace) -> Scope {
    let scope = namespace.scope().construct("secret-store");
    let role = identity(&scope, namespace);
    let account = core::ServiceAccount::new().automount_service_account_token(false);
    account.define(&scope, "reader", READER).annotate("eks.amazonaws.com/role-arn", role.arn());
    store(&scope, "store", STORE, &scope.region());
    scope
}

fn store(scope: &Scope, id: &str, name: &str, region: &str) -> Scope {
    let token = external_secrets::AwsJwtAuth::new().service_account_ref(ServiceAccountSelector::new(READER));
    let aws = external_secrets::AwsProvider::new(region, AwsProviderService::SecretsManager)
        .auth(external_secrets::AwsAuth::new().jwt(token));
    let spec = SecretStoreSpec::new(external_secrets::SecretStoreProvider::new().aws(aws));
    SecretStore::new().spec(spec).define(scope, id, name).scope().clone()
}

/// The operator itself passes the account's token to STS, so this role uses IRSA in every cluster.
fn identity(scope: &Scope, namespace: &Namespace) -> Role {
    let (cluster, name) = (namespace.cluster(), namespace.name());
    let subject = format!("system:serviceaccount:{name}:{READER}");
    let trust = web_identity_trust(cluster.provider_arn(), cluster.issuer(), &subject);
    let description = format!("External Secrets of namespace {name} of {}.", cluster.name());
    Role::new(scope, "role", Trust::Document(trust), RoleProps { description, ..Default::default() })
}

/// Defines the Kubernetes secret that the operator fills for a workload.
pub(super) fn external_secret(scope: &Scope, name: &str) -> Scope {
    external_secret_of(scope, "secrets", name)
}

/// Defines the Kubernetes secret for the content of a volume. The construct has its own id.
pub(super) fn external_secret_of(scope: &Scope, id: &str, name: &str) -> Scope {
    let target = external_secrets::ExternalSecretTarget::new().name(name).creation_policy(CreationPolicy::Owner);
    let spec = ExternalSecretSpec::new()
        .refresh_interval(Duration::hours(1))
        .secret_store_ref(SecretStoreRef::new().kind(SecretStoreRefKind::SecretStore).name(STORE))
        .target(target);
    ExternalSecret::new().spec(spec).define(scope, id, name).scope().clone()
}

/// Returns the reference of an `ExternalSecret` to a secret.
pub(super) fn entry(key: &str, secret: &Secret) -> ExternalSecretData {
    let mut place = ExternalSecretDataRemoteRef::new(secret.arn());
    if let Some(field) = secret.field_name() {
        place = place.property(field);
    }
    ExternalSecretData::new(place, key)
}
