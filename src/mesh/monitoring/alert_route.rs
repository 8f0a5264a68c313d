//! The receivers of a namespace's alerts.

use crate::kube::prometheus;
use crate::kube::prometheus::alertmanager_config as shape;
use crate::mesh::addons::Prometheus;
use crate::mesh::{Namespace, secret_store};
use crate::sns;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Bag, Secret, Val};

/// A receiver of alerts.
#[derive(Clone)]
#[non_exhaustive]
pub enum Receiver {
    /// The subscribers of an Amazon SNS topic. Alertmanager's role may publish to it.
    Topic(sns::Topic),
    /// A Slack channel, by the URL of an incoming webhook.
    Slack {
        /// The channel, such as `#orders`.
        channel: String,
        /// The secret that contains the URL.
        webhook: Secret,
    },
    /// A PagerDuty service, by its routing key.
    PagerDuty(Secret),
    /// An HTTP endpoint with this URL.
    Webhook(String),
}

/// Properties of an [`AlertRoute`].
#[derive(Clone)]
pub struct AlertRouteProps {
    /// The receiver of warnings. Default: the receiver of critical alerts.
    pub warnings: Option<Receiver>,
    /// How long alerts of a new group are collected before the first notification. Default: 30 seconds.
    pub group_wait: Duration,
    /// The interval between notifications about new alerts of a group. Default: 5 minutes.
    pub group_interval: Duration,
    /// The interval between notifications about continuing alerts. Default: 4 hours.
    pub repeat: Duration,
}

impl Default for AlertRouteProps {
    fn default() -> Self {
        Self {
            warnings: None,
            group_wait: Duration::seconds(30),
            group_interval: Duration::minutes(5),
            repeat: Duration::hours(4),
        }
    }
}

/// The route of a namespace's alerts to receivers, as an `AlertmanagerConfig`.
///
/// It applies only to alerts whose label `namespace` is this namespace. A critical alert of an SLO suppresses
/// notifications about the warning of the same SLO.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Construct, mesh, sns, testing};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let watch = shop.scope().stack();
/// let prometheus = mesh::addons::Prometheus::new(&watch, "prometheus", shop.cluster(), Default::default());
/// let on_call = sns::Topic::new(&watch, "on-call", sns::TopicProps::default());
/// mesh::AlertRoute::new(&shop, "on-call", &prometheus, mesh::Receiver::Topic(on_call), Default::default());
/// ```
///
/// Source: <https://prometheus-operator.dev/docs/developer/alerting/>
#[derive(Clone)]
pub struct AlertRoute {
    scope: Scope,
}

impl AlertRoute {
    /// Defines the route of a namespace's alerts. Its name in Kubernetes is the construct's id.
    #[track_caller]
    pub fn new(
        namespace: &Namespace,
        name: &str,
        prometheus: &Prometheus,
        critical: Receiver,
        props: AlertRouteProps,
    ) -> Self {
        let scope = namespace.scope().construct(name);
        let name = &*scope.id();
        let place = Place { scope: &scope, namespace, prometheus, name };
        let mut receivers = vec![place.receiver("critical", &critical)];
        let mut route = shape::Route::new()
            .receiver("critical")
            .group_by(["namespace", "workload", "slo"])
            .group_wait(props.group_wait)
            .group_interval(props.group_interval)
            .repeat_interval(props.repeat);
        if let Some(warnings) = &props.warnings {
            receivers.push(place.receiver("warning", warnings));
            let matcher = Bag::default().with("name", "severity").with("value", "warning").with("matchType", "=");
            let quiet = Bag::default().with("receiver", "warning").with("matchers", vec![matcher]);
            route = route.routes([quiet]);
        }
        let severity = |value: &str| {
            shape::InhibitRuleSourceMatch::new("severity").value(value).match_type(shape::MatchType::Equal)
        };
        let inhibit = shape::InhibitRule::new()
            .source_match([severity("critical")])
            .target_match([severity("warning")])
            .equal(["namespace", "workload", "slo"]);
        let spec = shape::Spec::new().receivers(receivers).route(route).inhibit_rules([inhibit]);
        prometheus::AlertmanagerConfig::new(spec).define(&scope, "route", name);
        Self { scope }
    }
}

