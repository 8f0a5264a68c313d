//! Security groups, public exposure, network policies and authorization policies.

use std::collections::BTreeSet;

use serde_json::Value;

use super::iam::items;
use super::{Grant, Kind, Names, short};

/// What a resource opens.
pub fn resource(names: &Names, id: &str, resource: &Value, grants: &mut BTreeSet<Grant>) {
    let properties = &resource["Properties"];
    let at = names.construct(id);
    let type_name = resource["Type"].as_str().unwrap_or_default();
    match type_name {
        "AWS::EC2::SecurityGroup" => {
            for (key, is_out) in [("SecurityGroupIngress", false), ("SecurityGroupEgress", true)] {
                for rule in items(&properties[key]) {
                    port(names, &at, group_name(&at), rule, is_out, grants);
                }
            }
        }
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
            let group = short(&names.text(&properties["GroupId"]));
            port(names, &at, group_name(&group), properties, type_name.ends_with("Egress"), grants);
        }
        _ => {}
    }
    let mut public = |text: String| {
        let who = "everybody".to_owned();
        let (action, when) = (String::new(), String::new());
        grants.insert(Grant { who, action, on: text, when, denies: false, at: at.clone(), kind: Kind::Sentence });
    };
    let is = |path: &str, wanted: &str| {
        let found = path.split('.').try_fold(properties, |value, key| value.get(key));
        found.is_some_and(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned) == wanted)
    };
    match type_name {
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" | "AWS::DMS::ReplicationInstance" | "AWS::AmazonMQ::Broker"
            if is("PubliclyAccessible", "true") =>
        {
            public(format!("`{at}` has a public address"));
        }
        "AWS::EKS::Cluster" if !is("ResourcesVpcConfig.EndpointPublicAccess", "false") => {
            let cidrs = items(&properties["ResourcesVpcConfig"]["PublicAccessCidrs"]);
            let cidrs: Vec<String> = cidrs.into_iter().map(|cidr| names.text(cidr)).collect();
            let all = if cidrs.is_empty() { vec!["0.0.0.0/0".to_owned()] } else { cidrs };
            for cidr in all {
                let (action, when) = ("the API server".to_owned(), String::new());
                let who = format!("`{cidr}`");
                grants.insert(Grant {
                    who,
                    action,
                    on: at.clone(),
                    when,
                    denies: false,
                    at: at.clone(),
                    kind: Kind::Port,
                });
            }
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" if !is("Scheme", "internal") => {
            public(format!("`{at}` faces the internet"));
        }
        "AWS::Lambda::Url" if is("AuthType", "NONE") => public(format!("`{at}` answers everybody")),
        "AWS::MSK::Cluster"
            if is("BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type", "SERVICE_PROVIDED_EIPS") =>
        {
            public(format!("the brokers of `{at}` have public addresses"));
        }
        "AWS::MSK::Cluster" if is("ClientAuthentication.Unauthenticated.Enabled", "true") => {
            public(format!("`{at}` lets clients in without a login"));
        }
        "AWS::S3::Bucket" => {
            for key in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
                if is(&format!("PublicAccessBlockConfiguration.{key}"), "false") {
                    public(format!("`{at}` no longer has `{key}`"));
                }
            }
        }
        "AWS::EC2::Subnet" if is("MapPublicIpOnLaunch", "true") => {
            public(format!("instances in `{at}` get public addresses"));
        }
        _ => {}
    }
}

/// The thing a group guards: `data/orders-db` of `data/orders-db/security-group`.
fn group_name(construct: &str) -> &str {
    construct.strip_suffix("/security-group").or_else(|| construct.strip_suffix("/group")).unwrap_or(construct)
}

fn port(names: &Names, at: &str, group: &str, rule: &Value, is_out: bool, grants: &mut BTreeSet<Grant>) {
    let peers = [
        "CidrIp",
        "CidrIpv6",
        "SourceSecurityGroupId",
        "DestinationSecurityGroupId",
        "SourcePrefixListId",
        "DestinationPrefixListId",
    ];
    let protocol = match names.text(&rule["IpProtocol"]).as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        other => other.to_owned(),
    };
    // How a group says that it lets nothing out: CloudFormation takes an empty list for everything.
    if is_out && rule["CidrIp"] == "127.0.0.1/32" {
        return;
    }
    let (from, to) = (names.text(&rule["FromPort"]), names.text(&rule["ToPort"]));
    let action = match (protocol.as_str(), from == to) {
        ("-1", _) => "all traffic".to_owned(),
        (_, _) if rule["FromPort"].is_null() => format!("all ports ({protocol})"),
        ("tcp", true) => format!("port {from}"),
        ("tcp", false) => format!("ports {from}-{to}"),
        (_, true) => format!("port {from} ({protocol})"),
        (_, false) => format!("ports {from}-{to} ({protocol})"),
    };
    for peer in peers.iter().filter_map(|key| rule.get(key)) {
        let peer = short(&names.text(peer));
        let peer = format!("`{}`", group_name(&peer));
        let who = if is_out { format!("outgoing traffic to {peer}") } else { peer };
        let (action, on, when) = (action.clone(), group.to_owned(), String::new());
        grants.insert(Grant { who, action, on, when, denies: false, at: at.to_owned(), kind: Kind::Port });
    }
}

