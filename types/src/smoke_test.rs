//! Smoke tests: what must answer once a platform is deployed.
//!
//! Constructs add checks where they are defined. The checks of a cluster become
//! a script, `smoke/<cluster>.sh`, which runs kubectl and curl against the
//! cluster and its entrypoints. No pass knows a service: a check is about pods,
//! an entrypoint or a path. A cluster without checks has no script.

/// One check of a smoke test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SmokeCheck {
    /// At least one pod exists, and all containers of the selected pods are ready.
    Pods {
        /// Their namespace.
        namespace: String,
        /// The labels that select them, such as `app=orders`.
        selector: String,
        /// The number of containers in each pod, proxies included.
        containers: u32,
    },
    /// The newest of the selected jobs has ended well.
    Job {
        /// Their namespace.
        namespace: String,
        /// The labels that select them.
        selector: String,
    },
    /// A job by a schedule is there, and is not suspended.
    CronJob {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// An entrypoint has an address.
    Address(Entrypoint),
    /// A path is answered, from inside the cluster and from outside.
    Path {
        /// The entrypoint.
        entrypoint: Entrypoint,
        /// The host.
        host: String,
        /// The path.
        path: String,
    },
}

/// An entrypoint of a cluster: a service with a load balancer, and the pods behind it, which are requested from inside.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entrypoint {
    /// The namespace of the service and of its pods.
    pub namespace: String,
    /// The service.
    pub service: String,
    /// The deployment whose pods listen on the port.
    pub deployment: String,
    /// The container of those pods in which curl runs.
    pub container: String,
    /// The port.
    pub port: u16,
    /// The scheme at the load balancer.
    pub outside: Scheme,
    /// The scheme at the pods.
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
    /// As written in a URL.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}
