//! The stored routes of a workload, and their conversion to objects.
//!
//! A workload's routes are written to its own object, for callers inside the mesh, and to the object of each gateway
//! that exposes it. Both objects are derived from the stored routes, so their routes cannot differ.

use crate::kube::istio::virtual_service as l1;
use crate::tree::NodeId;
use crate::val::{Bag, Data};

use super::super::Workload;
use super::condition::{Condition, Field, Test, istio_match};

/// The routes of a workload.
#[derive(Clone, Default)]
pub(crate) struct Routes {
    /// The routes with conditions, in the order of the program.
    pub(super) some: Vec<Entry>,
    /// The default route.
    pub(super) rest: Entry,
    /// The settings of individual callers.
    pub(super) callers: Vec<CallerSettings>,
    /// The gateway paths whose requests the workload receives.
    pub(super) exposed: Vec<(NodeId, String)>,
}

/// One route.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub name: String,
    /// Alternative blocks, each with conditions that must all match. An empty list matches every request.
    pub blocks: Vec<Vec<Condition>>,
    /// Versions with their weights. `None` is the workload's own pods.
    pub to: Vec<(Option<String>, u32)>,
    /// All settings of the route, except its match and its destinations.
    pub settings: Bag,
}

/// The timeout and retries of one caller, for one port.
#[derive(Clone)]
pub(super) struct CallerSettings {
    pub port: u16,
    pub conditions: Vec<Condition>,
    pub name: String,
    pub settings: Bag,
}

/// The address of a workload in routes.
#[derive(Clone)]
pub(super) struct Callee {
    pub host: String,
    pub port: u16,
    /// The subset of the workload's own pods, if there are other subsets.
    pub stable: Option<&'static str>,
    /// Additional ports with requests, each with the name of its route.
    pub more: Vec<(String, u16)>,
}

/// The settings of the default route that apply to every port.
const FOR_EVERY_PORT: [&str; 2] = ["retries", "timeout"];

impl Callee {
    pub(super) fn of(workload: &Workload) -> Self {
        let stable = match workload.props().release.stable_subset() {
            Some(stable) => Some(stable),
            None => workload.has_versions().then_some(super::super::pods::STABLE),
        };
        let more = workload.more_request_ports().map(|it| (it.route_name(), it.port)).collect();
        Self { host: workload.service_host(), port: workload.port(), stable, more }
    }

    /// Returns the address of the same workload with another port.
    fn at(&self, port: u16) -> Self {
        Self { port, more: Vec::new(), ..self.clone() }
    }

    /// Returns the pods of a version.
    pub(super) fn destination(&self, version: Option<&str>) -> l1::Destination {
        let destination =
            l1::Destination::new(&self.host).port(l1::DestinationPort::new().number(i64::from(self.port)));
        match version.or(self.stable) {
            Some(subset) => destination.subset(subset.to_owned()),
            None => destination,
        }
    }
}

impl Routes {
    /// Returns the routes for callers inside the mesh, in the order of evaluation.
    ///
    /// A route without a port matches the requests of all ports. If the workload has several ports, each route matches
    /// one port.
    pub(super) fn inside(&self, callee: &Callee) -> Vec<Data> {
        let mut found = self.at_port(self.some.iter().chain([&self.rest]), callee);
        if callee.more.is_empty() {
            return found;
        }
        found.iter_mut().for_each(|route| name_port(route, callee.port));
        for (name, port) in &callee.more {
            let settings = self.rest.settings.iter().filter(|(key, _)| FOR_EVERY_PORT.contains(&&**key));
            let mut entry = Entry { name: name.clone(), to: self.rest.to.clone(), ..Entry::default() };
            settings.for_each(|(key, value)| entry.settings.set(key.to_owned(), value.clone()));
            let mut routes = self.at_port([&entry].into_iter(), &callee.at(*port));
            routes.iter_mut().for_each(|route| name_port(route, *port));
            found.append(&mut routes);
        }
        found
    }

