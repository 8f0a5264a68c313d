//! The services, which are equal in both regions. Most requests stay in the region that receives them.

use meshsynth::mesh::traffic::{
    CircuitBreaker, Endpoint, External, ExternalProps, ExternalProtocol, Locality, Telemetry, TelemetryProps,
};
use meshsynth::mesh::{Autoscale, Load, Mesh, Scale, Workload, WorkloadProps};
use meshsynth::{Duration, Percent};

use crate::cluster::Site;
use crate::{HOST, Region};

pub fn define(mesh: &Mesh, sites: &[Site; 2]) {
    let service = |name: &str| sites.each_ref().map(|site| workload(site, name));
    let [frontend, catalog, orders] = ["frontend", "catalog", "orders"].map(service);
    for (callee, callers) in [(&catalog, vec![&frontend, &orders]), (&orders, vec![&frontend])] {
        let shared = mesh.share(&callee.each_ref());
        callers.into_iter().flatten().for_each(|caller| {
            shared.called_by(caller);
        });
        for (site, workload) in sites.iter().zip(callee) {
            workload
                .locality(Locality::split(70, 30, site.region.other().name))
                .circuit_breaker(CircuitBreaker { consecutive_errors: 3, ..Default::default() });
        }
    }
    for ((site, orders), frontend) in sites.iter().zip(&orders).zip(&frontend) {
        ledger(site, orders);
        site.entry.expose(HOST, "/", frontend);
        Telemetry::new(&site.services, "default", TelemetryProps::default());
    }
}

/// The ledger runs on virtual machines of the mesh. 70 % of the requests stay in the region of the caller.
fn ledger(site: &Site, orders: &Workload) {
    let here = site.region;
    let at = |region: Region, weight| Endpoint {
        network: Some(region.network()),
        locality: Some(region.name.to_owned()),
        weight: Some(weight),
        service_account: Some("ledger".to_owned()),
        ..Endpoint::at(region.ledger) // the east-west gateways route only to addresses
    };
    let props = ExternalProps {
        port: 8080,
        protocol: ExternalProtocol::Http,
        internal: true,
        endpoints: vec![at(here, 70), at(here.other(), 30)],
        cidrs: vec![here.cidr, here.other().cidr],
    };
    let ledger = External::new(&site.services, "ledger", "ledger.mesh.local", props);
    ledger.allow_from(orders);
    orders.env("LEDGER_URL", format!("http://{}:8080", ledger.host()));
}

/// A service of a region with 3 to 20 pods. It adds pods above 50 requests per second per pod, or if 5 % of the
/// requests take longer than 200 ms.
fn workload(site: &Site, name: &str) -> Workload {
    let loads = vec![Load::requests(&site.prometheus, 50), Load::latency(&site.prometheus, 95, Duration::millis(200))];
    let scale = Autoscale {
        cpu: Some(Percent(70)),
        memory: None,
        loads,
        up_window: Duration::seconds(60),
        down_window: Duration::seconds(300),
        ..Autoscale::between(3, 20)
    };
    let image = format!("registry.example/cross-region/{name}:1.0.0");
    let props = WorkloadProps { scale: Scale::Auto(scale), ..Default::default() };
    let workload = Workload::new(&site.services, name, image, props);
    for (field, value) in [("periodSeconds", 30), ("timeoutSeconds", 5), ("failureThreshold", 3)] {
        workload.deployment().patch(&format!("spec.template.spec.containers.0.readinessProbe.{field}"), value);
    }
    workload
}
