//! Limits that each proxy counts separately.

use crate::diag::Diagnostic;
use crate::kube::istio;
use crate::kube::istio::envoy_filter::{self as l1, ApplyTo, ConfigPatchMatchContext as Context};
use crate::mesh::{Gateway, Mode, Workload, labels};
use crate::tree::{At, Construct, Scope};
use crate::val::Bag;

use super::super::VERSION_OF;
use super::RateLimit;

/// The maximum number of header values and addresses that a proxy counts. Above this number, it drops the least
/// recently used value.
const VALUES: u32 = 10_000;
/// The paths of actions and buckets in the filter.
const ACTIONS: &str = "spec.configPatches.0.patch.value.typed_config.rate_limits";
const BUCKETS: &str = "spec.configPatches.0.patch.value.typed_config.descriptors";
const CONNECTIONS: &str = "envoy.filters.network.http_connection_manager";

impl Workload {
    /// Implements [`Workload::limit_rate`].
    #[track_caller]
    pub(in crate::mesh) fn define_rate_limit(&self, name: &str, limit: &RateLimit) -> &Self {
        let at = self.scope().user_line(At::caller());
        self.wants_requests("a rate limit", at);
        needs_sidecar(self, at);
        let filter = self.scope().singleton("rate-limits", || {
            let labels = [(VERSION_OF, self.name().to_owned())];
            let filter = define(self.scope(), &format!("{}-rate-limits", self.name()), &labels, inbound(self.port()));
            labels::add(&filter, self.name());
            filter
        });
        add(&filter, name, limit, at);
        self
    }
}

impl Gateway {
    /// Limits the requests that each pod of the gateway accepts. Limit names are unique within the gateway.
    ///
    /// Every pod counts separately, so the total limit is this limit times the number of pods.
    /// [`RateLimitService`](super::RateLimitService) counts the requests of all pods together.
    ///
    /// # Diagnostics
    ///
    /// - `MS0876`: the limit rejects all requests, or its name is a duplicate.
    #[track_caller]
    pub fn limit_rate(&self, name: &str, limit: RateLimit) -> &Self {
        let filter = self.scope().singleton("rate-limits", || {
            let labels = self.ingress().labels();
            let context = l1::ConfigPatchMatch::new().context(Context::Gateway).listener(requests());
            define(self.scope(), &format!("{}-rate-limits", self.scope().id()), &labels, context)
        });
        add(&filter, name, &limit, At::caller());
        self
    }
}

/// Reports a limit in an ambient mesh. The ztunnel of a node forwards connections and cannot count requests.
pub(super) fn needs_sidecar(workload: &Workload, at: At) {
    let is_ambient = workload.namespace().mesh().is_some_and(|mesh| mesh.mode() == Mode::Ambient);
    if is_ambient {
        let message = format!("a rate limit requires sidecars, but the mesh of `{}` is ambient", workload.name());
        let help = "limit the requests at a `Gateway`, or use a mesh with sidecars";
        workload.scope().report(Diagnostic::error("MS0875", message).at(at).help(help));
    }
}

/// Returns the Envoy filter match for inbound requests at a port.
pub(super) fn inbound(port: u16) -> l1::ConfigPatchMatch {
    let listener = requests().port_number(i64::from(port));
    l1::ConfigPatchMatch::new().context(Context::SidecarInbound).listener(listener)
}

/// Returns the Envoy filter match for the HTTP connection manager.
pub(super) fn requests() -> l1::MatchListener {
    let filter = l1::Filter::new().name(CONNECTIONS);
    l1::MatchListener::new().filter_chain(l1::ListenerFilterChain::new().filter(filter))
}

/// Returns a filter that precedes all other filters, so that rejected requests need no further processing.
pub(super) fn first(context: l1::ConfigPatchMatch, value: Bag) -> l1::ConfigPatch {
    let insert = l1::ConfigPatchPatch::new().operation(l1::ConfigPatchPatchOperation::InsertFirst).value(value);
    l1::ConfigPatch::new().apply_to(ApplyTo::HttpFilter).match_(context).patch_(insert)
}

fn define(scope: &Scope, name: &str, labels: &[(&'static str, String)], context: l1::ConfigPatchMatch) -> Scope {
    let whole = Bag::default().with("numerator", 100).with("denominator", "HUNDRED");
    let always = |key: &str| Bag::default().with("runtime_key", key.to_owned()).with("default_value", whole.clone());
    let settings = Bag::default()
        .with("@type", "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit")
        .with("stat_prefix", "http_local_rate_limiter")
        .with("filter_enabled", always("local_rate_limit_enabled"))
        .with("filter_enforced", always("local_rate_limit_enforced"))
        .with("always_consume_default_token_bucket", false)
        .with("max_dynamic_descriptors", VALUES);
    let value = Bag::default().with("name", "envoy.filters.http.local_ratelimit").with("typed_config", settings);
    let spec = l1::Spec::new()
        .workload_selector(l1::WorkloadSelector::new().labels(labels.to_vec()))
        .config_patches([first(context, value)]);
    istio::EnvoyFilter::new().spec(spec).define(scope, "rate-limits", name).scope().clone()
}

/// The names of a filter's limits.
#[derive(Default)]
struct Names(Vec<String>);

#[track_caller]
fn add(filter: &Scope, name: &str, limit: &RateLimit, at: At) {
    let is_new = filter.keep(|names: &mut Names| {
        let is_new = !names.0.iter().any(|known| known == name);
        names.0.push(name.to_owned());
        is_new
    });
    report_useless(filter, name, limit, is_new, at);
    filter.add(ACTIONS, limit.actions(name));
    filter.add(BUCKETS, limit.bucket(name));
}

/// Reports a limit of zero requests, and a duplicate name.
pub(super) fn report_useless(scope: &Scope, name: &str, limit: &RateLimit, is_new: bool, at: At) {
    if limit.requests == 0 {
        let message = format!("the rate limit `{name}` allows 0 requests; the minimum is 1");
        scope.report(
            Diagnostic::error("MS0876", message)
                .at(scope.user_line(at))
                .help("to block all requests, remove the route or the caller instead"),
        );
    }
    if !is_new {
        let message = format!("two rate limits are named `{name}`");
        scope.report(
            Diagnostic::error("MS0876", message).at(scope.user_line(at)).help("use a different name for each limit"),
        );
    }
}
