//! The secrets with which istiod of one cluster reads the Kubernetes API of another cluster.
//!
//! The token belongs to Istio's reader account in the other cluster. The control plane of that cluster creates the
//! token. The External Secrets Operator copies it to AWS Secrets Manager, and from there into the other clusters.

use crate::Object;
use crate::kube;
use crate::kube::core;
use crate::kube::external_secrets::{
    CreationPolicy, EngineVersion, ExternalSecret, ExternalSecretData, ExternalSecretDataRemoteRef, ExternalSecretSpec,
    ExternalSecretTarget, ExternalSecretTemplate, ExternalSecretTemplateMetadata, SecretStoreRef, SecretStoreRefKind,
};
use crate::mesh::secret_store;
use crate::node::Wave;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Bag, Val, Value};

use super::super::Istio;
use super::Member;

/// The reader account of `istio-base`. The chart of istiod defines its permissions.
const READER: &str = "istio-reader-service-account";
/// The interval at which a token is copied. It is the maximum delay until istiod receives a new token.
const REFRESH: Duration = Duration::minutes(10);
/// The field of the secret in AWS.
const FIELD: &str = "token";

/// A kind of the External Secrets Operator. The operator copies a `Secret` of the cluster to AWS.
pub struct PushSecret;

impl kube::Kind for PushSecret {
    const API_VERSION: &'static str = "external-secrets.io/v1alpha1";
    const KIND: &'static str = "PushSecret";
    const NAMESPACED: bool = true;
    const WAVE: Wave = Wave::Configuration;
}

/// Creates the token of a cluster and copies it to AWS.
///
/// Tokens of two generations are valid at a time. The previous token is deleted, and thereby revoked, only when the
/// next token is created.
///
/// Source: <https://external-secrets.io/latest/api/pushsecret/>
pub(super) fn publish(scope: &Scope, member: &Member<'_>, generation: u32) {
    for generation in generation.saturating_sub(1).max(1)..=generation {
        let name = token_name(generation);
        let token = core::Secret::new().type_("kubernetes.io/service-account-token").define(scope, &name, &name);
        token.annotate("kubernetes.io/service-account.name", READER);
    }
    let token = member.credentials.token();
    let store = secret_store::allow_writing(member.istio.namespace(), &token.secret());
    let place = Bag::default().with("remoteKey", token.arn()).with("property", FIELD);
    let matched = Bag::default().with("secretKey", "token").with("remoteRef", place);
    let selector = Bag::default().with("name", token_name(generation));
    let spec = Bag::default()
        .with("refreshInterval", REFRESH.into_data())
        .with("updatePolicy", "Replace")
        .with("deletionPolicy", "None")
        .with("secretStoreRefs", vec![Bag::default().with("kind", "SecretStore").with("name", store)])
        .with("selector", Bag::default().with("secret", selector))
        .with("data", vec![Bag::default().with("match", matched)]);
    Object::<PushSecret>::define(scope, "publish", "istio-reader-token", Bag::default().with("spec", spec));
}

fn token_name(generation: u32) -> String {
    format!("istio-reader-token-{generation}")
}

/// Defines in `member` the secret with which its istiod finds and reads `other`.
///
/// Source: <https://istio.io/latest/docs/reference/commands/istioctl/#istioctl-create-remote-secret>
pub(super) fn define(scope: &Scope, member: &Member<'_>, other: &Member<'_>) {
    let token = other.credentials.token();
    let store = secret_store::allow_reading(member.istio.namespace(), &token.secret(), &token.scope().region());
    let cluster = other.istio.cluster_name().to_owned();
    let metadata = ExternalSecretTemplateMetadata::new()
        .labels([("istio/multiCluster", "true")])
        .annotations([("networking.istio.io/cluster", cluster.clone())]);
    let template = ExternalSecretTemplate::new()
        .engine_version(EngineVersion::V2)
        .metadata(metadata)
        .data([(cluster.clone(), kubeconfig(other.istio))]);
    let name = format!("istio-remote-secret-{cluster}");
    let target = ExternalSecretTarget::new().name(name.clone()).creation_policy(CreationPolicy::Owner);
    let place = ExternalSecretDataRemoteRef::new(token.arn()).property(FIELD);
    let spec = ExternalSecretSpec::new()
        .refresh_interval(REFRESH)
        .secret_store_ref(SecretStoreRef::new().kind(SecretStoreRefKind::SecretStore).name(store))
        .target(target.template(template))
        .data([ExternalSecretData::new(place, FIELD)]);
    ExternalSecret::new().spec(spec).define(scope, &format!("remote-{cluster}"), &name);
}

/// Returns the connection to the API of a cluster. The operator inserts the token.
fn kubeconfig(istio: &Istio) -> Val<String> {
    let (name, cluster) = (istio.cluster_name(), istio.cluster());
    text![
        "apiVersion: v1\nkind: Config\nclusters:\n- name: ",
        name.to_owned(),
        "\n  cluster:\n    server: ",
        cluster.endpoint(),
        "\n    certificate-authority-data: ",
        cluster.certificate_authority(),
        format!("\ncontexts:\n- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n"),
        format!("current-context: {name}\nusers:\n- name: {name}\n  user:\n    token: {{{{ .{FIELD} }}}}\n"),
    ]
}
