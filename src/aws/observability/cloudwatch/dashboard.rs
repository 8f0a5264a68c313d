//! Dashboards of the platform's constructs.

use std::collections::BTreeSet;

use crate::Resource;
use crate::cfn::cloudwatch;
use crate::name;
use crate::node::EdgeKind;
use crate::tree::{Construct, NodeId, Scope};
use crate::units::Duration;
use crate::val::{Bag, Data, Val};

use super::{Metric, Monitored, Panel};

/// Properties of a [`Dashboard`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardProps {
    /// The name in CloudWatch. Default: `<app>-<id>`.
    pub name: Option<String>,
    /// The initial time range. Default: 3 hours.
    pub start: Duration,
}

impl Default for DashboardProps {
    fn default() -> Self {
        Self { name: None, start: Duration::hours(3) }
    }
}

/// A CloudWatch dashboard with a row for each workload and data store.
///
/// A row shows the construct, its declared relations (calls, connections and clients), and its metrics with their
/// limits. Define the dashboard last, because it shows only the relations that are already declared.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, cloudwatch, rds};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let orders = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
/// # let payments = rds::Database::new(&data, "payments-db", &vpc, rds::DatabaseProps::default());
/// cloudwatch::Dashboard::new(&data, "platform", &[&orders, &payments], Default::default());
/// ```
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>
#[derive(Clone)]
pub struct Dashboard {
    scope: Scope,
    dashboard: Resource<cloudwatch::Dashboard>,
}

impl Dashboard {
    /// Defines a dashboard with one row for each of these constructs, in this order.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, what: &[&dyn Monitored], props: DashboardProps) -> Self {
        let scope = scope.scope().construct(id);
        let default = || name::fit(&format!("{}-{}", scope.app_name(), scope.id()).replace('.', "-"), 255);
        let body = body(what, props.start);
        let dashboard = cloudwatch::Dashboard::new(body)
            .dashboard_name(props.name.unwrap_or_else(default))
            .define(&scope, "resource");
        Self { scope, dashboard }
    }

    /// Returns the name of the dashboard.
    pub fn name(&self) -> Val<String> {
        self.dashboard.reference()
    }
}

impl Construct for Dashboard {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// The width of a dashboard in grid columns.
const WIDTH: usize = 24;
const PANEL_WIDTH: usize = 6;
const PANEL_HEIGHT: usize = 5;
const HEADER_HEIGHT: usize = 2;

fn body(what: &[&dyn Monitored], start: Duration) -> Val<String> {
    let (mut widgets, mut y) = (Vec::new(), 0);
    for it in what {
        widgets.push(header(*it, y));
        y += HEADER_HEIGHT;
        let panels = it.panels();
        for (idx, panel) in panels.iter().enumerate() {
            let per_row = WIDTH / PANEL_WIDTH;
            let at = (idx % per_row * PANEL_WIDTH, y + idx / per_row * PANEL_HEIGHT);
            widgets.push(widget("metric", at, (PANEL_WIDTH, PANEL_HEIGHT), picture(panel, &it.scope().region())));
        }
        y += panels.len().div_ceil(WIDTH / PANEL_WIDTH) * PANEL_HEIGHT;
    }
    let start = format!("-PT{}M", start.as_seconds().div_ceil(60));
    Data::from(Bag::default().with("start", start).with("periodOverride", "inherit").with("widgets", widgets)).to_json()
}

fn widget(kind: &'static str, (x, y): (usize, usize), (width, height): (usize, usize), properties: Bag) -> Bag {
    Bag::default()
        .with("type", kind)
        .with("x", x as i64)
        .with("y", y as i64)
        .with("width", width as i64)
        .with("height", height as i64)
        .with("properties", properties)
}

fn picture(panel: &Panel, region: &str) -> Bag {
    let metrics: Vec<_> = panel.metrics.iter().map(line).collect();
    let mut picture = Bag::default()
        .with("title", panel.title.clone())
        .with("view", "timeSeries")
        .with("stacked", false)
        .with("region", region.to_owned())
        .with("metrics", metrics);
    if let Some(limit) = panel.limit {
        let line = Bag::default().with("label", "limit").with("value", limit.value());
        picture.set("annotations", Bag::default().with("horizontal", vec![line]));
    }
    picture
}

/// Returns a metric as an array: namespace, name, the names and values of its dimensions, and its
/// rendering properties.
fn line(metric: &Metric) -> Data {
    let mut line = vec![Data::from(metric.namespace.clone()), Data::from(metric.name.clone())];
    for (name, value) in &metric.dimensions {
        line.extend([Data::from(*name), Data::from(value.clone())]);
    }
    let mut drawn =
        Bag::default().with("stat", metric.statistic.word()).with("period", metric.period.as_seconds() as i64);
    if !metric.label.is_empty() {
        drawn.set("label", metric.label.clone());
    }
    line.push(Data::from(drawn));
    Data::List(line)
}

/// Returns the header of a row: the kind of construct, and its declared relations.
fn header(what: &dyn Monitored, y: usize) -> Bag {
    let scope = what.scope();
    let mut markdown = format!("## {}\n{}", scope.id(), what.kind());
    for (word, names) in relations(scope) {
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|name| format!("**{name}**")).collect();
            markdown += &format!(" · {word} {}", names.join(", "));
        }
    }
    widget("text", (0, y), (WIDTH, HEADER_HEIGHT), Bag::default().with("markdown", markdown))
}

