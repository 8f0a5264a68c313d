//! Scaling of a workload by pending events.

use crate::aws::Grantee;
use crate::diag::Diagnostic;
use crate::kube::keda;
use crate::kube::keda::scaled_object as shape;
use crate::mesh::addons::Keda;
use crate::mesh::core::Namespace;
use crate::mesh::core::scaling::{Target, behavior};
use crate::tree::{Construct, Scope};
use crate::units::Duration;

use super::Trigger;
use super::identity::KedaIdentity;
use super::trigger::Source;

const POLLING: Duration = Duration::seconds(30);
const COOLDOWN: Duration = Duration::minutes(5);

/// The event-driven scaling of a workload by KEDA. It is a variant of the enum [`Scale`](crate::mesh::Scale), so a
/// workload cannot have another autoscaler.
///
/// # Diagnostics
///
/// - `MS0403`: the minimum is above the maximum.
/// - `MS0911`: `polling` or `cooldown` is set, and `min` is 1 or more.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Percent, mesh, testing};
/// # use meshsynth::mesh::{Events, Scale, Trigger};
/// # let app = App::new("shop");
/// # let shop = testing::namespace(&app);
/// # let run = testing::stack(&app, "run");
/// let keda = mesh::addons::Keda::new(&run, "keda", shop.cluster());
/// let triggers = [Trigger::cron("Asia/Tokyo", "0 8 * * 1-5", "0 20 * * 1-5", 6), Trigger::cpu(Percent(70))];
/// mesh::Workload::new(&shop, "orders", "registry.example/orders:1.4.0", mesh::WorkloadProps {
///     scale: Scale::Events(Events { min: 2, max: 20, ..Events::new(&keda, triggers) }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://keda.sh/docs/2.20/reference/scaledobject-spec/>
#[derive(Clone)]
pub struct Events {
    /// The operator.
    pub keda: Keda,
    /// Its triggers. The trigger that requires the largest number of pods determines the number of pods.
    pub triggers: Vec<Trigger>,
    /// The minimum number of pods. With 0, all pods stop when no events are pending. Default: 1.
    pub min: u32,
    /// The maximum number of pods. Default: 10.
    pub max: u32,
    /// The polling interval while the workload has no pods. It has no effect if `min` is 1 or more. Default: 30
    /// seconds.
    pub polling: Duration,
    /// How long all triggers must be inactive before the last pod stops. It has no effect if `min` is 1 or more.
    /// Default: 5 minutes.
    pub cooldown: Duration,
    /// The number of pods while a trigger cannot be read. Default: the number of pods does not change.
    pub fallback: Option<u32>,
    /// How long the demand must be higher before pods are added. Default: none.
    pub up_window: Duration,
    /// How long the demand must be lower before pods are removed. Default: 5 minutes.
    pub down_window: Duration,
}

impl Events {
    /// Uses these triggers, with defaults for other properties.
    pub fn new(keda: &Keda, triggers: impl IntoIterator<Item = Trigger>) -> Self {
        Self {
            keda: keda.clone(),
            triggers: triggers.into_iter().collect(),
            min: 1,
            max: 10,
            polling: POLLING,
            cooldown: COOLDOWN,
            fallback: None,
            up_window: Duration::seconds(0),
            down_window: Duration::minutes(5),
        }
    }

    /// Whether KEDA assumes the role of the workload for one of the triggers.
    pub(in crate::mesh) fn takes_role(&self) -> bool {
        self.keda.cluster().identity() == crate::eks::Identity::Irsa
            && self.triggers.iter().any(|it| it.identity == super::TriggerIdentity::Workload)
    }

