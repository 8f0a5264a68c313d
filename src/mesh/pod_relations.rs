//! The relations of all pods: calls, environment variables, startup dependencies.
//!
//! A [`Workload`](super::Workload) has additional [`relations`](super::Workload).

use crate::units::Cidr;
use crate::val::{IntoVal, Secret};

use super::core::network;
use super::{CallProps, Callable, Pods};

/// The relations of all pods.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App};
/// # let app = App::new("shop");
/// # let orders = testing::workload(&app);
/// # let shop = orders.namespace();
/// let cleanup = mesh::CronJob::new(shop, "cleanup", "15 3 * * *", "registry.example/cleanup:1.0.0", Default::default());
/// cleanup.calls(&orders);
/// cleanup.env("ORDERS_URL", orders.url());
/// ```
impl Pods {
    /// Allows these pods to call a workload of the cluster, one of its ports, or an existing service.
    ///
    /// The call adds a rule to the network policies of both workloads. In a mesh, the callee's proxy accepts requests
    /// of this identity, and the proxy of these pods receives the address of the callee.
    #[track_caller]
    pub fn calls(&self, other: &impl Callable) -> &Self {
        self.calls_with(other, CallProps::default())
    }

    /// Allows a call, with a timeout, retries and other call properties.
    ///
    /// # Diagnostics
    ///
    /// - `MS0442`: a property needs the routes of a [`Workload`](super::Workload), which the callee does not have.
    /// - `MS1030`, `MS1031`, `MS1036`: see [`Workload::calls_with`](super::Workload::calls_with).
    #[track_caller]
    pub fn calls_with(&self, other: &impl Callable, props: CallProps) -> &Self {
        self.define_call(other.called(), props);
        self
    }

    /// Allows a call, and sets an environment variable to the address. The address is a URL such as
    /// `http://orders.shop.svc.cluster.local:8080`, or `host:port` for gRPC and TCP.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let image = "registry.example/web:1.0.0";
    /// let web = mesh::Workload::new(orders.namespace(), "web", image, Default::default());
    /// web.calls_at("ORDERS_URL", &orders);
    /// ```
    #[track_caller]
    pub fn calls_at(&self, key: &str, other: &impl Callable) -> &Self {
        let place = other.called().place();
        self.calls(other).env(key, place)
    }

    /// Allows these pods to connect to a port in a CIDR block.
    #[track_caller]
    pub fn allow_to(&self, cidr: Cidr, port: u16) -> &Self {
        network::allow_to_cidrs(self.policy(), &[cidr], port);
        self
    }

    /// Sets an environment variable. A changed value restarts the pods. Running jobs keep their initial values.
    ///
    /// If the value is an attribute of an AWS resource, it is inserted when the platform is deployed.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        self.set_variable(key, value);
        self
    }

    /// Sets an environment variable to a secret, which is stored only in AWS Secrets Manager and in a `Secret` of the
    /// cluster.
    #[track_caller]
    pub fn env_secret(&self, key: &str, secret: &Secret) -> &Self {
        self.set_secret_variable(key, secret);
        self
    }
}
