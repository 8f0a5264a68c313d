//! The services, alike in both regions: each is answered by its own region first.

use meshsynth::mesh::{Autoscale, Mesh, Scale, Workload, WorkloadProps};

use crate::cluster::Site;

pub fn define(mesh: &Mesh, sites: &[Site; 2]) {
    let service = |name: &str| sites.each_ref().map(|site| workload(site, name));
    let [frontend, catalog, orders] = ["frontend", "catalog", "orders"].map(service);
    for callee in [&catalog, &orders] {
        let shared = mesh.share(&callee.each_ref());
        frontend.iter().for_each(|caller| {
            shared.called_by(caller);
        });
    }
    let shared = mesh.share(&catalog.each_ref());
    orders.iter().for_each(|caller| {
        shared.called_by(caller);
    });
    for (idx, site) in sites.iter().enumerate() {
        site.ingress.leads_to(&frontend[idx]);
    }
}

fn workload(site: &Site, name: &str) -> Workload {
    let image = format!("registry.example/cross-region/{name}:1.0.0");
    let scale = Scale::Auto(Autoscale::between(3, 20));
    Workload::new(&site.services, name, image, WorkloadProps { scale, ..Default::default() })
}
