//! Tests of pod properties.

use crate::mesh::{Container, Placement, PodProps, Port, Projection, Protocol, Volume, Workload, WorkloadProps};
use crate::secrets;
use crate::testing::{Platform, namespace};
use crate::units::{Duration, Mib};

fn with(pod: PodProps) -> Platform {
    Platform::synth("shop", |app| {
        let props = WorkloadProps { pod, ..Default::default() };
        Workload::new(&namespace(app), "orders", "registry.example/orders:1.4.0", props);
    })
}

#[test]
fn adds_port_to_service_and_policies() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app);
        let pod = PodProps { ports: vec![Port::new("rpc", 9090, Protocol::Grpc)], ..Default::default() };
        let props = WorkloadProps { pod, ..Default::default() };
        let stock = Workload::new(&shop, "stock", "registry.example/stock:2.0.0", props);
        let orders = Workload::new(&shop, "orders", "registry.example/orders:1.4.0", WorkloadProps::default());
        orders.calls(&stock.at_port("rpc"));
    });
    let service = platform.manifest("service-stock");
    assert!(service.contains("port: 8080") && service.contains("port: 9090") && service.contains("appProtocol: grpc"));
    let policy = platform.manifest("networkpolicy-stock");
    assert!(policy.contains("port: 9090") && !policy.contains("port: 8080"), "{policy}");
}

#[test]
fn starts_sidecars_before_init_containers() {
    let platform = with(PodProps {
        sidecars: vec![Container::new("shipper", "registry.example/shipper:3.1.0")],
        init: vec![Container { user: Some(20_000), ..Container::new("fetch", "registry.example/fetch:1.0.0") }],
        ..Default::default()
    });
    let text = platform.manifest("deployment-orders");
    let (sidecar, init) = (text.find("name: shipper").expect("a sidecar"), text.find("name: fetch").expect("an init"));
    assert!(sidecar < init && text.matches("restartPolicy: Always").count() == 1, "{text}");
    assert!(text.contains("runAsUser: 20000") && text.matches("readOnlyRootFilesystem: true").count() == 3, "{text}");
}

#[test]
fn restarts_pods_when_files_change() {
    let digest = |text: &'static str| {
        let volumes = vec![Volume::config("settings", [("orders.toml", text)]).at("/etc/orders")];
        let platform = with(PodProps { volumes, ..Default::default() });
        assert!(platform.manifest("configmap-orders-settings-files").contains("orders.toml"));
        let text = platform.manifest("deployment-orders").to_owned();
        text.lines().find(|line| line.contains("meshsynth/files-settings")).map(str::to_owned)
    };
    assert!(digest("retries = 3").is_some());
    assert_ne!(digest("retries = 3"), digest("retries = 4"));
}

#[test]
fn defines_objects_with_the_data_of_volumes() {
    let platform = Platform::synth("shop", |app| {
        let shop = namespace(app);
        let key = secrets::Secret::new(&shop, "key", Default::default());
        let token = Projection::Token {
            audience: "vault".to_owned(),
            file: "token".to_owned(),
            expires: Duration::minutes(30),
        };
        let volumes = vec![
            Volume::empty_dir("scratch").size(Mib(512)).in_memory().at("/scratch"),
            Volume::secret("keys", [("signing.pem", key.secret())]).at("/etc/keys"),
            Volume::projected("tokens", [token]).at("/var/run/tokens"),
            Volume::csi("shared", "efs.csi.aws.com", "fs-0123::fsap-4567").at("/mnt/shared"),
            Volume::claim("archive", "archive").at("/archive").read_only(),
        ];
        let pod = PodProps { volumes, ..Default::default() };
        let props = WorkloadProps { pod, ..Default::default() };
        Workload::new(&shop, "orders", "registry.example/orders:1.4.0", props);
    });
    let pods = platform.manifest("deployment-orders");
    for part in
        ["medium: Memory", "sizeLimit: 512Mi", "secretName: orders-keys-files", "audience: vault", "claimName: archive"]
    {
        assert!(pods.contains(part), "{part} in {pods}");
    }
    assert!(platform.manifest("externalsecret-orders-keys-files").contains("secretKey: signing.pem"));
    let volume = platform.manifest("persistentvolume-shop-orders-shared-files");
    assert!(volume.contains("volumeHandle: fs-0123::fsap-4567") && volume.contains("Retain"), "{volume}");
    assert!(platform.manifest("persistentvolumeclaim-orders-shared-files").contains("storageClassName: \"\""));
}

#[test]
fn tolerates_gpu_taint_for_pods_with_gpus() {
    let platform =
        with(PodProps { gpus: 2, priority_class: Some("system-cluster-critical".to_owned()), ..Default::default() });
    let pods = platform.manifest("deployment-orders");
    for part in [
        "nvidia.com/gpu: \"2\"",
        "key: nvidia.com/gpu",
        "operator: Exists",
        "priorityClassName: system-cluster-critical",
    ] {
        assert!(pods.contains(part), "{part} in {pods}");
    }
    assert!(!Placement::default().every_taint);
}