/// Whether one range of ports holds another.
pub fn holds(outer: &str, inner: &str) -> bool {
    let range = |text: &str| -> Option<(u32, u32, String)> {
        let rest = text.strip_prefix("ports ").or_else(|| text.strip_prefix("port "))?;
        let (numbers, protocol) = rest.split_once(' ').unwrap_or((rest, ""));
        let (from, to) = numbers.split_once('-').unwrap_or((numbers, numbers));
        Some((from.parse().ok()?, to.parse().ok()?, protocol.to_owned()))
    };
    match (range(outer), range(inner)) {
        (Some(a), Some(b)) => a.2 == b.2 && a.0 <= b.0 && a.1 >= b.1,
        _ => outer == inner,
    }
}

/// What a Kubernetes object allows.
pub fn object(document: &Value, grants: &mut BTreeSet<Grant>) {
    let kind = document["kind"].as_str().unwrap_or_default();
    let name = document["metadata"]["name"].as_str().unwrap_or_default();
    let namespace = document["metadata"]["namespace"].as_str().unwrap_or_default();
    let at = format!("{kind} {namespace}/{name}");
    let spec = &document["spec"];
    let mut add = |who: String, action: String, on: String, denies: bool, kind: Kind| {
        let when = String::new();
        grants.insert(Grant { who, action, on, when, denies, at: at.clone(), kind });
    };
    match kind {
        "NetworkPolicy" => {
            let subject = selected(&spec["podSelector"], namespace);
            for direction in items(&spec["policyTypes"]).into_iter().filter_map(Value::as_str) {
                let what = if direction == "Ingress" { "only admits" } else { "only reaches" };
                add(String::new(), String::new(), format!("{subject} {what} what policies name"), true, Kind::Sentence);
            }
            for (key, peers, is_out) in [("ingress", "from", false), ("egress", "to", true)] {
                for rule in items(&spec[key]) {
                    let whos: Vec<String> = match items(&rule[peers]).as_slice() {
                        [] => vec!["everybody".to_owned()],
                        peers => peers.iter().map(|peer| peer_name(peer, namespace)).collect(),
                    };
                    let ports: Vec<String> = match items(&rule["ports"]).as_slice() {
                        [] => vec!["all traffic".to_owned()],
                        ports => ports.iter().map(|port| port_name(port)).collect(),
                    };
                    for who in &whos {
                        let who = if is_out { format!("outgoing traffic to {who}") } else { who.clone() };
                        for port in &ports {
                            add(who.clone(), port.clone(), subject.replace('`', ""), false, Kind::Port);
                        }
                    }
                }
            }
        }
        "AuthorizationPolicy" => {
            let denies = spec["action"] == "DENY";
            let subject = selected(&spec["selector"], namespace);
            if !denies && spec["action"] != "AUDIT" {
                add(
                    String::new(),
                    String::new(),
                    format!("{subject} only answers whom policies name"),
                    true,
                    Kind::Sentence,
                );
            }
            for rule in items(&spec["rules"]) {
                let from: Vec<String> = items(&rule["from"]).iter().map(|from| source(&from["source"])).collect();
                let is_open = from.is_empty() || from.iter().any(String::is_empty);
                let who = if is_open { "everybody".to_owned() } else { from.join(" or ") };
                let to: Vec<String> = items(&rule["to"]).iter().map(|to| operation(&to["operation"])).collect();
                let action = if to.is_empty() { "call".to_owned() } else { format!("call ({})", to.join(" or ")) };
                add(who, action, subject.replace('`', ""), denies, Kind::Permission);
            }
        }
        "Service" if spec["type"] == "LoadBalancer" => {
            let scheme = &document["metadata"]["annotations"]["service.beta.kubernetes.io/aws-load-balancer-scheme"];
            if scheme == "internet-facing" {
                add(
                    "everybody".to_owned(),
                    String::new(),
                    format!("`{namespace}/{name}` faces the internet"),
                    false,
                    Kind::Sentence,
                );
            }
        }
        "Ingress" if document["metadata"]["annotations"]["alb.ingress.kubernetes.io/scheme"] == "internet-facing" => {
            add(
                "everybody".to_owned(),
                String::new(),
                format!("`{namespace}/{name}` faces the internet"),
                false,
                Kind::Sentence,
            );
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            for subject in items(&document["subjects"]) {
                let who = format!(
                    "{} `{}`",
                    subject["kind"].as_str().unwrap_or_default(),
                    subject["name"].as_str().unwrap_or_default()
                );
                let role = format!(
                    "{} {}",
                    document["roleRef"]["kind"].as_str().unwrap_or_default(),
                    document["roleRef"]["name"].as_str().unwrap_or_default()
                );
                add(who, String::new(), role, false, Kind::Trust);
            }
        }
        "Role" | "ClusterRole" => {
            for rule in items(&document["rules"]) {
                let resources: Vec<&str> = items(&rule["resources"]).into_iter().filter_map(Value::as_str).collect();
                for verb in items(&rule["verbs"]).into_iter().filter_map(Value::as_str) {
                    for resource in &resources {
                        add(
                            format!("who has {kind} `{name}`"),
                            verb.to_owned(),
                            (*resource).to_owned(),
                            false,
                            Kind::Permission,
                        );
                    }
                }
            }
        }
        _ => {}
    }
}