    /// Returns the routes of one port. Each route follows the routes for individual callers with their own settings.
    fn at_port<'a>(&self, entries: impl Iterator<Item = &'a Entry>, callee: &Callee) -> Vec<Data> {
        let mut found = Vec::new();
        for entry in entries {
            for caller in self.callers.iter().filter(|it| it.port == callee.port) {
                let name = format!("{}-for-{}", entry.name, caller.name);
                let blocks = both(&entry.blocks, std::slice::from_ref(&caller.conditions));
                let settings = over(&entry.settings, &caller.settings);
                found.push(entry.written(name, &blocks, settings, callee));
            }
            found.push(entry.written(entry.name.clone(), &entry.blocks, entry.settings.clone(), callee));
        }
        found
    }

    /// Returns the routes for requests to a path of a gateway.
    pub(super) fn outside(&self, callee: &Callee, name: &str, path: &str, inner: Option<&str>) -> Vec<Data> {
        let mut found = Vec::new();
        for entry in self.some.iter().chain([&self.rest]) {
            let blocks = at_path(&entry.blocks, path, inner.unwrap_or(path));
            if blocks.is_empty() {
                continue;
            }
            let mut settings = entry.settings.clone();
            if let Some(inner) = inner {
                settings.set("rewrite", rewritten(path, inner));
            }
            found.push(entry.written(format!("{name}-{}", entry.name), &blocks, settings, callee));
        }
        found
    }
}

impl Entry {
    pub(super) fn rest() -> Self {
        Self { name: "default".to_owned(), ..Self::default() }
    }

    fn written(&self, name: String, blocks: &[Vec<Condition>], settings: Bag, callee: &Callee) -> Data {
        let mut route = settings.with("name", name);
        let matches: Vec<_> = blocks.iter().filter(|block| !block.is_empty()).map(|block| istio_match(block)).collect();
        if !matches.is_empty() && matches.len() == blocks.len() {
            route.set("match", matches);
        }
        let destinations: Vec<Data> = match &self.to[..] {
            [] => vec![l1::HttpRouteDestination::new(callee.destination(None)).into()],
            [(version, 100)] => vec![l1::HttpRouteDestination::new(callee.destination(version.as_deref())).into()],
            several => several.iter().map(|(version, weight)| weighted(callee, version.as_deref(), *weight)).collect(),
        };
        route.set("route", destinations);
        Data::Map(route)
    }
}

/// Restricts a route to the requests of one port.
fn name_port(route: &mut Data, port: u16) {
    let Data::Map(bag) = route else { return };
    match bag.get("match").cloned() {
        Some(Data::List(mut blocks)) => {
            for block in &mut blocks {
                if let Data::Map(block) = block {
                    block.set("port", port);
                }
            }
            bag.set("match", blocks);
        }
        _ => bag.set("match", vec![Bag::default().with("port", port)]),
    }
}

fn weighted(callee: &Callee, version: Option<&str>, weight: u32) -> Data {
    l1::HttpRouteDestination::new(callee.destination(version)).weight(i64::from(weight)).into()
}

/// Combines every block of one list with every block of the other list. An empty list matches every request.
fn both(one: &[Vec<Condition>], other: &[Vec<Condition>]) -> Vec<Vec<Condition>> {
    match (one.is_empty(), other.is_empty()) {
        (true, _) => other.to_vec(),
        (_, true) => one.to_vec(),
        _ => one.iter().flat_map(|a| other.iter().map(|b| [&a[..], &b[..]].concat())).collect(),
    }
}

/// Returns the settings of a route, overridden by the settings of a caller.
fn over(settings: &Bag, first: &Bag) -> Bag {
    let mut found = settings.clone();
    for (key, value) in first.iter() {
        found.set(key.to_owned(), value.clone());
    }
    found
}

