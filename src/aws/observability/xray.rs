//! AWS X-Ray groups and sampling rules, and the permission to send traces.

use crate::Resource;
use crate::aws::iam::{Grantee, Statement};
use crate::cfn::xray;
use crate::cfn::xray::group::InsightsConfiguration;
use crate::cfn::xray::sampling_rule::SamplingRuleProperty;
use crate::name;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// Properties of a [`SamplingRule`].
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingRuleProps {
    /// The priority of the rule, from 1 to 9999. Rules with smaller numbers are evaluated first.
    /// Default: 1000.
    pub priority: u16,
    /// The number of requests per second that are always traced. Default: 1.
    pub reservoir: u16,
    /// The fraction of the remaining requests that is traced, from 0 to 1. Default: 0.05.
    pub rate: f64,
    /// The service name, in which `*` and `?` are wildcards. Default: any.
    pub service: String,
    /// The path of the request. Default: any.
    pub path: String,
    /// The method of the request. Default: any.
    pub method: String,
}

impl Default for SamplingRuleProps {
    fn default() -> Self {
        let any = || "*".to_owned();
        Self { priority: 1000, reservoir: 1, rate: 0.05, service: any(), path: any(), method: any() }
    }
}

/// A sampling rule, which determines the share of requests that are traced.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, xray};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// xray::SamplingRule::new(&watch, "payments", xray::SamplingRuleProps {
///     service: "payment".into(),
///     rate: 0.5,
///     priority: 100,
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-xray-samplingrule.html>
#[derive(Clone)]
pub struct SamplingRule {
    scope: Scope,
}

impl SamplingRule {
    /// Defines a sampling rule, named `<app>-<id>`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: SamplingRuleProps) -> Self {
        let scope = scope.scope().construct(id);
        let rule = SamplingRuleProperty::new(
            props.rate,
            props.method,
            "*",
            props.priority,
            props.reservoir,
            "*",
            props.service,
            "*",
            props.path,
        );
        let rule = rule.rule_name(physical_name(&scope)).version(1);
        xray::SamplingRule::new().sampling_rule(rule).define(&scope, "resource");
        Self { scope }
    }
}

impl Construct for SamplingRule {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A group of the traces that match a filter. X-Ray provides separate metrics and insights for each group.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, xray};
/// # let app = App::new("shop");
/// # let watch = Stack::new(&app, "observability", Env::region("eu-west-1"));
/// xray::Group::new(&watch, "slow", "responsetime > 1");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-xray-group.html>
#[derive(Clone)]
pub struct Group {
    scope: Scope,
    group: Resource<xray::Group>,
}

impl Group {
    /// Defines a group of the traces that match `filter`, named `<app>-<id>`.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, filter: &str) -> Self {
        let scope = scope.scope().construct(id);
        let group = xray::Group::new(physical_name(&scope))
            .filter_expression(filter)
            .insights_configuration(InsightsConfiguration::new().insights_enabled(true).notifications_enabled(false))
            .define(&scope, "resource");
        Self { scope, group }
    }

    /// Returns the ARN of the group.
    pub fn arn(&self) -> Val<String> {
        self.group.group_arn()
    }
}

impl Construct for Group {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Lets the grantee send traces and read the sampling rules.
///
/// These actions do not support resources, except the actions that manage sampling rules.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html>
#[track_caller]
pub fn grant_write(grantee: &impl Grantee) {
    grantee.role().allow(
        Statement::allow(WRITE)
            .on_everything("https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html"),
    );
}

const WRITE: [&str; 5] = [
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// Returns the name of a rule or group, with at most 32 characters.
fn physical_name(scope: &Scope) -> String {
    name::fit(&format!("{}-{}", scope.app_name(), scope.id()).replace('.', "-"), 32)
}

#[cfg(test)]
mod tests {
    use super::{Group, SamplingRule, SamplingRuleProps, grant_write};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, codes, stack};

    #[test]
    fn sampling_rule_sets_rate() {
        let platform = Platform::synth("shop", |app| {
            let watch = stack(app, "watch");
            SamplingRule::new(&watch, "all", SamplingRuleProps { rate: 0.25, ..Default::default() });
            Group::new(&watch, "slow", "responsetime > 1");
        });
        let rule = &platform.resource("AWS::XRay::SamplingRule").props["SamplingRule"];
        assert_eq!((&rule["FixedRate"], &rule["RuleName"]), (&0.25.into(), &"shop-all".into()));
        assert_eq!(platform.resource("AWS::XRay::Group").props["GroupName"], "shop-slow");
    }

    #[test]
    fn accepts_wildcard_for_sending_traces() {
        assert_eq!(
            codes(|app| {
                let run = stack(app, "run");
                grant_write(&Role::new(&run, "role", Trust::Service("ec2.amazonaws.com"), RoleProps::default()));
            }),
            [""; 0]
        );
    }
}
