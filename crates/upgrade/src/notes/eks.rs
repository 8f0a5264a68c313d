//! The release notes of EKS that concern the parts of a platform.
//!
//! Facts from <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html>, without its text.

use std::net::IpAddr;

use meshsynth_diff::side::{Side, construct};
use serde_json::Value;

use super::objects;
use crate::statement::{Applies, Evidence, Note, Statement};
use crate::step::Step;

const PAGE: &str = "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions-standard.html";
const KUBERNETES: &str = "https://github.com/kubernetes/kubernetes/blob/master/CHANGELOG/CHANGELOG-1.36.md";
const DATE: &str = "2026-11-23";

/// A release note: the version, whether it blocks the upgrade, the text, the source, and the decision.
type Row = (&'static str, bool, &'static str, &'static str, fn(&Side) -> Applies);

const ROWS: [Row; 15] = [
    ("1.32", false, "anonymous requests are allowed only to the health endpoints of the API server", PAGE, anonymous),
    ("1.33", true, "EKS has no Amazon Linux 2 images for this version and newer ones", PAGE, amazon_linux_2),
    ("1.33", false, "the Endpoints API is deprecated; use EndpointSlice", PAGE, |side| kind(side, "Endpoints")),
    ("1.34", false, "nodes run containerd 2.1", PAGE, |_| {
        Applies::Undecided("the images of nodes and containers".to_owned())
    }),
    ("1.34", false, "AppArmor is deprecated", PAGE, app_armor),
    ("1.34", false, "VolumeAttributesClass is served as `storage.k8s.io/v1`", PAGE, |side| {
        kind(side, "VolumeAttributesClass")
    }),
    ("1.34", false, "the kubelet flag `--cgroup-driver` is deprecated", PAGE, |side| user_data(side, "cgroup-driver")),
    ("1.35", true, "the kubelet does not start on nodes with cgroup v1", PAGE, cgroup_v1),
    ("1.35", true, "the kubelet flag `--pod-infra-container-image` is removed", PAGE, |side| {
        user_data(side, "pod-infra-container-image")
    }),
    ("1.35", false, "this is the last version with containerd 1.x", PAGE, custom_images),
    ("1.35", false, "the IPVS mode of kube-proxy is deprecated, and 1.36 removes it", PAGE, ipvs),
    ("1.36", true, "kube-proxy has no IPVS mode", KUBERNETES, ipvs),
    ("1.36", true, "the API server refuses pods with `gitRepo` volumes", KUBERNETES, |side| field(side, "gitRepo")),
    (
        "1.36",
        true,
        "the API server refuses IP addresses with leading zeros, and blocks with bits after their prefix",
        KUBERNETES,
        addresses,
    ),
    ("1.36", false, "`externalIPs` of Services is deprecated", KUBERNETES, |side| field(side, "externalIPs")),
];

/// Returns the notes of the new Kubernetes version.
pub fn notes(side: &Side, step: &Step) -> Vec<Note> {
    let rows = ROWS.iter().filter(|(version, ..)| *version == step.to);
    let note = |(version, is_blocker, text, source, decide): &Row| Note {
        statement: Statement::new(format!("EKS {version}: {text}"), source, DATE),
        applies: decide(side),
        is_blocker: *is_blocker,
    };
    rows.map(note).collect()
}

fn of(found: Vec<Evidence>, absent: &str) -> Applies {
    if found.is_empty() { Applies::Absent(absent.to_owned()) } else { Applies::Here(found) }
}

fn kind(side: &Side, kind: &str) -> Applies {
    let found = objects::find(side, &[kind], &|document| {
        if document["kind"] == kind { vec!["kind".to_owned()] } else { Vec::new() }
    });
    of(found, &format!("no object has the kind {kind}"))
}

fn field(side: &Side, key: &str) -> Applies {
    let found = objects::find(side, &[key], &|document| match document["kind"].as_str() {
        Some("CustomResourceDefinition") => Vec::new(),
        _ => objects::fields(document, key),
    });
    of(found, &format!("no object has the field `{key}`"))
}

fn anonymous(side: &Side) -> Applies {
    const SUBJECTS: [&str; 2] = ["system:anonymous", "system:unauthenticated"];
    let found = objects::find(side, &SUBJECTS, &|document| {
        let subjects = document["subjects"].as_array().into_iter().flatten().enumerate();
        let named = subjects.filter(|(_, it)| it["name"].as_str().is_some_and(|name| SUBJECTS.contains(&name)));
        named.map(|(at, _)| format!("subjects[{at}].name")).collect()
    });
    of(found, "no role binding names anonymous users")
}

fn app_armor(side: &Side) -> Applies {
    const PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
    let found = objects::find(side, &["apparmor", "appArmorProfile"], &|document| {
        let mut found = objects::fields(document, "appArmorProfile");
        let annotations = objects::fields(document, "annotations");
        if !annotations.is_empty() && document.to_string().contains(PREFIX) {
            found.push(format!("{}[{PREFIX}]", annotations[0]));
        }
        found
    });
    of(found, "no pod has an AppArmor profile")
}

/// Returns the resources of a type that pass a test, with the property.
fn resources(side: &Side, type_name: &str, property: &str, judge: impl Fn(&Value) -> bool) -> Vec<Evidence> {
    let mut found = Vec::new();
    for stack in &side.manifest.stacks {
        for (stack, id, resource) in side.resources_of(stack).filter(|(.., it)| it["Type"] == type_name) {
            if judge(&resource["Properties"]) {
                found.push(Evidence {
                    name: format!("{type_name} {}", construct(stack, id)),
                    property: property.to_owned(),
                    source: stack.resources.get(id).map(|row| row.source.clone()).unwrap_or_default(),
                });
            }
        }
    }
    found
}

fn amazon_linux_2(side: &Side) -> Applies {
    let mut found = resources(side, "AWS::EKS::Nodegroup", "AmiType", |it| {
        it["AmiType"].as_str().is_some_and(|name| name.starts_with("AL2_"))
    });
    found.extend(objects::find(side, &["EC2NodeClass"], &|document| {
        let spec = &document["spec"];
        let mut properties = Vec::new();
        if spec["amiFamily"] == "AL2" {
            properties.push("spec.amiFamily".to_owned());
        }
        let terms = spec["amiSelectorTerms"].as_array().into_iter().flatten().enumerate();
        let old = terms.filter(|(_, term)| term["alias"].as_str().is_some_and(|alias| alias.starts_with("al2@")));
        properties.extend(old.map(|(at, _)| format!("spec.amiSelectorTerms[{at}].alias")));
        properties
    }));
    of(found, "no node group and no EC2NodeClass uses Amazon Linux 2")
}

/// Decides from user data, which CloudFormation encodes by a function, so its plain text is in the template.
fn user_data(side: &Side, word: &str) -> Applies {
    let mut found = resources(side, "AWS::EC2::LaunchTemplate", "LaunchTemplateData.UserData", |it| {
        it["LaunchTemplateData"]["UserData"].to_string().contains(word)
    });
    found.extend(objects::find(side, &[word], &|document| match document["kind"].as_str() {
        Some("EC2NodeClass") => vec!["spec.userData".to_owned()],
        _ => Vec::new(),
    }));
    let encoded =
        resources(side, "AWS::EC2::LaunchTemplate", "", |it| it["LaunchTemplateData"]["UserData"].is_string());
    match found.is_empty() && !encoded.is_empty() {
        true => Applies::Undecided("user data that the template contains in encoded form".to_owned()),
        false => of(found, &format!("no user data contains `{word}`")),
    }
}

fn custom_images(side: &Side) -> Applies {
    let mut found = resources(side, "AWS::EC2::LaunchTemplate", "LaunchTemplateData.ImageId", |it| {
        !it["LaunchTemplateData"]["ImageId"].is_null()
    });
    found.extend(resources(side, "AWS::EKS::Nodegroup", "AmiType", |it| it["AmiType"] == "CUSTOM"));
    of(found, "all node groups use images of EKS, which contain containerd 2.x")
}

fn cgroup_v1(side: &Side) -> Applies {
    match (amazon_linux_2(side), custom_images(side)) {
        (Applies::Here(found), _) | (_, Applies::Here(found)) => Applies::Here(found),
        _ => match user_data(side, "cgroup") {
            Applies::Absent(_) => Applies::Absent("all nodes use images with cgroup v2".to_owned()),
            other => other,
        },
    }
}

fn ipvs(side: &Side) -> Applies {
    let found = resources(side, "AWS::EKS::Addon", "ConfigurationValues", |it| {
        it["AddonName"] == "kube-proxy" && it["ConfigurationValues"].to_string().to_lowercase().contains("ipvs")
    });
    of(found, "no kube-proxy add-on is configured for IPVS")
}

fn addresses(side: &Side) -> Applies {
    const FIELDS: [&str; 7] =
        ["clusterIP", "clusterIPs", "externalIPs", "loadBalancerIP", "loadBalancerSourceRanges", "ip", "cidr"];
    let found = objects::find(side, &FIELDS, &|document| {
        let kinds = ["Service", "NetworkPolicy", "Endpoints", "EndpointSlice", "Ingress", "Pod"];
        if !document["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        malformed(document, "", &FIELDS, &mut found);
        found
    });
    of(found, "all addresses and blocks have the canonical form")
}

/// Collects the paths of addresses that older versions accepted, and that newer ones refuse.
fn malformed(value: &Value, path: &str, fields: &[&str], found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let texts = match value {
                    Value::String(text) => vec![text.as_str()],
                    Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                    _ => Vec::new(),
                };
                if fields.contains(&key.as_str()) && texts.iter().any(|text| is_malformed(text)) {
                    found.push(path.clone());
                }
                malformed(value, &path, fields, found);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, it)| malformed(it, &format!("{path}[{at}]"), fields, found));
        }
        _ => {}
    }
}

