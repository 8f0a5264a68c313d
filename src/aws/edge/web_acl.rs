//! AWS WAF web ACLs.

use crate::Resource;
use crate::aws::existing::ArnForm;
use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::cfn::wafv2;
use crate::cfn::wafv2::logging_configuration::{FieldToMatch, SingleHeader};
use crate::cfn::wafv2::web_acl::{
    self, AggregateKeyType, AllowAction, BlockAction, DefaultAction, ManagedRuleGroupStatement, OverrideAction,
    RateBasedStatement, Rule, RuleAction, Statement, Tag, VisibilityConfig,
};
use crate::kms::{Key, KeyProps};
use crate::name::{self, MOST_OF_ID};
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope as Place};
use crate::val::{Bag, Val};

use super::super::display_name;
use super::load_balancer::ApplicationLoadBalancer;

/// The resources that a web ACL can protect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Load balancers and APIs of the stack's region.
    #[default]
    Regional,
    /// CloudFront distributions. The ACL must be in us-east-1.
    CloudFront,
}

/// A managed rule group of AWS.
///
/// Source: <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleGroup {
    /// Common attacks on web applications.
    Common,
    /// Requests that are known to be invalid, or to exploit a vulnerability such as Log4Shell.
    KnownBadInputs,
    /// IP addresses that AWS has identified as sources of attacks.
    IpReputation,
    /// Proxies, relays and hosting providers, which hide the identity of the client.
    AnonymousIp,
    /// SQL injection in requests.
    SqlInjection,
    /// Attacks on Linux.
    Linux,
    /// Another managed rule group of AWS, by name.
    Other(String),
}

impl RuleGroup {
    fn name(&self) -> &str {
        match self {
            RuleGroup::Common => "AWSManagedRulesCommonRuleSet",
            RuleGroup::KnownBadInputs => "AWSManagedRulesKnownBadInputsRuleSet",
            RuleGroup::IpReputation => "AWSManagedRulesAmazonIpReputationList",
            RuleGroup::AnonymousIp => "AWSManagedRulesAnonymousIpList",
            RuleGroup::SqlInjection => "AWSManagedRulesSQLiRuleSet",
            RuleGroup::Linux => "AWSManagedRulesLinuxRuleSet",
            RuleGroup::Other(name) => name,
        }
    }
}

/// Properties of a [`WebAcl`].
#[derive(Clone)]
pub struct WebAclProps {
    /// The resources that the ACL can protect. Default: resources of the stack's region.
    pub scope: Scope,
    /// The rule groups in evaluation order. Default: IP reputation, known bad inputs, common, SQL injection.
    pub rule_groups: Vec<RuleGroup>,
    /// The maximum number of requests from one IP address in 5 minutes, from 10 to 2,000,000,000. Further requests are
    /// blocked. Default: 2,000.
    pub requests_per_5_minutes: Option<u32>,
    /// Days after which request logs are deleted. Default: 90.
    pub retention_days: u16,
    /// The key that encrypts the request logs. Default: a separate key.
    pub key: Option<Key>,
    /// The deletion policy of the log group. Default: the log group is kept.
    pub on_delete: OnDelete,
}

