//! The dashboard of a workload's calls, with requests, faults and latency for each caller and callee.

use crate::mesh::dashboard::{self, Graph};
use crate::mesh::load::{self, faults};
use crate::mesh::promql::{Series, Vector};
use crate::mesh::{Namespace, Pods, Protocol, labels};
use crate::tree::{Construct, NodeId, Scope};
use crate::units::Duration;

/// The maximum number of callers or callees with separate queries. For more, one query groups the results by a label.
const MANY: usize = 20;
const WINDOW: Duration = Duration::minutes(5);

/// A declared call, with the names that the callee's proxies report.
#[derive(Clone, PartialEq, Eq)]
struct Call {
    caller: String,
    /// The principal of the caller.
    principal: String,
    callee: String,
    namespace: String,
    service: String,
    protocol: Protocol,
}

/// The calls of a workload.
#[derive(Default)]
struct Calls {
    to: Vec<Call>,
    from: Vec<Call>,
}

/// The dashboards of a namespace: whether its proxies are scraped, and which workloads wait for that.
#[derive(Default)]
struct Board {
    is_on: bool,
    waiting: Vec<(NodeId, String)>,
}

/// Shows a call on the dashboards of both workloads, as soon as their proxies are scraped by Prometheus.
pub(in crate::mesh) fn show(caller: &Pods, callee: &Pods, protocol: Protocol) {
    let Some(istio) = caller.namespace().mesh() else { return };
    let call = Call {
        caller: caller.name().to_owned(),
        principal: format!("spiffe://{}", istio.principal(caller.namespace().name(), caller.account())),
        callee: callee.name().to_owned(),
        namespace: callee.namespace().name().to_owned(),
        service: callee.name().to_owned(),
        protocol,
    };
    let add = |calls: &mut Vec<Call>| {
        let is_new = !calls.contains(&call);
        calls.extend(is_new.then(|| call.clone()));
    };
    caller.scope().keep(|calls: &mut Calls| add(&mut calls.to));
    callee.scope().keep(|calls: &mut Calls| add(&mut calls.from));
    for workload in [caller, callee] {
        let namespace = workload.namespace();
        let is_on = namespace.scope().keep(|board: &mut Board| {
            board.waiting.extend((!board.is_on).then(|| (workload.scope().node(), workload.name().to_owned())));
            board.is_on
        });
        if is_on {
            draw(workload.scope(), namespace.name(), workload.name());
        }
    }
}

/// Defines the dashboards of a namespace when the program enables the scraping of its proxies.
pub(super) fn begin(namespace: &Namespace) {
    let mut waiting = namespace.scope().keep(|board: &mut Board| {
        board.is_on = true;
        std::mem::take(&mut board.waiting)
    });
    waiting.sort();
    waiting.dedup();
    for (node, name) in waiting {
        draw(&namespace.scope().at_node(node), namespace.name(), &name);
    }
}

fn draw(workload: &Scope, namespace: &str, name: &str) {
    let graphs = workload.keep(|calls: &mut Calls| {
        let mut graphs = graphs(&calls.from, "caller", |it| &it.caller, "source_workload");
        graphs.extend(self::graphs(&calls.to, "callee", |it| &it.callee, "destination_service_name"));
        graphs
    });
    let title = format!("{namespace} / {name}: calls");
    match workload.child("dashboard-calls") {
        Some(board) => dashboard::redraw(&board, workload, &format!("{name}-calls"), &title, &graphs),
        None => {
            let board = dashboard::define(workload, "dashboard-calls", &format!("{name}-calls"), &title, &graphs);
            labels::add(&board, name);
        }
    }
}

/// Returns the graphs for the callers or for the callees, with one query for each call or one query for all calls.
fn graphs(calls: &[Call], side: &str, name: impl Fn(&Call) -> &String, label: &'static str) -> Vec<Graph> {
    let of = |is_tcp: bool| calls.iter().filter(move |it| (it.protocol == Protocol::Tcp) == is_tcp);
    let lines = |is_tcp: bool, query: &dyn Fn(&Call) -> Vector, all: &dyn Fn(&Call) -> Vector| match of(is_tcp).count()
    {
        n if n > MANY => of(is_tcp).take(1).map(|call| (format!("{{{{{label}}}}}"), all(call))).collect(),
        _ => of(is_tcp).map(|call| (name(call).clone(), query(call))).collect::<Vec<_>>(),
    };
    // Selects all calls to the callee or all calls of the caller.
    let common = |series: Series, call: &Call| match side {
        "caller" => at_callee(series, call),
        _ => series.with("source_principal", &call.principal),
    };
    let one = |series: Series, call: &Call| at_callee(series, call).with("source_principal", &call.principal);
    let rate = |series: Series| series.rate(WINDOW).sum();
    let rates = |series: Series| series.rate(WINDOW).sum_by(&[label]);
    let graph = |title: String, unit, lines| Graph { title, unit, lines, limit: None };
    let graphs = [
        graph(
            format!("Requests by {side}"),
            "reqps",
            lines(false, &|it| rate(one(load::all_requests(), it)), &|it| rates(common(load::all_requests(), it))),
        ),
        graph(
            format!("Share of faults by {side}"),
            "percentunit",
            lines(
                false,
                &|it| {
                    let requests = one(load::all_requests(), it);
                    rate(faults(requests.clone(), it.protocol)).or_zero() / rate(requests)
                },
                &|it| {
                    let requests = common(load::all_requests(), it);
                    rates(faults(requests.clone(), it.protocol)) / rates(requests)
                },
            ),
        ),
        graph(
            format!("P95 latency by {side}"),
            "ms",
            lines(false, &|it| one(load::all_latencies(), it).rate(WINDOW).sum_by(&["le"]).percentile(95), &|it| {
                common(load::all_latencies(), it).rate(WINDOW).sum_by(&["le", label]).percentile(95)
            }),
        ),
        graph(
            format!("Connections opened by {side}"),
            "cps",
            lines(true, &|it| rate(one(load::connections(), it)), &|it| rates(common(load::connections(), it))),
        ),
    ];
    graphs.into_iter().filter(|graph| !graph.lines.is_empty()).collect()
}

