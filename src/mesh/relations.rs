//! The relations of a workload, all in one place: whom it calls, what it is told, how it is reached, measured and protected.
//!
//! Each is implemented beside what it defines. What a data store gives, such as
//! `db.allow_from(&orders)` and `db.grant_connect(&orders, …)`, is with the data
//! store; what a gateway gives, with the gateway.

use crate::units::{Cidr, Duration, Percent};
use crate::val::{IntoVal, Secret};

use super::addons::Prometheus;
use super::core::network;
use super::traffic::{Balance, CircuitBreaker, Locality, RateLimit, Route, Tokens};
use super::{CallProps, Callable, Language, Slo, Version, VersionProps, Workload};

impl Workload {
    /// Lets this workload call another one of its cluster, one of its ports, or what somebody else runs there.
    ///
    /// In a mesh, the callee's proxy takes requests of this workload's identity, and this
    /// workload's proxy knows the callee. Everywhere, both network policies are opened.
    #[track_caller]
    pub fn calls(&self, other: &impl Callable) -> &Self {
        self.calls_with(other, CallProps::default())
    }

    /// Lets this workload call another one, and says how.
    ///
    /// # Diagnostics
    ///
    /// - `MS0442`: a property needs the routes of a `Workload`, which the callee does not have.
    /// - `MS1030`: the callee speaks TCP, and a property needs HTTP requests.
    /// - `MS1031`: a property needs a proxy, and the callee is not in a mesh.
    /// - `MS1036`: a property applies to one caller alone, which needs sidecars.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App, Duration};
    /// # let app = App::new("shop");
    /// # let orders = testing::mesh_workload(&app);
    /// # let payments = mesh::Workload::new(orders.namespace(), "payments", "registry.example/payments:2.1.0", Default::default());
    /// use meshsynth::mesh::traffic::{CallProps, Retries};
    ///
    /// orders.calls_with(&payments, CallProps {
    ///     timeout: Some(Duration::seconds(2)),
    ///     retries: Some(Retries { attempts: 1, ..Default::default() }),
    ///     methods: vec!["POST".to_owned()],
    ///     ..Default::default()
    /// });
    /// ```
    #[track_caller]
    pub fn calls_with(&self, other: &impl Callable, props: CallProps) -> &Self {
        self.define_call(other.called(), props);
        self
    }

    /// Lets this workload connect to a port in a block of addresses.
    #[track_caller]
    pub fn allow_to(&self, cidr: Cidr, port: u16) -> &Self {
        network::allow_to_cidrs(self.policy(), &[cidr], port);
        self
    }

