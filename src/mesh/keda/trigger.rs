//! The triggers of KEDA, with their permissions and metadata.

use crate::aws::cloudwatch::Metric;
use crate::elasticache::ReplicationGroup;
use crate::units::Percent;
use crate::val::Val;
use crate::{msk, sqs};

use super::super::addons::Prometheus;
use super::super::promql::{Vector, number};
use super::super::{Load, load::Measure};

/// The identity with which KEDA calls AWS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TriggerIdentity {
    /// The role of KEDA. The trigger grants its permissions to this role.
    #[default]
    Keda,
    /// The role of the workload, which KEDA may then assume. Requires a cluster with
    /// [`Identity::Irsa`](crate::eks::Identity).
    Workload,
}

/// A source from which KEDA derives the number of pods.
///
/// A trigger refers to a typed source. KEDA's metadata and permissions, the security group rules and the authentication
/// follow from the source.
///
/// # Diagnostics
///
/// - `MS0950`: the scaler does not accept the metadata, in objects written by hand.
/// - `MS0951`: it uses the identity of a workload in a cluster with Pod Identity, which KEDA does not support.
/// - `MS0952`: the cluster of a topic, or a cache, does not support KEDA's authentication.
/// - `MS0953`: a job is scaled by CPU or memory.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, eks, mesh, msk};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&stack, "vpc", aws::VpcProps::default());
/// # let cluster = eks::Cluster::new(&stack, "cluster", &vpc, eks::ClusterProps::default());
/// # let shop = mesh::Namespace::new(&stack, "shop", &cluster, mesh::NamespaceProps::default());
/// use meshsynth::mesh::{Events, Scale, Trigger};
/// let kafka = msk::Cluster::new(&stack, "kafka", &vpc, msk::ClusterProps::default());
/// let events = kafka.add_topic("order-events", msk::TopicProps::default());
/// let keda = mesh::addons::Keda::new(&stack, "keda", &cluster);
/// mesh::Workload::new(&shop, "billing", "registry.example/billing:1.4.0", mesh::WorkloadProps {
///     scale: Scale::Events(Events { max: 6, ..Events::new(&keda, [Trigger::kafka(&events, "billing", 100)]) }),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://keda.sh/docs/2.20/scalers/>
#[derive(Clone)]
pub struct Trigger {
    pub(super) source: Source,
    pub(super) identity: TriggerIdentity,
    pub(super) activation: Option<u32>,
}

#[derive(Clone)]
pub(super) enum Source {
    Kafka { topic: msk::Topic, group: String, lag: u32, idle_consumers: bool },
    Load(Load),
    Query { prometheus: Prometheus, query: Vector, threshold: u32 },
    Share { of: &'static str, share: Percent },
    Cron { timezone: String, start: String, end: String, pods: u32 },
    Queue { queue: sqs::Queue, length: u32 },
    Metric { metric: Box<Metric>, target: f64 },
    List { cache: ReplicationGroup, list: String, length: u32 },
}

impl Trigger {
    fn new(source: Source) -> Self {
        Self { source, identity: TriggerIdentity::default(), activation: None }
    }

    /// Adds one pod for each `lag` messages of an Amazon MSK topic that a consumer group has not consumed yet.
    ///
    /// KEDA logs in with IAM. KEDA starts at most one pod for each partition, because more pods would be idle, unless
    /// [`with_idle_consumers`](Trigger::with_idle_consumers) is set.
    pub fn kafka(topic: &msk::Topic, group: &str, lag: u32) -> Self {
        let (topic, group) = (topic.clone(), group.to_owned());
        Self::new(Source::Kafka { topic, group, lag, idle_consumers: false })
    }

    /// Scales by the load that the proxies of a mesh measure.
    pub fn load(load: Load) -> Self {
        Self::new(Source::Load(load))
    }

    /// Divides the result of a Prometheus query by `threshold` to get the number of pods. The result must be one
    /// number.
    pub fn prometheus(prometheus: &Prometheus, query: Vector, threshold: u32) -> Self {
        Self::new(Source::Query { prometheus: prometheus.clone(), query, threshold })
    }

    /// Scales by CPU utilization, as a share of the requested CPU.
    pub fn cpu(share: Percent) -> Self {
        Self::new(Source::Share { of: "cpu", share })
    }

    /// Scales by memory utilization, as a share of the requested memory.
    pub fn memory(share: Percent) -> Self {
        Self::new(Source::Share { of: "memory", share })
    }

    /// Sets the number of pods for the period between two times. The times have `cron` syntax, such as `0 8 * * 1-5`
    /// and `0 18 * * 1-5`.
    ///
    /// `timezone` is an IANA name, such as `Asia/Tokyo`.
    pub fn cron(timezone: &str, start: &str, end: &str, pods: u32) -> Self {
        let (timezone, start, end) = (timezone.to_owned(), start.to_owned(), end.to_owned());
        Self::new(Source::Cron { timezone, start, end, pods })
    }

    /// Adds one pod for each `length` messages of an Amazon SQS queue, including messages in flight.
    pub fn queue(queue: &sqs::Queue, length: u32) -> Self {
        Self::new(Source::Queue { queue: queue.clone(), length })
    }

    /// Divides the value of a CloudWatch metric by `target` to get the number of pods. The metric is in the region of
    /// the workload.
    pub fn metric(metric: Metric, target: f64) -> Self {
        Self::new(Source::Metric { metric: Box::new(metric), target })
    }

    /// Adds one pod for each `length` entries of a list, in a cache with
    /// [`Access::Password`](crate::elasticache::Access).
    pub fn list(cache: &ReplicationGroup, list: &str, length: u32) -> Self {
        Self::new(Source::List { cache: cache.clone(), list: list.to_owned(), length })
    }