impl Construct for AlertRoute {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The context of a receiver's definition.
struct Place<'a> {
    scope: &'a Scope,
    namespace: &'a Namespace,
    prometheus: &'a Prometheus,
    name: &'a str,
}

impl Place<'_> {
    #[track_caller]
    fn receiver(&self, severity: &'static str, receiver: &Receiver) -> shape::Receiver {
        let made = shape::Receiver::new(severity);
        match receiver {
            Receiver::Topic(topic) => {
                topic.grant_publish(&self.prometheus.alertmanager_role().granted_in(&self.scope.construct(severity)));
                let arn: Val<String> = topic.arn().into();
                let region = topic.scope().region();
                let config = shape::ReceiverSnsConfig::new()
                    .topic_arn(arn)
                    .sigv4(shape::SnsConfigSigv4::new().region(region))
                    .subject(r#"[{{ .Status }}] {{ .CommonLabels.alertname }} {{ .CommonLabels.workload }}"#)
                    .send_resolved(true);
                made.sns_configs([config])
            }
            Receiver::Slack { channel, webhook } => {
                let url = shape::DiscordConfigApiUrl::new("url").name(self.secret(severity, "url", webhook));
                made.slack_configs([shape::ReceiverSlackConfig::new()
                    .api_url(url)
                    .channel(channel)
                    .send_resolved(true)])
            }
            Receiver::PagerDuty(key) => {
                let key = shape::DiscordConfigApiUrl::new("key").name(self.secret(severity, "key", key));
                made.pagerduty_configs([shape::ReceiverPagerdutyConfig::new().routing_key(key).send_resolved(true)])
            }
            Receiver::Webhook(url) => {
                made.webhook_configs([shape::ReceiverWebhookConfig::new().url(url).send_resolved(true)])
            }
        }
    }

    /// Copies a secret into the namespace, and returns its name there.
    #[track_caller]
    fn secret(&self, severity: &str, key: &str, secret: &Secret) -> String {
        let name = format!("{}-{severity}", self.name);
        let external = secret_store::external_secret(&self.scope.construct(severity), &name);
        external.add("spec.data", secret_store::entry(key, secret));
        secret_store::allow(self.namespace, secret);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::{AlertRoute, AlertRouteProps, Receiver};
    use crate::mesh::addons::Prometheus;
    use crate::testing::{Platform, namespace, stack};
    use crate::{secrets, sns};

    #[test]
    fn sends_critical_alerts_to_topic_and_warnings_to_slack() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let watch = stack(app, "watch");
            let prometheus = Prometheus::new(shop.cluster(), "prometheus", shop.cluster(), Default::default());
            let topic = sns::Topic::new(&watch, "on-call", sns::TopicProps::default());
            let webhook = secrets::Secret::new(&watch, "slack", Default::default()).secret();
            let warnings = Some(Receiver::Slack { channel: "#shop".into(), webhook });
            let props = AlertRouteProps { warnings, ..Default::default() };
            AlertRoute::new(&shop, "on-call", &prometheus, Receiver::Topic(topic), props);
        });
        let route = platform.manifest("alertmanagerconfig-on-call");
        for part in [
            "receiver: critical",
            "receiver: warning",
            "${watch/on-call",
            "region: ap-northeast-1",
            "name: on-call-warning",
        ] {
            assert!(route.contains(part), "{part} in {route}");
        }
        let values = &platform.assembly.files["helm/platform-cluster/prometheus.values.yaml"];
        assert!(values.contains("${platform/cluster/prometheus/alertmanager-role.Arn}"), "{values}");
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert!(policies.iter().any(|it| it.props.to_string().contains("sns:Publish")));
    }
}
