//! CloudWatch Logs log groups.

mod bare;

use crate::Resource;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::policy::own_arn;
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn;
use crate::cfn::Attributed;
use crate::cfn::ids::LogGroupName;
use crate::diag::Diagnostic;
use crate::facts::regions::Partition;
use crate::kms::Key;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, Data, IntoVal, Val};

/// Properties of a [`LogGroup`].
#[derive(Clone)]
pub struct LogGroupProps {
    /// The name. Default: `/<app>/<path>`, which is known at synthesis.
    pub name: Option<String>,
    /// The retention in days: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
    /// 2192, 2557, 2922, 3288 or 3653. Default: 30.
    pub retention_days: u16,
    /// The key that encrypts the log events. Default: a key that the service owns.
    pub key: Option<Key>,
    /// The deletion policy of the log group. Default: the log group is kept.
    pub on_delete: OnDelete,
}

impl Default for LogGroupProps {
    fn default() -> Self {
        Self { name: None, retention_days: 30, key: None, on_delete: OnDelete::Retain }
    }
}

/// A log group with a retention period.
///
/// Logs are evidence. If the group is removed from the stack, CloudFormation keeps it. Its log events still expire. A
/// new group cannot use the name of a retained group, so use `OnDelete::Delete` in temporary environments.
///
/// # Diagnostics
///
/// - `MS0105`: CloudWatch Logs does not support this retention.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, logs};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "run", Env::region("eu-west-1"));
/// let audit = logs::LogGroup::new(&stack, "audit", logs::LogGroupProps {
///     retention_days: 365,
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html>
#[derive(Clone)]
pub struct LogGroup {
    scope: Scope,
    name: Val<LogGroupName>,
    arn: Val<String>,
    /// The resource of the group, or `None` if the group is imported.
    group: Option<Resource<cfn::logs::LogGroup>>,
}

impl LogGroup {
    /// Defines a log group.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: LogGroupProps) -> Self {
        let scope = scope.scope().construct(id);
        let name = props.name.unwrap_or_else(|| format!("/{}/{}", scope.app_name(), scope.path()));
        let mut group = cfn::logs::LogGroup::new().log_group_name(&name).retention_in_days(props.retention_days);
        if let Some(key) = &props.key {
            allow_logs(key, &scope, &name);
            group = group.kms_key_id(key.arn());
        }
        let group = group.define(&scope, "resource");
        group.on_delete(props.on_delete);
        Self { name: group.reference(), arn: group.arn(), scope, group: Some(group) }
    }

    /// Refers to an existing log group by its name, in the account and the region of the stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{cloudwatch, logs, testing, App};
    /// # let app = App::new("shop");
    /// # let watch = testing::stack(&app, "watch");
    /// let audit = logs::LogGroup::import(&watch, "audit", "/aws/cloudtrail/organization");
    /// ```
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the name of a log group.
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, name: impl IntoVal<String>) -> Self {
        let scope = scope.scope().construct(id);
        let name = scope.read_here(name.into_val());
        let is_valid = |c: char| c.is_ascii_alphanumeric() || "_-/.#".contains(c);
        if let Some(text) =
            name.known().filter(|text| text.is_empty() || text.len() > 512 || !text.chars().all(is_valid))
        {
            scope.report(
                Diagnostic::error("MS0130", format!("`{text}` is not a valid log group name"))
                    .help("use the name instead of the ARN, with letters, digits, `_`, `-`, `/`, `.` and `#`"),
            );
        }
        let place = text![":logs:", scope.region(), ":", scope.account(), ":log-group:", name.clone(), ":*"];
        let arn = text!["arn:", scope.partition(), place];
        let name = match name {
            Val::Known(name) => Val::Known(LogGroupName::new(name)),
            Val::Deferred(name) => Val::Deferred(name),
        };
        Self { arn, scope, name, group: None }
    }

    /// Returns the name of the log group.
    pub fn name(&self) -> Val<String> {
        self.name.clone().into()
    }

    /// Returns the name as a typed value for other resources.
    pub(crate) fn reference(&self) -> Val<LogGroupName> {
        self.name.clone()
    }

    /// Returns the ARN of the log group. It ends with `:*`, which includes all log streams.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Lets the grantee create log streams and write to them.
    #[track_caller]
    pub fn grant_write(&self, grantee: &impl Grantee) {
        grantee.role().grant(grantee, &self.scope, self.write());
    }

    fn write(&self) -> Statement {
        Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"]).on(self.arn())
    }

    /// Makes a resource depend on the log group, if the platform defines the group.
    pub(crate) fn before<T: Attributed>(&self, resource: &Resource<T>) {
        if let Some(group) = &self.group {
            resource.depends_on(group);
        }
    }
}

