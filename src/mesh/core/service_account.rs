//! An existing service account that a chart or the owner of the namespace defines.

use std::fmt;
use std::rc::Rc;

use crate::aws::Grantee;
use crate::aws::existing::NameForm;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::eks::Identity;
use crate::iam::Role;
use crate::kube::{self, core};
use crate::node::Kind;
use crate::owner_task::OwnerTask;
use crate::tree::{At, Construct, Scope};
use crate::val::{Bag, Data};

use super::Namespace;

/// An existing service account.
#[derive(Clone)]
pub struct ExistingServiceAccount {
    /// Its name.
    pub name: String,
    /// The role of the service account. `ExistingServiceAccount::named` leaves the field empty, and the first grant
    /// defines a role.
    pub role: Option<Role>,
}

impl ExistingServiceAccount {
    /// Returns the service account of this name, without a role.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), role: None }
    }
}

/// An existing service account of a namespace. Pods of the program can run as it, and grants to it apply to the pods of
/// a chart.
///
/// Defines no objects before the first grant. If it has a role, grants are a policy of that role. Otherwise, the first
/// grant defines a role. With EKS Pod Identity, no other change is needed. With IRSA, the owner must annotate the
/// service account with the role. `owners.json` contains this task.
///
/// Pods that share a service account share its permissions. A mesh cannot distinguish these pods, so a caller that may
/// call one of them may call all of them.
///
/// # Diagnostics
///
/// - `MS0449`: pods of another namespace run as the service account.
/// - `MS0450`: a KEDA trigger uses its role, whose trust policy the program does not define.
///
/// # Example
///
/// ```
/// # use meshsynth::{mesh, s3, testing, App, Construct};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let data = testing::stack(&app, "data");
/// use meshsynth::mesh::{ExistingServiceAccount, PodProps, ServiceAccount};
///
/// let reports = s3::Bucket::new(&data, "reports", Default::default());
/// let account = ServiceAccount::import(&shop, "batch-account", ExistingServiceAccount::named("batch"));
/// let pod = PodProps { service_account: Some(account.clone()), ..Default::default() };
/// let props = mesh::JobProps { pod, ..Default::default() };
/// let export = mesh::Job::new(&shop, "export", "registry.example/export:1.2.0", props);
/// reports.grant_write(&export);
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/security/service-accounts/>
#[derive(Clone)]
pub struct ServiceAccount {
    scope: Scope,
    namespace: Namespace,
    name: String,
    role: Option<Role>,
}

/// The naming rule of service accounts, whose names may contain dots.
const NAME: NameForm = NameForm { what: "service account", marks: "-.", longest: 253, example: "collector" };

type Opener = Rc<dyn Fn(&Role)>;

/// The callbacks of its pods, which are called when the service account has a role.
#[derive(Default)]
struct Waiting(Vec<Opener>);

