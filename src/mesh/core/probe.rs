//! Probes, with which the kubelet checks containers.

use crate::kube::core;

/// A probe of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Succeeds if a GET request for this path returns a status from 200 to 399.
    Http(String),
    /// Succeeds if the port accepts a connection.
    Tcp,
    /// No probe.
    None,
}

impl Probe {
    /// Returns a probe that requests this path.
    pub fn http(path: impl Into<String>) -> Self {
        Probe::Http(path.into())
    }
}

/// The probes of a container, on its main port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// Whether it has started. The other probes start after this probe succeeds. Default: `GET /livez`, for up to 2
    /// minutes.
    pub startup: Probe,
    /// Whether it can receive requests. Default: `GET /readyz`.
    pub readiness: Probe,
    /// Whether it is alive. If not, it is restarted. Default: `GET /livez`.
    pub liveness: Probe,
}

impl Default for Probes {
    fn default() -> Self {
        Self { startup: Probe::http("/livez"), readiness: Probe::http("/readyz"), liveness: Probe::http("/livez") }
    }
}

impl Probes {
    /// Uses one path for all three probes.
    pub fn http(path: &str) -> Self {
        Self { startup: Probe::http(path), readiness: Probe::http(path), liveness: Probe::http(path) }
    }

    /// Uses the same test for all three probes: the port accepts a connection.
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
