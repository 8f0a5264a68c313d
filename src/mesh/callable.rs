//! What can be called: a workload, one of its ports, or what somebody else runs in the cluster.

use crate::diag::Diagnostic;
use crate::tree::{At, Construct, Scope};

use super::callee::Callee;
use super::core::Protocol;
use super::pods::{Pods, Port};
use super::workload::Workload;
use super::{DaemonSet, StatefulSet};

/// Whatever a workload can call: [`Pods::calls`].
pub trait Callable: Construct {
    /// What a call is to.
    #[doc(hidden)]
    fn called(&self) -> Called;
}

/// What a call is to.
#[doc(hidden)]
pub struct Called {
    pub(in crate::mesh) port: Port,
    pub(in crate::mesh) whom: Whom,
}

/// Who is called.
pub(in crate::mesh) enum Whom {
    /// Pods of the program; those of a [`Workload`] have routes, which tell callers apart.
    Ours(Pods, Option<Box<Workload>>),
    /// Somebody else's.
    Other(Callee),
}

/// A port of a workload beside its main one, to be called: `stock.at_port("grpc")`.
#[derive(Clone)]
pub struct NamedPort {
    pods: Pods,
    port: Port,
}

impl NamedPort {
    /// The number of the port.
    pub fn port(&self) -> u16 {
        self.port.port
    }

    /// Where it is reached, such as `stock.shop.svc.cluster.local:9090`.
    pub fn address(&self) -> String {
        format!("{}:{}", self.pods.service_host(), self.port.port)
    }
}

impl Pods {
    /// A port by its name.
    ///
    /// # Diagnostics
    ///
    /// - `MS0441`: there is none of this name.
    #[track_caller]
    pub fn at_port(&self, name: &str) -> NamedPort {
        let found = self.ports().iter().find(|it| it.name == name).cloned();
        let port = found.unwrap_or_else(|| {
            let names: Vec<&str> = self.ports().iter().map(|it| it.name.as_str()).collect();
            report_unknown_port(self.scope(), name, &names, At::caller());
            Port::new(name, self.port(), Protocol::Tcp)
        });
        NamedPort { pods: self.clone(), port }
    }
}

impl Callee {
    /// A port by its name, to be called.
    #[track_caller]
    pub fn at_port(&self, name: &str) -> CalleePort {
        let found = self.known().ports.iter().find(|it| it.name == name).cloned();
        let port = found.unwrap_or_else(|| {
            let names: Vec<&str> = self.known().ports.iter().map(|it| it.name.as_str()).collect();
            report_unknown_port(self.scope(), name, &names, At::caller());
            Port::new(name, self.port(), Protocol::Tcp)
        });
        CalleePort { callee: self.clone(), port }
    }
}

/// A port of a [`Callee`], to be called.
#[derive(Clone)]
pub struct CalleePort {
    callee: Callee,
    port: Port,
}

fn report_unknown_port(scope: &Scope, name: &str, names: &[&str], at: At) {
    let message = format!("`{}` has no port `{name}`", scope.id());
    let help = format!("name one of `{}`, or add it to the ports", names.join("`, `"));
    scope.report(Diagnostic::error("MS0441", message).at(scope.user_line(at)).help(help));
}

/// The main port; what has none is called nowhere.
fn main_port(pods: &Pods) -> Port {
    pods.ports().first().cloned().unwrap_or_else(|| Port::new("none", 0, Protocol::Tcp))
}

impl Callable for Workload {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours((**self).clone(), Some(Box::new(self.clone()))) }
    }
}

impl Callable for StatefulSet {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours((**self).clone(), None) }
    }
}

impl Callable for DaemonSet {
    fn called(&self) -> Called {
        Called { port: main_port(self), whom: Whom::Ours((**self).clone(), None) }
    }
}

impl Callable for NamedPort {
    fn called(&self) -> Called {
        Called { port: self.port.clone(), whom: Whom::Ours(self.pods.clone(), None) }
    }
}

impl Callable for Callee {
    fn called(&self) -> Called {
        let port = self.known().ports.first().cloned();
        let port = port.unwrap_or_else(|| Port::new("none", 0, Protocol::Tcp));
        Called { port, whom: Whom::Other(self.clone()) }
    }
}

impl Callable for CalleePort {
    fn called(&self) -> Called {
        Called { port: self.port.clone(), whom: Whom::Other(self.callee.clone()) }
    }
}

impl Construct for NamedPort {
    fn scope(&self) -> &Scope {
        self.pods.scope()
    }
}

impl Construct for CalleePort {
    fn scope(&self) -> &Scope {
        self.callee.scope()
    }
}
