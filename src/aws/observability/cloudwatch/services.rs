//! Metric panels of search domains, brokers and user pool clients.

use crate::{cognito, mq, opensearch};

use super::{Limit, Metric, Monitored, Panel, Statistic};

/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cloudwatch-alarms.html>
impl Monitored for opensearch::Domain {
    fn kind(&self) -> &'static str {
        "Search domain"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str| {
            let account = crate::Construct::scope(self).account();
            Metric::new("AWS/ES", name).of("DomainName", self.name().to_owned()).of("ClientId", account)
        };
        vec![
            Panel::new("Red shards", [metric("ClusterStatus.red").by(Statistic::Maximum)]).limit(Limit::Above(0.0)),
            Panel::new("Free storage (MiB)", [metric("FreeStorageSpace").by(Statistic::Minimum)])
                .limit(Limit::Below(20_480.0)),
            Panel::new("Processor (%)", [metric("CPUUtilization").by(Statistic::Maximum)]).limit(Limit::Above(80.0)),
            Panel::new("Memory pressure (%)", [metric("JVMMemoryPressure").by(Statistic::Maximum)])
                .limit(Limit::Above(92.0)),
        ]
    }
}

/// Source: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-accessing-metrics.html>
impl Monitored for mq::Broker {
    fn kind(&self) -> &'static str {
        "Broker"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |name: &str, broker: &str| Metric::new("AWS/AmazonMQ", name).of("Broker", broker.to_owned());
        match self.engine() {
            mq::Engine::RabbitMq => vec![
                Panel::new("Messages", [metric("MessageCount", self.name()).by(Statistic::Maximum)]),
                Panel::new("Connections", [metric("ConnectionCount", self.name()).by(Statistic::Maximum)]),
                Panel::new("Processor (%)", [metric("SystemCpuUtilization", self.name())]).limit(Limit::Above(85.0)),
                Panel::new("Free disk (bytes)", [metric("RabbitMQDiskFree", self.name()).by(Statistic::Minimum)]),
            ],
            mq::Engine::ActiveMq => {
                let first = format!("{}-1", self.name());
                vec![
                    Panel::new("Messages", [metric("TotalMessageCount", &first).by(Statistic::Maximum)]),
                    Panel::new("Storage (%)", [metric("StorePercentUsage", &first)]).limit(Limit::Above(80.0)),
                    Panel::new("Processor (%)", [metric("CpuUtilization", &first)]).limit(Limit::Above(85.0)),
                    Panel::new("Heap (%)", [metric("HeapUsage", &first)]).limit(Limit::Above(85.0)),
                ]
            }
        }
    }
}

/// Amazon Cognito publishes metrics for each client of a pool, so clients are monitored instead of
/// pools.
///
/// Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html>
impl Monitored for cognito::Client {
    fn kind(&self) -> &'static str {
        "Client"
    }

    fn panels(&self) -> Vec<Panel> {
        let metric = |metric: &str| {
            Metric::new("AWS/Cognito", metric).of("UserPool", self.pool().id()).of("UserPoolClient", self.id())
        };
        vec![
            Panel::new("Share of sign-ins that succeed", [metric("SignInSuccesses").by(Statistic::Average)])
                .limit(Limit::Below(0.5)),
            Panel::new("Sign-ins refused for their number", [metric("SignInThrottles").by(Statistic::Sum)])
                .limit(Limit::Above(0.0)),
            Panel::new("Tokens refused for their number", [metric("TokenRefreshThrottles").by(Statistic::Sum)])
                .limit(Limit::Above(0.0)),
        ]
    }
}
