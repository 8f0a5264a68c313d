//! Listeners of application load balancers, and the routes behind them.

use crate::Resource;
use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::listener::{
    self, Action, FixedResponseConfig, Protocol, RedirectConfig, StatusCode,
};
use crate::cfn::elasticloadbalancingv2::listener_rule::{
    self, HostHeaderConfig, HttpHeaderConfig, PathPatternConfig, RuleCondition,
};
use crate::tree::Scope;
use crate::val::{Data, Val};

use super::certificate::Certificate;
use super::origin_header::OriginHeader;
use super::target_group::TargetGroup;

/// A policy for TLS 1.2 and 1.3, only with forward-secrecy ciphers.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
pub(super) const TLS: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The requests that a route matches. If both hosts and paths are set, a request must match both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The host names, in which `*` and `?` are wildcards. Default: every host.
    pub hosts: Vec<String>,
    /// The paths, in which `*` and `?` are wildcards. Default: every path.
    pub paths: Vec<String>,
}

impl Route {
    /// Matches requests for these paths.
    pub fn paths<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Restricts the route to this host.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.hosts.push(host.to_owned());
        self
    }
}

/// Defines the listener on port 443. The default response is 404. If the origin header is required, the default
/// response is 403. The rule that is evaluated last then returns 404 for requests with the header.
pub(super) fn https(
    scope: &Scope,
    balancer: &Resource<elb::LoadBalancer>,
    certificate: &Certificate,
    header: Option<&OriginHeader>,
) -> Resource<elb::Listener> {
    let (status, message) = if header.is_some() { ("403", "forbidden") } else { NOT_FOUND };
    let nothing = FixedResponseConfig::new(status).content_type("text/plain").message_body(message);
    let nothing = Action::new(listener::Type::FixedResponse).fixed_response_config(nothing);
    let listener = elb::Listener::new([nothing], balancer.load_balancer_arn())
        .port(443)
        .protocol(Protocol::Https)
        .ssl_policy(TLS)
        .certificates([listener::Certificate::new().certificate_arn(certificate.arn().into_text())])
        .define(scope, "https");
    if header.is_some() {
        let (status, message) = NOT_FOUND;
        let nothing = listener_rule::FixedResponseConfig::new(status).content_type("text/plain").message_body(message);
        let nothing = listener_rule::Action::new(listener_rule::Type::FixedResponse).fixed_response_config(nothing);
        rule(scope, &listener.listener_arn(), LAST, conditions(&Route::default(), header), nothing);
    }
    listener
}

const NOT_FOUND: (&str, &str) = ("404", "not found");

/// The highest priority number that a rule can have.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html>
const LAST: u16 = 50_000;

/// Defines the listener on port 80, which redirects all requests to port 443.
pub(super) fn redirect(scope: &Scope, balancer: &Resource<elb::LoadBalancer>) {
    let to_tls = RedirectConfig::new(StatusCode::Http301).protocol("HTTPS").port("443");
    let to_tls = Action::new(listener::Type::Redirect).redirect_config(to_tls);
    elb::Listener::new([to_tls], balancer.load_balancer_arn()).port(80).protocol(Protocol::Http).define(scope, "http");
}

/// Returns an action that forwards requests to a target group.
pub(super) fn forward(to: &TargetGroup) -> listener_rule::Action {
    listener_rule::Action::new(listener_rule::Type::Forward).target_group_arn(to.arn())
}

/// Returns the conditions of a route, including the origin header if only one distribution may connect.
pub(super) fn conditions(route: &Route, header: Option<&OriginHeader>) -> Vec<RuleCondition> {
    let mut conditions = Vec::new();
    if let Some(header) = header {
        let values: Vec<Data> = header.accepted().into_iter().map(Data::from).collect();
        let config = HttpHeaderConfig::new().http_header_name(header.name()).raw("Values", values);
        conditions.push(RuleCondition::new().field("http-header").http_header_config(config));
    }
    if !route.hosts.is_empty() {
        let hosts = HostHeaderConfig::new().values(&route.hosts);
        conditions.push(RuleCondition::new().field("host-header").host_header_config(hosts));
    }
    if !route.paths.is_empty() || conditions.is_empty() {
        let every = ["*".to_owned()];
        let paths = if route.paths.is_empty() { &every[..] } else { &route.paths };
        let paths = PathPatternConfig::new().values(paths);
        conditions.push(RuleCondition::new().field("path-pattern").path_pattern_config(paths));
    }
    conditions
}

/// Defines a rule that runs `action` for requests that match all conditions. Rules with lower priority numbers are
/// evaluated first.
pub(super) fn rule(
    scope: &Scope,
    listener: &Val<String>,
    priority: u16,
    conditions: Vec<RuleCondition>,
    action: listener_rule::Action,
) {
    elb::ListenerRule::new([action], conditions, priority)
        .listener_arn(listener)
        .define(scope, &format!("route-{priority}"));
}

/// The listener to which the routes of a bare load balancer are added.
#[derive(Default)]
pub(super) struct Listening {
    arn: Option<Val<String>>,
    is_tls: bool,
}

impl Listening {
    /// Adds a listener. The first TLS listener is kept, or the first listener if there is no TLS listener.
    pub fn add(&mut self, arn: Val<String>, is_tls: bool) {
        if self.arn.is_none() || is_tls && !self.is_tls {
            *self = Self { arn: Some(arn), is_tls };
        }
    }

    /// Returns the ARN of the listener, or `None` if there is none.
    pub fn arn(&self) -> Option<Val<String>> {
        self.arn.clone()
    }
}
