//! Decisions of a cluster: network policies as links of a chain.

use meshsynth_access::kubernetes::Traffic;

use super::policy_edits;
use crate::edit::Edit;
use crate::ends::Port;
use crate::kubernetes::{Guess, Pod, Policies, Side};
use crate::link::{Layer, Link, Verdict};
use crate::network::say_spans;
use crate::world::At;

/// Returns the decision of a pod's network policies about one port in one direction.
pub fn network_policy(policies: &Policies, pod: &Pod, traffic: Traffic, other: &Side, port: Port) -> Link {
    let (way, kind) = match traffic {
        Traffic::Ingress => ("to", "ingress"),
        Traffic::Egress => ("from", "egress"),
    };
    let who = pod.workload.map_or_else(|| format!("a pod of {}", pod.namespace), |it| it.title());
    if let Some(policy) = policies.unsupported(pod) {
        let why = format!("`{}` is not evaluated, and may select {who}", policy.title);
        return Link::new(Layer::NetworkPolicy, Verdict::Unknown, why).by(policy.title.clone(), "spec", &policy.at);
    }
    let decided = |guess: Guess| {
        let steps = policies.decide(guess, pod, traffic, other);
        steps.into_iter().find(|step| step.connections.has(port.protocol, port.number))
    };
    let step = decided(Guess::Closed);
    if pod.is_on_host() {
        return match step.filter(|it| !it.admits).map(|it| it.by) {
            None => {
                let why = format!("{who} uses the network of its node, and no network policy denies the connection");
                Link::new(Layer::NetworkPolicy, Verdict::Allowed, why)
            }
            Some(by) => {
                let why = format!(
                    "whether network policies apply to {who}, which has the network of its node, depends on the network plugin"
                );
                let link = Link::new(Layer::NetworkPolicy, Verdict::Unknown, why);
                by.first().map_or(link.clone(), |(title, at)| link.by(title.clone(), "spec.podSelector", at))
            }
        };
    }
    if policies.has_open_peers()
        && step.as_ref().is_none_or(|it| !it.admits)
        && let Some(open) = decided(Guess::Open).filter(|it| it.admits)
    {
        let why = format!(
            "the files do not determine whether `{}` matches the other end: its address, or the labels of its namespace",
            open.field
        );
        let link = Link::new(Layer::NetworkPolicy, Verdict::Unknown, why);
        return match open.by.first() {
            Some((title, at)) => link.by(title.clone(), open.field.clone(), at),
            None => link,
        };
    }
    let Some(step) = step else { return Link::new(Layer::NetworkPolicy, Verdict::Denied, "no port is open") };
    let asked = format!("{} {}", port.protocol.name(), port.number);
    let link = |verdict, why: String| Link::new(Layer::NetworkPolicy, verdict, why);
    let remove = |(what, field, at): (String, String, At)| Edit::remove(what, field, &at);
    match (step.admits, step.by.first()) {
        (true, None) => link(Verdict::Allowed, format!("no network policy restricts {kind} of {who}"))
            .edited(policy_edits::isolate(policies.world(), pod, traffic).into_iter().collect()),
        (true, Some((title, at))) => {
            let edits: Vec<Edit> = policies.admitting(pod, traffic, other, port).into_iter().map(remove).collect();
            link(Verdict::Allowed, format!("allows {asked} {way} {who}"))
                .by(title.clone(), step.field, at)
                .edited(edits)
        }
        (false, Some((title, at))) => {
            let names: Vec<&str> = step.by.iter().map(|(title, _)| title.as_str()).collect();
            let why = match step.field.is_empty() {
                true => format!("no rule of {} allows {asked} {way} {who}{}", names.join(" or "), say(other)),
                false => format!("denies {asked} {way} {who}"),
            };
            let edit = match step.field.is_empty() {
                true => policy_edits::admit(pod, traffic, other, port)
                    .map(|rule| Edit::add(title.clone(), format!("spec.{kind}"), at, rule)),
                false => Some(Edit::remove(title.clone(), step.field.clone(), at)),
            };
            let field = if step.field.is_empty() { format!("spec.{kind}") } else { step.field };
            link(Verdict::Denied, why).by(title.clone(), field, at).edited(edit.into_iter().collect())
        }
        (false, None) => link(Verdict::Denied, format!("no network policy allows {asked} {way} {who}")),
    }
}

fn say(other: &Side) -> String {
    match other {
        Side::Pod(_) => String::new(),
        Side::Addresses(from, to) => format!(" at {}", say_spans(&[(*from, *to)])),
    }
}

/// Returns the decision of a pod's network policies about addresses: all, some or none of them are
/// admitted.
pub fn addresses(policies: &Policies, pod: &Pod, traffic: Traffic, spans: &[(u128, u128)], port: Port) -> Link {
    let pieces = spans.iter().flat_map(|(from, to)| policies.pieces(*from, *to));
    let links: Vec<Link> =
        pieces.map(|(from, to)| network_policy(policies, pod, traffic, &Side::Addresses(from, to), port)).collect();
    let allows = |link: &&Link| link.verdict == Verdict::Allowed;
    let (some, all) = (links.iter().any(|it| allows(&it)), links.iter().all(|it| allows(&it)));
    let pick = links.iter().find(|it| allows(it) == some).cloned();
    let mut link =
        pick.unwrap_or_else(|| Link::new(Layer::NetworkPolicy, Verdict::Unknown, "the addresses are unknown"));
    if some && !all {
        link.verdict = Verdict::Unknown;
        link.why = format!("{}, but only for some of the addresses", link.why);
    }
    link
}