/// Returns the blocks of a route for requests below a gateway path, which the workload receives below `inner`.
///
/// A block with a condition on a caller inside the mesh is omitted, because it cannot match requests of a gateway.
fn at_path(blocks: &[Vec<Condition>], path: &str, inner: &str) -> Vec<Vec<Condition>> {
    let below = below(path);
    if blocks.is_empty() {
        return below;
    }
    let mut found = Vec::new();
    for block in blocks {
        let is_inside = block.iter().any(|it| matches!(it.field, Field::Caller { .. }));
        let uri = block.iter().position(|it| it.field == Field::Uri);
        match uri {
            _ if is_inside => {}
            None => found.extend(below.iter().map(|at| [&at[..], &block[..]].concat())),
            Some(idx) => {
                if let Some(test) = moved(&block[idx].test, path, inner) {
                    let mut block = block.clone();
                    block[idx].test = test;
                    found.push(block);
                }
            }
        }
    }
    found
}

/// Returns conditions for a path and all paths below it.
pub(super) fn below(path: &str) -> Vec<Vec<Condition>> {
    let at = |test| vec![Condition { field: Field::Uri, test }];
    match path {
        "/" => vec![at(Test::Prefix("/".to_owned()))],
        path => vec![at(Test::Exact(path.to_owned())), at(Test::Prefix(format!("{path}/")))],
    }
}

/// Converts a path test of the workload to a test of the gateway's path.
fn moved(test: &Test, path: &str, inner: &str) -> Option<Test> {
    let outer = |text: &str| {
        let rest = text.strip_prefix(inner.trim_end_matches('/'))?;
        let path = path.trim_end_matches('/');
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{path}{rest}"))
    };
    match test {
        Test::Exact(text) => outer(text).map(Test::Exact),
        Test::Prefix(text) => outer(text).map(Test::Prefix),
        Test::Regex(_) if path == "/" && inner == "/" => Some(test.clone()),
        _ => None,
    }
}

/// Replaces the first segments of a path with `to`.
pub(super) fn rewritten(from: &str, to: &str) -> l1::HttpRewrite {
    let from = super::condition::escaped(from.trim_end_matches('/'));
    let (pattern, to) = match to.trim_end_matches('/') {
        // Adds a slash, because a path must not be empty.
        "" => (format!("^{from}(?:/|$)(.*)$"), "/\\1".to_owned()),
        // If no text follows the replaced segments, no slash is added.
        to => (format!("^{from}((?:/.*)?)$"), format!("{to}\\1")),
    };
    l1::HttpRewrite::new().uri_regex_rewrite(l1::RewriteUriRegexRewrite::new().match_(pattern).rewrite(to))
}

#[cfg(test)]
mod tests {
    use super::{Test, below, moved, rewritten};
    use crate::val::{Data, Value};

    #[test]
    fn path_does_not_match_longer_segment() {
        let tests: Vec<_> = below("/api/v1/orders").into_iter().map(|block| block[0].test.clone()).collect();
        assert_eq!(tests, [Test::Exact("/api/v1/orders".into()), Test::Prefix("/api/v1/orders/".into())]);
    }

    #[test]
    fn rewrites_path_without_adding_slash() {
        let of = |to: &str| {
            let bag = rewritten("/api/reviews", to).into_data();
            let text = |key: &str| bag.at(&format!("uriRegexRewrite.{key}")).map(Data::to_text).unwrap_or_default();
            (text("match"), text("rewrite"))
        };
        assert_eq!(of("/reviews"), ("^/api/reviews((?:/.*)?)$".to_owned(), "/reviews\\1".to_owned()));
        assert_eq!(of("/"), ("^/api/reviews(?:/|$)(.*)$".to_owned(), "/\\1".to_owned()));
    }

    #[test]
    fn converts_workload_path_to_path_below_gateway_path() {
        let admin = Test::Prefix("/admin".into());
        assert_eq!(moved(&admin, "/api/orders", "/"), Some(Test::Prefix("/api/orders/admin".into())));
        assert_eq!(moved(&admin, "/admin", "/admin"), Some(admin.clone()));
        assert_eq!(moved(&admin, "/api/orders", "/api/orders"), None);
    }
}
