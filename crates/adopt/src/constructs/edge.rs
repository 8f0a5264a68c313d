//! Additional arguments of the constructor `bare` for load balancers, target groups, hosted zones and rules.

use super::network::known_text;
use super::resource::ResourceInput;
use crate::tree::{Expr, Literal};

/// Whether a load balancer is an application load balancer, which is the default.
pub(super) fn is_application(input: &ResourceInput<'_>) -> bool {
    input.props.get("Type").is_none_or(|it| known_text(input.template, it).as_deref() == Some("application"))
}

/// Whether a rule belongs to the default event bus, which is the default.
pub(super) fn is_of_default_bus(input: &ResourceInput<'_>) -> bool {
    input.props.get("EventBusName").is_none_or(|it| known_text(input.template, it).as_deref() == Some("default"))
}

/// Returns the target port of a target group with IP targets.
pub(super) fn target_port(input: &ResourceInput<'_>) -> Option<Expr> {
    let known = |key: &str| known_text(input.template, input.props.get(key)?);
    let port: u16 = known("Port")?.parse().ok()?;
    (known("TargetType")? == "ip").then(|| Expr::Literal(Literal::Int(port.into())))
}

/// Returns the domain of a hosted zone without the final dot, if it is known and the construct accepts it.
pub(super) fn domain(input: &ResourceInput<'_>) -> Option<String> {
    let name = known_text(input.template, input.props.get("Name")?)?;
    let domain = name.trim_end_matches('.');
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    domain.split('.').all(is_label).then(|| domain.to_owned())
}