/// Who calls, as an authorization policy says it.
fn source(source: &Value) -> String {
    let called = |key: &str, value: &str| match (key, value.split('/').collect::<Vec<_>>().as_slice()) {
        ("principals", [_, "ns", namespace, "sa", name]) => format!("`{namespace}/{name}`"),
        ("namespaces", _) => format!("`{value}` (all pods)"),
        _ => format!("{key} `{value}`"),
    };
    said(source, &called)
}

/// What is called, as an authorization policy says it.
fn operation(operation: &Value) -> String {
    let called = |key: &str, value: &str| match key {
        "methods" => value.to_owned(),
        "ports" => format!("port {value}"),
        "paths" | "hosts" => value.to_owned(),
        _ => format!("{key} {value}"),
    };
    said(operation, &called)
}

/// Lists of values by key: one of each must fit.
fn said(map: &Value, called: &dyn Fn(&str, &str) -> String) -> String {
    let of = |(key, values): (&String, &Value)| {
        let values = items(values).into_iter().filter_map(Value::as_str).map(|value| called(key, value));
        values.collect::<Vec<_>>().join(" or ")
    };
    map.as_object().into_iter().flatten().map(of).collect::<Vec<_>>().join(", ")
}

fn selected(selector: &Value, namespace: &str) -> String {
    match labels(selector) {
        Some(labels) => format!("`{namespace}/{labels}`"),
        None => format!("`{namespace}` (all pods)"),
    }
}

/// The name among the labels, or all of them.
fn labels(selector: &Value) -> Option<String> {
    let map = selector["matchLabels"].as_object().filter(|map| !map.is_empty());
    let Some(map) = map else {
        return selector["matchExpressions"].is_array().then(|| selector["matchExpressions"].to_string());
    };
    let name = ["app.kubernetes.io/name", "kubernetes.io/metadata.name"].iter().find_map(|key| map.get(*key)?.as_str());
    match (name, map.len()) {
        (Some(name), 1) => Some(name.to_owned()),
        _ => Some(
            map.iter()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect::<Vec<_>>()
                .join(","),
        ),
    }
}

fn peer_name(peer: &Value, namespace: &str) -> String {
    if let Some(cidr) = peer["ipBlock"]["cidr"].as_str() {
        let but: Vec<&str> = items(&peer["ipBlock"]["except"]).into_iter().filter_map(Value::as_str).collect();
        let but = if but.is_empty() { String::new() } else { format!(" but `{}`", but.join("`, `")) };
        return format!("`{cidr}`{but}");
    }
    let space = match &peer["namespaceSelector"] {
        Value::Null => Some(namespace.to_owned()),
        selector => labels(selector),
    };
    match (space, labels(&peer["podSelector"])) {
        (None, None) => "every pod of the cluster".to_owned(),
        (Some(space), None) => format!("`{space}` (all pods)"),
        (space, Some(pod)) => format!("`{}/{pod}`", space.unwrap_or("*".to_owned())),
    }
}

fn port_name(port: &Value) -> String {
    let number = port["port"].as_str().map_or_else(|| port["port"].to_string(), str::to_owned);
    let protocol = match port["protocol"].as_str() {
        None | Some("TCP") => String::new(),
        Some(other) => format!(" ({})", other.to_lowercase()),
    };
    match port["endPort"].as_u64() {
        Some(end) => format!("ports {number}-{end}{protocol}"),
        None if port["port"].is_null() => format!("all ports{protocol}"),
        None => format!("port {number}{protocol}"),
    }
}
