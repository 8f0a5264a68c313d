//! Environment variables of pods. A `ConfigMap` contains plain values, and AWS Secrets Manager contains secrets.

use std::panic::Location;

use crate::diag::Diagnostic;
use crate::kube::core;
use crate::node::{Edge, EdgeKind};
use crate::tree::{At, Construct, Scope};
use crate::val::{Deferred, IntoVal, Secret, Val};

use super::core::labels;
use super::{Pods, secret_store};

impl Pods {
    /// Implements [`Pods::env`].
    #[track_caller]
    pub(in crate::mesh) fn set_variable(&self, key: &str, value: impl IntoVal<String>) {
        self.check_variable(key);
        let config = self.scope().singleton("config", || self.define_config());
        config.put("data", key.to_owned(), value.into_val());
    }

    /// Implements [`Pods::env_secret`].
    #[track_caller]
    pub(in crate::mesh) fn set_secret_variable(&self, key: &str, secret: &Secret) {
        self.check_variable(key);
        let name = format!("{}-secrets", self.name());
        let external = self.scope().singleton("secrets", || {
            let external = secret_store::external_secret(self.scope(), &name);
            labels::add(&external, self.name());
            external
        });
        external.add("spec.data", secret_store::entry(key, secret));
        secret_store::allow(self.namespace(), secret);
        self.reads(secret, self.scope().user_line(Location::caller()));
        let reference = core::SecretKeySelector::new(key).name(name);
        let variable = core::EnvVar::new(key).value_from(core::EnvVarSource::new().secret_key_ref(reference));
        for (maker, paths) in self.makers() {
            maker.add(paths.env, variable.clone());
        }
    }

    /// Reports an invalid name of a variable. The API server rejects some names, and shells cannot read some other
    /// names.
    #[track_caller]
    fn check_variable(&self, key: &str) {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if key.chars().all(is_word) && !key.is_empty() && !key.starts_with(|c: char| c.is_ascii_digit()) {
            return;
        }
        let message = format!("`{key}` of `{}` is not a valid environment variable name", self.name());
        let help = "use letters, digits and `_`, and begin with a letter, such as `QUEUE_URL`";
        let at = self.scope().user_line(Location::caller());
        self.scope().report(Diagnostic::error("MS0451", message).at(at).help(help));
    }

    /// Records the reader of a secret if the program defines the secret.
    fn reads(&self, secret: &Secret, at: At) {
        let Val::Deferred(Deferred::Attr(attr)) = secret.arn() else { return };
        let owner = self.scope().read(|tree| tree.nodes[attr.node].parent);
        let (from, to) = (self.scope().node(), owner.unwrap_or(attr.node));
        self.scope().edge(Edge { from, to, kind: EdgeKind::Grant, port: None, at });
    }

    fn define_config(&self) -> Scope {
        let name = format!("{}-config", self.name());
        let config = core::ConfigMap::new().define(self.scope(), "config", &name);
        let source = core::EnvFromSource::new().config_map_ref(core::ConfigMapEnvSource::new().name(name));
        for (maker, paths) in self.makers() {
            maker.add(paths.env_from, source.clone());
        }
        self.annotate_pods("meshsynth/config", config.digest());
        labels::add(config.scope(), self.name());
        config.scope().clone()
    }
}
