//! Metric panels of data stores, functions and state machines.

use crate::val::Val;
use crate::{dynamodb, efs, elasticache, lambda, msk, rds, s3, stepfunctions};

use super::{Limit, Metric, Monitored, Panel, Statistic};

/// Bytes of a gibibyte.
const GIB: f64 = 1_073_741_824.0;

/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html>
impl Monitored for rds::Database {
    fn kind(&self) -> &'static str {
        "Database"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/RDS", name).of("DBInstanceIdentifier", self.identifier());
        vec![
            Panel::new("Connections", [metric("DatabaseConnections").by(Statistic::Maximum)]),
            Panel::new("Latency (s)", [metric("WriteLatency"), metric("ReadLatency")]).limit(Limit::Above(0.1)),
            Panel::new("Processor (%)", [metric("CPUUtilization")]).limit(Limit::Above(85.0)),
            Panel::new("Free storage (bytes)", [metric("FreeStorageSpace").by(Statistic::Minimum)])
                .limit(Limit::Below(2.0 * GIB)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html>
impl Monitored for rds::Cluster {
    fn kind(&self) -> &'static str {
        "Database cluster"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/RDS", name).of("DBClusterIdentifier", self.identifier());
        vec![
            Panel::new("Connections", [metric("DatabaseConnections").by(Statistic::Maximum)]),
            Panel::new("Commit latency (ms)", [metric("CommitLatency")]).limit(Limit::Above(100.0)),
            Panel::new("Processor (%)", [metric("CPUUtilization")]).limit(Limit::Above(85.0)),
            Panel::new("Storage used (bytes)", [metric("VolumeBytesUsed").by(Statistic::Maximum)]),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html>
impl Monitored for elasticache::ReplicationGroup {
    fn kind(&self) -> &'static str {
        "Cache"
    }

    fn panels(&self) -> Vec<Panel> {
        let nodes = self.node_names();
        let of_each = |name: &str, statistic: Statistic| -> Vec<Metric> {
            let metric = |node: &Val<String>| Metric::new("AWS/ElastiCache", name).of("CacheClusterId", node);
            let label = |idx: usize| format!("node {}", idx + 1);
            nodes.iter().enumerate().map(|(idx, node)| metric(node).by(statistic).label(label(idx))).collect()
        };
        vec![
            Panel::new("Connections", of_each("CurrConnections", Statistic::Maximum)),
            Panel::new("Evictions", of_each("Evictions", Statistic::Sum)),
            Panel::new("Engine processor (%)", of_each("EngineCPUUtilization", Statistic::Average))
                .limit_each(Limit::Above(85.0)),
            Panel::new("Memory (%)", of_each("DatabaseMemoryUsagePercentage", Statistic::Maximum))
                .limit_each(Limit::Above(85.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/serverless-metrics-events-redis.html>
impl Monitored for elasticache::Serverless {
    fn kind(&self) -> &'static str {
        "Serverless cache"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/ElastiCache", name).of("clusterId", self.name());
        vec![
            Panel::new("Connections", [metric("CurrConnections").by(Statistic::Maximum)]),
            Panel::new("Throttled commands", [metric("ThrottledCmds").by(Statistic::Sum)]).limit(Limit::Above(0.0)),
            Panel::new("Processing units", [metric("ElastiCacheProcessingUnits").by(Statistic::Sum)]),
            Panel::new("Data (bytes)", [metric("BytesUsedForCache").by(Statistic::Maximum)]),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/msk/latest/developerguide/metrics-details.html>
impl Monitored for msk::Cluster {
    fn kind(&self) -> &'static str {
        "Kafka cluster"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/Kafka", name).of("Cluster Name", self.name());
        let of_each = |name: &str| -> Vec<Metric> {
            let broker =
                |number: u32| metric(name).of("Broker ID", number.to_string()).label(format!("broker {number}"));
            (1..=self.n_brokers()).map(broker).collect()
        };
        let offline = metric("OfflinePartitionsCount").by(Statistic::Maximum);
        vec![
            Panel::new("Bytes in per second", of_each("BytesInPerSec")),
            Panel::new("Offline partitions", [offline]).limit(Limit::Above(0.0)),
            Panel::new("Processor (%)", of_each("CpuUser")).limit_each(Limit::Above(60.0)),
            Panel::new("Disk used (%)", of_each("KafkaDataLogsDiskUsed")).limit_each(Limit::Above(80.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html>
impl Monitored for dynamodb::Table {
    fn kind(&self) -> &'static str {
        "Table"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/DynamoDB", name).of("TableName", self.name()).by(Statistic::Sum);
        vec![
            Panel::new("Units read", [metric("ConsumedReadCapacityUnits")]),
            Panel::new("Units written", [metric("ConsumedWriteCapacityUnits")]),
            Panel::new("Throttled reads", [metric("ReadThrottleEvents")]).limit(Limit::Above(0.0)),
            Panel::new("Throttled writes", [metric("WriteThrottleEvents")]).limit(Limit::Above(0.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html>
impl Monitored for efs::FileSystem {
    fn kind(&self) -> &'static str {
        "File system"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/EFS", name).of("FileSystemId", self.id());
        vec![
            Panel::new("Clients", [metric("ClientConnections").by(Statistic::Sum)]),
            Panel::new("Bytes read and written", [metric("MeteredIOBytes").by(Statistic::Sum)]),
            Panel::new("Share of the limit of operations (%)", [metric("PercentIOLimit").by(Statistic::Maximum)])
                .limit(Limit::Above(90.0)),
            Panel::new("Stored (bytes)", [metric("StorageBytes").of("StorageClass", "Total".to_owned())]),
        ]
    }
}

/// Storage metrics are published daily. Request metrics cost extra and are not used.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html>
impl Monitored for s3::Bucket {
    fn kind(&self) -> &'static str {
        "Bucket"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str, storage: &str| {
            Metric::new("AWS/S3", name)
                .of("BucketName", self.name())
                .of("StorageType", storage.to_owned())
                .every(crate::Duration::days(1))
        };
        vec![
            Panel::new("Size (bytes)", [metric("BucketSizeBytes", "StandardStorage")]),
            Panel::new("Objects", [metric("NumberOfObjects", "AllStorageTypes")]),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html>
impl Monitored for lambda::Function {
    fn kind(&self) -> &'static str {
        "Function"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/Lambda", name).of("FunctionName", self.name());
        vec![
            Panel::new("Calls", [metric("Invocations").by(Statistic::Sum)]),
            Panel::new("Errors", [metric("Errors").by(Statistic::Sum)]).limit(Limit::Above(0.0)),
            Panel::new("Duration (ms)", [metric("Duration").by(Statistic::Percentile(99))]),
            Panel::new("Throttles", [metric("Throttles").by(Statistic::Sum)]).limit(Limit::Above(0.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html>
impl Monitored for stepfunctions::StateMachine {
    fn kind(&self) -> &'static str {
        "State machine"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| Metric::new("AWS/States", name).of("StateMachineArn", self.arn());
        let failed = ["ExecutionsFailed", "ExecutionsTimedOut"].map(|name| metric(name).by(Statistic::Sum));
        vec![
            Panel::new("Executions", [metric("ExecutionsStarted").by(Statistic::Sum)]),
            Panel::new("Failed executions", failed).limit_each(Limit::Above(0.0)),
            Panel::new("Time (ms)", [metric("ExecutionTime").by(Statistic::Percentile(99))]),
            Panel::new("Throttled steps", [metric("ExecutionThrottled").by(Statistic::Sum)]).limit(Limit::Above(0.0)),
        ]
    }
}