    /// Defines the scaler of a workload or version.
    #[track_caller]
    pub(in crate::mesh) fn define<W: Grantee>(
        &self,
        scope: &Scope,
        name: &str,
        namespace: &Namespace,
        workload: &W,
        target: Target,
    ) -> Scope {
        let scope = scope.construct("events");
        let keda_identity = KedaIdentity { scope: scope.clone(), keda: &self.keda, namespace, name, workload };
        let triggers: Vec<_> = self.triggers.iter().map(|it| trigger(it, &keda_identity)).collect();
        let target = shape::ScaleTargetRef::new(name).api_version(target.api_version).kind(target.kind);
        // An explicit name keeps KEDA's autoscaler name within its length limit.
        let autoscaler = shape::AdvancedHorizontalPodAutoscalerConfig::new()
            .name(name)
            .behavior(behavior(self.up_window, self.down_window));
        let mut spec = shape::Spec::new(target, triggers)
            .min_replica_count(self.min)
            .max_replica_count(self.max)
            .advanced(shape::Advanced::new().horizontal_pod_autoscaler_config(autoscaler));
        // If `minReplicaCount` is 1 or more, KEDA ignores both fields, and its webhook returns a warning for them.
        if self.min == 0 {
            spec = spec
                .polling_interval(self.polling.as_seconds() as i64)
                .cooldown_period(self.cooldown.as_seconds() as i64);
        } else {
            self.tell_without_effect(&scope);
        }
        if let Some(pods) = self.fallback.filter(|_| self.has_fallback()) {
            spec = spec.fallback(shape::Fallback::new(3, pods));
        }
        keda::ScaledObject::new(spec).define(&scope, "scaler", name).scope().clone()
    }

    #[track_caller]
    fn tell_without_effect(&self, scope: &Scope) {
        let defaults = [("polling", self.polling, POLLING), ("cooldown", self.cooldown, COOLDOWN)];
        for (field, value, default) in defaults {
            if value != default {
                let message = format!("`{field}` has no effect, because `min` is {} pods", self.min);
                scope.report(
                    Diagnostic::warning("MS0911", message).help("remove the field, or allow scaling to zero: `min: 0`"),
                );
            }
        }
    }

    /// Whether KEDA supports a fallback for one of the triggers. KEDA does not support it for CPU and memory, which the
    /// metrics server measures.
    fn has_fallback(&self) -> bool {
        !self.triggers.iter().all(|it| matches!(it.source, Source::Share { .. }))
    }
}

