//! The authentication of a Kafka trigger does not match the port of the brokers.
//!
//! # What it reports
//!
//! The rule checks triggers for Amazon MSK. Each authentication method has its own port, and another one outside the
//! VPC:
//!
//! - 9092: plain text
//! - 9094, 9194: TLS
//! - 9096, 9196: user name and password (SASL/SCRAM)
//! - 9098, 9198: IAM
//!
//! With IAM, the scaler needs the type `kafka`, `sasl: oauthbearer`, `saslTokenProvider: aws_msk_iam`, `tls: enable`
//! and the region. Parameters of a `TriggerAuthentication` count. `MS0950` checks the parameters of `apache-kafka`.
//!
//! # Why it matters
//!
//! The scaler cannot connect to the brokers with another method. KEDA rejects an incomplete IAM configuration.
//!
//! # Fix
//!
//! Set the parameters that the port needs, or use the port for these parameters.
//!
//! Source: <https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html>

use crate::diag::Diagnostic;
use crate::val::Data;
use crate::rules::index::{Item, Mesh, items};
use crate::rules::index::pods::called;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Diagnostic>) {
    for kind in ["ScaledJob", "ScaledObject"] {
        for scaler in mesh.all("keda.sh", kind) {
            for (path, trigger) in items(scaler.object.body.at("spec.triggers"), "spec.triggers") {
                if matches!(trigger.at("type").and_then(Data::as_str), Some("kafka" | "apache-kafka")) {
                    judge(mesh, scaler, (&path, trigger), out);
                }
            }
        }
    }
}

fn judge<'a>(mesh: &Mesh<'a>, scaler: &Item<'a>, (path, trigger): (&str, &'a Data), out: &mut Vec<Diagnostic>) {
    let metadata = trigger.at("metadata");
    let said = |key: &str| metadata.and_then(|it| it.at(key)).map(Data::to_text).unwrap_or_default();
    let given = Given::of(mesh, scaler, trigger);
    let report = |key: &str, message: String, help: String| {
        let field = if said(key).is_empty() { format!("{path}.metadata") } else { format!("{path}.metadata.{key}") };
        mesh.model.error(scaler.id, "MS0905", message).field(field).help(help)
    };
    let port = port_of_msk(metadata.and_then(|it| it.at("bootstrapServers")));
    let is_iam = said("saslTokenProvider") == "aws_msk_iam" || matches!(port, Some(9098 | 9198));
    let is_kafka = trigger.at("type").and_then(Data::as_str) == Some("kafka");
    if is_iam && is_kafka {
        let wanted = [("sasl", "oauthbearer"), ("saslTokenProvider", "aws_msk_iam"), ("tls", "enable")];
        for (key, want) in wanted {
            // A secret that is not in the input may contain it.
            if said(key) != want && !given.has(key) {
                let got = if said(key).is_empty() { "nothing".to_owned() } else { format!("`{}`", said(key)) };
                let message = format!("{} authenticates to MSK with IAM, but `{key}` is {got}", called(scaler.object));
                out.push(report(key, message, format!("set `{key}: {want}`")));
            }
        }
        if said("awsRegion").is_empty() && !given.has("awsRegion") {
            let message = format!("{} authenticates to MSK with IAM, but sets no region", called(scaler.object));
            out.push(report("awsRegion", message, "set `awsRegion` to the region of the brokers".to_owned()));
        }
        if let Some(port) = port.filter(|port| !matches!(port, 9098 | 9198)) {
            let message = format!("{} authenticates with IAM on port `{port}`, which the brokers use for {}", called(scaler.object), speaks(port));
            out.push(report("bootstrapServers", message, "use port 9098 of the brokers".to_owned()));
        }
    } else if is_kafka && let Some(port) = port {
        let sasl = said("sasl");
        let has_sasl = !matches!(sasl.as_str(), "" | "none") || given.has("sasl");
        let has_tls = said("tls") == "enable" || given.has("tls");
        let fits = match port {
            9092 => !has_sasl && !has_tls,
            9094 | 9194 => !has_sasl && has_tls,
            _ => has_sasl && has_tls,
        };
        if !fits && !given.is_unknown {
            let message = format!("{} does not match the authentication of broker port `{port}`: {}", called(scaler.object), speaks(port));
            let help = "set `sasl` and `tls` to match the port, or use the port that matches them";
            out.push(report("bootstrapServers", message, help.to_owned()));
        }
    }
}

