//! The shop: the same services in both clusters, and routes to their versions.

use meshsynth::mesh::traffic::{
    CircuitBreaker, Retries, Tag, Telemetry, TelemetryProps, Tokens, VersionProps, header, user_agent,
};
use meshsynth::mesh::{
    Analysis, Autoscale, BlueGreen, Canary, Load, Mesh, Release, Scale, Slo, Step, Workload, WorkloadProps,
};
use meshsynth::{Duration, Percent};

use crate::HOST;
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
        routes(&orders[idx], &reviews[idx]);
        payments[idx].circuit_breaker(CircuitBreaker { consecutive_errors: 3, ..Default::default() });
        storefront[idx].sticky_by_cookie("user_session", Duration::seconds(3600));
        orders[idx].require_tokens(Tokens::of("https://login.example.com/", "https://login.example.com/jwks.json"));
        site.entry.expose(HOST, "/", &storefront[idx]);
        site.entry.expose(HOST, "/api/reviews", &reviews[idx]).rewrite("/reviews");
        let tags = vec![
            ("user-type".to_owned(), Tag::header("user-type")),
            ("cluster".to_owned(), Tag::Literal(format!("cluster{}", idx + 1))),
        ];
        Telemetry::new(&site.shop, "default", TelemetryProps { sampling: 10.0, tags, ..Default::default() });
    }
}

/// Routes to versions: a canary of the orders, and versions of the reviews by request header.
fn routes(orders: &Workload, reviews: &Workload) {
    let version = |of: &Workload, name: &str, image: &str| {
        let image = format!("registry.example/shop/{}:{image}", of.name());
        of.version(name, image, VersionProps::default())
    };
    let next = version(orders, "v2", "2.0.0");
    orders.canary(&next, Percent(2)).timeout(Duration::seconds(5)).retries(Retries::default());
    let (v2, v3) = (version(reviews, "v2", "2.0.0"), version(reviews, "v3", "3.0.0"));
    reviews.route().when(header("user-type").exact("premium")).to(&v2, 90).to(&v3, 10);
    reviews.route().when(header("user-region").exact("asia")).to(&v2, 100);
    reviews.route().when(user_agent().regex(".*Mobile.*")).to(&v3, 100);
    let drill = reviews.route().named("drill").when(header("x-drill").present());
    drill.delay(Duration::seconds(3), Percent(50)).abort(503, Percent(5));
    reviews.default_route().mirror(&v3, Percent(10));
}

fn workload(site: &Site, name: &str) -> Workload {
    let image = format!("registry.example/shop/{name}:1.0.0");
    let loads = vec![Load::requests(&site.watch.prometheus, 50)];
    let scale = Scale::Auto(Autoscale { loads, ..Autoscale::between(2, 10) });
    let props = WorkloadProps { scale, release: release(site, name), ..Default::default() };
    let workload = Workload::new(&site.shop, name, image, props);
    workload
        .slo(Slo::availability(99.5).breach(Duration::hours(1), Duration::minutes(5)))
        .slo(Slo::latency_p99(Duration::millis(500)));
    workload
}

/// Releases of new images: payments need an approval; the services that customers see first are released step by step.
fn release(site: &Site, name: &str) -> Release {
    let success = Analysis::success_rate(&site.watch.prometheus, 95.0);
    match name {
        "payments" => {
            Release::BlueGreen(BlueGreen { before: Some(success.clone()), after: Some(success), ..Default::default() })
        }
        "storefront" => Release::Canary(Canary {
            steps: vec![
                Step::Weight(Percent(2)),
                Step::Wait(Duration::minutes(10)),
                Step::Weight(Percent(10)),
                Step::Approve,
            ],
            analysis: Some(success),
            ..Default::default()
        }),
        _ => Release::Rolling,
    }
}
