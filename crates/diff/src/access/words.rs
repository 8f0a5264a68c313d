//! Sentences of the access report. This module only formats; it makes no decisions.

use std::collections::BTreeSet;

use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::Exposure;
use meshsynth_access::sets::{Dimension, Extent, Test, Values};
use meshsynth_access::{Change, Direction};

use super::names::short;
use super::phrases::{conditions, quoted, values};
use super::subjects::{Asked, Topic};
use super::{calls, exposed, traffic};
use crate::change::{About, Access, Standing};

/// Describes a difference.
pub(super) fn row(asked: &Asked, change: &Change) -> Access {
    let (topic, subject) = &asked.question;
    let widened = change.direction == Direction::Widened;
    let extent = &change.summary;
    let is_gain = widened && change.extent.is_public && !extent.is_elsewhere();
    let modal = if widened { "may now" } else { "may no longer" };
    let principal = who(extent);
    let mut row = Access {
        widened,
        public: is_gain,
        stranger: false,
        conditional: extent.values.keys().any(|it| matches!(it, Dimension::Key(_) | Dimension::Opaque(_))),
        standing: Standing::Alone,
        about: about(asked),
        fresh: false,
        text: String::new(),
        at: asked.at.clone(),
        written: asked.written.clone(),
        subject: subject.clone(),
        who: bare(&principal),
    };
    match topic {
        Topic::Identity | Topic::Holders => {
            row.who.clone_from(subject);
            row.public = false;
            row.subject = targets(extent).unwrap_or_else(|| subject.clone());
            let who =
                if *topic == Topic::Holders { format!("principals with `{subject}`") } else { format!("`{subject}`") };
            row.text = permission(&who, extent, widened, None);
            if let Some(policy) = only_a_policy(extent) {
                let word = if widened { "now has" } else { "no longer has" };
                row.text = format!("{who} {word} policy `{}`", policy.rsplit('/').next().unwrap_or(policy));
            }
        }
        Topic::Subjects => {
            row.subject.clone_from(&asked.at);
            row.text = permission(&principal, extent, widened, None);
        }
        Topic::Trust => row.text = format!("{principal} {modal} assume `{subject}`{}", conditions(extent)),
        Topic::Policy if asked.is_blocked && change.extent.is_public => {
            row.public = false;
            row.who = "the account of the bucket".to_owned();
            row.text = permission("anyone in the account of the bucket", extent, widened, Some(subject));
        }
        Topic::Policy | Topic::KeyPolicy => row.text = permission(&principal, extent, widened, Some(subject)),
        Topic::RunsWith => {
            row.public = false;
            row.who.clone_from(subject);
            row.subject = targets(extent).unwrap_or_else(|| subject.clone());
            let verb = if widened { "now runs with" } else { "no longer runs with" };
            let role =
                values(extent.of(&Dimension::Resource), &|it| format!("`{}`", short(&it.to_string())), "any role");
            row.text = format!("`{subject}` {verb} role {role}, whose permissions are not in the files");
        }
        Topic::Endpoint => {
            let text = permission(&principal, extent, widened, None);
            row.text = format!("through `{subject}`, {text}");
        }
        Topic::Group(way) | Topic::Acl(way) | Topic::Pods(way) => {
            let peer = traffic::peer(extent);
            let ports = traffic::ports(extent);
            (row.text, row.who) = match (way, widened) {
                (Traffic::Ingress, true) => (format!("{ports} of `{subject}` opens to {peer}"), bare(&peer)),
                (Traffic::Ingress, false) => (format!("{ports} of `{subject}` closes to {peer}"), bare(&peer)),
                (Traffic::Egress, _) => (format!("`{subject}` {modal} reach {peer} on {ports}"), subject.clone()),
            };
            if *way == Traffic::Egress {
                row.public = false;
                row.subject = bare(&peer);
            }
        }
        Topic::Exposure(exposure) => {
            row.who = "anyone".to_owned();
            row.public = widened && exposure.is_public(extent);
            row.text = exposed::words(*exposure, subject, extent, widened);
        }
        Topic::Entry => {
            let (cluster, who) = subject.split_once(' ').unwrap_or(("", subject));
            row.public = false;
            row.who = who.to_owned();
            row.text = exposed::entry(who, cluster, extent, widened);
            row.subject = cluster.to_owned();
        }
        Topic::CacheUser => {
            row.public = false;
            row.who.clone_from(subject);
            let keys = values(extent.of(&Dimension::Resource), &quoted, "every key");
            let commands = values(extent.of(&Dimension::Action), &quoted, "every command");
            row.text = format!("`{subject}` {modal} run {commands} on {keys}");
        }
        Topic::Privileges => {
            row.public = false;
            row.who.clone_from(subject);
            let has = if widened { "now have" } else { "no longer have" };
            let field = values(extent.of(&Dimension::Action), &quoted, "full access to their node");
            let value = values(extent.of(&Dimension::Resource), &|it| format!(" `{it}`"), "");
            let value = if value == " ``" { "" } else { value.as_str() };
            row.text = format!("pods of `{subject}` {has} {field}{value}");
        }
        Topic::PodSecurity => {
            row.public = false;
            row.who.clear();
            let takes = if widened { "now allows" } else { "no longer allows" };
            let levels = values(extent.of(&Dimension::Action), &quoted, "all");
            row.text = format!("namespace `{subject}` {takes} pods of level {levels}");
        }
        Topic::PodIdentity => {
            row.public = false;
            row.text = format!("pods of {principal} {modal} assume `{subject}`");
        }
        Topic::Calls => {
            row.who = bare(&calls::caller(extent));
            row.text = calls::call(subject, extent, modal);
        }
        Topic::Certificates => {
            row.public = false;
            row.who.clear();
            row.text = calls::certificates(subject, extent, widened);
        }
        Topic::Tokens => {
            row.public = false;
            row.who.clear();
            let verb = if widened { "now allows" } else { "no longer allows" };
            row.text = format!("`{subject}` {verb} {}", calls::tokens(extent));
        }
        Topic::LoadBalancer => {
            let from = match (extent.of(&Dimension::Peer), extent.is_public) {
                (None, true) => "the internet".to_owned(),
                (None, false) => "its own network".to_owned(),
                (Some(_), _) => traffic::peer(extent),
            };
            let verb = if widened { "opens to" } else { "closes to" };
            row.who = if widened && extent.is_public { "anyone".to_owned() } else { bare(&from) };
            row.text = format!("{} of load balancer `{subject}` {verb} {from}", traffic::ports(extent));
        }
    }
    row.stranger = row.public;
    row
}