/// Returns the authentication of an MSK port.
fn speaks(port: i64) -> &'static str {
    match port {
        9092 => "plain text without authentication",
        9094 | 9194 => "TLS without SASL",
        9096 | 9196 => "SASL/SCRAM with TLS",
        _ => "IAM with TLS",
    }
}

/// Returns the port of brokers of Amazon MSK.
fn port_of_msk(servers: Option<&Data>) -> Option<i64> {
    let servers = servers?.as_str()?;
    let (host, port) = servers.split(',').next()?.trim().rsplit_once(':')?;
    let is_msk = host.contains(".kafka") && host.ends_with(".amazonaws.com");
    let port = port.parse().ok()?;
    (is_msk && matches!(port, 9092 | 9094 | 9096 | 9098 | 9194 | 9196 | 9198)).then_some(port)
}

/// The parameters of a trigger's authentication object.
struct Given<'a> {
    names: Vec<&'a str>,
    /// Whether the object is not among the manifests.
    is_unknown: bool,
}

impl<'a> Given<'a> {
    fn of(mesh: &Mesh<'a>, scaler: &Item<'a>, trigger: &'a Data) -> Self {
        let none = Self { names: Vec::new(), is_unknown: false };
        let Some(name) = trigger.at("authenticationRef.name").and_then(Data::as_str) else { return none };
        let kind = trigger.at("authenticationRef.kind").and_then(Data::as_str).unwrap_or("TriggerAuthentication");
        let place = if kind == "ClusterTriggerAuthentication" { (scaler.place.0, "") } else { scaler.place };
        let Some(found) = mesh.find("keda.sh", kind, place, name) else { return Self { is_unknown: true, ..none } };
        let names = ["secretTargetRef", "env", "configMapTargetRef"]
            .into_iter()
            .flat_map(|key| items(found.object.body.at(&format!("spec.{key}")), ""))
            .filter_map(|(_, it)| it.at("parameter").and_then(Data::as_str));
        Self { names: names.collect(), is_unknown: false }
    }

    fn has(&self, key: &str) -> bool {
        self.is_unknown || self.names.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::manifests::{fields, open};

    fn trigger(kind: &str, metadata: &str) -> String {
        format!(
            "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {{ name: orders }}\n\
             spec: {{ scaleTargetRef: {{ name: orders }}, triggers: [{{ type: {kind}, \
             metadata: {{ consumerGroup: orders, topic: orders, {metadata} }} }}] }}\n"
        )
    }

    const BROKERS: &str = "bootstrapServers: 'b-1.shop.abc.c2.kafka.eu-west-1.amazonaws.com:";

    #[test]
    fn reports_iam_without_tls_or_region() {
        let all = "sasl: oauthbearer, saslTokenProvider: aws_msk_iam, tls: enable, awsRegion: eu-west-1";
        assert_eq!(open(&trigger("kafka", &format!("{BROKERS}9098', {all}"))), [""; 0]);
        let text = trigger("kafka", &format!("{BROKERS}9098', sasl: oauthbearer, saslTokenProvider: aws_msk_iam, awsRegion: eu-west-1"));
        assert_eq!(open(&text), ["MS0905"]);
        assert_eq!(fields(&text), ["spec.triggers[0].metadata"]);
        assert_eq!(open(&trigger("kafka", &format!("{BROKERS}9094', {all}"))), ["MS0905"]);
    }

    #[test]
    fn accepts_the_msk_port_of_the_authentication_method() {
        assert_eq!(open(&trigger("kafka", &format!("{BROKERS}9092', tls: enable"))), ["MS0905"]);
        assert_eq!(open(&trigger("kafka", &format!("{BROKERS}9094', tls: enable"))), [""; 0]);
        assert_eq!(open(&trigger("kafka", "bootstrapServers: 'kafka:9092', tls: enable")), [""; 0]);
    }
}