#[track_caller]
fn trigger<W: Grantee>(trigger: &Trigger, keda_identity: &KedaIdentity<'_, W>) -> shape::Trigger {
    let namespace: &Namespace = keda_identity.namespace;
    let written = trigger.written(&keda_identity.scope.region(), namespace.name(), keda_identity.name);
    let mut out = shape::Trigger::new(written.metadata, written.kind);
    if let Some(metric_type) = written.metric_type {
        out = out.metric_type(metric_type);
    }
    if let Some((kind, name)) = keda_identity.prepare(trigger) {
        let kind = match kind {
            "TriggerAuthentication" => shape::TriggerAuthenticationRefKind::TriggerAuthentication,
            _ => shape::TriggerAuthenticationRefKind::ClusterTriggerAuthentication,
        };
        out = out.authentication_ref(shape::TriggerAuthenticationRef::new(name).kind(kind));
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::aws::cloudwatch::Metric;
    use crate::elasticache::{Access, ReplicationGroup, ReplicationGroupProps};
    use crate::mesh::addons::{Keda, Prometheus};
    use crate::mesh::{
        Events, Load, Namespace, Scale, Trigger, TriggerIdentity, VersionProps, Workload, WorkloadProps,
    };
    use crate::testing::{Platform, mesh_workload, namespace};
    use crate::units::Duration;
    use crate::{msk, sqs};

    fn platform(triggers: impl FnOnce(&Namespace) -> Vec<Trigger>) -> Platform {
        Platform::synth("shop", |app| {
            let shop = namespace(app);
            let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
            let scale = Scale::Events(Events { max: 6, ..Events::new(&keda, triggers(&shop)) });
            let props = WorkloadProps { scale, ..Default::default() };
            Workload::new(&shop, "billing", "registry.example/billing:1.0.0", props);
        })
    }

    fn policy(platform: &Platform) -> String {
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let found = policies.iter().find(|it| it.props["PolicyName"].to_string().contains("billing-events"));
        found.expect("the policy for KEDA is defined next to the workload").props.to_string()
    }

    #[test]
    fn omits_polling_and_cooldown_if_a_pod_always_runs() {
        let with = |min: u32| {
            Platform::synth("shop", |app| {
                let shop = namespace(app);
                let keda = Keda::new(shop.cluster(), "keda", shop.cluster());
                let triggers = [Trigger::cron("Asia/Tokyo", "0 8 * * 1-5", "0 20 * * 1-5", 6)];
                let scale = Scale::Events(Events { min, ..Events::new(&keda, triggers) });
                Workload::new(
                    &shop,
                    "billing",
                    "registry.example/billing:1.0.0",
                    WorkloadProps { scale, ..Default::default() },
                );
            })
        };
        for (min, count) in [(0, 1), (1, 0), (3, 0)] {
            let platform = with(min);
            let scaler = platform.manifest("scaledobject-billing");
            assert_eq!(scaler.matches("pollingInterval: 30").count(), count, "{scaler}");
            assert_eq!(scaler.matches("cooldownPeriod: 300").count(), count, "{scaler}");
            assert!(platform.assembly.warnings.iter().all(|it| it.code != "MS0911"));
        }
    }

    #[test]
    fn authenticates_kafka_trigger_with_iam_and_grants_access_to_lag() {
        let platform = platform(|shop| {
            let cluster = shop.cluster();
            let kafka = msk::Cluster::new(cluster, "kafka", cluster.vpc(), Default::default());
            vec![Trigger::kafka(&kafka.add_topic("orders", Default::default()), "billing", 100)]
        });
        let scaler = platform.manifest("scaledobject-billing");
        for part in [
            "type: kafka",
            "sasl: oauthbearer",
            "saslTokenProvider: aws_msk_iam",
            "tls: enable",
            "awsRegion: ap-northeast-1",
            "BootstrapBrokerStringSaslIam",
            "kind: ClusterTriggerAuthentication",
            "maxReplicaCount: 6",
        ] {
            assert!(scaler.contains(part), "{part} in {scaler}");
        }
        let policy = policy(&platform);
        for action in ["kafka-cluster:Connect", "kafka-cluster:DescribeTopic", "kafka-cluster:DescribeGroup"] {
            assert!(policy.contains(action), "{action} in {policy}");
        }
        let rules = platform.resources("AWS::EC2::SecurityGroupIngress");
        assert!(rules.iter().any(|rule| rule.props["FromPort"] == 9098));
        assert!(!platform.manifest("deployment-billing").contains("replicas:"));
    }

    #[test]
    fn allows_keda_to_assume_only_the_workload_role() {
        let platform = platform(|shop| {
            let mails = sqs::Queue::new(shop.cluster(), "mails", Default::default());
            vec![Trigger::queue(&mails, 10).under(TriggerIdentity::Workload)]
        });
        assert!(platform.manifest("triggerauthentication-billing-identity").contains("identityOwner: workload"));
        let policy = policy(&platform);
        assert!(policy.contains("sts:AssumeRole") && !policy.contains("sqs:"), "{policy}");
        let roles = platform.resources("AWS::IAM::Role");
        let role = roles.iter().find(|it| it.props["Description"].to_string().contains("shop/billing")).expect("it");
        let trust = role.props["AssumeRolePolicyDocument"].to_string();
        assert!(trust.contains("sts:AssumeRole\\\"") && trust.contains("shop:billing"), "{trust}");
        assert!(platform.manifest("serviceaccount-billing").contains("role-arn"));
    }

    /// Defines a version of a workload that is scaled by a queue.
    fn with_version(identity: TriggerIdentity) -> impl FnOnce(&crate::App) {
        move |app| {
            let orders = mesh_workload(app);
            let cluster = orders.namespace().cluster();
            let keda = Keda::new(cluster, "keda", cluster);
            let mails = sqs::Queue::new(cluster, "mails", Default::default());
            let triggers = [Trigger::queue(&mails, 10).under(identity)];
            let scale = Scale::Events(Events { max: 7, ..Events::new(&keda, triggers) });
            let props = VersionProps { scale, ..Default::default() };
            orders.version("v2", "registry.example/orders:2.0.0", props);
        }
    }

    #[test]
    fn queue_trigger_scales_a_version() {
        let platform = Platform::synth("shop", with_version(TriggerIdentity::Keda));
        let scaler = platform.manifest("scaledobject-orders-v2");
        for part in ["kind: Deployment\n    name: orders-v2", "maxReplicaCount: 7", "type: aws-sqs-queue"] {
            assert!(scaler.contains(part), "{part} in {scaler}");
        }
        assert!(!platform.manifest("deployment-orders-v2").contains("replicas:"));
        let policies = platform.resources("AWS::IAM::RolePolicy");
        assert!(policies.iter().any(|it| it.props.to_string().contains("sqs:GetQueueAttributes")));
    }

    #[test]
    fn keda_can_assume_workload_role_for_version() {
        let platform = Platform::synth("shop", with_version(TriggerIdentity::Workload));
        let roles = platform.resources("AWS::IAM::Role");
        let role = roles.iter().find(|it| it.props["Description"].to_string().contains("shop/orders")).expect("it");
        assert!(role.props["AssumeRolePolicyDocument"].to_string().contains("sts:AssumeRole\\\""), "{:?}", role.props);
    }

    #[test]
    fn reads_list_with_tls_and_password() {
        let platform = platform(|shop| {
            let cluster = shop.cluster();
            let props = ReplicationGroupProps { access: Access::Password, ..Default::default() };
            let cache = ReplicationGroup::new(cluster, "cache", cluster.vpc(), props);
            vec![Trigger::list(&cache, "mails", 5).activation(1)]
        });
        let scaler = platform.manifest("scaledobject-billing");
        for part in ["type: redis", "enableTLS: \"true\"", "activationListLength: \"1\"", ":6379"] {
            assert!(scaler.contains(part), "{part} in {scaler}");
        }
        assert!(platform.manifest("triggerauthentication-billing-cache").contains("parameter: password"));
        assert!(platform.manifest("externalsecret-billing-cache").contains("property: username"));
    }

    #[test]
    fn compares_latency_with_target_and_divides_requests_by_number_of_pods() {
        let platform = platform(|shop| {
            let prometheus = Prometheus::new(shop.cluster(), "prometheus", shop.cluster(), Default::default());
            vec![
                Trigger::load(Load::latency(&prometheus, 95, Duration::millis(200))),
                Trigger::load(Load::requests(&prometheus, 50)),
            ]
        });
        let scaler = platform.manifest("scaledobject-billing");
        assert_eq!(scaler.matches("metricType: Value").count(), 1, "{scaler}");
        assert!(scaler.contains("threshold: \"200\"") && scaler.contains("threshold: \"50\""), "{scaler}");
        assert!(scaler.contains("serverAddress: http://monitoring-prometheus.monitoring"), "{scaler}");
    }

    #[test]
    fn trigger_contains_dimensions_of_cloudwatch_metric() {
        let platform = platform(|_| {
            let metric =
                Metric::new("AWS/SQS", "ApproximateAgeOfOldestMessage").of("QueueName", "mails").of("Zone", "a");
            vec![Trigger::metric(metric.every(Duration::minutes(1)), 30.0)]
        });
        let scaler = platform.manifest("scaledobject-billing");
        assert!(
            scaler.contains("dimensionName: QueueName;Zone") && scaler.contains("dimensionValue: mails;a"),
            "{scaler}"
        );
        assert!(policy(&platform).contains("cloudwatch:GetMetricData"));
    }
}