/// Returns the names of the constructs that have an edge to or from a construct, by kind of relation.
fn relations(scope: &Scope) -> [(&'static str, BTreeSet<String>); 4] {
    let node = scope.node();
    scope.read(|tree| {
        let name = |id: NodeId| tree.nodes[id].id.to_string();
        let to =
            |kind| tree.edges.iter().filter(|it| it.from == node && it.kind == kind).map(|it| name(it.to)).collect();
        let from =
            |kind| tree.edges.iter().filter(|it| it.to == node && it.kind == kind).map(|it| name(it.from)).collect();
        [
            ("calls", to(EdgeKind::Call)),
            ("connects to", to(EdgeKind::Data)),
            ("called by", from(EdgeKind::Call)),
            ("serves", from(EdgeKind::Data)),
        ]
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Dashboard, DashboardProps};
    use crate::mesh::{Workload, WorkloadProps};
    use crate::testing::{Platform, namespace, stack};
    use crate::{aws, rds};

    /// Returns the dashboard body. Deferred values are replaced by test values.
    fn body(platform: &Platform) -> Value {
        let body = &platform.resource("AWS::CloudWatch::Dashboard").props["DashboardBody"];
        let text = body["Fn::Sub"][0].as_str().or(body["Fn::Sub"].as_str()).or(body.as_str());
        serde_json::from_str(text.expect("it is text")).expect("it is JSON")
    }

    #[test]
    fn row_shows_metrics_and_relations() {
        let platform = Platform::synth("shop", |app| {
            let shop = namespace(app);
            let workload = |name: &str| {
                Workload::new(&shop, name, format!("registry.example/{name}:1.0.0"), WorkloadProps::default())
            };
            let (orders, payments) = (workload("orders"), workload("payments"));
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let db = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
            orders.calls(&payments);
            db.allow_from(&orders);
            let watch = stack(app, "watch");
            Dashboard::new(&watch, "platform", &[&orders, &payments, &db], DashboardProps::default());
        });
        let body = body(&platform);
        let widgets = body["widgets"].as_array().expect("a list");
        assert_eq!(widgets.len(), 3 * 5);
        let text = |idx: usize| widgets[idx]["properties"]["markdown"].as_str().unwrap_or_default();
        assert!(text(0).contains("calls **payments** · connects to **orders-db**"), "{}", text(0));
        assert!(text(5).contains("called by **orders**"), "{}", text(5));
        assert!(text(10).contains("serves **orders**"), "{}", text(10));
        let connections = &widgets[11]["properties"]["metrics"][0];
        assert_eq!(connections[0], "AWS/RDS");
        assert_eq!(connections[3], "${Value1}", "the dimension must be imported from the stack of the database");
    }

    #[test]
    fn rows_do_not_overlap() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let db = |id: &str| rds::Database::new(&data, id, &vpc, rds::DatabaseProps::default());
            Dashboard::new(&data, "platform", &[&db("a-db"), &db("b-db")], DashboardProps::default());
        });
        let body = body(&platform);
        let tops: Vec<_> = body["widgets"].as_array().into_iter().flatten().map(|it| it["y"].as_i64()).collect();
        assert_eq!(tops, [0, 2, 2, 2, 2, 7, 9, 9, 9, 9].map(Some));
    }
}
