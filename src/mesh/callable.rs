//! Targets of calls: workloads, their ports, and existing services of the cluster.

use crate::diag::Diagnostic;
use crate::tree::{At, Construct, Scope};

use super::callee::Callee;
use super::core::Protocol;
use super::pods::{Pods, Port};
use super::workload::Workload;
use super::{DaemonSet, StatefulSet};

/// A target of [`Pods::calls`].
pub trait Callable: Construct {
    /// Returns the target of the call.
    #[doc(hidden)]
    fn called(&self) -> Called;
}

/// The target of a call.
#[doc(hidden)]
pub struct Called {
    pub(in crate::mesh) port: Port,
    pub(in crate::mesh) whom: Whom,
}

impl Called {
    /// Returns the address for a client: a URL for HTTP, `host:port` for other protocols.
    pub(in crate::mesh) fn place(&self) -> String {
        let host = match &self.whom {
            Whom::Ours(pods, _) => pods.service_host(),
            Whom::Other(callee) => callee.host(),
        };
        let scheme = match self.port.protocol {
            Protocol::Http | Protocol::Http2 => "http://",
            Protocol::Grpc | Protocol::Tcp => "",
        };
        format!("{scheme}{host}:{}", self.port.port)
    }
}

/// The owner of the called pods.
#[derive(Clone)]
pub(in crate::mesh) enum Whom {
    /// Pods of the program. Pods of a [`Workload`] have routes, which can distinguish callers.
    Ours(Box<Pods>, Option<Box<Workload>>),
    /// An existing service that the program does not define.
    Other(Box<Callee>),
}

/// A named port as the target of calls.
///
/// # Diagnostics
///
/// - `MS0441`: no port has this name.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// use meshsynth::mesh::{PodProps, Port, Protocol, WorkloadProps};
///
/// let stock = mesh::Workload::new(orders.namespace(), "stock", "registry.example/stock:2.0.0", WorkloadProps {
///     pod: PodProps { ports: vec![Port::new("rpc", 9090, Protocol::Grpc)], ..Default::default() },
///     ..Default::default()
/// });
/// let rpc = stock.at_port("rpc");
/// orders.calls(&rpc);
/// orders.env("STOCK_ADDRESS", rpc.address());
/// ```
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services>
#[derive(Clone)]
pub struct NamedPort {
    scope: Scope,
    host: String,
    port: Port,
    whom: Whom,
}

impl NamedPort {
    #[track_caller]
    fn find(scope: &Scope, host: String, ports: &[Port], name: &str, whom: Whom) -> Self {
        let found = ports.iter().find(|it| it.name == name).cloned();
        let port = found.unwrap_or_else(|| {
            let names: Vec<&str> = ports.iter().map(|it| it.name.as_str()).collect();
            report_unknown_port(scope, name, &names, At::caller());
            Port::new(name, ports.first().map_or(0, |it| it.port), Protocol::Tcp)
        });
        Self { scope: scope.clone(), host, port, whom }
    }

    /// The port number.
    pub fn port(&self) -> u16 {
        self.port.port
    }

    /// Returns host and port, such as `stock.shop.svc.cluster.local:9090`.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port.port)
    }
}

impl Pods {
    /// Returns the port with this name, as a target of calls.
    #[track_caller]
    pub fn at_port(&self, name: &str) -> NamedPort {
        NamedPort::find(self.scope(), self.service_host(), self.ports(), name, Whom::Ours(Box::new(self.clone()), None))
    }
}

impl Workload {
    /// Returns the port with this name, as a target of calls. If a call to the port sets a timeout or retries, routes
    /// apply them.
    #[track_caller]
    pub fn at_port(&self, name: &str) -> NamedPort {
        let whom = Whom::Ours(Box::new((**self).clone()), Some(Box::new(self.clone())));
        NamedPort::find(self.scope(), self.service_host(), self.ports(), name, whom)
    }
}

impl Callee {
    /// Returns the port with this name, as a target of calls.
    #[track_caller]
    pub fn at_port(&self, name: &str) -> NamedPort {
        NamedPort::find(self.scope(), self.host(), &self.known().ports, name, Whom::Other(Box::new(self.clone())))
    }
}

fn report_unknown_port(scope: &Scope, name: &str, names: &[&str], at: At) {
    let message = format!("`{}` has no port `{name}`", scope.id());
    let help = format!("use one of `{}`, or add the port", names.join("`, `"));
    scope.report(Diagnostic::error("MS0441", message).at(scope.user_line(at)).help(help));
}

/// Returns the main port, or port 0 if the pods have no port.
fn main_port(pods: &Pods) -> Port {
    pods.ports().first().cloned().unwrap_or_else(|| Port::new("none", 0, Protocol::Tcp))
}

impl Callable for Workload {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours(Box::new((**self).clone()), Some(Box::new(self.clone()))) }
    }
}

impl Callable for StatefulSet {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours(Box::new((**self).clone()), None) }
    }
}

impl Callable for DaemonSet {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours(Box::new((**self).clone()), None) }
    }
}

impl Callable for NamedPort {
    fn called(&self) -> Called {
        Called { port: self.port.clone(), whom: self.whom.clone() }
    }
}

impl Callable for Callee {
    fn called(&self) -> Called {
        let port = self.known().ports.first().cloned();
        let port = port.unwrap_or_else(|| Port::new("none", 0, Protocol::Tcp));
        Called { port, whom: Whom::Other(Box::new(self.clone())) }
    }
}

impl Construct for NamedPort {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}
