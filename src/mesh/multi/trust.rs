//! The common root of trust: the certificate authority for istiod of each cluster.

use crate::kube::external_secrets::{
    CreationPolicy, ExternalSecret, ExternalSecretData, ExternalSecretDataRemoteRef, ExternalSecretSpec,
    ExternalSecretTarget, SecretStoreRef, SecretStoreRefKind,
};
use crate::mesh::secret_store;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::Bag;

use super::Member;

/// The secret that istiod mounts, and its keys.
const SECRET: &str = "cacerts";
const FIELDS: [&str; 4] = ["ca-cert", "ca-key", "cert-chain", "root-cert"];

/// Copies the authority of a cluster to its istiod, which starts only when the authority exists.
///
/// istiod mounts the secret as optional. Without the secret, it would use a self-signed root, and the clusters would
/// not trust each other. The second mount of the secret is not optional, so the pod does not start without the secret.
///
/// Source: <https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/>
pub(super) fn define(scope: &Scope, member: &Member<'_>) {
    let (istio, authority) = (member.istio, member.credentials.authority());
    let region = authority.scope().region();
    let store = secret_store::allow_reading(istio.namespace(), &authority.secret(), &region);
    let entry = |field: &&str| {
        let place = ExternalSecretDataRemoteRef::new(authority.arn()).property((*field).to_owned());
        ExternalSecretData::new(place, format!("{field}.pem"))
    };
    let spec = ExternalSecretSpec::new()
        .refresh_interval(Duration::hours(1))
        .secret_store_ref(SecretStoreRef::new().kind(SecretStoreRefKind::SecretStore).name(store))
        .target(ExternalSecretTarget::new().name(SECRET).creation_policy(CreationPolicy::Owner))
        .data(FIELDS.iter().map(entry).collect::<Vec<_>>());
    let secret = ExternalSecret::new().spec(spec).define(scope, "authority", SECRET);
    let istiod = istio.istiod();
    let volume = Bag::default().with("name", "authority").with("secret", Bag::default().with("secretName", SECRET));
    istiod.scope().add("volumes", volume);
    let mount = Bag::default().with("name", "authority").with("mountPath", "/var/run/secrets/authority");
    istiod.scope().add("volumeMounts", mount.with("readOnly", true));
    istiod.depends_on(member.external_secrets.release());
    for object in secret_store::objects(istio.namespace()) {
        istiod.waits_for(&object);
    }
    istiod.waits_for(&secret);
}
