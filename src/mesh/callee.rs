//! Existing services in the cluster, such as the service of a chart or a database of an operator.

use crate::aws::existing::NameForm;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};

use super::core::{HBONE, Membership, Mode, Protocol};
use super::pods::Port;

/// The properties of an existing [`Callee`].
#[derive(Clone, Debug)]
pub struct ExistingCallee {
    /// The namespace of the service.
    pub namespace: String,
    /// The name of its `Service`.
    pub service: String,
    /// The ports of the `Service`, with the main port first.
    pub ports: Vec<Port>,
    /// The pod ports that differ from the port of the `Service`, as pairs of service port and pod port. Default: none.
    pub pod_ports: Vec<(u16, u16)>,
    /// The labels of its pods. An empty list selects all pods of the namespace. Default: none.
    pub pods: Vec<(String, String)>,
    /// The mesh that its pods are part of. Default: none.
    pub mesh: Option<Membership>,
    /// Whether the namespace denies all traffic unless a network policy allows it. Default: `true`.
    pub is_closed: bool,
}

impl ExistingCallee {
    /// Returns a `Service` with one port.
    pub fn new(namespace: impl Into<String>, service: impl Into<String>, port: u16, protocol: Protocol) -> Self {
        Self {
            namespace: namespace.into(),
            service: service.into(),
            ports: vec![Port::main(port, protocol)],
            pod_ports: Vec::new(),
            pods: Vec::new(),
            mesh: None,
            is_closed: true,
        }
    }

    /// Adds a label of its pods.
    #[must_use]
    pub fn pod_label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.pods.push((key.into(), value.into()));
        self
    }
}

/// An existing service in the cluster that the program does not define, such as RabbitMQ of a chart or a database of an
/// operator.
///
/// Defines no objects. A call to the service adds a rule to the network policy of the caller. In a mesh, it also adds
/// the host to the caller's proxy. The owner of the service must allow the caller in the network policy of the service.
/// If the service is part of the mesh, the owner must also allow the identity of the caller.
///
/// # Diagnostics
///
/// - `MS0441`: a call names a port that it does not have.
/// - `MS0442`: a call has properties that only a workload of the program supports.
/// - `MS0444`: it has no ports.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let run = orders.namespace().clone();
/// use meshsynth::mesh::{Callee, ExistingCallee, Port, Protocol};
///
/// let rabbitmq = Callee::import(&run, "rabbitmq", ExistingCallee {
///     ports: vec![Port::new("amqp", 5672, Protocol::Tcp), Port::new("management", 15672, Protocol::Http)],
///     ..ExistingCallee::new("messaging", "rabbitmq", 5672, Protocol::Tcp).pod_label("app.kubernetes.io/name", "rabbitmq")
/// });
/// orders.calls(&rabbitmq);
/// orders.env("AMQP_HOST", rabbitmq.host());
/// assert_eq!(rabbitmq.host(), "rabbitmq.messaging.svc.cluster.local");
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
#[derive(Clone)]
pub struct Callee {
    scope: Scope,
    known: ExistingCallee,
}

/// The naming rules of services and namespaces.
const SERVICE: NameForm = NameForm::label("Service", "rabbitmq");
const NAMESPACE: NameForm = NameForm::label("namespace", "messaging");

impl Callee {
    /// Refers to an existing service in the cluster.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, known: ExistingCallee) -> Self {
        let scope = scope.scope().construct(id);
        let detail = format!("{} in {}", known.service, known.namespace);
        scope.diagram(DiagramNode::quiet("workload").detail(detail));
        SERVICE.check_label(&scope, &known.service);
        NAMESPACE.check_label(&scope, &known.namespace);
        if known.ports.is_empty() {
            let message = format!("the callee `{}` has no ports", scope.id());
            let help = "set the ports of its `Service`: `ports: vec![Port::new(\"http\", 80, Protocol::Http)]`";
            scope.report(crate::diag::Diagnostic::error("MS0444", message).help(help));
        }
        Self { scope, known }
    }

    /// Returns its host name, such as `rabbitmq.messaging.svc.cluster.local`.
    pub fn host(&self) -> String {
        format!("{}.{}.svc.cluster.local", self.known.service, self.known.namespace)
    }

    /// Returns its main port.
    pub fn port(&self) -> u16 {
        self.known.ports.first().map_or(0, |it| it.port)
    }

    /// Returns the URL of its main port.
    pub fn url(&self) -> String {
        format!("http://{}:{}", self.host(), self.port())
    }

    /// Returns its properties.
    pub fn known(&self) -> &ExistingCallee {
        &self.known
    }

    /// Returns the pod port to which a port of the `Service` forwards.
    pub(in crate::mesh) fn pod_port(&self, port: u16) -> u16 {
        let behind = self.known.pod_ports.iter().find(|(of_service, _)| *of_service == port);
        behind.map_or(port, |(_, of_pods)| *of_pods)
    }

    /// Returns the pod ports to which a port of the `Service` forwards. In an ambient mesh, they include the tunnel
    /// port.
    pub(in crate::mesh) fn pod_ports(&self, port: u16) -> Vec<u16> {
        let is_ambient = self.known.mesh.as_ref().is_some_and(|mesh| mesh.mode() == Mode::Ambient);
        let mut ports = vec![port, self.pod_port(port)];
        ports.dedup();
        ports.extend(is_ambient.then_some(HBONE));
        ports
    }
}

impl Construct for Callee {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Callee, ExistingCallee};
    use crate::mesh::{Port, Protocol};
    use crate::testing::{Platform, mesh_workload, workload};

    fn rabbitmq() -> ExistingCallee {
        ExistingCallee {
            ports: vec![Port::new("amqp", 5672, Protocol::Tcp), Port::new("management", 80, Protocol::Http)],
            pod_ports: vec![(80, 15_672)],
            ..ExistingCallee::new("messaging", "rabbitmq", 5672, Protocol::Tcp)
                .pod_label("app.kubernetes.io/name", "rabbitmq")
        }
    }

    #[test]
    fn allows_call_at_the_caller_and_adds_owner_tasks_for_the_callee() {
        let platform = Platform::synth("shop", |app| {
            let orders = workload(app);
            let rabbitmq = Callee::import(orders.namespace(), "rabbitmq", rabbitmq());
            orders.calls(&rabbitmq).calls(&rabbitmq.at_port("management"));
        });
        let policy = platform.manifest("networkpolicy-orders");
        for part in ["kubernetes.io/metadata.name: messaging", "app.kubernetes.io/name: rabbitmq", "5672", "15672"] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(platform.assembly.files["graph.json"].contains("rabbitmq in messaging"));
        let owners = &platform.assembly.files["owners.json"];
        assert!(
            owners.contains("rabbitmq.messaging.svc.cluster.local") && owners.contains("NetworkPolicy"),
            "{owners}"
        );
    }

    #[test]
    fn adds_host_to_sidecar_of_caller() {
        let platform = Platform::synth("shop", |app| {
            let orders = mesh_workload(app);
            let known = ExistingCallee { mesh: orders.namespace().mesh().cloned(), ..rabbitmq() };
            orders.calls(&Callee::import(orders.namespace(), "rabbitmq", known));
        });
        assert!(platform.manifest("sidecar-orders").contains("messaging/rabbitmq.messaging.svc.cluster.local"));
        assert!(platform.assembly.files["owners.json"].contains("AuthorizationPolicy"));
    }
}
