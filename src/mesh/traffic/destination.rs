//! Destination rules. They determine how callers distribute requests over a workload's pods, and when failing pods are
//! ejected.

use crate::kube::istio::destination_rule as l1;
use crate::tree::{At, Construct, Scope};
use crate::units::{Duration, Percent};
use crate::val::Data;

use super::super::{Protocol, Workload, labels};
use super::version::set;

/// The limits at which callers stop sending requests to a workload, and the failures after which they stop sending
/// requests to one of its pods.
///
/// # Units
///
/// Limits apply to each calling proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// The maximum number of connections. Default: 100.
    pub max_connections: u32,
    /// The maximum number of requests that wait for a connection. Default: 100.
    pub max_pending_requests: u32,
    /// The number of consecutive failures after which a pod is ejected: statuses of 500 or higher, or failed
    /// connections. Default: 5.
    pub consecutive_errors: u32,
    /// The interval of checking pods. Default: 30 seconds.
    pub interval: Duration,
    /// The duration of the first ejection. Default: 30 seconds.
    pub ejection: Duration,
    /// The maximum share of ejected pods. Default: 50 %.
    pub max_ejected: Percent,
}

impl Default for CircuitBreaker {
    fn default() -> Self {
        Self {
            max_connections: 100,
            max_pending_requests: 100,
            consecutive_errors: 5,
            interval: Duration::seconds(30),
            ejection: Duration::seconds(30),
            max_ejected: Percent(50),
        }
    }
}

impl CircuitBreaker {
    fn outlier_detection(&self) -> l1::OutlierDetection {
        l1::OutlierDetection::new()
            .consecutive5xx_errors(i64::from(self.consecutive_errors))
            .interval(self.interval)
            .base_ejection_time(self.ejection)
            .max_ejection_percent(i64::from(self.max_ejected.0))
    }
}

/// The selection of a pod for each request. It is an enum, because consistent hashing excludes the other algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Balance {
    /// From two random pods, the pod with fewer active requests.
    LeastRequest,
    /// Each pod in turn.
    RoundRobin,
    /// A random pod.
    Random,
    /// The same pod for the same cookie. The proxy sets a missing cookie.
    Cookie {
        /// The name of the cookie.
        name: String,
        /// The lifetime of the cookie.
        ttl: Duration,
    },
    /// The same pod for the same header value.
    Header(String),
    /// The same pod for the same client address.
    SourceAddress,
}

/// The distribution of requests over regions. It is an enum, because Istio allows only one of these settings.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locality {
    /// Fixed shares of the caller's own region and of other regions.
    Split {
        /// The percentage of the requests that stay in the caller's region.
        local: u32,
        /// The percentage of the requests for each other region.
        remote: Vec<(String, u32)>,
    },
    /// All requests stay in the caller's region, and move to this region when too few pods there are healthy.
    Failover(String),
}

impl Locality {
    /// Splits the requests between the caller's region and one other region, as two percentages.
    pub fn split(local: u32, remote: u32, region: impl Into<String>) -> Self {
        Locality::Split { local, remote: vec![(region.into(), remote)] }
    }
}

/// The traffic policy of a workload's callers. The proxies of the callers apply it, or a waypoint in ambient mode.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Duration, Percent};
/// # let app = App::new("shop");
/// # let payments = testing::mesh_workload(&app);
/// use meshsynth::mesh::traffic::{Balance, CircuitBreaker, Locality};
///
/// payments.circuit_breaker(CircuitBreaker { consecutive_errors: 3, ..Default::default() });
/// payments.balance(Balance::LeastRequest);
/// payments.locality(Locality::split(70, 30, "ap-northeast-3"));
/// payments.retry_budget(Percent(20), 3);
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/networking/destination-rule/>
impl Workload {
    /// Implements [`Workload::circuit_breaker`].
    #[track_caller]
    pub(in crate::mesh) fn set_circuit_breaker(&self, breaker: CircuitBreaker) -> &Self {
        let tcp = l1::ConnectionPoolTcp::new().max_connections(i64::from(breaker.max_connections));
        let mut pool = l1::ConnectionPool::new().tcp(tcp);
        if self.protocol() != Protocol::Tcp {
            let pending = i64::from(breaker.max_pending_requests);
            pool = pool.http(l1::ConnectionPoolHttp::new().http1_max_pending_requests(pending));
        }
        self.policy_of_callers("connectionPool", pool);
        self.policy_of_callers("outlierDetection", breaker.outlier_detection())
    }

