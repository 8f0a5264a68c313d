//! Descriptions of connections: ports and peers.

use meshsynth_access::sets::{Dimension, Extent, Part, Test, Values};

use super::phrases::{quoted, values};

/// Describes the ports and protocols.
pub(super) fn ports(extent: &Extent) -> String {
    let number = |test: &Test| match test {
        Test::Number(from, to) if from != to => format!("ports {test}"),
        _ => format!("port {test}"),
    };
    let kind = |test: &Test| match test {
        Test::Number(from, to) if from == to => format!("type {}, code {}", from / 256, from % 256),
        Test::Number(from, _) => format!("type {}", from / 256),
        _ => test.to_string(),
    };
    let protocol = extent.of(&Dimension::Protocol);
    let name = values(protocol, &|it: &Test| it.to_string(), "every protocol");
    if let Some(kinds) = extent.of(&Dimension::Kind) {
        return format!("{name} {}", values(Some(kinds), &kind, "every type"));
    }
    match (extent.of(&Dimension::Port), protocol) {
        (None, None) => "all traffic".to_owned(),
        (None, Some(_)) => format!("all ports ({name})"),
        (Some(ports), None) => values(Some(ports), &number, "all ports"),
        (Some(ports), Some(_)) if name == "tcp" => values(Some(ports), &number, "all ports"),
        (Some(ports), Some(_)) => format!("{} ({name})", values(Some(ports), &number, "all ports")),
    }
}

/// Describes the peer: addresses, groups and prefix lists, or pods.
pub(super) fn peer(extent: &Extent) -> String {
    let pods = pods(extent);
    let Some(of) = extent.of(&Dimension::Peer) else { return "anyone".to_owned() };
    // A peer with any address may be in any group, so the groups are omitted.
    let is_any = |part: &Part| matches!(part.of.as_slice(), [Test::Text(glob)] if glob.is_any());
    let has_address = of.0.iter().any(|part| part.of.iter().any(|test| matches!(test, Test::Address(_))));
    let mut parts: Vec<Part> = of.0.iter().filter(|part| !has_address || !is_any(part)).cloned().collect();
    for part in parts.iter_mut().filter(|part| part.of.is_empty() && part.except.contains(&Test::Absent)) {
        part.except.retain(|test| *test != Test::Absent);
        if part.except.is_empty() {
            return "every address".to_owned();
        }
    }
    let name = |test: &Test| if *test == Test::Absent { pods.clone() } else { quoted(test) };
    values(Some(&Values(parts)), &name, "anyone")
}

/// Describes the peer pods by their required labels.
fn pods(extent: &Extent) -> String {
    let mut namespace = None;
    let mut name = None;
    let mut others = Vec::new();
    for (dimension, of) in &extent.values {
        let single = of.tests().filter(|tests| tests.len() == 1).map(|tests| tests[0].to_string());
        match (dimension, single) {
            (Dimension::PeerNamespace(key), Some(text)) if key == "kubernetes.io/metadata.name" => {
                namespace = Some(text)
            }
            (Dimension::PeerPod(key), Some(text)) if key == "app.kubernetes.io/name" || key == "app" => {
                name = Some(text)
            }
            (Dimension::PeerNamespace(key), _) => {
                others.push(format!("namespaces where `{key}` is {}", values(Some(of), &quoted, "anything")));
            }
            (Dimension::PeerPod(key), _) => {
                others.push(format!("pods where `{key}` is {}", values(Some(of), &quoted, "anything")));
            }
            _ => {}
        }
    }
    let base = match (namespace, name) {
        (None, None) if others.is_empty() => return "every pod of the cluster".to_owned(),
        (None, None) => return others.join(" and "),
        (Some(namespace), None) => format!("`{namespace}` (all pods)"),
        (namespace, Some(name)) => format!("`{}/{name}`", namespace.unwrap_or("*".to_owned())),
    };
    others.insert(0, base);
    others.join(", ")
}