    /// Sets the identity with which KEDA calls AWS. Default: KEDA's role.
    #[must_use]
    pub fn under(self, identity: TriggerIdentity) -> Self {
        Self { identity, ..self }
    }

    /// Sets the value above which a workload without pods gets its first pod. Default: 0.
    #[must_use]
    pub fn activation(self, threshold: u32) -> Self {
        Self { activation: Some(threshold), ..self }
    }

    /// Allows more pods than partitions. The additional pods are idle, and replace failed consumers immediately.
    #[must_use]
    pub fn with_idle_consumers(mut self) -> Self {
        if let Source::Kafka { idle_consumers, .. } = &mut self.source {
            *idle_consumers = true;
        }
        self
    }
}

/// A trigger in KEDA's notation.
pub(super) struct Written {
    /// The scaler.
    pub kind: &'static str,
    /// The KEDA field `metricType`, which determines how the value is compared, or `None` for KEDA's default.
    pub metric_type: Option<&'static str>,
    pub metadata: Vec<(&'static str, Val<String>)>,
}

impl Trigger {
    /// Returns the trigger of a workload in a region.
    pub(super) fn written(&self, region: &str, namespace: &str, workload: &str) -> Written {
        let mut written = self.source.written(region, namespace, workload);
        if let (Some(key), Some(threshold)) = (activation_key(written.kind), self.activation) {
            written.metadata.push((key, number(threshold.into()).into()));
        }
        written
    }
}

fn activation_key(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "kafka" => "activationLagThreshold",
        "prometheus" => "activationThreshold",
        "aws-sqs-queue" => "activationQueueLength",
        "aws-cloudwatch" => "activationTargetMetricValue",
        "redis" => "activationListLength",
        _ => return None,
    })
}

impl Source {
    fn written(&self, region: &str, namespace: &str, workload: &str) -> Written {
        let text = |number: u32| Val::from(number.to_string());
        let plain = |kind, metadata| Written { kind, metric_type: None, metadata };
        let asked = |prometheus: &Prometheus, query: &Vector, threshold: u32| {
            vec![
                ("serverAddress", prometheus.url().into()),
                ("query", query.to_string().into()),
                ("threshold", text(threshold)),
            ]
        };
        match self {
            Source::Kafka { topic, group, lag, idle_consumers } => {
                let brokers = topic.by_iam().map_or_else(|| Val::from(""), |(brokers, _)| brokers);
                let mut metadata = vec![
                    ("bootstrapServers", brokers),
                    ("consumerGroup", group.into()),
                    ("topic", topic.name().into()),
                    ("lagThreshold", text(*lag)),
                    ("sasl", "oauthbearer".into()),
                    ("saslTokenProvider", "aws_msk_iam".into()),
                    ("tls", "enable".into()),
                    ("awsRegion", topic.region().into()),
                ];
                if *idle_consumers {
                    metadata.push(("allowIdleConsumers", "true".into()));
                }
                plain("kafka", metadata)
            }
            Source::Load(load) => {
                let query = load.query(namespace, workload);
                match load.measure {
                    Measure::Requests { per_pod, .. } => plain("prometheus", asked(load.prometheus(), &query, per_pod)),
                    // `Value` compares the latency itself with the target. An average per pod would be wrong, because
                    // latency is not shared by the pods.
                    Measure::Latency { target, .. } => {
                        let metadata = asked(load.prometheus(), &query, target.as_millis() as u32);
                        Written { kind: "prometheus", metric_type: Some("Value"), metadata }
                    }
                }
            }
            Source::Query { prometheus, query, threshold } => plain("prometheus", asked(prometheus, query, *threshold)),
            Source::Share { of, share } => {
                Written { kind: of, metric_type: Some("Utilization"), metadata: vec![("value", text(share.0.into()))] }
            }
            Source::Cron { timezone, start, end, pods } => {
                let metadata = vec![
                    ("timezone", timezone.into()),
                    ("start", start.into()),
                    ("end", end.into()),
                    ("desiredReplicas", text(*pods)),
                ];
                plain("cron", metadata)
            }
            Source::Queue { queue, length } => {
                let metadata = vec![
                    ("queueURL", queue.url()),
                    ("queueLength", text(*length)),
                    ("awsRegion", queue.region().into()),
                ];
                plain("aws-sqs-queue", metadata)
            }
            Source::Metric { metric, target } => plain("aws-cloudwatch", watched(metric, *target, region)),
            Source::List { cache, list, length } => {
                let address = crate::text![cache.primary_address(), format!(":{}", cache.port())];
                let metadata = vec![
                    ("address", address),
                    ("listName", list.into()),
                    ("listLength", text(*length)),
                    ("enableTLS", "true".into()),
                ];
                plain("redis", metadata)
            }
        }
    }
}

fn watched(metric: &Metric, target: f64, region: &str) -> Vec<(&'static str, Val<String>)> {
    let names: Vec<_> = metric.dimensions.iter().map(|(name, _)| *name).collect();
    let values = metric.dimensions.iter().enumerate().flat_map(|(idx, (_, value))| {
        let separator = crate::val::Part::from(if idx == 0 { "" } else { ";" });
        [separator, value.clone().into()]
    });
    let seconds = metric.period.as_seconds().to_string();
    vec![
        ("namespace", metric.namespace.clone().into()),
        ("metricName", metric.name.clone().into()),
        ("dimensionName", names.join(";").into()),
        ("dimensionValue", Val::concat(values)),
        ("metricStat", metric.statistic.word().into()),
        ("metricStatPeriod", seconds.clone().into()),
        ("metricCollectionTime", seconds.into()),
        ("targetMetricValue", number(target).into()),
        ("minMetricValue", "0".into()),
        ("awsRegion", region.into()),
    ]
}