impl Default for WebAclProps {
    fn default() -> Self {
        use RuleGroup::*;
        Self {
            scope: Scope::Regional,
            rule_groups: vec![IpReputation, KnownBadInputs, Common, SqlInjection],
            requests_per_5_minutes: Some(2_000),
            retention_days: 90,
            key: None,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A web ACL: requests pass unless a rule blocks them.
///
/// The rate limit is evaluated before the rule groups. All requests are logged, without the headers `authorization` and
/// `cookie`. The name of the log group starts with `aws-waf-logs-`, as WAF requires.
///
/// # Diagnostics
///
/// - `MS0601`: the scope is `CloudFront` and the stack is not in us-east-1.
///
/// # Example
///
/// ```
/// # use meshsynth::{testing, wafv2, App};
/// # let app = App::new("shop");
/// # let edge = testing::stack(&app, "edge");
/// let firewall = wafv2::WebAcl::new(&edge, "firewall", wafv2::WebAclProps {
///     requests_per_5_minutes: Some(500),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-wafv2-webacl.html>
#[derive(Clone)]
pub struct WebAcl {
    scope: Place,
    arn: Val<String>,
}

/// A web ACL that exists already.
#[derive(Clone, Debug)]
pub struct ExistingWebAcl {
    /// Its ARN.
    pub arn: Val<String>,
}

impl ExistingWebAcl {
    /// Refers to a web ACL by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        Self { arn: Val::Known(arn.into()) }
    }
}

/// The ARN format of a web ACL. The ARN of a CloudFront ACL contains `global` instead of `regional`.
const FORM: ArnForm = ArnForm {
    what: "web ACL",
    service: "wafv2",
    resource: "",
    example: "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/company/1234abcd-12ab-34cd-56ef-1234567890ab",
};

impl WebAcl {
    /// Defines a web ACL.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: WebAclProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = name::fit(&name::dns_label(&display_name(&scope), 63), 100);
        let mut rules = Vec::new();
        if let Some(limit) = props.requests_per_5_minutes {
            let limit = RateBasedStatement::new(AggregateKeyType::Ip, limit).evaluation_window_sec(300);
            let statement = Statement::new().rate_based_statement(limit);
            let block = RuleAction::new().block(BlockAction::new());
            rules.push(Rule::new("rate-limit", 0, statement, metric("rate-limit")).action(block));
        }
        for group in &props.rule_groups {
            let statement = ManagedRuleGroupStatement::new(group.name(), "AWS");
            let statement = Statement::new().managed_rule_group_statement(statement);
            let rule = Rule::new(group.name(), rules.len() as i32, statement, metric(group.name()));
            rules.push(rule.override_action(OverrideAction::new().none(Bag::default())));
        }
        let place = match props.scope {
            Scope::Regional => web_acl::Scope::Regional,
            Scope::CloudFront => web_acl::Scope::Cloudfront,
        };
        let allow = DefaultAction::new().allow(AllowAction::new());
        let acl = wafv2::WebAcl::new(allow, place, metric(&name))
            .name(&name)
            .rules(rules)
            .tags([Tag::new().key("Name").value(display_name(&scope))])
            .define(&scope, "resource");
        log(&scope, &acl, &name, props);
        Self { arn: acl.arn(), scope }
    }

    /// Defines a bare web ACL, without a log or a key.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::wafv2::web_acl::{AllowAction, DefaultAction, Scope, VisibilityConfig};
    /// # use meshsynth::{testing, wafv2, App, cfn};
    /// # let app = App::new("shop");
    /// # let edge = testing::stack(&app, "edge");
    /// let allow = DefaultAction::new().allow(AllowAction::new());
    /// let firewall = cfn::wafv2::WebAcl::new(allow, Scope::Regional, VisibilityConfig::new(true, "firewall", true));
    /// let firewall = wafv2::WebAcl::bare(&edge, "firewall", firewall);
    /// firewall.resource().logical_id("Firewall");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, acl: wafv2::WebAcl) -> Self {
        let scope = scope.scope().construct(id);
        let acl = acl.define(&scope, "resource");
        Self { arn: acl.arn(), scope }
    }

    /// Returns the resource of the web ACL, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<wafv2::WebAcl> {
        Resource::of(self, "resource")
    }

    /// Adds a bare association of the ACL with a resource. [`WebAcl::protect`] associates a load balancer.
    #[track_caller]
    pub fn add_association(
        &self,
        id: &str,
        association: wafv2::WebAclAssociation,
    ) -> Resource<wafv2::WebAclAssociation> {
        association.define(self, id)
    }

    /// Adds a bare logging configuration to the ACL.
    #[track_caller]
    pub fn add_logging(&self, id: &str, logging: wafv2::LoggingConfiguration) -> Resource<wafv2::LoggingConfiguration> {
        logging.define(self, id)
    }

    /// Refers to an existing web ACL, for example an ACL that a security team manages. Its rules and its logs are not
    /// changed.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a web ACL.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{testing, wafv2, App};
    /// # let app = App::new("shop");
    /// # let edge = testing::stack(&app, "edge");
    /// let arn = "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/company/1234abcd-12ab-34cd-56ef-1234567890ab";
    /// let firewall = wafv2::WebAcl::import(&edge, "firewall", wafv2::ExistingWebAcl::arn(arn));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingWebAcl) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check_anywhere(&scope, &existing.arn);
        let arn = scope.read_here(existing.arn);
        Self { scope, arn }
    }

    /// Returns the ARN of the ACL.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Protects a load balancer of the same region. The association belongs to the ACL's stack.
    #[track_caller]
    pub fn protect(&self, balancer: &ApplicationLoadBalancer) -> &Self {
        let id = name::fit(&format!("before-{}", balancer.scope().path().replace('/', "-")), MOST_OF_ID);
        wafv2::WebAclAssociation::new(balancer.arn(), self.arn()).define(&self.scope, &id);
        self
    }
}

