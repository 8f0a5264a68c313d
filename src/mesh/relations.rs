//! The relations of a workload: calls, environment variables, routes, metrics and protection.
//!
//! The implementation of each relation is next to the objects that it defines. Relations of a data store, such as
//! `db.allow_from(&orders)` and `db.grant_connect(&orders, …)`, are methods of the data store. Relations of a gateway
//! are methods of the gateway.

use crate::units::{Cidr, Duration, Percent};
use crate::val::{IntoVal, Secret};

use super::addons::Prometheus;
use super::core::network;
use super::traffic::{Balance, CircuitBreaker, Locality, RateLimit, Route, Tokens};
use super::{CallProps, Callable, Language, Slo, Version, VersionProps, Workload};

impl Workload {
    /// Allows this workload to call another workload of its cluster, one of its ports, or an existing service.
    ///
    /// The call adds a rule to the network policies of both workloads. In a mesh, the callee's proxy accepts requests
    /// of this workload's identity, and this workload's proxy receives the address of the callee.
    #[track_caller]
    pub fn calls(&self, other: &impl Callable) -> &Self {
        self.calls_with(other, CallProps::default())
    }

    /// Allows a call to another workload, with call properties.
    ///
    /// # Diagnostics
    ///
    /// - `MS0442`: a property needs the routes of a `Workload`, which the callee does not have.
    /// - `MS1030`: the protocol of the callee is TCP, and a property needs HTTP requests.
    /// - `MS1031`: a property needs a proxy, and the callee is not in a mesh.
    /// - `MS1036`: a property applies to one caller only, which needs sidecars.
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

    /// Allows this workload to connect to a port in a CIDR block.
    #[track_caller]
    pub fn allow_to(&self, cidr: Cidr, port: u16) -> &Self {
        network::allow_to_cidrs(self.policy(), &[cidr], port);
        self
    }

    /// Sets an environment variable. A changed value restarts the pods.
    ///
    /// If the value is an attribute of an AWS resource, it is inserted when the platform is deployed.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        self.set_variable(key, value);
        self
    }

    /// Sets an environment variable to a secret, which is stored only in AWS Secrets Manager and in a `Secret` of the
    /// cluster. The External Secrets Operator reads the secret again every hour. Running pods keep their initial value.
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

    /// Adds a route after the existing routes and before the default route.
    #[track_caller]
    pub fn route(&self) -> Route {
        self.define_route()
    }

    /// Returns the default route, which receives the requests that no other route matches.
    #[track_caller]
    pub fn default_route(&self) -> Route {
        self.define_default_route()
    }

    /// Sends a share of the default route's requests to a version, and the remaining requests to the workload's own
    /// pods.
    #[track_caller]
    pub fn canary(&self, version: &Version, share: Percent) -> Route {
        self.define_canary(version, share)
    }

    /// Limits connections, and ejects failing pods.
    #[track_caller]
    pub fn circuit_breaker(&self, breaker: CircuitBreaker) -> &Self {
        self.set_circuit_breaker(breaker)
    }

    /// Sets the load balancing between pods. Default: least requests, as in Istio.
    #[track_caller]
    pub fn balance(&self, balance: Balance) -> &Self {
        self.set_balance(balance)
    }

    /// Sends all requests of a client to the same pod, which a cookie identifies.
    #[track_caller]
    pub fn sticky_by_cookie(&self, name: &str, ttl: Duration) -> &Self {
        self.balance(Balance::Cookie { name: name.to_owned(), ttl })
    }

    /// Sets the distribution of requests over regions. Also ejects failing pods, which failover to another region
    /// requires.
    #[track_caller]
    pub fn locality(&self, locality: Locality) -> &Self {
        self.set_locality(locality)
    }

    /// Limits retries to a share of the active requests. A minimum number of concurrent retries is always allowed.
    #[track_caller]
    pub fn retry_budget(&self, share: Percent, min_concurrency: u32) -> &Self {
        self.set_retry_budget(share, min_concurrency)
    }

    /// Limits the requests that each pod accepts. Limit names are unique within the workload.
    ///
    /// Every pod counts separately, so the total limit is this limit times the number of pods.
    /// [`RateLimitService`](super::traffic::RateLimitService) counts the requests of all pods together.
    ///
    /// # Diagnostics
    ///
    /// - `MS0875`: the mesh is ambient, so no sidecar can count requests.
    /// - `MS0876`: the limit rejects all requests, or its name is a duplicate.
    /// - `MS1030`: the protocol of the workload is TCP.
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

    /// Accepts only requests with a valid token, regardless of the caller.
    ///
    /// # Diagnostics
    ///
    /// - `MS1030`: the protocol of the workload is TCP.
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

    /// Makes Prometheus scrape the metrics of the workload at a path of its port.
    ///
    /// Defines a `ServiceMonitor`, and allows Prometheus in the network policy of the workload. If the pods have a
    /// sidecar that requires mutual TLS, Prometheus cannot connect to the workload. The sidecar then scrapes the
    /// workload and merges the metrics with its own. [`Namespace::scrape_proxies`](super::Namespace::scrape_proxies)
    /// scrapes the merged metrics.
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

    /// Makes the add-on [`AddOn::cloudwatch_observability`](crate::eks::AddOn::cloudwatch_observability) inject its
    /// language agent into the pods. Application Signals counts the requests, and X-Ray traces them. The pods send
    /// metrics and traces to the CloudWatch agent, so they need no AWS permissions. The network policy allows the
    /// connection to the agent.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Application-Signals-Enable-EKS-Console.html>
    #[track_caller]
    pub fn instrument(&self, language: Language) -> &Self {
        self.set_instrumentation(language)
    }

    /// Defines a service level objective with recording rules, alerts and a dashboard.
    ///
    /// One `PrometheusRule` of the workload contains the rules. A `ConfigMap` that Grafana discovers contains the
    /// dashboard. Alerts have the labels `severity`, `namespace`, `workload` and `slo`. An
    /// [`AlertRoute`](super::AlertRoute) of the namespace sends them to receivers.
    ///
    /// # Diagnostics
    ///
    /// - `MS0956`: the objective is 0 % or 100 %.
    /// - `MS0957`: the threshold is not a bucket bound of the proxies' histogram.
    /// - `MS0958`: the objective needs the metrics of mesh proxies, but the workload is not in a mesh.
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
