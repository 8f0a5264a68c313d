//! The identity of KEDA for the triggers of one workload: permissions, network access and authentication.

use crate::aws::{Client, Grantee};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::eks::Identity;
use crate::elasticache::ReplicationGroup;
use crate::iam::{Role, Statement};
use crate::kube::keda;
use crate::kube::keda::trigger_authentication as shape;
use crate::mesh::addons::Keda;
use crate::mesh::core::{Namespace, labels};
use crate::mesh::secret_store;
use crate::name::{self, MOST_OF_ID};
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::trigger::Source;
use super::{Trigger, TriggerIdentity};

/// KEDA, as the caller of AWS APIs and caches for one workload. Its permissions and objects are defined next to the
/// workload.
pub(super) struct KedaIdentity<'a, W> {
    /// The scope of these definitions.
    pub scope: Scope,
    pub keda: &'a Keda,
    pub namespace: &'a Namespace,
    /// The name of the workload.
    pub name: &'a str,
    pub workload: &'a W,
}

/// The kind and name of an object that configures KEDA's authentication.
pub(super) type Authentication = (&'static str, String);

impl<W: Grantee> KedaIdentity<'_, W> {
    /// Grants the permissions for a trigger, and returns KEDA's authentication.
    #[track_caller]
    pub fn prepare(&self, trigger: &Trigger) -> Option<Authentication> {
        match &trigger.source {
            Source::Kafka { topic, group, .. } => {
                match topic.by_iam() {
                    Some((_, endpoint)) => endpoint.allow_from(self),
                    None => self.refuse(format!("the cluster of topic `{}` has no IAM authentication", topic.name())),
                }
                Some(self.in_aws(trigger.identity, |it| topic.grant_lag(it, group), |it| topic.grant_lag(it, group)))
            }
            Source::Queue { queue, .. } => {
                Some(self.in_aws(trigger.identity, |it| queue.grant_length(it), |it| queue.grant_length(it)))
            }
            Source::Metric { .. } => Some(self.in_aws(trigger.identity, |it| read_metrics(it), |it| read_metrics(it))),
            Source::List { cache, .. } => {
                cache.endpoint().allow_from(self);
                self.login(cache)
            }
            Source::Load(_) | Source::Query { .. } | Source::Share { .. } | Source::Cron { .. } => None,
        }
    }

    /// Grants permissions to KEDA's role, or to the workload's role, which KEDA may then assume.
    #[track_caller]
    fn in_aws(&self, identity: TriggerIdentity, own: impl FnOnce(&Self), workloads: impl FnOnce(&W)) -> Authentication {
        if identity == TriggerIdentity::Workload && self.has_workload_identity() {
            workloads(self.workload);
            let arn: Val<String> = self.workload.role().arn().into();
            self.role().allow(Statement::allow(["sts:AssumeRole"]).on(arn));
            return ("TriggerAuthentication", self.workload_identity());
        }
        own(self);
        ("ClusterTriggerAuthentication", Keda::OWN_ROLE.to_owned())
    }

    fn has_workload_identity(&self) -> bool {
        let is_irsa = self.keda.cluster().identity() == Identity::Irsa;
        if !is_irsa {
            self.scope.report(
                Diagnostic::error(
                    "MS0951",
                    format!("a trigger of `{}` uses an identity that KEDA cannot assume", self.name),
                )
                .help("use `TriggerIdentity::Keda`, or a cluster with `Identity::Irsa`"),
            );
        }
        is_irsa
    }

    /// Source: <https://keda.sh/docs/2.20/authentication-providers/aws/>
    fn workload_identity(&self) -> String {
        let name = format!("{}-identity", self.name);
        self.scope.singleton("identity", || {
            let identity =
                shape::PodIdentity::new(shape::PodIdentityProvider::Aws).identity_owner(shape::IdentityOwner::Workload);
            let spec = shape::Spec::new().pod_identity(identity);
            self.labelled(keda::TriggerAuthentication::new(spec).define(&self.scope, "identity", &name).scope())
        });
        name
    }

    /// Defines the `TriggerAuthentication` with the user and the password of a cache. It reads them from a `Secret` in
    /// the cluster.
    #[track_caller]
    fn login(&self, cache: &ReplicationGroup) -> Option<Authentication> {
        let Some(secret) = cache.secret() else {
            self.refuse(format!(
                "cache `{}` has no password authentication, and KEDA does not support IAM authentication for caches",
                cache.scope().path()
            ));
            return None;
        };
        let (name, id) = (
            format!("{}-{}", self.name, cache.scope().id()),
            name::fit(&format!("login-{}", cache.scope().id()), MOST_OF_ID),
        );
        self.scope.singleton(id.clone(), || {
            let scope = self.scope.construct(&id);
            let external = self.labelled(&secret_store::external_secret(&scope, &name));
            let fields = ["username", "password"];
            for field in fields {
                let field_secret = secret.clone().field(field);
                external.add("spec.data", secret_store::entry(field, &field_secret));
                secret_store::allow(self.namespace, &field_secret);
            }
            let entries = fields.map(|field| shape::ConfigMapTargetRef::new(field, name.clone(), field));
            let spec = shape::Spec::new().secret_target_ref(entries);
            self.labelled(keda::TriggerAuthentication::new(spec).define(&scope, "authentication", &name).scope())
        });
        Some(("TriggerAuthentication", name))
    }

    fn labelled(&self, object: &Scope) -> Scope {
        labels::add(object, self.name);
        object.clone()
    }

    fn refuse(&self, why: String) {
        self.scope.report(
            Diagnostic::error("MS0952", format!("this trigger cannot scale `{}`: {why}", self.name))
                .help("enable IAM authentication on the cluster, or password authentication on the cache"),
        );
    }
}

/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html>
#[track_caller]
fn read_metrics(grantee: &impl Grantee) {
    let statement = Statement::allow(["cloudwatch:GetMetricData"])
        .on_everything("https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html");
    grantee.role().allow(statement);
}

impl<W> Construct for KedaIdentity<'_, W> {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl<W> Grantee for KedaIdentity<'_, W> {
    fn role(&self) -> Role {
        self.keda.role().granted_in(&self.scope)
    }
}

/// KEDA's pods connect from the nodes of the cluster, as all pods do.
impl<W> Client for KedaIdentity<'_, W> {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.keda.cluster().security_group()
    }

    fn security_group_owner(&self) -> Scope {
        self.keda.cluster().security_group_owner()
    }
}
