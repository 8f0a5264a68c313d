//! Logs, metrics, traces and alarms.

use meshsynth::aws::cloudwatch::{Alarm, AlarmProps, Dashboard, DashboardProps, Limit, Monitored, watch};
use meshsynth::eks::{AddOn, Cluster};
use meshsynth::kms::{Key, KeyProps};
use meshsynth::logs::{LogGroup, LogGroupProps};
use meshsynth::mesh::addons::{FluentBit, FluentBitProps};
use meshsynth::mesh::{Language, Workload};
use meshsynth::{App, Stack, sns, xray};

use crate::Environment;
use crate::data::Data;

pub fn define(app: &App, env: &Environment, cluster: &Cluster, data: &Data, services: &[Workload; 6]) {
    let stack = Stack::new(app, "observability", env.place());
    stack.describe("Logs of the containers, alarms, dashboard and traces.");
    cluster.add_add_on(AddOn::cloudwatch_observability());
    for service in services {
        service.instrument(Language::Java);
    }

    let key = Key::new(&stack, "key", KeyProps::default());
    let logs = LogGroup::new(
        &stack,
        "containers",
        LogGroupProps { retention_days: env.log_days, key: Some(key.clone()), ..Default::default() },
    );
    let fluent_bit = FluentBit::new(&stack, "fluent-bit", cluster, &logs, FluentBitProps::default());

    let on_call = sns::Topic::new(&stack, "on-call", sns::TopicProps { key: Some(key), ..Default::default() });
    on_call.add_email("mail", env.on_call);
    for service in services {
        let name = service.name();
        watch(&stack, &format!("{name}-alarms"), service, &on_call);
        let errors = fluent_bit.errors_of(&stack, &format!("{name}-errors"), service);
        let description = format!("the service {name} logs errors");
        let props = AlarmProps { description, ..Default::default() };
        Alarm::new(&stack, &format!("{name}-logs"), &errors.metric(), Limit::Above(20.0), props).notify(&on_call);
    }
    for service in &data.services {
        watch(&stack, &format!("{}-db-alarms", service.name), &service.database, &on_call);
    }
    watch(&stack, "cache-alarms", &data.cache, &on_call);
    watch(&stack, "kafka-alarms", &data.kafka, &on_call);

    let all = xray::SamplingRuleProps { rate: env.trace_rate, priority: 9000, ..Default::default() };
    xray::SamplingRule::new(&stack, "all", all);
    let payments = xray::SamplingRuleProps { service: "payment".to_owned(), rate: 1.0, ..Default::default() };
    xray::SamplingRule::new(&stack, "payment", payments);
    xray::Group::new(&stack, "slow", "responsetime > 1");

    let mut rows: Vec<&dyn Monitored> = services.iter().map(|service| service as &dyn Monitored).collect();
    rows.extend(data.services.iter().map(|service| &service.database as &dyn Monitored));
    rows.push(&data.cache);
    rows.push(&data.kafka);
    Dashboard::new(&stack, "platform", &rows, DashboardProps::default());
}
