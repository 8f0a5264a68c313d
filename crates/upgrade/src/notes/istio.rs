//! The upgrade notes of Istio that concern the parts of a platform.
//!
//! Facts from `releasenotes/notes` of <https://github.com/istio/istio>, without its text.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_diff::side::Side;
use serde_json::Value;

use super::objects::{self, find};
use crate::statement::{Applies, Evidence, Note, Statement};
use crate::step::Step;

const FOLDER: &str = "https://github.com/istio/istio/blob/86c9f01fd735fb01d8192f5bcaf0d424afb7f14c/releasenotes/notes/";
const DATE: &str = "2026-08-22";

/// An upgrade note: the minor version, whether it blocks the upgrade, its file, the text, and the decision.
type Row = (&'static str, bool, &'static str, &'static str, fn(&Side) -> Applies);

const ROWS: [Row; 21] = [
    (
        "1.28",
        false,
        "57004",
        "sidecars can use the seccomp profile `RuntimeDefault`, if `global.proxy.seccompProfile` enables it",
        |_| Applies::Absent("the setting is opt-in".to_owned()),
    ),
    ("1.28", true, "57219", "only `v1` of InferencePool is supported, with the field `port.number`", |side| {
        api(side, "InferencePool", &["inference.networking.x-k8s.io/v1alpha2", "inference.networking.k8s.io/v1alpha2"])
    }),
    (
        "1.28",
        false,
        "57656",
        "an older ztunnel rejects services of a ServiceEntry with `resolution: NONE` until it is upgraded",
        |side| {
            if is_ambient(side) { object(side, "ServiceEntry", &|it| resolution_none(it)) } else { not_ambient() }
        },
    ),
    ("1.28", true, "gtw-140", "only `v1` of BackendTLSPolicy is supported", |side| {
        api(side, "BackendTLSPolicy", &["gateway.networking.k8s.io/v1alpha2", "gateway.networking.k8s.io/v1alpha3"])
    }),
    (
        "1.28",
        false,
        "remove-metric-rotation",
        "istiod ignores `METRIC_ROTATION_INTERVAL` and `METRIC_GRACEFUL_DELETION_INTERVAL`",
        |side| values(side, &["METRIC_ROTATION_INTERVAL", "METRIC_GRACEFUL_DELETION_INTERVAL"]),
    ),
    (
        "1.29",
        false,
        "48051",
        "the annotation `sidecar.istio.io/statsCompression` is removed, and metrics are compressed by default",
        |side| words(side, "sidecar.istio.io/statsCompression"),
    ),
    (
        "1.29",
        false,
        "authz-dry-run-ambient",
        "an older ztunnel enforces dry-run policies if `AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY` is set",
        |side| {
            if is_ambient(side) {
                values(side, &["AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY"])
            } else {
                not_ambient()
            }
        },
    ),
    (
        "1.29",
        false,
        "debug-endpoint-authorization",
        "tools outside of the system namespace lose most debug endpoints of istiod",
        kiali,
    ),
    (
        "1.29",
        false,
        "disable-track-remaining-cb-metrics",
        "the metrics of remaining circuit breaker capacity are disabled by default",
        |side| object(side, "DestinationRule", &|it| fields(it, "connectionPool")),
    ),
    (
        "1.29",
        false,
        "reconcile-iptables-default-true",
        "istio-cni updates the packet filter rules of running ambient pods when it starts",
        ambient,
    ),
    ("1.30", false, "59075", "only root can read the CNI configuration files", |side| charts(side, "cni")),
    ("1.30", false, "59295", "the CNI agent removes pods in `excludeNamespaces` from the ambient mesh", |side| {
        if is_ambient(side) { values(side, &["excludeNamespaces"]) } else { not_ambient() }
    }),
    (
        "1.30",
        false,
        "helm-fix-untaint-controller",
        "`taint.enabled` no longer needs `PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS`",
        |side| values(side, &["PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS"]),
    ),
    (
        "1.30",
        false,
        "sidecar-pick-best-service-namespace",
        "for a host in several namespaces, a sidecar prefers the Kubernetes Service, then the oldest one",
        repeated_hosts,
    ),
    ("1.30", false, "statusgen-xds-auth", "debug endpoints on port 15010 require authentication", |_| {
        Applies::Undecided("commands and tools that use `istioctl --plaintext`".to_owned())
    }),
    (
        "1.31",
        false,
        "60690",
        "proxies receive unhealthy endpoints unless `outlierDetection.minHealthPercent` is set",
        |side| {
            object(side, "DestinationRule", &|it| {
                fields(it, "outlierDetection")
                    .into_iter()
                    .filter(|_| fields(it, "minHealthPercent").is_empty())
                    .collect()
            })
        },
    ),
    ("1.31", false, "60788", "registered WorkloadEntries use HBONE only after they register again", |side| {
        object(side, "WorkloadGroup", &|_| vec!["kind".to_owned()])
    }),
    (
        "1.31",
        false,
        "remove-spawn-upstream-span-for-gateway",
        "`PILOT_SPAWN_UPSTREAM_SPAN_FOR_GATEWAY` is removed, and gateways create a span for each upstream request",
        |side| object(side, "Telemetry", &|it| fields(it, "tracing")),
    ),
    (
        "1.31",
        false,
        "wds-reconnect-version-skip",
        "reconnecting ztunnels exceed the request limit of istiod at about 40,000 workloads",
        large_ambient,
    ),
    ("1.31", false, "xds-api-generator-auth", "istiod rejects MCP consumers outside of the system namespace", |_| {
        Applies::Undecided("consumers of the MCP interface".to_owned())
    }),
    (
        "1.31",
        false,
        "gateway-merging",
        "gateways with the same port and different settings are no longer merged, unless `PILOT_ENABLE_STRICT_GATEWAY_MERGING` is `false`",
        repeated_ports,
    ),
];

/// Returns the notes of the new minor version.
pub fn notes(side: &Side, step: &Step) -> Vec<Note> {
    let is_of =
        |version: &str| step.to.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let note = |(version, is_blocker, file, text, decide): &Row| Note {
        statement: Statement::new(format!("Istio {version}: {text}"), &source(file), DATE),
        applies: decide(side),
        is_blocker: *is_blocker,
    };
    ROWS.iter().filter(|(version, ..)| is_of(version)).map(note).collect()
}

/// Returns the URL of a note. One change is listed only in a compatibility profile.
fn source(file: &str) -> String {
    match file {
        "gateway-merging" => {
            FOLDER.replace("releasenotes/notes/", "manifests/charts/base/files/profile-compatibility-version-1.30.yaml")
        }
        _ => format!("{FOLDER}{file}.yaml"),
    }
}

fn of(found: Vec<Evidence>, absent: impl Into<String>) -> Applies {
    if found.is_empty() { Applies::Absent(absent.into()) } else { Applies::Here(found) }
}

fn fields(value: &Value, key: &str) -> Vec<String> {
    objects::fields(value, key)
}

fn object(side: &Side, kind: &str, judge: &dyn Fn(&Value) -> Vec<String>) -> Applies {
    let found = find(side, &[kind], &|it| if it["kind"] == kind { judge(it) } else { Vec::new() });
    of(found, format!("no {kind} has such a setting"))
}

fn api(side: &Side, kind: &str, versions: &[&str]) -> Applies {
    let is_it = |it: &Value| it["apiVersion"].as_str().is_some_and(|version| versions.contains(&version));
    object(side, kind, &|it| if is_it(it) { vec!["apiVersion".to_owned()] } else { Vec::new() })
}

fn words(side: &Side, word: &str) -> Applies {
    of(find(side, &[word], &|_| vec![word.to_owned()]), format!("no object contains `{word}`"))
}

/// Returns the charts whose values contain a key. An environment variable that is set to its default also counts.
fn values(side: &Side, keys: &[&str]) -> Applies {
    let mut found = Vec::new();
    for release in side.manifest.clusters.iter().flat_map(|it| &it.releases) {
        for key in keys {
            found.extend(fields(side.document(&release.values), key).into_iter().map(|property| Evidence {
                name: format!("chart {}", release.name),
                property,
                source: release.source.clone(),
            }));
        }
    }
    found.extend(find(side, keys, &|it| match it["kind"].as_str() {
        Some("Deployment" | "DaemonSet") => {
            keys.iter().filter(|key| it.to_string().contains(**key)).map(|key| (*key).to_owned()).collect()
        }
        _ => Vec::new(),
    }));
    of(found, format!("no values of a chart contain {}", keys.join(" or ")))
}

fn charts(side: &Side, chart: &str) -> Applies {
    let releases = side.manifest.clusters.iter().flat_map(|it| &it.releases).filter(|it| it.chart == chart);
    let evidence = releases.map(|it| Evidence {
        name: format!("chart {}", it.name),
        property: "version".to_owned(),
        source: it.source.clone(),
    });
    of(evidence.collect(), format!("no chart `{chart}` is installed"))
}

fn is_ambient(side: &Side) -> bool {
    matches!(ambient(side), Applies::Here(_))
}

/// Decides by the chart of ztunnel and by the labels of namespaces.
fn ambient(side: &Side) -> Applies {
    match charts(side, "ztunnel") {
        Applies::Here(found) => Applies::Here(found),
        _ => {
            let key = "istio.io/dataplane-mode";
            let found = find(side, &[key], &|it| fields(&it["metadata"]["labels"], key));
            of(found, "the platform has no ambient mesh")
        }
    }
}

fn not_ambient() -> Applies {
    Applies::Absent("the platform has no ambient mesh".to_owned())
}

fn large_ambient(side: &Side) -> Applies {
    match ambient(side) {
        Applies::Here(_) => Applies::Undecided("the number of running workloads".to_owned()),
        absent => absent,
    }
}

fn resolution_none(entry: &Value) -> Vec<String> {
    // `NONE` is also the default.
    match entry["spec"]["resolution"].as_str() {
        None | Some("NONE") => vec!["spec.resolution".to_owned()],
        Some(_) => Vec::new(),
    }
}

/// Decides by the tools that query the debug endpoints: Kiali outside of the system namespace.
fn kiali(side: &Side) -> Applies {
    let releases = side.manifest.clusters.iter().flat_map(|it| &it.releases);
    let outside = releases.filter(|it| it.chart.contains("kiali") && it.namespace != "istio-system");
    let found: Vec<Evidence> = outside
        .map(|it| Evidence {
            name: format!("chart {}", it.name),
            property: "namespace".to_owned(),
            source: it.source.clone(),
        })
        .collect();
    match found.is_empty() {
        true => Applies::Undecided("tools outside of the platform that query debug endpoints".to_owned()),
        false => Applies::Here(found),
    }
}

/// Decides by the hosts of ServiceEntries: the host of another namespace, or the name of a Service.
fn repeated_hosts(side: &Side) -> Applies {
    let mut namespaces: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut entries: Vec<(String, Evidence)> = Vec::new();
    for object in side.manifest.clusters.iter().flat_map(|it| &it.objects) {
        if !side.text(&object.path).contains("ServiceEntry") {
            continue;
        }
        let document = side.document(&object.path);
        if document["kind"] != "ServiceEntry" {
            continue;
        }
        let namespace = document["metadata"]["namespace"].as_str().unwrap_or("default").to_owned();
        for (at, host) in document["spec"]["hosts"].as_array().into_iter().flatten().enumerate() {
            let host = host.as_str().unwrap_or_default().to_owned();
            let of_service = host.strip_suffix(".svc.cluster.local").and_then(|rest| rest.split_once('.'));
            let places = namespaces.entry(host.clone()).or_default();
            places.insert(namespace.clone());
            if let Some((_, other)) = of_service {
                places.insert(other.to_owned());
            }
            let property = format!("spec.hosts[{at}]");
            entries.push((host, Evidence { name: objects::name(document), property, source: object.source.clone() }));
        }
    }
    let found = entries.into_iter().filter(|(host, _)| namespaces[host].len() > 1).map(|(_, evidence)| evidence);
    of(found.collect(), "no host is in several namespaces")
}

/// Decides by the servers of Istio Gateways: one selector and port in several of them.
fn repeated_ports(side: &Side) -> Applies {
    let mut servers: BTreeMap<(String, u64), Vec<Evidence>> = BTreeMap::new();
    for object in side.manifest.clusters.iter().flat_map(|it| &it.objects) {
        if !side.text(&object.path).contains("networking.istio.io") {
            continue;
        }
        let document = side.document(&object.path);
        if document["kind"] != "Gateway"
            || !document["apiVersion"].as_str().is_some_and(|it| it.starts_with("networking.istio.io/"))
        {
            continue;
        }
        let selector = document["spec"]["selector"].to_string();
        for (at, server) in document["spec"]["servers"].as_array().into_iter().flatten().enumerate() {
            let Some(port) = server["port"]["number"].as_u64() else { continue };
            servers.entry((selector.clone(), port)).or_default().push(Evidence {
                name: objects::name(document),
                property: format!("spec.servers[{at}].port.number"),
                source: object.source.clone(),
            });
        }
    }
    let found: Vec<Evidence> = servers.into_values().filter(|it| it.len() > 1).flatten().collect();
    of(found, "no port is in several servers of one gateway workload")
}
