//! Extensions of proxies that can reject requests.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/envoy-filter/> and
//! <https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/>.

use meshsynth_access::kubernetes::Selector;
use serde_json::Value;

use crate::link::{Layer, Link, Verdict};
use crate::world::{Cluster, Object, Workload};

/// The places of a proxy's configuration that decide whether it accepts a request.
const ACCEPTING: [&str; 4] = ["HTTP_FILTER", "NETWORK_FILTER", "LISTENER", "FILTER_CHAIN"];

/// Returns the positions of all extensions that can reject inbound requests, in the list of a cluster's objects.
pub(super) fn all(cluster: &Cluster) -> Vec<usize> {
    let is_filter = |it: &Object| match it.kind.as_str() {
        "EnvoyFilter" => is_inbound(it),
        "WasmPlugin" => it.document["spec"]["targetRefs"].is_null() && it.document["spec"]["targetRef"].is_null(),
        _ => false,
    };
    cluster.objects.iter().enumerate().filter(|(_, it)| is_filter(it)).map(|(position, _)| position).collect()
}

/// Returns the link of a request that an extension of the workload's proxy can reject.
pub(super) fn link(cluster: &Cluster, filters: &[usize], root: &str, workload: &Workload) -> Option<Link> {
    let filter = rejecting(cluster, filters, root, workload)?;
    let why = format!("`{}` changes the filters of the proxy, which can reject requests", filter.title());
    Some(Link::new(Layer::Authorization, Verdict::Unknown, why).by(filter.title(), "spec", &filter.at))
}

/// Returns an extension of a workload's proxy that can reject inbound requests.
fn rejecting<'a>(cluster: &'a Cluster, filters: &[usize], root: &str, workload: &Workload) -> Option<&'a Object> {
    let filters = filters.iter().map(|it| &cluster.objects[*it]);
    let mut near = filters.filter(|it| it.namespace == workload.namespace || it.namespace == root);
    near.find(|it| {
        let spec = &it.document["spec"];
        let labels = match it.kind.as_str() {
            "EnvoyFilter" => &spec["workloadSelector"]["labels"],
            _ => &spec["selector"]["matchLabels"],
        };
        selects(labels, workload)
    })
}

fn selects(labels: &Value, workload: &Workload) -> bool {
    Selector::labels(labels).selects(&workload.labels)
}

fn is_inbound(filter: &Object) -> bool {
    let patches = filter.document["spec"]["configPatches"].as_array().into_iter().flatten();
    patches.into_iter().any(|it| {
        it["applyTo"].as_str().is_some_and(|it| ACCEPTING.contains(&it))
            && !matches!(it["match"]["context"].as_str(), Some("SIDECAR_OUTBOUND"))
    })
}
