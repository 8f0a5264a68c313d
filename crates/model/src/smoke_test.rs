//! Smoke tests: checks that run after deployment.
//!
//! Constructs add checks in their definition. The script `smoke/<cluster>.sh` contains the checks of a cluster. It runs
//! kubectl and curl against the cluster and its entrypoints. No pass depends on a specific service: a check is about
//! pods, an entrypoint or a path. A cluster without checks has no script.

/// One check of a smoke test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmokeCheck {
    /// At least one pod exists, and all containers of the selected pods are ready.
    Pods {
        /// The namespace of the pods.
        namespace: String,
        /// The label selector, such as `app=orders`.
        selector: String,
        /// The number of containers in each pod, including proxies.
        containers: u32,
    },
    /// The newest selected job succeeded.
    Job {
        /// The namespace of the jobs.
        namespace: String,
        /// The label selector.
        selector: String,
    },
    /// A cron job exists and is not suspended.
    CronJob {
        /// The namespace.
        namespace: String,
        /// The name.
        name: String,
    },
    /// An entrypoint has an address.
    Address(Entrypoint),
    /// A path responds to requests from inside and outside the cluster.
    Path {
        /// The entrypoint.
        entrypoint: Entrypoint,
        /// The host.
        host: String,
        /// The path.
        path: String,
    },
}

/// An entrypoint of a cluster: a service with a load balancer, and its pods. Requests from inside the cluster are sent
/// directly to the pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entrypoint {
    /// The namespace of the service and of its pods.
    pub namespace: String,
    /// The service.
    pub service: String,
    /// The deployment whose pods listen on the port.
    pub deployment: String,
    /// The container of these pods in which curl runs.
    pub container: String,
    /// The port.
    pub port: u16,
    /// The URL scheme of the load balancer.
    pub outside: Scheme,
    /// The URL scheme of the pods.
    pub inside: Scheme,
}

/// The scheme of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// Returns the scheme as written in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}
