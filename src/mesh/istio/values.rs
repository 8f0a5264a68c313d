//! The values of Istio's charts, and the reasons for these values.
//!
//! Source: <https://github.com/istio/istio/tree/1.30.3/manifests/charts>

use crate::mesh::addons::resources;
use crate::units::{Mib, Millicores};
use crate::val::{Bag, Data};

use super::{ControlPlane, DEFAULT_REVISION, IstioProps, Mode, Resources};

/// The index of istiod in the list of releases.
pub(super) const ISTIOD: usize = 1;

/// The names of a cluster in its mesh.
pub(super) struct Facts {
    pub mesh_id: String,
    pub cluster_name: String,
    pub network: String,
}

/// Returns the resources of a small control plane, for several hundred services and a thousand pods.
pub(super) fn istiod_resources() -> Resources {
    Resources { cpu: Millicores(500), cpu_limit: None, memory: Mib(2048) }
}

/// Returns the charts in installation order, with their values.
pub(super) fn all(props: &IstioProps, facts: &Facts) -> Vec<(&'static str, Bag)> {
    let mut charts = vec![("base", base(props)), ("istiod", istiod(props, facts)), ("cni", cni(props))];
    if props.mode == Mode::Ambient {
        charts.push(("ztunnel", ztunnel(props, facts)));
    }
    charts
}

/// Returns the values of every chart: the ambient profile, and a revision other than the default.
fn common(props: &IstioProps) -> Bag {
    let mut values = Bag::default();
    if props.mode == Mode::Ambient {
        values.set("profile", "ambient");
    }
    if props.revision != DEFAULT_REVISION {
        values.set("revision", props.revision.clone());
    }
    values
}

fn base(props: &IstioProps) -> Bag {
    Bag::default().with("defaultRevision", props.revision.clone()).with("base", fail_closed())
}

/// Sets `Fail` explicitly. By default, the charts set `Ignore`, istiod changes it to `Fail`, and each Helm upgrade
/// reverts this change.
fn fail_closed() -> Bag {
    Bag::default().with("validationFailurePolicy", "Fail")
}

fn istiod(props: &IstioProps, facts: &Facts) -> Bag {
    let mut global = Bag::default()
        .with("meshID", facts.mesh_id.clone())
        .with("multiCluster", Bag::default().with("clusterName", facts.cluster_name.clone()))
        .with("network", facts.network.clone())
        .with("logAsJson", true);
    let spread = Bag::default()
        .with("maxSkew", 1)
        .with("topologyKey", "topology.kubernetes.io/zone")
        .with("whenUnsatisfiable", "ScheduleAnyway")
        .with("labelSelector", Bag::default().with("matchLabels", Bag::default().with("app", "istiod")));
    let mut values = common(props);
    if let ControlPlane::Remote(host) = &props.control_plane {
        // A webhook cannot call an `ExternalName` service, so the local istiod injects sidecars.
        global.set("remotePilotAddress", host.clone());
        values.set("istiodRemote", Bag::default().with("enabled", true).with("enabledLocalInjectorIstiod", true));
    }
    values
        .with("global", global)
        .with("base", fail_closed())
        .with("meshConfig", mesh_config(props))
        .with("cni", Bag::default().with("enabled", true))
        .with("autoscaleMin", 2)
        .with("autoscaleMax", 5)
        .with("resources", istiod_share(&props.resources))
        .with("seccompProfile", seccomp())
        .with("topologySpreadConstraints", vec![spread])
}

fn istiod_share(resources: &Resources) -> Data {
    let quantities = |cpu: Option<Millicores>| {
        let mut bag = Bag::default().with("memory", format!("{}Mi", resources.memory.0));
        if let Some(cpu) = cpu {
            bag.set("cpu", format!("{}m", cpu.0));
        }
        bag
    };
    let (requests, limits) = (quantities(Some(resources.cpu)), quantities(resources.cpu_limit));
    Data::from(Bag::default().with("requests", requests).with("limits", limits))
}

fn seccomp() -> Bag {
    Bag::default().with("type", "RuntimeDefault")
}

/// Source: <https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/>
fn mesh_config(props: &IstioProps) -> Bag {
    let mut config = Bag::default()
        .with("trustDomain", props.trust_domain.clone())
        .with("outboundTrafficPolicy", Bag::default().with("mode", props.outbound_traffic.word()));
    if let Some(encoding) = props.access_log.encoding() {
        config.set("accessLogFile", "/dev/stdout");
        config.set("accessLogEncoding", encoding);
    }
    if let Some(tracing) = &props.tracing {
        config.set("enableTracing", true);
        config.set("extensionProviders", vec![tracing.provider_values()]);
    }
    let mut locality = Bag::default().with("enabled", true);
    if !props.region_failover.is_empty() {
        let row = |(from, to): &(String, String)| Bag::default().with("from", from.clone()).with("to", to.clone());
        locality.set("failover", props.region_failover.iter().map(row).collect::<Vec<_>>());
    }
    config.with("localityLbSetting", locality)
}

fn cni(props: &IstioProps) -> Bag {
    common(props).with("global", Bag::default().with("logAsJson", true)).with("resources", resources("100m", "256Mi"))
}

fn ztunnel(props: &IstioProps, facts: &Facts) -> Bag {
    // The chart has no ambient profile, because ztunnel exists only in ambient mode.
    let mut values = common(props);
    values.remove("profile");
    values
        .with("multiCluster", Bag::default().with("clusterName", facts.cluster_name.clone()))
        .with("network", facts.network.clone())
        .with("logAsJson", true)
        .with("resources", resources("200m", "512Mi"))
}
