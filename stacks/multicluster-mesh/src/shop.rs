//! The shop: the same services in both clusters.

use meshsynth::mesh::{Autoscale, Mesh, Scale, Workload, WorkloadProps};

use crate::cluster::Site;

pub fn define(mesh: &Mesh, sites: &[Site; 2]) {
    let service = |name: &str| sites.each_ref().map(|site| workload(site, name));
    let [storefront, orders, payments, reviews] = ["storefront", "orders", "payments", "reviews"].map(service);
    for callee in [&orders, &reviews] {
        let shared = mesh.share(&callee.each_ref());
        storefront.iter().for_each(|caller| {
            shared.called_by(caller);
        });
    }
    let shared = mesh.share(&payments.each_ref());
    orders.iter().for_each(|caller| {
        shared.called_by(caller);
    });
    for (idx, site) in sites.iter().enumerate() {
        site.ingress.leads_to(&storefront[idx]);
    }
}

fn workload(site: &Site, name: &str) -> Workload {
    let image = format!("registry.example/shop/{name}:1.0.0");
    let scale = Scale::Auto(Autoscale::between(2, 10));
    Workload::new(&site.shop, name, image, WorkloadProps { scale, ..Default::default() })
}