impl Construct for WebAcl {
    fn scope(&self) -> &Place {
        &self.scope
    }
}

fn metric(name: &str) -> VisibilityConfig {
    VisibilityConfig::new(true, name, true)
}

/// Logs requests without the headers that contain credentials.
///
/// Source: <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>
fn log(scope: &Place, acl: &Resource<wafv2::WebAcl>, name: &str, props: WebAclProps) {
    let key = props.key.unwrap_or_else(|| Key::new(scope, "key", KeyProps::default()));
    let group = LogGroup::new(
        scope,
        "log",
        LogGroupProps {
            name: Some(format!("aws-waf-logs-{name}")),
            retention_days: props.retention_days,
            key: Some(key),
            on_delete: props.on_delete,
        },
    );
    // WAF requires the ARN of the log group without the suffix `:*`.
    let arn =
        text!["arn:", scope.partition(), ":logs:", scope.region(), ":", scope.account(), ":log-group:", group.name()];
    let header = |name: &str| FieldToMatch::new().single_header(SingleHeader::new(name));
    wafv2::LoggingConfiguration::new([arn], acl.arn())
        .redacted_fields([header("authorization"), header("cookie")])
        .define(scope, "logging");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbv2::ExistingLoadBalancer;
    use crate::testing::{Platform, stack};

    #[test]
    fn rate_limit_precedes_rule_groups_and_log_group_name_has_waf_prefix() {
        let platform = Platform::synth("shop", |app| {
            WebAcl::new(&stack(app, "edge"), "firewall", WebAclProps::default());
        });
        let rules = platform.resource("AWS::WAFv2::WebACL").props["Rules"].as_array().cloned().unwrap_or_default();
        assert_eq!(rules[0]["Statement"]["RateBasedStatement"]["Limit"], 2_000);
        assert!(rules[0]["Action"]["Block"].is_object());
        let priorities: Vec<_> = rules.iter().map(|rule| rule["Priority"].as_i64().unwrap_or(-1)).collect();
        assert_eq!(priorities, [0, 1, 2, 3, 4]);
        let group = platform.resource("AWS::Logs::LogGroup");
        assert_eq!(group.props["LogGroupName"], "aws-waf-logs-shop-edge-firewall");
        let logging = platform.resource("AWS::WAFv2::LoggingConfiguration").props.to_string();
        assert!(!logging.contains(":*") && logging.contains("authorization"), "{logging}");
    }

    #[test]
    fn imported_acl_protects_load_balancer() {
        let arn = "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/company/1234abcd";
        let platform = Platform::synth("shop", |app| {
            let edge = stack(app, "edge");
            let vpc = crate::aws::Vpc::new(&edge, "vpc", Default::default());
            let place =
                "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/entry/50dc6c495c0c9188";
            let existing =
                ExistingLoadBalancer::new(place, "entry.example", "Z14GRHDCWA56QT", "sg-0123456789abcdef0", &vpc);
            let balancer = ApplicationLoadBalancer::import(&edge, "entry", existing);
            WebAcl::import(&edge, "firewall", ExistingWebAcl::arn(arn)).protect(&balancer);
        });
        assert!(platform.resources("AWS::WAFv2::WebACL").is_empty());
        assert_eq!(platform.resource("AWS::WAFv2::WebACLAssociation").props["WebACLArn"], arn);
        let found = crate::testing::codes(|app| {
            let edge = stack(app, "edge");
            let _ = crate::aws::Vpc::new(&edge, "vpc", Default::default());
            WebAcl::import(&edge, "firewall", ExistingWebAcl::arn("company"));
        });
        assert_eq!(found, ["MS0130"]);
    }
}
