//! The shop: one workload in each region, with its permissions.

use meshsynth::aws::Vpc;
use meshsynth::eks::{Access, Cluster, ClusterProps, Compute, Identity};
use meshsynth::elbv2::TargetGroup;
use meshsynth::iam::{Role, RoleProps, Trust};
use meshsynth::kms::Key;
use meshsynth::mesh::addons::LoadBalancerController;
use meshsynth::mesh::{Namespace, NamespaceProps, TargetGroupBinding, Workload, WorkloadProps};
use meshsynth::{App, Env, Stack, ecr};

use crate::edge::Entries;
use crate::names::Names;
use crate::network::Networks;
use crate::osaka::Copies;
use crate::tokyo::Data;
use crate::{OSAKA, TOKYO};

pub fn define(
    app: &App,
    networks: &Networks,
    data: &Data,
    copies: &Copies,
    names: &Names,
    entries: &Entries,
    keys: [&Key; 2],
) {
    let tokyo = cluster(app, "platform-tokyo", TOKYO, &networks.tokyo);
    let osaka = cluster(app, "platform-osaka", OSAKA, &networks.osaka);

    let (here, shop_here) = shop(app, "services-tokyo", TOKYO, &tokyo, keys[0], &entries.tokyo);
    let orders = data.orders.primary();
    orders.allow_from(&shop_here);
    data.reports.allow_from(&shop_here);
    data.reports.grant_connect(&shop_here, "reports");
    data.sessions.primary().allow_from(&shop_here);
    data.sessions.primary().grant_connect(&shop_here);
    data.prices.allow_from(&shop_here);
    data.prices.grant_connect(&shop_here);
    data.events.allow_from(&shop_here);
    data.events.topic("order-placed").grant_produce(&shop_here);
    data.carts.grant_read_write(&shop_here);
    data.partner.grant_read(&shop_here);
    shop_here.env("ORDERS_READER", orders.reader_address()).env("REPORTS", data.reports.address());

    let (there, shop_there) = shop(app, "services-osaka", OSAKA, &osaka, keys[1], &entries.osaka);
    copies.orders.allow_from(&shop_there);
    copies.reports.allow_from(&shop_there);
    copies.reports.grant_connect(&shop_there, "reports");
    copies.sessions.allow_from(&shop_there);
    copies.sessions.grant_connect(&shop_there);
    copies.events.allow_from(&shop_there);
    copies.events.topic("order-placed").grant_consume(&shop_there, "billing");
    data.carts.in_region(OSAKA).grant_read_write(&shop_there);
    data.partner.in_region(OSAKA).grant_read(&shop_there);
    shop_there.env("ORDERS_READER", copies.orders.reader_address()).env("REPORTS", copies.reports.address());

    // Both workloads write orders to the primary database, over the transit gateways.
    orders.endpoint().allow_from_network(&here, &networks.osaka);
    copies.orders.endpoint().allow_from_network(&there, &networks.tokyo);
    shop_here.allow_to(networks.osaka.cidr(), orders.port());
    shop_there.allow_to(networks.tokyo.cidr(), orders.port());
    for shop in [&shop_here, &shop_there] {
        orders.grant_connect(shop, "orders");
        copies.orders.grant_connect(shop, "orders");
        shop.env("ORDERS_WRITER", names.writer.as_str()).env("CARTS", data.carts.name());
    }
}

/// A cluster in EKS Auto Mode with EKS Pod Identity.
fn cluster(app: &App, id: &str, region: &str, vpc: &Vpc) -> Cluster {
    let stack = Stack::new(app, id, Env::region(region));
    stack.describe("EKS cluster in Auto Mode, and the controller that registers pods with the load balancer.");
    let props = ClusterProps { compute: Compute::AutoMode, identity: Identity::PodIdentity, ..Default::default() };
    let cluster = Cluster::new(&stack, "cluster", vpc, props);
    let props =
        RoleProps { description: "People and pipelines that deploy the shop.".to_owned(), ..Default::default() };
    let operators = Role::new(&stack, "operators", Trust::Account, props);
    cluster.add_access("operators", operators.arn(), Access::ClusterAdmin);
    LoadBalancerController::new(&stack, "load-balancer-controller", &cluster);
    cluster
}

/// The shop in a region, behind the load balancer of that region.
fn shop(app: &App, id: &str, region: &str, cluster: &Cluster, key: &Key, entry: &TargetGroup) -> (Stack, Workload) {
    let stack = Stack::new(app, id, Env::region(region));
    stack.describe("The shop in this region, with its identity and permissions.");
    let images = ecr::RepositoryProps { key: Some(key.clone()), ..Default::default() };
    let images = ecr::Repository::new(&stack, "images", images);
    let namespace = Namespace::new(&stack, "shop", cluster, NamespaceProps::default());
    let version = Some("2.3.0".to_owned());
    let shop =
        Workload::new(&namespace, "shop", images.image("2.3.0"), WorkloadProps { version, ..Default::default() });
    shop.env("REGION", region);
    TargetGroupBinding::new(&shop, "entry", entry);
    (stack, shop)
}
