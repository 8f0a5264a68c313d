//! The credentials of a mesh cluster in AWS Secrets Manager.

use crate::kms::{Key, KeyProps};
use crate::secrets::{EmptyProps, Secret};
use crate::tree::{Construct, Scope};

/// Properties of [`ClusterCredentials`].
#[derive(Clone, Default)]
pub struct CredentialsProps {
    /// The key that encrypts the secrets. Default: a new key.
    pub key: Option<Key>,
    /// The secret with the certificate authority. Default: a new secret without a value.
    pub authority: Option<Secret>,
}

/// The credentials of a cluster of a [`Mesh`](super::Mesh), in AWS Secrets Manager. The program does not contain the
/// values of the secrets.
///
/// | secret | its fields | who writes it | who reads it |
/// |---|---|---|---|
/// | `token` | `token` | the cluster, with External Secrets | the other clusters |
/// | `authority` | `ca-cert`, `ca-key`, `cert-chain`, `root-cert`, each PEM text | an operator, once and at each renewal | the cluster |
///
/// Define the credentials in a stack that is deployed before the stacks of all clusters of the mesh. Each cluster reads
/// the tokens of the other clusters, and stacks must not have a dependency cycle.
///
/// The authority is an intermediate certificate authority. The clusters of a mesh have the same root authority, whose
/// key stays offline:
///
/// ```text
/// aws secretsmanager put-secret-value --secret-id ... --secret-string file://authority.json
/// ```
///
/// istiod reloads a new intermediate authority without a restart.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, mesh};
/// # let app = App::new("shop");
/// let keys = Stack::new(&app, "keys-tokyo", Env::region("ap-northeast-1"));
/// let credentials = mesh::ClusterCredentials::new(&keys, "mesh", Default::default());
/// ```
///
/// Source: <https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/>
#[derive(Clone)]
pub struct ClusterCredentials {
    scope: Scope,
    token: Secret,
    authority: Secret,
}

impl ClusterCredentials {
    /// Defines the secrets, in a stack of the cluster's region.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: CredentialsProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = props.key.unwrap_or_else(|| {
            let description = "Credentials of a cluster in its mesh.".to_owned();
            Key::new(&scope, "key", KeyProps { description, ..KeyProps::default() })
        });
        // External Secrets writes only to secrets with this tag.
        let ours = vec![("managed-by", "external-secrets")];
        let empty = |description: &str, tags| EmptyProps {
            description: description.to_owned(),
            key: Some(key.clone()),
            tags,
            ..EmptyProps::default()
        };
        let token = Secret::empty(
            &scope,
            "token",
            empty("Token for the other clusters to read the API of this cluster.", ours),
        );
        let authority = props.authority.unwrap_or_else(|| {
            Secret::empty(&scope, "authority", empty("Certificate authority of this cluster in the mesh.", Vec::new()))
        });
        Self { scope, token, authority }
    }

    /// Returns the token with which other clusters read the API of this cluster.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// Returns the certificate authority of the cluster.
    pub fn authority(&self) -> &Secret {
        &self.authority
    }
}

impl Construct for ClusterCredentials {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
