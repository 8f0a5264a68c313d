//! Log groups of CloudWatch.

use crate::Resource;
use crate::cfn;
use crate::kms::Key;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val};

/// Properties of a [`LogGroup`].
#[derive(Clone)]
pub struct LogGroupProps {
    /// Its name. Default: `/<app>/<path>`, which is known while the program runs.
    pub name: Option<String>,
    /// Days after which entries are deleted: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    /// 1096, 1827, 2192, 2557, 2922, 3288 or 3653. Default: 30.
    pub retention_days: u16,
    /// The key that encrypts the entries. Default: the service's own.
    pub key: Option<Key>,
    /// What happens to the entries when the group leaves the stack. Default: they are kept.
    pub on_delete: OnDelete,
}

impl Default for LogGroupProps {
    fn default() -> Self {
        Self { name: None, retention_days: 30, key: None, on_delete: OnDelete::Retain }
    }
}

/// A log group with a retention.
///
/// Logs are evidence, so the group is kept when it leaves the stack, until its
/// entries have expired. A kept group blocks a new one of the same name:
/// `OnDelete::Delete` suits environments that come and go.
///
/// # Diagnostics
///
/// - `MS0105`: CloudWatch Logs does not offer this retention.
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
    group: Resource<cfn::logs::LogGroup>,
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
        Self { scope, group }
    }

    /// The name of the log group.
    pub fn name(&self) -> Val<String> {
        self.group.reference().into()
    }

    /// The ARN of the log group, which ends with `:*`: all of its streams.
    pub fn arn(&self) -> Val<String> {
        self.group.arn()
    }

    pub(crate) fn resource(&self) -> &Resource<cfn::logs::LogGroup> {
        &self.group
    }
}

impl Construct for LogGroup {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Lets CloudWatch Logs use the key, for this group alone.
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
    let service = format!("logs.{}.amazonaws.com", scope.region());
    key.allow_service(service, [("ArnEquals", "kms:EncryptionContext:aws:logs:arn", Data::from(arn))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::KeyProps;
    use crate::testing::{Platform, codes, stack};

    #[test]
    fn the_key_admits_the_logs_service_for_this_group() {
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
    fn a_retention_that_is_not_offered_is_an_error() {
        assert_eq!(
            codes(|app| {
                let props = LogGroupProps { retention_days: 31, ..LogGroupProps::default() };
                LogGroup::new(&stack(app, "data"), "audit", props);
            }),
            ["MS0105"]
        );
    }
}
