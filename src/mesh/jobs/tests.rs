//! Tests of the objects that jobs define.

use crate::mesh::{CronJob, CronJobProps, Job, JobProps, PodProps, Volume, Workload};
use crate::testing::{Platform, mesh_workload, workload};
use crate::{secrets, ssm};

fn migration(orders: &Workload, image: &str) -> Job {
    let props = JobProps { args: vec!["migrate".to_owned()], ..Default::default() };
    Job::new(orders.namespace(), "migrate", format!("registry.example/{image}"), props)
}

/// Returns the path of the job's manifest.
fn path(platform: &Platform) -> String {
    let mut paths = platform.assembly.files.keys().filter(|path| path.contains("/job-migrate"));
    paths.next().expect("a job").clone()
}

#[test]
fn applies_awaited_job_in_earlier_wave() {
    let platform = Platform::synth("shop", |app| {
        let orders = workload(app);
        orders.after(&migration(&orders, "orders:1.4.0"));
    });
    assert!(path(&platform).contains("/39-before-workloads/"), "{}", path(&platform));
    assert!(platform.assembly.files.keys().any(|path| path.contains("/40-workloads/shop/deployment-orders")));
}

#[test]
fn orders_chain_of_awaited_jobs() {
    let platform = Platform::synth("shop", |app| {
        let orders = workload(app);
        let first = Job::new(orders.namespace(), "prepare", "registry.example/orders:1.4.0", JobProps::default());
        let migration = migration(&orders, "orders:1.4.0");
        orders.after(&migration);
        migration.after(&first);
    });
    assert!(platform.assembly.files.keys().any(|path| path.contains("/38-before-workloads/shop/job-prepare")));
    assert!(path(&platform).contains("/39-before-workloads/"));
}

#[test]
fn renames_job_when_its_content_changes() {
    let with = |image: &'static str, level: &'static str, text: &'static str| {
        path(&Platform::synth("shop", |app| {
            let orders = workload(app);
            let pod =
                PodProps { volumes: vec![Volume::config("sql", [("0.sql", text)]).at("/sql")], ..Default::default() };
            let props = JobProps { pod, ..Default::default() };
            let job = Job::new(orders.namespace(), "migrate", format!("registry.example/{image}"), props);
            job.env("LEVEL", level);
        }))
    };
    let first = with("orders:1.4.0", "info", "a");
    assert_eq!(first, with("orders:1.4.0", "info", "a"));
    for other in
        [with("orders:1.5.0", "info", "a"), with("orders:1.4.0", "debug", "a"), with("orders:1.4.0", "info", "b")]
    {
        assert_ne!(first, other);
    }
}

#[test]
fn uses_native_sidecars_for_jobs() {
    let platform = Platform::synth("shop", |app| {
        let orders = mesh_workload(app);
        migration(&orders, "orders:1.4.0");
        let image = "registry.example/reports:3.0.0";
        let nightly = CronJob::new(orders.namespace(), "nightly", "30 2 * * *", image, CronJobProps::default());
        nightly.calls(&orders);
    });
    let native = "sidecar.istio.io/nativeSidecar: \"true\"";
    assert!(platform.assembly.files[&path(&platform)].contains(native));
    assert!(platform.manifest("cronjob-nightly").contains(native));
    assert!(platform.manifest("authorizationpolicy-orders").contains("/sa/nightly"));
    assert!(platform.manifest("sidecar-nightly").contains("shop/orders.shop.svc.cluster.local"));
}

#[test]
fn reads_variables_and_secrets_in_cron_job() {
    let platform = Platform::synth("shop", |app| {
        let orders = workload(app);
        let login = secrets::Secret::new(orders.namespace(), "login", Default::default());
        let flags = ssm::Parameter::new(orders.namespace(), "flags", "a", "b", Default::default());
        let image = "registry.example/reports:3.0.0";
        let nightly = CronJob::new(orders.namespace(), "nightly", "30 2 * * *", image, CronJobProps::default());
        nightly.env("LEVEL", "info").env_secret("PASSWORD", &login.secret().field("password"));
        flags.grant_read(&nightly);
    });
    let job = platform.manifest("cronjob-nightly");
    for part in
        ["nightly-config", "nightly-secrets", "timeZone: Etc/UTC", "concurrencyPolicy: Forbid", "meshsynth/config"]
    {
        assert!(job.contains(part), "{part} in {job}");
    }
    assert!(platform.manifest("serviceaccount-nightly").contains("role-arn"));
    assert!(platform.assembly.files.values().any(|text| text.contains("cron_job shop nightly")));
}
