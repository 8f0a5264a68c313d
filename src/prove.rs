//! What must answer once a platform is deployed: said by constructs, where they are defined.
//!
//! The proofs of a cluster become a script, `smoke/<cluster>.sh`, which asks
//! the cluster and its ways in with kubectl and curl. No pass knows a service:
//! a proof is about pods, a way in, or a path. Where no construct says
//! anything, there is no script.

use crate::tree::Scope;

/// Something that must hold of a deployed platform.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// Pods are there and all of their containers are ready.
    Pods {
        /// Their namespace.
        namespace: String,
        /// The labels that select them, such as `app=orders`.
        selector: String,
        /// How many containers each has, proxies included.
        containers: u32,
    },
    /// A way in has an address.
    Address(Door),
    /// A path answers, from inside the cluster and from outside.
    Path {
        /// The way in.
        door: Door,
        /// The host.
        host: String,
        /// The path.
        path: String,
    },
}

/// A way into a cluster: a service with a load balancer, and pods behind it that can be asked from within.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// The namespace of the service and of its pods.
    pub namespace: String,
    /// The service.
    pub service: String,
    /// The deployment whose pods listen.
    pub deployment: String,
    /// The container of those pods that has curl.
    pub container: String,
    /// The port.
    pub port: u16,
    /// What is spoken at the load balancer.
    pub outside: Scheme,
    /// What is spoken at the pods.
    pub inside: Scheme,
}

/// What is spoken at a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// As a URL begins.
    pub fn word(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

impl Scope {
    /// Says what must hold of this construct once it is deployed.
    pub fn prove(&self, proof: Proof) {
        self.change(|node| node.proofs.push(proof));
    }
}
