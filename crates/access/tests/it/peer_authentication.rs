//! Peer authentication: modes of the mesh, of a namespace, of a workload and of a port.

use meshsynth_access::istio::{PeerAuthentication, Target};
use meshsynth_access::sets::Dimension;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::points::{Value, check, property};

type Mode = Option<&'static str>;

/// The modes of the mesh, the namespace and the workload, if they have a policy, and the modes of ports.
#[derive(Clone, Debug)]
struct Policies {
    mesh: Option<Mode>,
    namespace: Option<Mode>,
    workload: Option<(Mode, Vec<(u16, Mode)>)>,
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(&[None, Some("UNSET"), Some("STRICT"), Some("PERMISSIVE"), Some("DISABLE")][..])
}

fn policies() -> impl Strategy<Value = Policies> {
    let ports = (mode(), mode()).prop_map(|(a, b)| vec![(80, a), (81, b)]);
    let workload = prop::option::of((mode(), prop_oneof![Just(Vec::new()), ports]));
    (prop::option::of(mode()), prop::option::of(mode()), workload).prop_map(|(mesh, namespace, workload)| Policies {
        mesh,
        namespace,
        workload,
    })
}

fn json(policies: &Policies) -> Vec<Json> {
    let mtls = |mode: Mode| mode.map_or(json!({}), |mode| json!({ "mode": mode }));
    let policy = |namespace: &str, selector: Json, mode: Mode, ports: &[(u16, Mode)]| {
        let ports: serde_json::Map<String, Json> =
            ports.iter().map(|(port, mode)| (port.to_string(), mtls(*mode))).collect();
        json!({
            "kind": "PeerAuthentication", "metadata": { "name": "it", "namespace": namespace },
            "spec": { "selector": selector, "mtls": mtls(mode), "portLevelMtls": ports },
        })
    };
    let wide = |namespace: &'static str, mode: Option<Mode>| mode.map(|mode| policy(namespace, json!(null), mode, &[]));
    let narrow = policies.workload.as_ref();
    let narrow = narrow.map(|(mode, ports)| policy("shop", json!({ "matchLabels": { "app": "a" } }), *mode, ports));
    [narrow, wide("istio-system", policies.mesh), wide("shop", policies.namespace)].into_iter().flatten().collect()
}

fn admits(policies: &Policies, label: &str, (client, port): (&str, u16)) -> bool {
    let said = |mode: Mode| mode.filter(|mode| *mode != "UNSET");
    let workload = policies.workload.as_ref().filter(|_| label == "a");
    let of_port = workload.and_then(|(_, ports)| said(ports.iter().find(|it| it.0 == port)?.1));
    let mode = of_port
        .or_else(|| said(workload?.0))
        .or_else(|| said(policies.namespace?))
        .or_else(|| said(policies.mesh?))
        .unwrap_or("PERMISSIVE");
    match client {
        "verified" => true,
        "plaintext" => mode != "STRICT",
        _ => mode == "DISABLE",
    }
}

#[test]
fn narrowest_mode_decides() {
    let mut points = Vec::new();
    for client in ["verified", "plaintext", "unverified"] {
        points.extend([80, 81, 82].map(|port| (client, port)));
    }
    property(500, &(policies(), policies()), |(before, after)| {
        for label in ["a", "b"] {
            let labels = [("app".to_owned(), label.to_owned())].into();
            let target = Target { namespace: "shop".into(), kind: "Workload".into(), name: label.into(), labels };
            let region = |policies: &Policies| {
                let policies: Vec<_> = json(policies).iter().map(PeerAuthentication::parse).collect();
                let about = policies.iter().filter(|it| it.scope.selects(&target, "istio-system"));
                PeerAuthentication::admits(about, "istio-system")
            };
            let is_admitted =
                |point: &(&str, u16), is_after: bool| admits(if is_after { &after } else { &before }, label, *point);
            let value = |point: &(&str, u16), dimension: &Dimension| match dimension {
                Dimension::Port => Value::Number(point.1.into()),
                _ => Value::Text(point.0.to_owned()),
            };
            check(&region(&before), &region(&after), &points, is_admitted, value)?;
        }
        Ok(())
    });
}
