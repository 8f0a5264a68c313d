//! Traffic that bypasses the proxy of a pod.
//!
//! Source: <https://istio.io/latest/docs/reference/config/annotations/> and
//! <https://istio.io/latest/docs/reference/config/labels/>.

use super::membership::Membership;
use crate::world::Workload;

const INBOUND: &str = "traffic.sidecar.istio.io/includeInboundPorts";
const NOT_INBOUND: &str = "traffic.sidecar.istio.io/excludeInboundPorts";
const OUTBOUND: &str = "traffic.sidecar.istio.io/includeOutboundPorts";
const NOT_OUTBOUND: &str = "traffic.sidecar.istio.io/excludeOutboundPorts";
const BYPASS: &str = "ambient.istio.io/bypass-inbound-capture";
const MODE: &str = "sidecar.istio.io/interceptionMode";

/// Annotations with effects that the engine does not compute.
const UNSUPPORTED: [&str; 5] = [
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeInterfaces",
    "traffic.sidecar.istio.io/kubevirtInterfaces",
    "istio.io/reroute-virtual-interfaces",
];

/// The treatment of connections by a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capture {
    /// The proxy handles them.
    Proxied,
    /// They bypass the proxy, because of an annotation.
    Bypassed(&'static str),
    /// The effect of an annotation is unknown.
    Unknown(&'static str),
}

/// Whether an annotation of a workload can change the treatment of its outbound connections.
pub(super) fn has_setting(workload: &Workload) -> bool {
    let keys = || [MODE, OUTBOUND, NOT_OUTBOUND].into_iter().chain(UNSUPPORTED);
    keys().any(|key| workload.annotations.contains_key(key))
}

/// Returns the treatment of inbound connections to a port.
pub(super) fn inbound(workload: &Workload, membership: Membership, port: u16, excluded: &[u16]) -> Capture {
    let note = |key: &str| workload.annotations.get(key).map(String::as_str);
    match membership {
        Membership::Ambient if note(BYPASS) == Some("true") => Capture::Bypassed(BYPASS),
        Membership::Sidecar => {
            if note(MODE) == Some("NONE") {
                return Capture::Unknown(MODE);
            }
            if note(INBOUND).is_some_and(|it| it.trim() != "*" && !ports(it).contains(&port)) {
                return Capture::Bypassed(INBOUND);
            }
            let is_excluded = note(NOT_INBOUND).is_some_and(|it| ports(it).contains(&port));
            match is_excluded || excluded.contains(&port) {
                true => Capture::Bypassed(NOT_INBOUND),
                false => Capture::Proxied,
            }
        }
        _ => Capture::Proxied,
    }
}

/// Returns the treatment of outbound connections to a Service port or a pod port.
pub(super) fn outbound(workload: &Workload, membership: Membership, port: u16) -> Capture {
    let note = |key: &str| workload.annotations.get(key).map(String::as_str);
    if membership != Membership::Sidecar {
        return Capture::Proxied;
    }
    if note(MODE) == Some("NONE") {
        return Capture::Unknown(MODE);
    }
    if note(NOT_OUTBOUND).is_some_and(|it| ports(it).contains(&port)) {
        // Included ports are captured in addition to included addresses, which are all addresses by default.
        return match note(OUTBOUND).is_some_and(|it| ports(it).contains(&port)) {
            true => Capture::Unknown(OUTBOUND),
            false => Capture::Bypassed(NOT_OUTBOUND),
        };
    }
    match UNSUPPORTED.into_iter().find(|key| note(key).is_some_and(|it| it.trim() != "*")) {
        Some(key) => Capture::Unknown(key),
        None => Capture::Proxied,
    }
}

/// Parses a list of ports such as `80,9000-9010`.
pub(super) fn ports(text: &str) -> Vec<u16> {
    let one = |it: &str| -> Vec<u16> {
        match it.trim().split_once('-') {
            Some((from, to)) => match (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
                (Ok(from), Ok(to)) => (from..=to).collect(),
                _ => Vec::new(),
            },
            None => it.trim().parse().into_iter().collect(),
        }
    };
    text.split(',').flat_map(one).collect()
}
