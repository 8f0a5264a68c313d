//! Limits for all pods together. Envoy's reference rate limit service counts the requests in a cache.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::diag::Diagnostic;
use crate::elasticache::ReplicationGroup;
use crate::facts;
use crate::kube::core::EnvVar;
use crate::kube::istio;
use crate::kube::istio::envoy_filter::{self as l1, ApplyTo, ConfigPatchMatchContext as Context};
use crate::mesh::{
    Gateway, Namespace, PodProps, Probes, Protocol, Resources, Runs, Scale, Volume, Workload, WorkloadProps, labels,
};
use crate::tree::{At, Construct, Scope};
use crate::units::{Mib, Millicores};
use crate::val::{Bag, IntoVal};

use super::super::VERSION_OF;
use super::RateLimit;
use super::local::{first, inbound, needs_sidecar, report_useless, requests};

/// The port for proxies.
const PORT: u16 = 8081;
/// The location of the configuration: the root directory and its subdirectory.
const ROOT: &str = "/data";
const FOLDER: &str = "ratelimit";
const FILTER: &str = "spec.configPatches.1.patch.value.rate_limits";

/// Properties of a [`RateLimitService`].
#[derive(Clone)]
pub struct RateLimitServiceProps {
    /// The number of pods. Default: 2 to 10, by CPU and memory.
    pub scale: Scale,
    /// The resources of its container. Default: 100 millicores, 128 MiB.
    pub resources: Resources,
    /// Whether requests are rejected while the service does not respond. Default: requests are accepted.
    pub fail_closed: bool,
}

impl Default for RateLimitServiceProps {
    fn default() -> Self {
        let resources = Resources { cpu: Millicores(100), memory: Mib(128), ..Resources::default() };
        Self { scale: Scale::default(), resources, fail_closed: false }
    }
}

/// A service that counts the requests to all pods of workloads and gateways together, in a shared cache.
///
/// Runs Envoy's reference rate limit service from `image`, a copy of `docker.io/envoyproxy/ratelimit` in a private
/// registry, and writes the limits to a file. If a limit [applies](Self::apply) to a request, the proxy queries the
/// service and waits at most 100 milliseconds. The cache must use a password, because the service cannot sign IAM
/// tokens.
///
/// # Diagnostics
///
/// - `MS0875`: the limited workload is in an ambient mesh.
/// - `MS0876`: a limit rejects all requests, or two limits have the same name.
/// - `MS0877`: the cache accepts only IAM authentication.
/// - `MS0878`: the service defines no limit with the applied name.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, elasticache, mesh, testing};
/// # let app = App::new("shop");
/// # let orders = testing::mesh_workload(&app);
/// # let shop = orders.namespace();
/// # let run = shop.cluster();
/// # let vpc = shop.cluster().vpc();
/// use meshsynth::mesh::traffic::{Each, Per, RateLimit, RateLimitService};
///
/// let access = elasticache::Access::Password;
/// let cache = elasticache::ReplicationGroup::new(run, "counters", vpc, elasticache::ReplicationGroupProps { access, ..Default::default() });
/// let image = "registry.example/ratelimit:2026.7.1";
/// let limits = [("per-customer", RateLimit::of(100, Per::Minute).each(Each::header("x-customer")))];
/// let service = RateLimitService::new(shop, "rate-limits", image, &cache, limits, Default::default());
/// service.apply("per-customer", &orders);
/// ```
///
/// Source: <https://github.com/envoyproxy/ratelimit>
#[derive(Clone)]
pub struct RateLimitService {
    workload: Workload,
    limits: Rc<Vec<(String, RateLimit)>>,
    fail_closed: bool,
}

impl RateLimitService {
    /// Defines the service with its limits, each with a name.
    #[track_caller]
    pub fn new<'a>(
        namespace: &Namespace,
        name: &str,
        image: impl IntoVal<String>,
        cache: &ReplicationGroup,
        limits: impl IntoIterator<Item = (&'a str, RateLimit)>,
        props: RateLimitServiceProps,
    ) -> Self {
        let limits: Vec<_> = limits.into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect();
        let file = configuration(&domain(namespace, name), &limits);
        let path = format!("{ROOT}/{FOLDER}/config");
        let pod = PodProps {
            command: vec!["/bin/ratelimit".to_owned()],
            volumes: vec![Volume::config("limits", [("limits.yaml", file)]).at(path)],
            ..Default::default()
        };
        let workload = Workload::new(
            namespace,
            name,
            image,
            WorkloadProps {
                port: PORT,
                protocol: Protocol::Grpc,
                scale: props.scale,
                resources: props.resources,
                probes: Probes::tcp(),
                pod,
                ..Default::default()
            },
        );
        for (idx, (name, limit)) in limits.iter().enumerate() {
            let is_new = !limits[..idx].iter().any(|(known, _)| known == name);
            report_useless(workload.scope(), name, limit, is_new, At::caller());
        }
        counts_in(&workload, cache);
        Self { workload, limits: Rc::new(limits), fail_closed: props.fail_closed }
    }

    /// Applies a limit to the requests to a workload.
    #[track_caller]
    pub fn apply(&self, limit: &str, workload: &Workload) -> &Self {
        let at = workload.scope().user_line(At::caller());
        workload.wants_requests("a rate limit", at);
        needs_sidecar(workload, at);
        let filter = workload.scope().singleton("global-rate-limits", || {
            workload.calls(&self.workload);
            let labels = [(VERSION_OF, workload.name().to_owned())];
            let host = l1::RouteConfigurationVhost::new().name(format!("inbound|http|{}", workload.port()));
            let routes = (Context::SidecarInbound, l1::MatchRouteConfiguration::new().vhost(host));
            let name = format!("{}-global-rate-limits", workload.name());
            let filter = self.define(workload.scope(), &name, &labels, inbound(workload.port()), routes);
            labels::add(&filter, workload.name());
            filter
        });
        self.add(&filter, limit, at);
        self
    }