/// Returns the part of the platform that a question concerns, if the reach engine has targets for it.
fn about(asked: &Asked) -> About {
    match &asked.question.0 {
        Topic::Acl(_) => About::Acl,
        Topic::Endpoint => About::Endpoint,
        Topic::Group(Traffic::Ingress) => About::Group,
        Topic::Policy | Topic::KeyPolicy => About::Resource,
        Topic::Group(Traffic::Egress) | Topic::Pods(Traffic::Egress) => About::Outward,
        Topic::Identity => About::Permission,
        Topic::Trust => About::Trust,
        Topic::Exposure(Exposure::PublicAddress | Exposure::InternetFacing) => About::Address,
        Topic::Pods(Traffic::Ingress) | Topic::Calls | Topic::LoadBalancer => asked.about.clone(),
        _ => About::Other,
    }
}

/// Describes pods that network policies start or stop isolating. Returns `None` if the isolation is unchanged.
pub(super) fn of_closing(asked: &Asked, differs: bool) -> Option<Access> {
    let (Topic::Pods(way), subject) = &asked.question else { return None };
    let widened = match (asked.closed, &asked.regions) {
        ([false, true], [Some(_), Some(_)]) => false,
        ([true, false], [Some(_), Some(_)]) if differs => true,
        _ => return None,
    };
    let text = match (way, widened) {
        (Traffic::Ingress, false) => format!("`{subject}` now accepts only connections that a network policy allows"),
        (Traffic::Ingress, true) => format!(
            "`{subject}` now accepts connections from any source, because no network \
             policy restricts ingress"
        ),
        (Traffic::Egress, false) => format!(
            "`{subject}` can now connect only to destinations that a network policy \
             allows"
        ),
        (Traffic::Egress, true) => format!(
            "`{subject}` can now connect to any destination, because no network policy \
             restricts egress"
        ),
    };
    let public = widened && *way == Traffic::Ingress;
    let who = if *way == Traffic::Ingress { String::new() } else { subject.clone() };
    let (at, written, subject) = (asked.at.clone(), asked.written.clone(), subject.clone());
    let (standing, about) = (Standing::Alone, about(asked));
    Some(Access {
        widened,
        public,
        stranger: public,
        conditional: false,
        standing,
        about,
        fresh: false,
        text,
        at,
        written,
        subject,
        who,
    })
}

/// Describes a permission or a denial that begins or ends.
fn permission(who: &str, extent: &Extent, widened: bool, own: Option<&str>) -> String {
    let modal = match (widened, extent.is_elsewhere()) {
        (true, false) => "may now",
        (false, false) => "may no longer",
        (true, true) => "is no longer denied",
        (false, true) => "is now denied",
    };
    let on = resources(extent, own);
    let (verbs, preposition) = match extent.of(&Dimension::Action).map(Values::tests) {
        None => (if extent.is_elsewhere() { "everything" } else { "do everything" }.to_owned(), " on"),
        Some(Some(tests)) => {
            let single = extent.of(&Dimension::Resource).and_then(Values::tests).unwrap_or_default();
            let on = if let [one] = single.as_slice() { one.to_string() } else { String::new() };
            let verbs: BTreeSet<String> =
                tests.iter().map(|it| verb(&it.to_string(), &on, extent.is_elsewhere())).collect();
            let is_name = verbs.iter().any(|it| it.starts_with('`'));
            (verbs.into_iter().collect::<Vec<_>>().join(", "), if is_name { " on" } else { "" })
        }
        Some(None) => {
            let text = values(extent.of(&Dimension::Action), &quoted, "everything");
            (if extent.is_elsewhere() { text } else { format!("do {text}") }, " on")
        }
    };
    format!("{who} {modal} {verbs}{preposition} {on}{}", conditions(extent))
}