fn at_callee(series: Series, call: &Call) -> Series {
    series.with("destination_service_namespace", &call.namespace).with("destination_service_name", &call.service)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::mesh::addons::Prometheus;
    use crate::mesh::{Protocol, Workload, WorkloadProps};
    use crate::testing::{Platform, mesh_workload};

    /// Returns the panels of a workload's calls: the title, and the legend and query of each line.
    fn panels(platform: &Platform, name: &str) -> Vec<(String, Vec<(String, String)>)> {
        let map = platform.object("ConfigMap", &format!("{name}-calls"));
        let text = &map.object["data"][format!("{name}-calls.json")];
        let model: Value = serde_json::from_str(text.as_str().expect("it is text")).expect("it is JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let line = |target: &Value| (text(&target["legendFormat"]), text(&target["expr"]));
        list(&model["panels"])
            .iter()
            .map(|panel| (text(&panel["title"]), list(&panel["targets"]).iter().map(line).collect()))
            .collect()
    }

    /// Defines `stock` with callers. Enables the scraping of proxies after the first `after` callers are defined.
    fn platform(n_callers: usize, protocol: Protocol, after: usize) -> Platform {
        Platform::synth("shop", |app| {
            let web = mesh_workload(app);
            let (shop, cluster) = (web.namespace().clone(), web.namespace().cluster().clone());
            let prometheus = Prometheus::new(&cluster, "prometheus", &cluster, Default::default());
            let props = WorkloadProps { protocol, ..Default::default() };
            let stock = Workload::new(&shop, "stock", "registry.example/stock:1.0.0", props);
            for idx in 0..n_callers {
                if idx == after {
                    shop.scrape_proxies(&prometheus);
                }
                let caller = Workload::new(&shop, &format!("c{idx}"), "registry.example/c:1.0.0", Default::default());
                caller.calls(&stock).calls(&stock);
            }
            shop.scrape_proxies(&prometheus);
        })
    }

    #[test]
    fn shows_call_on_dashboards_of_both_workloads() {
        for after in [0, 1, 2] {
            let platform = platform(2, Protocol::Http, after);
            let (of_callee, of_caller) = (panels(&platform, "stock"), panels(&platform, "c1"));
            let titles = |panels: &[(String, Vec<_>)]| panels.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
            assert_eq!(
                titles(&of_callee),
                ["Requests by caller", "Share of faults by caller", "P95 latency by caller"]
            );
            assert_eq!(
                titles(&of_caller),
                ["Requests by callee", "Share of faults by callee", "P95 latency by callee"]
            );
            assert_eq!(of_callee[0].1.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), ["c0", "c1"]);
            assert_eq!(
                of_caller[0].1,
                [(
                    "stock".to_owned(),
                    "sum(rate(istio_requests_total{reporter=~\"destination|waypoint\",\
                     destination_service_namespace=\"shop\",destination_service_name=\"stock\",\
                     source_principal=\"spiffe://cluster.local/ns/shop/sa/c1\"}[5m]))"
                        .to_owned()
                )]
            );
        }
    }

    #[test]
    fn shows_tcp_connections_and_combines_many_callers_in_one_query() {
        let found = panels(&platform(2, Protocol::Tcp, 0), "stock");
        assert_eq!(found[0].0, "Connections opened by caller");
        assert!(found.len() == 1 && found[0].1[0].1.contains("istio_tcp_connections_opened_total"), "{found:?}");
        let found = panels(&platform(21, Protocol::Http, 3), "stock");
        assert_eq!(found[0].1.len(), 1);
        let (legend, query) = &found[0].1[0];
        assert!(legend == "{{source_workload}}" && query.starts_with("sum by (source_workload) (rate("), "{query}");
    }
}
