//! Routes: the versions that receive the requests to a workload, and the settings of these requests.

use crate::diag::Diagnostic;
use crate::kube::istio::virtual_service as l1;
use crate::tree::{At, Construct};
use crate::units::{Duration, Percent};
use crate::val::{Bag, Data};

use super::super::{Pods, Protocol, Workload};
use super::condition::Condition;
use super::inside;
use super::retries::{Cors, Retries};
use super::routes::{self, Callee, Entry, Routes};
use super::version::{Target, Version};

/// A route of a workload: conditions, destinations, and settings of requests.
///
/// Proxies evaluate routes in the order of the program. The first route whose conditions match receives the request.
/// All other requests use the default route, which is always last. A route without a destination sends requests to the
/// workload's own pods. Destinations are handles, so a route cannot refer to missing pods.
///
/// The same routes apply to callers inside the mesh and behind every gateway that exposes the workload.
///
/// # Diagnostics
///
/// - `MS1030`: the protocol of the workload is TCP, which has no requests.
/// - `MS1031`: the workload is not in a mesh.
/// - `MS1032`: two conditions of a route test the same part of a request.
/// - `MS1033`: a destination is a version of another workload.
/// - `MS1034`: a share is above 100 %.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, mesh, App, Duration, Percent};
/// # let app = App::new("shop");
/// # let api = testing::mesh_workload(&app);
/// use meshsynth::mesh::traffic::{Retries, header, uri, user_agent};
///
/// let v2 = api.version("v2", "registry.example/orders:2.0.0", Default::default());
/// let v3 = api.version("v3", "registry.example/orders:3.0.0-rc.1", Default::default());
/// api.route().when(header("user-type").exact("premium")).to(&v2, 90).to(&v3, 10);
/// api.route().when(uri().prefix("/reports")).when(user_agent().regex(".*Mobile.*")).to(&v3, 100);
/// api.default_route().to(&api, 98).to(&v2, 2).timeout(Duration::seconds(5)).retries(Retries::default());
/// ```
///
/// Source: <https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute>
#[derive(Clone)]
pub struct Route {
    workload: Workload,
    /// Its index among the routes with conditions, or `None` for the default route.
    idx: Option<usize>,
}

impl Workload {
    /// Implements [`Workload::route`].
    #[track_caller]
    pub(in crate::mesh) fn define_route(&self) -> Route {
        self.wants_requests("a route", At::caller());
        let idx = self.keep_routes(|routes| {
            routes.some.push(Entry { name: format!("route-{}", routes.some.len() + 1), ..Entry::default() });
            routes.some.len() - 1
        });
        Route { workload: self.clone(), idx: Some(idx) }
    }

    /// Implements [`Workload::default_route`].
    #[track_caller]
    pub(in crate::mesh) fn define_default_route(&self) -> Route {
        self.wants_requests("a route", At::caller());
        self.keep_routes(|_| ());
        Route { workload: self.clone(), idx: None }
    }

    /// Implements [`Workload::canary`].
    #[track_caller]
    pub(in crate::mesh) fn define_canary(&self, version: &Version, share: Percent) -> Route {
        let route = self.default_route();
        let share = route.share(share);
        route.change(|entry| entry.to.clear());
        route.to(self, 100 - u32::from(share.0)).to(version, u32::from(share.0))
    }

    /// Changes the stored routes and rewrites the objects.
    #[track_caller]
    pub(super) fn keep_routes<T>(&self, change: impl FnOnce(&mut Routes) -> T) -> T {
        self.needs_waypoint();
        // The object is defined here so that its source line is the line of the first route.
        inside::object(self);
        let changed = self.scope().keep(|routes: &mut Routes| {
            if routes.rest.name.is_empty() {
                routes.rest = Entry::rest();
            }
            change(routes)
        });
        let routes = self.routes();
        inside::write(self, &routes);
        for (host, path) in &routes.exposed {
            super::gateway::write(&self.scope().at_node(*host), path, self);
        }
        changed
    }