/// Describes the resources of a permission.
fn resources(extent: &Extent, own: Option<&str>) -> String {
    let name = |test: &Test| {
        let text = test.to_string();
        topic(&text).map_or_else(|| format!("`{}`", short(&text)), |topic| format!("topic `{topic}`"))
    };
    let mut text = match (extent.of(&Dimension::Path), extent.of(&Dimension::Resource), own) {
        (Some(paths), ..) => values(Some(paths), &quoted, "every path"),
        (None, None, Some(own)) => format!("`{own}`"),
        (None, on, _) => values(on, &name, "every resource"),
    };
    if let Some(names) = extent.of(&Dimension::ResourceName) {
        text = format!("{text} named {}", values(Some(names), &quoted, "anything"));
    }
    if let Some(groups) = extent.of(&Dimension::ApiGroup).filter(|it| it.tests().is_none_or(|tests| !is_core(&tests))) {
        text = format!("{text} of {}", values(Some(groups), &|it| format!("`{it}`"), "every API group"));
    }
    match extent.of(&Dimension::Namespace) {
        Some(namespaces) => format!("{text} in {}", values(Some(namespaces), &quoted, "every namespace")),
        None => text,
    }
}

fn is_core(tests: &[&Test]) -> bool {
    matches!(tests, [one] if one.to_string().is_empty())
}

/// Returns the policy if the whole difference is a single policy of unknown content, or `None` otherwise. Policies of
/// unknown content that do not allow a request are ignored.
fn only_a_policy(extent: &Extent) -> Option<&str> {
    let mut opaque = None;
    for (dimension, values) in &extent.values {
        match dimension {
            Dimension::Opaque(_) if values.0.iter().all(|it| it.of.is_empty()) => {}
            Dimension::Opaque(name) if opaque.is_none() && values.0.iter().all(|it| !it.of.is_empty()) => {
                opaque = Some(name)
            }
            Dimension::Elsewhere => {}
            _ => return None,
        }
    }
    opaque.map(String::as_str)
}

/// Describes the principals.
fn who(extent: &Extent) -> String {
    values(extent.of(&Dimension::Principal), &principal, "anyone")
}

fn principal(test: &Test) -> String {
    if *test == Test::Absent {
        return "unauthenticated users".to_owned();
    }
    let text = test.to_string();
    if !text.ends_with(":root") {
        return format!("`{}`", short(&text));
    }
    // The colons of a pseudo parameter or a dynamic reference are not separators of the ARN.
    let arn = text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "");
    if let Some((start, _)) = arn.split_once("{{resolve:") {
        let reference = arn[start.len()..].split_inclusive("}}").next().unwrap_or_default();
        return format!("account `{reference}`");
    }
    match arn.split(':').nth(4) {
        Some("") => "the account of the stack".to_owned(),
        account => format!("account `{}`", account.unwrap_or(&text)),
    }
}

/// Removes the backticks, as in the diagram.
fn bare(text: &str) -> String {
    text.replace('`', "")
}

/// Returns the resources of a permission, or `None` if they have no names.
fn targets(extent: &Extent) -> Option<String> {
    let tests = extent.of(&Dimension::Resource)?.tests()?;
    Some(tests.iter().map(ToString::to_string).collect::<Vec<_>>().join("$"))
}

/// Returns `payments` for the ARN of a Kafka topic.
fn topic(on: &str) -> Option<&str> {
    let (_, rest) = on.split_once(":topic/")?;
    rest.rsplit('/').next()
}

fn verb(action: &str, on: &str, is_denied: bool) -> String {
    match action {
        _ if is_denied => return format!("`{action}`"),
        "kafka-cluster:WriteData" if topic(on).is_some() => "write",
        "kafka-cluster:ReadData" if topic(on).is_some() => "read",
        "kafka-cluster:DescribeTopic" => "describe",
        "kafka-cluster:Connect" => "connect to",
        "rds-db:connect" => "log in to",
        "secretsmanager:GetSecretValue" => "read secret",
        "ssm:GetParameter" | "ssm:GetParameters" => "read parameter",
        "ssm:GetParametersByPath" => "list parameters below",
        "kms:Decrypt" => "decrypt with",
        "kms:Encrypt" => "encrypt with",
        "elasticache:Connect" => "connect to",
        "sqs:SendMessage" => "send to",
        "sqs:ReceiveMessage" => "receive from",
        "sns:Publish" => "publish to",
        "s3:GetObject" => "read objects of",
        "s3:PutObject" => "write objects of",
        "s3:DeleteObject" => "delete objects of",
        "sts:AssumeRole" => "assume",
        other => return format!("`{other}`"),
    }
    .to_owned()
}