    /// Sets an environment variable. A change restarts the pods.
    ///
    /// The value may come from AWS: it is filled in when the platform is deployed.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        self.set_variable(key, value);
        self
    }

    /// Sets an environment variable to a secret, which stays in AWS Secrets Manager
    /// and in the cluster's own `Secret`. It is read again every hour; running pods
    /// keep what they started with.
    #[track_caller]
    pub fn env_secret(&self, key: &str, secret: &Secret) -> &Self {
        self.set_secret_variable(key, secret);
        self
    }

    /// Defines another version of this workload, which runs `image`.
    #[track_caller]
    pub fn version(&self, name: &str, image: impl IntoVal<String>, props: VersionProps) -> Version {
        self.define_version(name, image, props)
    }

    /// A new route, after those that are there and before the default one.
    #[track_caller]
    pub fn route(&self) -> Route {
        self.define_route()
    }

    /// The route of the requests that no other route takes.
    #[track_caller]
    pub fn default_route(&self) -> Route {
        self.define_default_route()
    }

    /// Sends a share of the requests that no other route takes to a version, and the rest to the workload's own pods.
    #[track_caller]
    pub fn canary(&self, version: &Version, share: Percent) -> Route {
        self.define_canary(version, share)
    }

    /// Limits connections, and leaves pods alone that fail.
    #[track_caller]
    pub fn circuit_breaker(&self, breaker: CircuitBreaker) -> &Self {
        self.set_circuit_breaker(breaker)
    }

    /// Says which pod gets the next request. Default: that with the fewest, as Istio has it.
    #[track_caller]
    pub fn balance(&self, balance: Balance) -> &Self {
        self.set_balance(balance)
    }

    /// Keeps a client with the same pod by a cookie.
    #[track_caller]
    pub fn sticky_by_cookie(&self, name: &str, ttl: Duration) -> &Self {
        self.balance(Balance::Cookie { name: name.to_owned(), ttl })
    }

    /// Says over which regions requests go. Pods that fail are left alone, without which a region would never be given up.
    #[track_caller]
    pub fn locality(&self, locality: Locality) -> &Self {
        self.set_locality(locality)
    }

    /// Keeps retries to a share of the requests on their way, and lets always so many at once through.
    #[track_caller]
    pub fn retry_budget(&self, share: Percent, min_concurrency: u32) -> &Self {
        self.set_retry_budget(share, min_concurrency)
    }

    /// Limits the requests that each pod takes. The names of limits are unique at the workload.
    ///
    /// Every pod counts for itself, so that all together take as many times the limit as there are pods;
    /// [`RateLimitService`](super::traffic::RateLimitService) counts over all of them.
    ///
    /// # Diagnostics
    ///
    /// - `MS0875`: the mesh is ambient, where no sidecar could count.
    /// - `MS0876`: the limit lets nothing through, or its name is there twice.
    /// - `MS1030`: the workload speaks TCP.
    /// - `MS1031`: it is not in a mesh.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::mesh_workload(&app);
    /// use meshsynth::mesh::traffic::{Each, Per, RateLimit};
    ///
    /// orders.limit_rate("burst", RateLimit::of(200, Per::Second));
    /// orders.limit_rate("per-key", RateLimit::of(20, Per::Second).each(Each::header("x-api-key")).below("/api/orders"));
    /// ```
    ///
    /// Source: <https://istio.io/latest/docs/tasks/policy-enforcement/rate-limit/>
    #[track_caller]
    pub fn limit_rate(&self, name: &str, limit: RateLimit) -> &Self {
        self.define_rate_limit(name, &limit)
    }

    /// Takes only requests that carry a valid token, from whomever they come.
    ///
    /// # Diagnostics
    ///
    /// - `MS1030`: the workload speaks TCP.
    /// - `MS1031`: it is not in a mesh.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::mesh_workload(&app);
    /// use meshsynth::mesh::traffic::Tokens;
    ///
    /// orders.require_tokens(Tokens {
    ///     except: vec!["/public/*".to_owned()],
    ///     ..Tokens::of("https://login.example.com/", "https://login.example.com/.well-known/jwks.json")
    /// });
    /// ```
    ///
    /// Source: <https://istio.io/latest/docs/reference/config/security/request_authentication/>
    #[track_caller]
    pub fn require_tokens(&self, tokens: Tokens) -> &Self {
        self.define_token_check(tokens)
    }

    /// Has Prometheus take the numbers that the workload shows at a path of its port.
    ///
    /// Defines a `ServiceMonitor`, and opens the network policy for Prometheus.
    /// With a sidecar, whose mutual TLS keeps Prometheus out, the sidecar asks the
    /// workload and shows the numbers with its own:
    /// [`Namespace::scrape_proxies`](super::Namespace::scrape_proxies) takes them then.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// # let watch = testing::stack(&app, "watch");
    /// # let cluster = orders.namespace().cluster();
    /// let prometheus = mesh::addons::Prometheus::new(&watch, "prometheus", cluster, Default::default());
    /// orders.scrape(&prometheus, "/metrics");
    /// ```
    #[track_caller]
    pub fn scrape(&self, prometheus: &Prometheus, path: &str) -> &Self {
        self.define_scrape(prometheus, path)
    }

    /// Has the add-on [`AddOn::cloudwatch_observability`](crate::eks::AddOn::cloudwatch_observability) put its
    /// agent of the language into the pods: requests are counted by Application Signals and traced by
    /// X-Ray. Opens the way to the CloudWatch agent, which sends both, so that the pods need no right in AWS.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Application-Signals-Enable-EKS-Console.html>
    #[track_caller]
    pub fn instrument(&self, language: Language) -> &Self {
        self.set_instrumentation(language)
    }

    /// Promises a service level: recording rules, alerts and a dashboard follow.
    ///
    /// The rules lie in one `PrometheusRule` of the workload, the dashboard in a
    /// `ConfigMap` that Grafana finds. Alerts bear the labels `severity`,
    /// `namespace`, `workload` and `slo`; an [`AlertRoute`](super::AlertRoute)
    /// of the namespace leads them to people.
    ///
    /// # Diagnostics
    ///
    /// - `MS0956`: the objective is 0 % or 100 %.
    /// - `MS0957`: the threshold is not the bound of a bucket of the proxies' histogram.
    /// - `MS0958`: the workload is in no mesh, which would measure it.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, mesh, App, Duration};
    /// # use meshsynth::mesh::{Slo, promql::Series};
    /// # let app = App::new("shop");
    /// # let orders = testing::workload(&app);
    /// let requests = Series::of("http_server_requests_seconds_count").with("job", "orders");
    /// let errors = requests.clone().like("status", "5..");
    /// orders.slo(Slo::ratio("availability", 99.5, errors, requests).breach(Duration::hours(1), Duration::minutes(5)));
    /// ```
    #[track_caller]
    pub fn slo(&self, slo: Slo) -> &Self {
        self.define_slo(slo)
    }
}
