//! Registry logins for pods that run images of private registries.

use crate::kube::external_secrets::{
    CreationPolicy, ExternalSecret, ExternalSecretSpec, ExternalSecretTarget, ExternalSecretTemplate, SecretStoreRef,
    SecretStoreRefKind,
};
use crate::tree::{Construct, IdRule};
use crate::units::Duration;
use crate::val::Secret;

use super::{Namespace, secret_store};

/// The type and the key of a login secret.
///
/// Source: <https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets>
const LOGIN: (&str, &str) = ("kubernetes.io/dockerconfigjson", ".dockerconfigjson");

impl Namespace {
    /// Defines a registry login for the pods of the namespace, and returns its name for `PodProps::pull_secrets`.
    ///
    /// The secret in AWS Secrets Manager contains the JSON that `docker login` writes, with the field `auths`. The
    /// External Secrets Operator reads the secret again every hour. Images of Amazon ECR do not need a login.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{mesh, secrets, testing, App};
    /// # let app = App::new("shop");
    /// # let shop = testing::namespace(&app);
    /// use meshsynth::mesh::PodProps;
    ///
    /// let arn = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:vendor-login-AbCdEf";
    /// let login = secrets::Secret::import(&shop, "vendor-login", arn);
    /// let pull_secrets = vec![shop.add_pull_secret("vendor", &login.secret())];
    /// let props = mesh::WorkloadProps { pod: PodProps { pull_secrets, ..Default::default() }, ..Default::default() };
    /// mesh::Workload::new(&shop, "scanner", "registry.vendor.example/scanner:9.1.0", props);
    /// ```
    ///
    /// Source: <https://external-secrets.io/latest/guides/common-k8s-secret-types/>
    #[track_caller]
    pub fn add_pull_secret(&self, name: &str, login: &Secret) -> String {
        let scope = self.scope().construct_as(&format!("{name}-login"), IdRule::SERVICE);
        let name = scope.id().to_string();
        let (kind, key) = LOGIN;
        let data = vec![(key.to_owned(), "{{ .login }}".to_owned())];
        let target = ExternalSecretTarget::new()
            .name(name.clone())
            .creation_policy(CreationPolicy::Owner)
            .template(ExternalSecretTemplate::new().type_(kind).data(data));
        let spec = ExternalSecretSpec::new()
            .refresh_interval(Duration::hours(1))
            .secret_store_ref(SecretStoreRef::new().kind(SecretStoreRefKind::SecretStore).name(secret_store::STORE))
            .target(target)
            .data([secret_store::entry("login", login)]);
        ExternalSecret::new().spec(spec).define(&scope, "secret", &name);
        secret_store::allow(self, login);
        name
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{PodProps, Workload, WorkloadProps};
    use crate::secrets;
    use crate::testing::{Platform, namespace};

    #[test]
    fn pulls_images_with_login_from_secrets_manager() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let arn = "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:vendor-login-AbCdEf";
            let login = secrets::Secret::import(&shop, "vendor-secret", arn);
            let pull_secrets = vec![shop.add_pull_secret("vendor", &login.secret())];
            let props = WorkloadProps { pod: PodProps { pull_secrets, ..Default::default() }, ..Default::default() };
            Workload::new(&shop, "scanner", "registry.vendor.example/scanner:9.1.0", props);
        });
        let login = platform.manifest("externalsecret-vendor-login");
        for part in ["type: kubernetes.io/dockerconfigjson", ".dockerconfigjson: \"{{ .login }}\"", "secretKey: login"]
        {
            assert!(login.contains(part), "{part} in {login}");
        }
        assert!(platform.manifest("deployment-scanner").contains("imagePullSecrets:\n      - name: vendor-login"));
        let policies: String =
            platform.resources("AWS::IAM::RolePolicy").iter().map(|it| it.props.to_string()).collect();
        assert!(policies.contains("vendor-login-AbCdEf"), "{policies}");
    }
}