    /// Sends all requests of the default route to the subset `all`. The other subset has the weight 0. A controller
    /// changes the weights later.
    #[track_caller]
    pub(in crate::mesh) fn share_between(&self, all: &str, none: &str) -> crate::Scope {
        self.wants_requests("a canary", At::caller());
        self.keep_routes(|routes| routes.rest.to = vec![(Some(all.to_owned()), 100), (Some(none.to_owned()), 0)]);
        inside::object(self)
    }

    /// Returns the stored routes.
    pub(super) fn routes(&self) -> Routes {
        let mut routes = self.scope().keep(|routes: &mut Routes| routes.clone());
        if routes.rest.name.is_empty() {
            routes.rest = Entry::rest();
        }
        routes
    }
}

impl Pods {
    /// Reports a setting for HTTP requests on a workload with protocol TCP or without a proxy.
    pub(super) fn wants_requests(&self, what: &str, at: At) {
        self.wants_requests_at(self.protocol(), what, at);
    }

    /// Reports a setting for HTTP requests on a port whose protocol is TCP, or on a workload without a proxy.
    pub(super) fn wants_requests_at(&self, protocol: Protocol, what: &str, at: At) {
        if protocol == Protocol::Tcp {
            self.scope().report(
                Diagnostic::error("MS1030", format!("{what} applies only to HTTP requests, but the protocol of `{}` is TCP", self.name()))
                    .at(at)
                    .help("set the protocol of the workload with `protocol: Protocol::Http` (or `Http2`, `Grpc`), or remove the setting"),
            );
        }
        self.wants_mesh(what, at);
    }

    /// Reports a setting that needs a proxy on a workload without one.
    pub(super) fn wants_mesh(&self, what: &str, at: At) {
        self.namespace().wants_mesh(self.scope(), what, at);
    }
}

impl Route {
    /// Adds a condition, which must match in addition to the previous conditions.
    #[track_caller]
    pub fn when(self, condition: Condition) -> Self {
        let place = condition.place();
        let is_taken = self
            .read(|entry| entry.blocks.last().is_some_and(|block| block.iter().any(|known| known.place() == place)));
        if is_taken {
            self.workload.scope().report(
                Diagnostic::error("MS1032", format!("a route has two conditions on {place}, which cannot both be set"))
                    .at(At::caller())
                    .help("use one condition, or use `.or_when(..)` to match either of them"),
            );
            return self;
        }
        self.named_only(|route| {
            route.change(|entry| match entry.blocks.last_mut() {
                Some(block) => block.push(condition),
                None => entry.blocks.push(vec![condition]),
            });
        })
    }

    /// Adds an alternative: requests that match this condition also use the route, regardless of the previous
    /// conditions.
    #[track_caller]
    pub fn or_when(self, condition: Condition) -> Self {
        self.named_only(|route| route.change(|entry| entry.blocks.push(vec![condition])))
    }

    /// Sets the name of the route in access logs and rollouts. Default: `route-1` and so on, and `default` for the
    /// default route.
    #[track_caller]
    pub fn named(self, name: &str) -> Self {
        self.change(|entry| entry.name = name.to_owned());
        self
    }

    /// Sends this percentage of the requests to a version, or to the workload's own pods.
    #[track_caller]
    pub fn to(self, target: &impl Target, weight: u32) -> Self {
        let (workload, version) = (target.workload(), target.version());
        if workload.scope().node() != self.workload.scope().node() {
            let (name, other) = (self.workload.name(), workload.name());
            self.workload.scope().report(
                Diagnostic::error(
                    "MS1033",
                    format!("a route of `{name}` has the destination `{other}`, which is not a version of it"),
                )
                .at(At::caller())
                .help(format!("route to a version of `{name}`; use `calls` for calls to `{other}`")),
            );
            return self;
        }
        self.change(|entry| entry.to.push((version, weight)));
        self
    }