    /// Implements [`Workload::balance`].
    #[track_caller]
    pub(in crate::mesh) fn set_balance(&self, balance: Balance) -> &Self {
        let hash = l1::LoadBalancerConsistentHash::new();
        let (key, value): (_, Data) = match balance {
            Balance::LeastRequest => ("simple", l1::LoadBalancerSimple::LeastRequest.into()),
            Balance::RoundRobin => ("simple", l1::LoadBalancerSimple::RoundRobin.into()),
            Balance::Random => ("simple", l1::LoadBalancerSimple::Random.into()),
            Balance::Cookie { name, ttl } => {
                self.wants_requests("a cookie", At::caller());
                let cookie = l1::ConsistentHashHttpCookie::new(name).ttl(ttl).path("/");
                ("consistentHash", hash.http_cookie(cookie).into())
            }
            Balance::Header(name) => {
                self.wants_requests("a header", At::caller());
                ("consistentHash", hash.http_header_name(name).into())
            }
            Balance::SourceAddress => ("consistentHash", hash.use_source_ip(true).into()),
        };
        let rule = self.destination_rule();
        rule.change(|node| {
            let Some(body) = node.kind.body_mut() else { return };
            if let Data::Map(balancer) = body.place("spec.trafficPolicy.loadBalancer") {
                balancer.remove("simple");
                balancer.remove("consistentHash");
            }
            *body.place(&format!("spec.trafficPolicy.loadBalancer.{key}")) = value;
        });
        self
    }

    /// Implements [`Workload::locality`].
    #[track_caller]
    pub(in crate::mesh) fn set_locality(&self, locality: Locality) -> &Self {
        let region = self.namespace().cluster().scope().region();
        let all = |region: &str| format!("{region}/*");
        let setting = l1::LoadBalancerLocalityLbSetting::new().enabled(true);
        let setting = match locality {
            Locality::Split { local, remote } => {
                let mut to = vec![(all(&region), i64::from(local))];
                to.extend(remote.iter().map(|(region, weight)| (all(region), i64::from(*weight))));
                setting.distribute([l1::LocalityLbSettingDistribute::new().from_(all(&region)).to(to)])
            }
            Locality::Failover(to) => setting.failover([l1::LocalityLbSettingFailover::new().from_(region).to(to)]),
        };
        self.policy_of_callers("loadBalancer.localityLbSetting", setting);
        let rule = self.destination_rule();
        rule.change(|node| {
            if let Some(body) = node.kind.body_mut()
                && body.at("spec.trafficPolicy.outlierDetection").is_none()
            {
                let breaker = CircuitBreaker::default().outlier_detection();
                *body.place("spec.trafficPolicy.outlierDetection") = breaker.into();
            }
        });
        self
    }

    /// Implements [`Workload::retry_budget`].
    #[track_caller]
    pub(in crate::mesh) fn set_retry_budget(&self, share: Percent, min_concurrency: u32) -> &Self {
        self.wants_requests("a retry budget", At::caller());
        let budget = l1::TrafficPolicyRetryBudget::new()
            .percent(f64::from(share.0))
            .min_retry_concurrency(i64::from(min_concurrency));
        self.policy_of_callers("retryBudget", budget)
    }

    fn policy_of_callers(&self, path: &str, value: impl Into<Data>) -> &Self {
        set(&self.destination_rule(), &format!("spec.trafficPolicy.{path}"), value);
        self
    }

    /// Returns the `DestinationRule` of the workload.
    #[track_caller]
    pub(in crate::mesh) fn destination_rule(&self) -> Scope {
        self.wants_mesh("a rule for callers", At::caller());
        self.needs_waypoint();
        self.scope().singleton("destination rule", || {
            let spec = l1::Spec::new(self.service_host());
            let rule = crate::kube::istio::DestinationRule::new().spec(spec);
            let rule = rule.define(self.scope(), "destination", self.name());
            labels::add(rule.scope(), self.name());
            rule.scope().clone()
        })
    }
}