/// An EventBridge rule writes each event to a separate log stream.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-cloudwatchlogs-permissions>
impl Target for LogGroup {
    fn target_arn(&self) -> Val<String> {
        own_arn(&self.scope, "logs", text!["log-group:", self.name()])
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::LogGroup
    }

    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope> {
        let write = self.write();
        let services = vec![source.service, "delivery.logs.amazonaws.com"];
        let statement = write.into_data(Some(Bag::default().with("Service", services)));
        let document = Bag::default().with("Version", "2012-10-17").with("Statement", vec![statement]);
        let id = format!("policy-{}", source.service.replace('.', "-"));
        let policy = self.scope.singleton(id.clone(), || {
            let name = crate::name::fit(&format!("{}-{}", self.scope.path().replace('/', "-"), source.service), 200);
            let policy = cfn::logs::ResourcePolicy::new(Data::from(Data::Map(document).to_json()), name);
            policy.define(&self.scope, &id).scope().clone()
        });
        source.delivers_to(self);
        Some(policy)
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_write(grantee);
    }
}

impl Construct for LogGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Lets CloudWatch Logs use the key for only this log group.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
fn allow_logs(key: &Key, scope: &Scope, name: &str) {
    let arn = text![
        "arn:",
        scope.partition(),
        ":logs:",
        scope.region(),
        ":",
        scope.account(),
        ":log-group:",
        name.to_owned(),
    ];
    let region = scope.region();
    // Only the principal of CloudWatch Logs contains a region and a partition suffix.
    let service = format!("logs.{region}.{}", Partition::of(&region).dns_suffix);
    key.allow_service(service, [("ArnEquals", "kms:EncryptionContext:aws:logs:arn", Data::from(arn))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::KeyProps;
    use crate::testing::{Platform, codes, stack};

    #[test]
    fn key_policy_allows_logs_service_for_this_group() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Key::new(&data, "key", KeyProps::default());
            LogGroup::new(&data, "audit", LogGroupProps { key: Some(key), ..LogGroupProps::default() });
        });
        assert_eq!(platform.resource("AWS::Logs::LogGroup").props["LogGroupName"], "/shop/data/audit");
        let policy = platform.resource("AWS::KMS::Key").props["KeyPolicy"].to_string();
        assert!(policy.contains("log-group:/shop/data/audit"), "{policy}");
    }

    #[test]
    fn resource_policy_allows_event_rules() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let audit = LogGroup::new(&data, "audit", LogGroupProps::default());
            let bus = crate::events::Bus::new(&data, "shop", crate::events::BusProps::default());
            bus.add_rule("all", crate::events::Pattern::source(["shop.orders"])).add_target(&audit);
        });
        let policy = platform.resource("AWS::Logs::ResourcePolicy").props["PolicyDocument"].to_string();
        assert!(policy.contains("events.amazonaws.com") && policy.contains("logs:PutLogEvents"), "{policy}");
    }

    #[test]
    fn reports_unsupported_retention() {
        assert_eq!(
            codes(|app| {
                let props = LogGroupProps { retention_days: 31, ..LogGroupProps::default() };
                LogGroup::new(&stack(app, "data"), "audit", props);
            }),
            ["MS0105"]
        );
    }

    #[test]
    fn imports_log_group_by_name() {
        let platform = Platform::synth("shop", |app| {
            let watch = stack(app, "watch");
            let audit = LogGroup::import(&watch, "audit", "/aws/cloudtrail/organization");
            crate::ssm::Parameter::new(&watch, "arn", "audit-arn", audit.arn(), Default::default());
        });
        assert!(platform.resources("AWS::Logs::LogGroup").is_empty());
        let arn = platform.resource("AWS::SSM::Parameter").props["Value"].to_string();
        assert!(arn.contains(":log-group:/aws/cloudtrail/organization:*"), "{arn}");
    }

    #[test]
    fn reports_arn_instead_of_group_name() {
        let found = codes(|app| {
            let watch = stack(app, "watch");
            let arn = "arn:aws:logs:ap-northeast-1:111122223333:log-group:/shop/audit:*";
            let audit = LogGroup::import(&watch, "audit", arn);
            crate::ssm::Parameter::new(&watch, "name", "audit", audit.name(), Default::default());
        });
        assert_eq!(found, ["MS0130"]);
    }
}
