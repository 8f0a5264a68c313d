//! The object with a workload's routes for callers inside the mesh.
//!
//! In sidecar mode, it is a `VirtualService`. In ambient mode, it is an `HTTPRoute` of the service, which the waypoint
//! reads. The support of waypoints for `VirtualService` is alpha in Istio. Therefore, a `VirtualService` is used in
//! ambient mode only for features that the Gateway API does not have.
//!
//! Source: <https://istio.io/latest/docs/ambient/migrate/migrate-policies/>

use crate::kube::istio::virtual_service;
use crate::kube::{self, gateway, istio};
use crate::node::Kind;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, Value};

use super::super::rollout::Release;
use super::super::{Mode, Protocol, Workload, labels};
use super::http_rules;
use super::routes::{Callee, Routes};

/// Returns the object, which is empty until the routes are written.
#[track_caller]
pub(super) fn object(workload: &Workload) -> Scope {
    workload.scope().singleton("routes for callers", || {
        let object = istio::VirtualService::new().define(workload.scope(), "routes", workload.name());
        labels::add(object.scope(), workload.name());
        object.scope().clone()
    })
}

/// Rewrites all routes. A changed route may need another kind of object.
pub(super) fn write(workload: &Workload, routes: &Routes) {
    let is_http_route = is_http_route(workload, routes);
    let spec = if is_http_route { http_route(workload, routes) } else { virtual_service(workload, routes) };
    object(workload).change(|node| {
        let Kind::Object(object) = &mut node.kind else { return };
        let (version, kind) =
            if is_http_route { words::<gateway::HttpRoute>() } else { words::<istio::VirtualService>() };
        object.api_version = version.into();
        object.kind = kind.into();
        *object.body.place("spec") = spec;
    });
}

fn words<T: kube::Kind>() -> (&'static str, &'static str) {
    (T::API_VERSION, T::KIND)
}

fn is_http_route(workload: &Workload, routes: &Routes) -> bool {
    let is_ambient = workload.namespace().mesh().is_some_and(|istio| istio.mode() == Mode::Ambient);
    let speaks_http = matches!(workload.protocol(), Protocol::Http | Protocol::Http2);
    // Argo Rollouts changes the weights of a `VirtualService`.
    let is_plain = !matches!(workload.props().release, Release::Canary(_)) && routes.callers.is_empty();
    let is_supported =
        || routes.some.iter().chain([&routes.rest]).all(|entry| http_rules::unsupported_feature(entry).is_none());
    is_ambient && speaks_http && is_plain && is_supported()
}

fn http_route(workload: &Workload, routes: &Routes) -> Data {
    let parent =
        gateway::http_route::ParentRef::new(workload.name()).group("").kind("Service").port(i64::from(workload.port()));
    let rules = http_rules::of(workload, routes, "/");
    gateway::http_route::Spec::new().parent_refs([parent]).rules(rules).into_data()
}

fn virtual_service(workload: &Workload, routes: &Routes) -> Data {
    let spec = virtual_service::Spec::new().hosts([workload.service_host()]).gateways(["mesh"]);
    let Data::Map(spec) = spec.into_data() else { return Data::Map(Bag::default()) };
    Data::Map(spec.with("http", Data::List(routes.inside(&Callee::of(workload)))))
}
