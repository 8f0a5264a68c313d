//! How the kubelet asks a container how it is.

use crate::kube::core;

/// One way to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A GET of this path answers with 200 to 399.
    Http(String),
    /// The port takes a connection.
    Tcp,
    /// It is not asked.
    None,
}

impl Probe {
    /// A GET of this path.
    pub fn http(path: impl Into<String>) -> Self {
        Probe::Http(path.into())
    }
}

/// What a container is asked, on its main port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// Whether it has started; until then the others wait. Default: `GET /livez`, for up to 2 minutes.
    pub startup: Probe,
    /// Whether it may get requests. Default: `GET /readyz`.
    pub readiness: Probe,
    /// Whether it is alive; it is restarted where it is not. Default: `GET /livez`.
    pub liveness: Probe,
}

impl Default for Probes {
    fn default() -> Self {
        Self { startup: Probe::http("/livez"), readiness: Probe::http("/readyz"), liveness: Probe::http("/livez") }
    }
}

impl Probes {
    /// One path for all three questions.
    pub fn http(path: &str) -> Self {
        Self { startup: Probe::http(path), readiness: Probe::http(path), liveness: Probe::http(path) }
    }

    /// Whether the port takes connections, for all three questions.
    pub fn tcp() -> Self {
        Self { startup: Probe::Tcp, readiness: Probe::Tcp, liveness: Probe::Tcp }
    }

    pub(in crate::mesh) fn add_to(&self, mut container: core::Container, port: &'static str) -> core::Container {
        if let Some(probe) = ask(&self.startup, port) {
            container = container.startup_probe(probe.period_seconds(5).failure_threshold(24));
        }
        if let Some(probe) = ask(&self.readiness, port) {
            container = container.readiness_probe(probe.period_seconds(10).failure_threshold(3));
        }
        if let Some(probe) = ask(&self.liveness, port) {
            container = container.liveness_probe(probe.period_seconds(20).failure_threshold(3));
        }
        container
    }
}

fn ask(probe: &Probe, port: &'static str) -> Option<core::Probe> {
    let asked = core::Probe::new().timeout_seconds(3);
    match probe {
        Probe::Http(path) => Some(asked.http_get(core::HttpGetAction::new(port).path(path))),
        Probe::Tcp => Some(asked.tcp_socket(core::TcpSocketAction::new(port))),
        Probe::None => None,
    }
}