/// Whether a text is an address or a block that is not in canonical form: a leading zero, or bits after the prefix.
fn is_malformed(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let parts: Vec<&str> = address.split('.').collect();
    let is_ipv4 = parts.len() == 4 && parts.iter().all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
    if is_ipv4 && parts.iter().any(|part| part.len() > 1 && part.starts_with('0')) {
        return true;
    }
    let (Ok(address), Some(Ok(prefix))) = (address.parse::<IpAddr>(), prefix.map(str::parse::<u32>)) else {
        return false;
    };
    let (bits, length) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let n_host = u32::checked_sub(length, prefix).unwrap_or_default();
    n_host > 0 && (n_host >= 128 && bits != 0 || n_host < 128 && bits & ((1 << n_host) - 1) != 0)
}

#[cfg(test)]
mod tests {
    use super::is_malformed;

    #[test]
    fn recognizes_addresses_that_are_not_canonical() {
        assert!(["010.0.0.1", "10.0.0.01/24", "10.0.0.1/24", "2001:db8::1/64"].iter().all(|it| is_malformed(it)));
        assert!(
            ["10.0.0.1", "10.0.0.0/24", "None", "0.0.0.0/0", "::/0", "2001:db8::/64"]
                .iter()
                .all(|it| !is_malformed(it))
        );
    }
}
