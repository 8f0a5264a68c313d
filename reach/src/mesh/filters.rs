//! Extensions of proxies that can reject requests.
//!
//! Source: <https://istio.io/latest/docs/reference/config/networking/envoy-filter/> and
//! <https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/>.

use meshsynth_access::kubernetes::Selector;
use serde_json::Value;

use crate::world::{Cluster, Object, Workload};

/// The places of a proxy's configuration that decide whether it accepts a request.
const ACCEPTING: [&str; 4] = ["HTTP_FILTER", "NETWORK_FILTER", "LISTENER", "FILTER_CHAIN"];

/// Returns an extension of a workload's proxy that can reject inbound requests.
pub(super) fn rejecting<'a>(cluster: &'a Cluster, root: &str, workload: &Workload) -> Option<&'a Object> {
    let is_near = |it: &&Object| it.namespace == workload.namespace || it.namespace == root;
    cluster.objects.iter().filter(is_near).find(|it| match it.kind.as_str() {
        "EnvoyFilter" => selects(&it.document["spec"]["workloadSelector"]["labels"], workload) && is_inbound(it),
        "WasmPlugin" => {
            let spec = &it.document["spec"];
            selects(&spec["selector"]["matchLabels"], workload)
                && spec["targetRefs"].is_null()
                && spec["targetRef"].is_null()
        }
        _ => false,
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
