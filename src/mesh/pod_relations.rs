//! The relations of everything that runs in pods: whom it calls, what it is told, whom it waits for.
//!
//! A [`Workload`](super::Workload) has more: [`relations`](super::Workload).

use crate::units::Cidr;
use crate::val::{IntoVal, Secret};

use super::core::network;
use super::{CallProps, Callable, Pods};

/// The relations.
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
    /// Lets these pods call a workload of the cluster, one of its ports, or what somebody else runs there.
    ///
    /// In a mesh, the callee's proxy takes requests of this identity, and the proxy of these pods knows the
    /// callee. Everywhere, both network policies are opened.
    #[track_caller]
    pub fn calls(&self, other: &impl Callable) -> &Self {
        self.calls_with(other, CallProps::default())
    }

    /// The same, and says how.
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

    /// Lets these pods call something, and sets an environment variable to where it is: a URL such as
    /// `http://orders.shop.svc.cluster.local:8080`, or host and port alone where it speaks gRPC or TCP.
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

    /// Lets these pods connect to a port in a block of addresses.
    #[track_caller]
    pub fn allow_to(&self, cidr: Cidr, port: u16) -> &Self {
        network::allow_to_cidrs(self.policy(), &[cidr], port);
        self
    }

    /// Sets an environment variable. A change restarts the pods; jobs that run keep what they began with.
    ///
    /// The value may come from AWS: it is filled in when the platform is deployed.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        self.set_variable(key, value);
        self
    }

    /// Sets an environment variable to a secret, which stays in AWS Secrets Manager and in the cluster's own `Secret`.
    #[track_caller]
    pub fn env_secret(&self, key: &str, secret: &Secret) -> &Self {
        self.set_secret_variable(key, secret);
        self
    }
}
