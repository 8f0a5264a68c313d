//! Listeners of application load balancers, and the routes behind them.

use crate::cfn::elasticloadbalancingv2 as elb;
use crate::cfn::elasticloadbalancingv2::listener::{
    self, Action, FixedResponseConfig, Protocol, RedirectConfig, StatusCode,
};
use crate::cfn::elasticloadbalancingv2::listener_rule::{self, HostHeaderConfig, PathPatternConfig, RuleCondition};
use crate::resource::Resource;
use crate::tree::Scope;
use crate::val::Val;

use super::certificate::Certificate;
use super::target_group::TargetGroup;

/// TLS 1.2 and 1.3, ciphers with forward secrecy alone.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
pub(super) const TLS: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Which requests a route wants. A request must fit both hosts and paths, where they are said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The hosts; `*` and `?` stand for any characters. Default: every host.
    pub hosts: Vec<String>,
    /// The paths; `*` and `?` stand for any characters. Default: every path.
    pub paths: Vec<String>,
}

impl Route {
    /// Requests for these paths.
    pub fn paths<P: Into<String>>(paths: impl IntoIterator<Item = P>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// The same, for this host alone.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.hosts.push(host.to_owned());
        self
    }
}

/// Listens on 443; what no route wants is not found.
pub(super) fn https(
    scope: &Scope,
    balancer: &Resource<elb::LoadBalancer>,
    certificate: &Certificate,
) -> Resource<elb::Listener> {
    let nothing = FixedResponseConfig::new("404").content_type("text/plain").message_body("not found");
    let nothing = Action::new(listener::Type::FixedResponse).fixed_response_config(nothing);
    elb::Listener::new([nothing], balancer.load_balancer_arn())
        .port(443)
        .protocol(Protocol::Https)
        .ssl_policy(TLS)
        .certificates([listener::Certificate::new().certificate_arn(certificate.arn().into_text())])
        .define(scope, "https")
}

/// Listens on 80 and sends everybody to 443.
pub(super) fn redirect(scope: &Scope, balancer: &Resource<elb::LoadBalancer>) {
    let to_tls = RedirectConfig::new(StatusCode::Http301).protocol("HTTPS").port("443");
    let to_tls = Action::new(listener::Type::Redirect).redirect_config(to_tls);
    elb::Listener::new([to_tls], balancer.load_balancer_arn()).port(80).protocol(Protocol::Http).define(scope, "http");
}

/// Sends what a route wants to a group.
pub(super) fn route(scope: &Scope, listener: &Resource<elb::Listener>, priority: u16, route: Route, to: &TargetGroup) {
    let mut conditions = Vec::new();
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
    let forward = listener_rule::Action::new(listener_rule::Type::Forward).target_group_arn(to.arn());
    let arn: Val<String> = listener.listener_arn();
    elb::ListenerRule::new([forward], conditions, priority)
        .listener_arn(arn)
        .define(scope, &format!("route-{priority}"));
}