impl ServiceAccount {
    /// Refers to an existing service account of a namespace.
    #[track_caller]
    pub fn import(namespace: &Namespace, id: &str, existing: ExistingServiceAccount) -> Self {
        let scope = namespace.scope().construct(id);
        scope.diagram(DiagramNode::quiet("identity").label(&existing.name).detail("exists already"));
        NAME.check_label(&scope, &existing.name);
        provide(namespace, &existing.name);
        Self { scope, namespace: namespace.clone(), name: existing.name, role: existing.role }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Reports pods of another namespace, which cannot run as this service account.
    #[track_caller]
    pub(in crate::mesh) fn check_namespace(&self, pods: &Scope, namespace: &Namespace) {
        if self.namespace.scope().node() == namespace.scope().node() {
            return;
        }
        let (own, other) = (self.namespace.name(), namespace.name());
        let message = format!("service account `{}` is in namespace `{own}`, but the pods are in `{other}`", self.name);
        let help = format!("import the service account of this name in `{other}`, or remove `service_account`");
        pods.report(Diagnostic::error("MS0449", message).at(pods.user_line(At::caller())).help(help));
        // Prevents another diagnostic for this service account.
        provide(namespace, &self.name);
    }

    /// Calls `open` for the pods that run as this service account, as soon as it has a role.
    pub(in crate::mesh) fn when_it_has_a_role(&self, open: impl Fn(&Role) + 'static) {
        match self.known_role() {
            Some(role) => open(&role),
            None => self.scope.keep(|waiting: &mut Waiting| waiting.0.push(Rc::new(open))),
        }
    }

    fn known_role(&self) -> Option<Role> {
        let given = self.role.as_ref().map(|role| role.granted_in(&self.scope));
        given.or_else(|| self.scope.child("role").and_then(Role::at))
    }

    /// Defines a role, and records the task of the owner to annotate the service account.
    #[track_caller]
    fn define_role(&self) -> Role {
        let cluster = self.namespace.cluster();
        let role = cluster.service_account_role(&self.scope, "role", self.namespace.name(), &self.name);
        if cluster.identity() == Identity::Irsa {
            let annotations = Bag::default().with("eks.amazonaws.com/role-arn", role.arn());
            let metadata = Bag::default()
                .with("name", self.name.clone())
                .with("namespace", self.namespace.name().to_owned())
                .with("annotations", annotations);
            let object = Bag::default()
                .with("apiVersion", <core::ServiceAccount as kube::Kind>::API_VERSION)
                .with("kind", <core::ServiceAccount as kube::Kind>::KIND)
                .with("metadata", metadata);
            self.scope.owner_task(OwnerTask {
                owner: format!("service account {}/{}", self.namespace.name(), self.name).into(),
                what: "annotate the service account with the role, and restart its pods".to_owned(),
                document: Some(Data::Map(object)),
            });
        }
        let waiting = self.scope.keep(|waiting: &mut Waiting| std::mem::take(&mut waiting.0));
        waiting.iter().for_each(|open| open(&role));
        role
    }
}

/// Records that another owner defines a service account of a namespace.
fn provide(namespace: &Namespace, name: &str) {
    let place = ("ServiceAccount", namespace.name().to_owned(), name.to_owned());
    namespace.cluster().target().change(|node| {
        if let Kind::Target(target) = &mut node.kind {
            target.existing.push(place);
        }
    });
}

impl Construct for ServiceAccount {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for ServiceAccount {
    fn role(&self) -> Role {
        self.known_role().unwrap_or_else(|| self.define_role())
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ServiceAccount({}/{})", self.namespace.name(), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::ExistingRole;
    use crate::mesh::{Job, JobProps, PodProps, Workload, WorkloadProps};
    use crate::sqs::Queue;
    use crate::testing::{Platform, mesh_workload, namespace};

    const ROLE: &str = "arn:aws:iam::111122223333:role/exports";

    fn job(shop: &Namespace, name: &str, account: &ServiceAccount) -> Job {
        let pod = PodProps { service_account: Some(account.clone()), ..Default::default() };
        Job::new(shop, name, "registry.example/export:1.2.0", JobProps { pod, ..Default::default() })
    }

    /// Defines two jobs with the same existing service account, one of which is granted a queue.
    fn platform(role: Option<&'static str>) -> Platform {
        Platform::synth("shop", |app| {
            let shop = namespace(app);
            let role = role.map(|arn| Role::import(&shop, "exports-role", ExistingRole::arn(arn)));
            let existing = ExistingServiceAccount { role, ..ExistingServiceAccount::named("exports") };
            let account = ServiceAccount::import(&shop, "account", existing);
            let export = job(&shop, "export", &account);
            let mails = Queue::new(shop.cluster(), "mails", Default::default());
            mails.grant_send(&export);
            job(&shop, "archive", &account);
        })
    }

    #[test]
    fn runs_pods_as_existing_service_account() {
        let platform = platform(None);
        let export = platform.assembly.files.iter().find(|(path, _)| path.contains("job-export")).expect("the job").1;
        assert!(export.contains("serviceAccountName: exports"), "{export}");
        assert!(!platform.assembly.files.keys().any(|path| path.contains("serviceaccount-")));
    }

    #[test]
    fn adds_owner_task_for_annotation_with_new_role() {
        let platform = platform(None);
        let roles = platform.resources("AWS::IAM::Role");
        let trusts = |name: &str| roles.iter().filter(|it| it.props.to_string().contains(name)).count();
        assert_eq!((trusts("serviceaccount:shop:exports"), trusts("shop:export\"")), (1, 0));
        let owners = &platform.assembly.files["owners.json"];
        assert!(owners.contains("service account shop/exports") && owners.contains("role-arn"), "{owners}");
    }

    #[test]
    fn adds_grants_to_given_role() {
        let platform = platform(Some(ROLE));
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert_eq!(policies.iter().filter(|it| it.props["RoleName"] == "exports").count(), 1);
        assert!(!platform.assembly.files.contains_key("owners.json"));
    }

    #[test]
    fn grant_opens_connections_of_all_pods_that_share_the_service_account() {
        for role in [None, Some(ROLE)] {
            let platform = platform(role);
            let [own, other] = ["export", "archive"].map(|name| platform.manifest(&format!("networkpolicy-{name}")));
            assert!(own.contains("port: 443"), "{own}");
            assert_eq!(own.replace("export", "archive"), other);
        }
    }

    #[test]
    fn authorizes_principal_of_existing_account() {
        let platform = Platform::synth("shop", |app| {
            let orders = mesh_workload(app);
            let account =
                ServiceAccount::import(orders.namespace(), "account", ExistingServiceAccount::named("exports"));
            let pod = PodProps { service_account: Some(account), ..Default::default() };
            let props = WorkloadProps { pod, ..Default::default() };
            let web = Workload::new(orders.namespace(), "web", "registry.example/web:1.0.0", props);
            web.calls(&orders);
        });
        let policy = platform.manifest("authorizationpolicy-orders");
        assert!(policy.contains("/ns/shop/sa/exports") && !policy.contains("/sa/web"), "{policy}");
    }
}