    /// Applies a limit to the requests through a gateway.
    #[track_caller]
    pub fn apply_at(&self, limit: &str, gateway: &Gateway) -> &Self {
        let filter = gateway.scope().singleton("global-rate-limits", || {
            gateway.ingress().leads_to(&self.workload);
            let labels = gateway.ingress().labels();
            let context = l1::ConfigPatchMatch::new().context(Context::Gateway).listener(requests());
            let routes = (Context::Gateway, l1::MatchRouteConfiguration::new());
            let name = format!("{}-global-rate-limits", gateway.scope().id());
            self.define(gateway.scope(), &name, &labels, context, routes)
        });
        self.add(&filter, limit, At::caller());
        self
    }

    /// Returns the workload of the service, for example to scrape it or to define a service level objective.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    fn define(
        &self,
        scope: &Scope,
        name: &str,
        labels: &[(&'static str, String)],
        context: l1::ConfigPatchMatch,
        (place, routes): (Context, l1::MatchRouteConfiguration),
    ) -> Scope {
        let host = self.workload.service_host();
        let cluster = Bag::default().with("cluster_name", format!("outbound|{PORT}||{host}")).with("authority", host);
        let grpc = Bag::default().with("envoy_grpc", cluster).with("timeout", "0.1s");
        let settings = Bag::default()
            .with("@type", "type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit")
            .with("domain", domain(self.workload.namespace(), self.workload.name()))
            .with("failure_mode_deny", self.fail_closed)
            .with("enable_x_ratelimit_headers", "DRAFT_VERSION_03")
            .with("rate_limit_service", Bag::default().with("grpc_service", grpc).with("transport_api_version", "V3"));
        let asked = Bag::default().with("name", "envoy.filters.http.ratelimit").with("typed_config", settings);
        let merge = l1::ConfigPatchPatch::new()
            .operation(l1::ConfigPatchPatchOperation::Merge)
            .value(Bag::default().with("rate_limits", crate::val::Data::List(Vec::new())));
        let counted = l1::ConfigPatch::new()
            .apply_to(ApplyTo::VirtualHost)
            .match_(l1::ConfigPatchMatch::new().context(place).route_configuration(routes))
            .patch_(merge);
        let spec = l1::Spec::new()
            .workload_selector(l1::WorkloadSelector::new().labels(labels.to_vec()))
            .config_patches([first(context, asked), counted]);
        istio::EnvoyFilter::new().spec(spec).define(scope, "global-rate-limits", name).scope().clone()
    }

    #[track_caller]
    fn add(&self, filter: &Scope, name: &str, at: At) {
        match self.limits.iter().find(|(known, _)| known == name) {
            Some((_, limit)) => filter.add(FILTER, limit.actions(name)),
            None => {
                let names = self.limits.iter().map(|(known, _)| known.as_str());
                let message = format!("the rate limit service `{}` has no limit `{name}`", self.workload.name());
                let help = match facts::nearest(name, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "add the limit to the limits of the service".to_owned(),
                };
                filter.report(Diagnostic::error("MS0878", message).at(at).help(help));
            }
        }
    }
}

impl Construct for RateLimitService {
    fn scope(&self) -> &Scope {
        self.workload.scope()
    }
}

/// Returns the domain of the limits. A domain separates the limits of several namespaces or services.
fn domain(namespace: &Namespace, name: &str) -> String {
    format!("{}-{name}", namespace.name())
}

fn configuration(domain: &str, limits: &[(String, RateLimit)]) -> String {
    let descriptors: Vec<Value> = limits.iter().map(|(name, limit)| limit.descriptor(name)).collect();
    crate::yaml::to_text(&json!({ "domain": domain, "descriptors": descriptors }))
}

/// Configures the connection of the service to the cache, with its login.
#[track_caller]
fn counts_in(workload: &Workload, cache: &ReplicationGroup) {
    cache.allow_from(workload);
    workload
        .env("RUNTIME_ROOT", ROOT)
        .env("RUNTIME_SUBDIRECTORY", FOLDER)
        .env("RUNTIME_WATCH_ROOT", "false")
        .env("USE_STATSD", "false")
        .env("USE_PROMETHEUS", "true")
        .env("LOG_FORMAT", "json")
        .env("REDIS_SOCKET_TYPE", "tcp")
        .env("REDIS_TLS", "true")
        .env("REDIS_URL", crate::text![cache.primary_address(), format!(":{}", cache.port())]);
    let Some(secret) = cache.secret() else {
        let message = format!(
            "the rate limit service `{}` requires password authentication, but the cache supports only IAM",
            workload.name()
        );
        let help = "define the cache with `access: elasticache::Access::Password`";
        workload
            .scope()
            .report(Diagnostic::error("MS0877", message).at(workload.scope().user_line(At::caller())).help(help));
        return;
    };
    workload.env_secret("CACHE_PASSWORD", &secret.field("password"));
    // The kubelet inserts the password into the value, so no object contains the user name and the password together.
    let login = EnvVar::new("REDIS_AUTH").value(format!("{}:$(CACHE_PASSWORD)", cache.user()));
    for (maker, paths) in workload.pods().makers() {
        maker.add(paths.env, login.clone());
    }
}
