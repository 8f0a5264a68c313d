//! Jobs, stateful sets and daemon sets: a migration, a nightly report, a search index, node metrics.

use meshsynth::Gib;
use meshsynth::mesh::{
    Claim, CronJob, CronJobProps, DaemonSet, DaemonSetProps, HostPath, Job, JobProps, Namespace, NamespaceProps,
    Placement, PodOrder, PodProps, PodSecurity, StatefulSet, StatefulSetProps,
};

use crate::Environment;
use crate::data::Data;
use crate::events::Events;
use crate::platform::Platform;
use crate::services::Shop;

pub fn define(env: &Environment, platform: &Platform, data: &Data, events: &Events, shop: &Shop) {
    let migrate = JobProps { args: vec!["migrate".to_owned()], ..Default::default() };
    let migration = Job::new(&shop.namespace, "catalog-migration", data.image(env, "catalog-migrations"), migrate);
    data.catalog.allow_from(&migration);
    data.catalog.grant_connect(&migration, "migrations");
    migration.env("DB_HOST", data.catalog.address());
    shop.catalog.after(&migration);

    let pod = PodProps { command: vec!["/report".to_owned()], ..Default::default() };
    let nightly = CronJobProps { time_zone: "Europe/Berlin".to_owned(), pod, ..Default::default() };
    let report = CronJob::new(&shop.namespace, "report", "30 2 * * *", data.image(env, "report"), nightly);
    report.calls_at("ORDERS_URL", &shop.orders).env("BUCKET", events.uploads.name());
    events.uploads.grant_write(&report);

    let disk = Claim::new("/var/lib/suggestions", Gib(20)).of_class(platform.volumes.name());
    let props = StatefulSetProps { port: 7700, claims: vec![disk], order: PodOrder::Parallel, ..Default::default() };
    let suggestions = StatefulSet::new(&shop.namespace, "suggestions", data.image(env, "suggestions"), props);
    suggestions.calls(&suggestions);
    shop.storefront.calls_at("SUGGESTIONS_URL", &suggestions);

    let agents = NamespaceProps {
        pod_security: PodSecurity::Privileged,
        mesh: Some(platform.next.clone()),
        ..Default::default()
    };
    let agents = Namespace::new(&shop.stack, "agents", &platform.cluster, agents);
    let figures = DaemonSetProps {
        port: Some(9100),
        host_paths: vec![HostPath::new("sys", "/sys")],
        placement: Placement::default().tolerate_all(),
        ..Default::default()
    };
    DaemonSet::new(&agents, "node-figures", data.image(env, "node-figures"), figures);
}