    /// Sets the maximum duration of a request, including its retries. Default: no limit.
    #[track_caller]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set("timeout", Data::from(crate::Val::<String>::from(timeout)))
    }

    /// Sets the retries of a request. Default: at most two retries, only if the request cannot have reached the callee.
    #[track_caller]
    pub fn retries(self, retries: Retries) -> Self {
        self.set("retries", retries.to_l1())
    }

    /// Sends a copy of a share of the requests to a version, and drops the responses.
    #[track_caller]
    pub fn mirror(self, version: &Version, share: Percent) -> Self {
        let share = self.share(share);
        if version.workload().scope().node() != self.workload.scope().node() {
            return self.to(version, 0);
        }
        let destination = Callee::of(&self.workload).destination(Some(version.name()));
        let percentage = l1::Percent::new().value(f64::from(share.0));
        self.set("mirror", destination).set("mirrorPercentage", percentage)
    }

    /// Delays a share of the requests, to test how callers handle delays.
    #[track_caller]
    pub fn delay(self, delay: Duration, share: Percent) -> Self {
        let percentage = l1::Percent::new().value(f64::from(self.share(share).0));
        let delay = l1::FaultDelay::new().fixed_delay(delay).percentage(percentage);
        self.fault("delay", delay)
    }

    /// Responds to a share of the requests with a status instead of forwarding them, to test how callers handle errors.
    #[track_caller]
    pub fn abort(self, status: u16, share: Percent) -> Self {
        let percentage = l1::Percent::new().value(f64::from(self.share(share).0));
        let abort = l1::FaultAbort::new().http_status(i64::from(status)).percentage(percentage);
        self.fault("abort", abort)
    }

    /// Replaces the first segments `from` of the path with `to`, such as `/api` with `/v2`.
    #[track_caller]
    pub fn rewrite(self, from: &str, to: &str) -> Self {
        self.set("rewrite", routes::rewritten(from, to))
    }

    /// Sets the cross-origin access (CORS) of web pages.
    #[track_caller]
    pub fn cors(self, cors: Cors) -> Self {
        self.set("corsPolicy", cors.to_l1())
    }

    /// Sets a header of the request before it is forwarded.
    #[track_caller]
    pub fn set_header(self, name: &str, value: &str) -> Self {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.change(|entry| map_at(&mut entry.settings, &["headers", "request", "set"]).set(name, value));
        self
    }

    fn fault(self, kind: &'static str, fault: impl Into<Data>) -> Self {
        self.change(|entry| map_at(&mut entry.settings, &["fault"]).set(kind, fault));
        self
    }

    fn set(self, key: &'static str, value: impl Into<Data>) -> Self {
        self.change(|entry| entry.settings.set(key, value));
        self
    }

    /// Returns a valid share, at most 100 %. Reports an invalid share.
    #[track_caller]
    fn share(&self, share: Percent) -> Percent {
        if share.0 > 100 {
            self.workload.scope().report(
                Diagnostic::error("MS1034", format!("the share is {} %; the maximum is 100 %", share.0))
                    .at(At::caller())
                    .help("use a share from 0 to 100"),
            );
        }
        Percent(share.0.min(100))
    }

    /// Reports a condition on the default route, which receives all remaining requests.
    #[track_caller]
    fn named_only(self, change: impl FnOnce(&Self)) -> Self {
        if self.idx.is_none() {
            self.workload.scope().report(
                Diagnostic::error("MS1032", "the default route has a condition, but must match all requests".to_owned()).at(At::caller()).help(
                    "define the condition in a new route with `route()`; the default route receives all requests that no other route matches",
                ),
            );
            return self;
        }
        change(&self);
        self
    }

    fn read<T>(&self, read: impl FnOnce(&Entry) -> T) -> T {
        let routes = self.workload.routes();
        read(self.idx.map_or(&routes.rest, |idx| &routes.some[idx]))
    }

    #[track_caller]
    fn change(&self, change: impl FnOnce(&mut Entry)) {
        self.workload.keep_routes(|routes| match self.idx {
            Some(idx) => change(&mut routes.some[idx]),
            None => change(&mut routes.rest),
        });
    }
}

/// The map at a path, created if absent. Keys may contain dots, so the path is a list.
fn map_at<'a>(bag: &'a mut Bag, path: &[&'static str]) -> &'a mut Bag {
    path.iter().fold(bag, |bag, key| {
        let place = bag.entry(*key);
        if !matches!(place, Data::Map(_)) {
            *place = Data::Map(Bag::default());
        }
        match place {
            Data::Map(map) => map,
            _ => unreachable!("the lines above have converted the value to a map"),
        }
    })
}
