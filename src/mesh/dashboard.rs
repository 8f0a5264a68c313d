//! Grafana dashboards, as `ConfigMap`s that the sidecar of Grafana discovers by their label.

use crate::kube::core;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Val, Value};

use super::promql::Vector;

/// The label by which Grafana discovers dashboards.
pub(super) const LABEL: (&str, &str) = ("grafana_dashboard", "1");

/// A graph on a dashboard.
pub(super) struct Graph {
    pub title: String,
    /// The unit in Grafana's notation, such as `reqps`, `ms`, `percentunit`.
    pub unit: &'static str,
    /// Pairs of legend and query.
    pub lines: Vec<(String, Vector)>,
    /// A threshold for the values.
    pub limit: Option<f64>,
}

/// Defines a dashboard. Its URL is derived from its name, and does not change when graphs are added.
#[track_caller]
pub(super) fn define(scope: &Scope, id: &str, name: &str, title: &str, graphs: &[Graph]) -> Scope {
    let map = core::ConfigMap::new().data([(format!("{name}.json"), model(scope, title, graphs))]);
    let map = map.define(scope, id, name);
    map.label(LABEL.0, LABEL.1);
    map.scope().clone()
}

/// Replaces the graphs of a dashboard.
pub(super) fn redraw(map: &Scope, scope: &Scope, name: &str, title: &str, graphs: &[Graph]) {
    let model = model(scope, title, graphs).into_data();
    map.change(|node| {
        if let Some(body) = node.kind.body_mut() {
            *body.place("data") = Data::Map(Bag::default().with(format!("{name}.json"), model));
        }
    });
}

fn model(scope: &Scope, title: &str, graphs: &[Graph]) -> Val<String> {
    let panels: Vec<Data> = graphs.iter().enumerate().map(|(idx, graph)| panel(idx, graph).into()).collect();
    let model = Bag::default()
        .with("uid", crate::name::hash8(&scope.path()))
        .with("title", title.to_owned())
        .with("tags", vec!["meshsynth"])
        .with("schemaVersion", 39)
        .with("timezone", "utc")
        .with("refresh", "1m")
        .with("time", Bag::default().with("from", "now-6h").with("to", "now"))
        .with("panels", panels);
    Data::Map(model).to_json()
}

/// Returns a panel. Panels are placed in two columns, in their order.
fn panel(idx: usize, graph: &Graph) -> Bag {
    let at = Bag::default().with("x", (idx % 2 * 12) as i64).with("y", (idx / 2 * 8) as i64).with("w", 12).with("h", 8);
    let mut defaults = Bag::default().with("unit", graph.unit).with("min", 0);
    if let Some(limit) = graph.limit {
        let step = |color: &'static str, value: Data| Bag::default().with("color", color).with("value", value);
        let steps = vec![step("green", Data::Null), step("red", Data::Float(limit))];
        defaults.set("thresholds", Bag::default().with("mode", "absolute").with("steps", steps));
        let style = Bag::default().with("thresholdsStyle", Bag::default().with("mode", "line"));
        defaults.set("custom", style);
    }
    let target = |(line, (legend, query)): (usize, &(String, Vector))| {
        Bag::default()
            .with("refId", format!("{}", (b'A' + line as u8) as char))
            .with("expr", query.to_string())
            .with("legendFormat", legend.clone())
    };
    Bag::default()
        .with("id", idx as i64 + 1)
        .with("type", "timeseries")
        .with("title", graph.title.clone())
        .with("gridPos", at)
        .with("datasource", Bag::default().with("type", "prometheus").with("uid", "prometheus"))
        .with("fieldConfig", Bag::default().with("defaults", defaults).with("overrides", Data::List(Vec::new())))
        .with("targets", graph.lines.iter().enumerate().map(target).map(Data::from).collect::<Vec<_>>())
}
