//! Amazon Route 53 health checks.

use crate::aws::existing::NameForm;
use crate::cfn::route53;
use crate::cfn::route53::health_check::{HealthCheckConfig, HealthCheckTag, Type};
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{IntoVal, Val};

use super::super::display_name;

/// Properties of a [`HealthCheck`].
#[derive(Clone, Debug)]
pub struct HealthCheckProps {
    /// The TLS port. Default: 443.
    pub port: u16,
    /// The requested path. Default: `/`.
    pub path: String,
    /// The request interval of each checker: 10 or 30 seconds. It cannot be changed later. Default: 30
    /// seconds.
    pub interval: Duration,
    /// The number of consecutive results that change the health status, from 1 to 10. Default: 3.
    pub failures: u8,
}

impl Default for HealthCheckProps {
    fn default() -> Self {
        Self { port: 443, path: "/".to_owned(), interval: Duration::seconds(30), failures: 3 }
    }
}

/// A health check: Route 53 sends HTTPS requests to a host from checkers in several regions.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, route53};
/// # let app = App::new("shop");
/// # let edge = Stack::new(&app, "edge", Env::region("eu-west-1"));
/// let tokyo = route53::HealthCheck::new(&edge, "tokyo", "tokyo.shop.example.com", route53::HealthCheckProps {
///     path: "/readyz".to_owned(),
///     ..Default::default()
/// });
/// let record = route53::RecordProps { health_check: Some(tokyo), ..Default::default() };
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53-healthcheck.html>
#[derive(Clone)]
pub struct HealthCheck {
    scope: Scope,
    id: Val<String>,
}

/// The format of a health check ID.
const CHECK: NameForm =
    NameForm { what: "health check", marks: "-", longest: 64, example: "abcdef11-2222-3333-4444-555555fedcba" };

impl HealthCheck {
    /// Defines a health check of a public host.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, host: impl IntoVal<String>, props: HealthCheckProps) -> Self {
        let scope = scope.scope().construct(id);
        let config = HealthCheckConfig::new(Type::Https)
            .fully_qualified_domain_name(host.into_val())
            .port(props.port)
            .resource_path(props.path)
            .request_interval(props.interval.as_seconds() as i64)
            .failure_threshold(props.failures)
            .enable_sni(true);
        let check = route53::HealthCheck::new(config)
            .health_check_tags([HealthCheckTag::new("Name", display_name(&scope))])
            .define(&scope, "resource");
        Self { scope, id: check.health_check_id() }
    }

    /// Refers to an existing health check by its ID.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, route53};
    /// # let app = App::new("shop");
    /// # let edge = Stack::new(&app, "edge", Env::region("eu-west-1"));
    /// let tokyo = route53::HealthCheck::import(&edge, "tokyo", "abcdef11-2222-3333-4444-555555fedcba");
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: impl IntoVal<String>) -> Self {
        let scope = scope.scope().construct(id);
        let existing = existing.into_val();
        CHECK.check(&scope, &existing);
        let id = scope.read_here(existing);
        Self { scope, id }
    }

    /// Returns the ID that records refer to.
    pub fn health_check_id(&self) -> Val<String> {
        self.id.clone()
    }
}

impl Construct for HealthCheck {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};

    #[test]
    fn checks_host_over_https_with_sni() {
        let platform = Platform::synth("shop", |app| {
            let props = HealthCheckProps { path: "/readyz".to_owned(), failures: 2, ..Default::default() };
            HealthCheck::new(&stack(app, "edge"), "check", "tokyo.shop.example.com", props);
        });
        let config = &platform.resource("AWS::Route53::HealthCheck").props["HealthCheckConfig"];
        assert_eq!((config["Type"].as_str(), config["EnableSNI"].as_bool()), (Some("HTTPS"), Some(true)));
        assert_eq!(config["FullyQualifiedDomainName"], "tokyo.shop.example.com");
        assert_eq!((config["ResourcePath"].as_str(), config["FailureThreshold"].as_i64()), (Some("/readyz"), Some(2)));
    }
}
