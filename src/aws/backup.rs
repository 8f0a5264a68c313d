//! AWS Backup: vaults, plans, and the resources that they protect.

mod bare;

use super::data;
use super::iam::{Role, RoleProps};
use super::kms::Key;
use super::policy::trust_for_this_account;
use super::{dynamodb, efs, rds, s3};
use crate::Resource;
use crate::cfn::backup;
use crate::cfn::backup::backup_plan as plan;
use crate::cfn::backup::backup_selection::BackupSelectionResourceType;
use crate::cfn::backup::backup_vault::LockConfigurationType;
use crate::tree::{Construct, Scope};
use crate::val::{Data, IntoVal, Val};

/// A vault lock, which prevents the deletion of backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Keeps each backup for a minimum number of days. Principals that may change the vault can remove the lock.
    Governance {
        /// The minimum number of days that a backup is kept.
        min_retention_days: u16,
    },
    /// Keeps each backup for a minimum number of days. After the grace time, the lock cannot be removed, not even by
    /// AWS.
    Compliance {
        /// The minimum number of days that a backup is kept.
        min_retention_days: u16,
        /// The grace time in days, in which the lock can still be removed: 3 or more.
        changeable_for_days: u16,
    },
}

/// Properties of a [`Vault`].
#[derive(Clone, Default)]
pub struct VaultProps {
    /// The key that encrypts the backups. Default: a separate key.
    pub key: Option<Key>,
    /// The vault lock. Default: none.
    pub lock: Option<Lock>,
}

/// A backup vault. If the vault is removed from the stack, CloudFormation keeps the vault and its backups.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, backup};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let vault = backup::Vault::new(&data, "vault", backup::VaultProps::default());
/// let plan = backup::PlanProps { vault: Some(vault), ..Default::default() };
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-backup-backupvault.html>
#[derive(Clone)]
pub struct Vault {
    scope: Scope,
    vault: Resource<backup::BackupVault>,
}

impl Vault {
    /// Defines a vault.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: VaultProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let mut vault = backup::BackupVault::new(data::physical_name(&scope, 50)).encryption_key_arn(key.arn());
        vault = match props.lock {
            None => vault,
            Some(Lock::Governance { min_retention_days }) => {
                vault.lock_configuration(LockConfigurationType::new(min_retention_days))
            }
            Some(Lock::Compliance { min_retention_days, changeable_for_days }) => vault.lock_configuration(
                LockConfigurationType::new(min_retention_days).changeable_for_days(changeable_for_days),
            ),
        };
        let vault = vault.define(&scope, "resource");
        vault.retain();
        Self { scope, vault }
    }

    /// Returns the name of the vault.
    pub fn name(&self) -> Val<String> {
        self.vault.reference()
    }

    /// Returns the ARN of the vault.
    pub fn arn(&self) -> Val<String> {
        self.vault.backup_vault_arn()
    }
}

impl Construct for Vault {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A backup rule: a schedule and a retention.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The name of the rule, unique in the plan.
    pub name: String,
    /// The schedule as an AWS cron expression in UTC, such as `cron(0 5 * * ? *)`.
    pub schedule: String,
    /// The number of days after which AWS Backup deletes a backup.
    pub keep_days: u16,
    /// The number of days after which AWS Backup moves a backup to cold storage. The backup stays there for at least 90
    /// days. Default: backups are not moved.
    pub cold_after_days: Option<u16>,
    /// The ARNs of vaults in other regions or accounts that receive a copy. Default: none.
    pub copies: Vec<Val<String>>,
    /// Whether point-in-time recovery is available, for up to 35 days. Default: no.
    pub continuous: bool,
}

impl Rule {
    /// Creates a rule that runs each day at 05:00 UTC.
    pub fn daily(keep_days: u16) -> Self {
        Self::new("daily", "cron(0 5 * * ? *)", keep_days)
    }

    /// Creates a rule that runs each Sunday at 05:00 UTC.
    pub fn weekly(keep_days: u16) -> Self {
        Self::new("weekly", "cron(0 5 ? * SUN *)", keep_days)
    }

    /// Creates a rule that runs on the first day of each month at 05:00 UTC.
    pub fn monthly(keep_days: u16) -> Self {
        Self::new("monthly", "cron(0 5 1 * ? *)", keep_days)
    }

    /// Creates a rule with another schedule.
    pub fn new(name: &str, schedule: &str, keep_days: u16) -> Self {
        Self {
            name: name.to_owned(),
            schedule: schedule.to_owned(),
            keep_days,
            cold_after_days: None,
            copies: Vec::new(),
            continuous: false,
        }
    }

    fn declare(self, vault: &Vault) -> plan::BackupRuleResourceType {
        let mut lifecycle = plan::LifecycleResourceType::new().delete_after_days(u32::from(self.keep_days));
        if let Some(days) = self.cold_after_days {
            lifecycle = lifecycle.move_to_cold_storage_after_days(u32::from(days));
        }
        let copy = |arn: Val<String>| plan::CopyActionResourceType::new(arn).lifecycle(lifecycle.clone());
        let mut rule = plan::BackupRuleResourceType::new(self.name, vault.name())
            .schedule_expression(self.schedule)
            .start_window_minutes(60)
            .completion_window_minutes(360)
            .lifecycle(lifecycle.clone());
        if !self.copies.is_empty() {
            rule = rule.copy_actions(self.copies.into_iter().map(copy).collect::<Vec<_>>());
        }
        match self.continuous {
            true => rule.enable_continuous_backup(true),
            false => rule,
        }
    }
}

/// Properties of a [`Plan`].
#[derive(Clone)]
pub struct PlanProps {
    /// The vault that stores the backups. Default: a separate vault for the plan.
    pub vault: Option<Vault>,
    /// The backup rules. Default: daily backups that are kept for 35 days.
    pub rules: Vec<Rule>,
}

impl Default for PlanProps {
    fn default() -> Self {
        Self { vault: None, rules: vec![Rule::daily(35)] }
    }
}

/// A resource that AWS Backup can protect.
pub trait Protected: Construct {
    /// Returns its ARN.
    fn backup_arn(&self) -> Val<String>;

    /// Returns the additional managed policies that the backup role needs for this kind of resource.
    fn backup_policies(&self) -> &'static [&'static str] {
        &[]
    }
}

impl Protected for rds::Database {
    fn backup_arn(&self) -> Val<String> {
        self.arn()
    }
}

impl Protected for rds::Cluster {
    fn backup_arn(&self) -> Val<String> {
        self.arn()
    }
}

impl Protected for dynamodb::Table {
    fn backup_arn(&self) -> Val<String> {
        self.arn()
    }
}

impl Protected for efs::FileSystem {
    fn backup_arn(&self) -> Val<String> {
        self.arn()
    }
}

/// AWS Backup requires a versioned bucket. [`s3::Bucket`] is versioned by default.
impl Protected for s3::Bucket {
    fn backup_arn(&self) -> Val<String> {
        self.arn()
    }

    fn backup_policies(&self) -> &'static [&'static str] {
        &["AWSBackupServiceRolePolicyForS3Backup"]
    }
}

/// A backup plan and the resources that it protects: databases, tables, buckets and file systems.
///
/// AWS Backup [does not
/// support](https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetSupportedResourceTypes.html) OpenSearch
/// Service domains, Amazon MQ brokers, ElastiCache caches and MSK clusters. An OpenSearch Service domain keeps hourly
/// snapshots for 14 days, and an ElastiCache replication group keeps one daily snapshot. Amazon MQ and MSK replicate
/// data across zones, but make no backups.
///
/// # Diagnostics
///
/// - `MS0704`: the plan protects no resource.
/// - `MS0705`: a backup would be deleted before its 90 days in cold storage are over.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, backup, rds};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let orders = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
/// let plan = backup::Plan::new(&data, "backups", backup::PlanProps {
///     rules: vec![backup::Rule::daily(35), backup::Rule::monthly(365)],
///     ..Default::default()
/// });
/// plan.protect(&orders);
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-backup-backupplan.html>
#[derive(Clone)]
pub struct Plan {
    scope: Scope,
    vault: Option<Vault>,
    plan: Resource<backup::BackupPlan>,
}

impl Plan {
    /// Defines a plan.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: PlanProps) -> Self {
        let scope = scope.scope().construct(id);
        let vault = props.vault.unwrap_or_else(|| Vault::new(&scope, "vault", VaultProps::default()));
        let rules: Vec<_> = props.rules.into_iter().map(|rule| rule.declare(&vault)).collect();
        let name = data::physical_name(&scope, 50);
        let plan = backup::BackupPlan::new(plan::BackupPlanResourceType::new(name, rules)).define(&scope, "resource");
        Self { scope, vault: Some(vault), plan }
    }

    /// Returns the vault of the plan, or `None` for a bare plan. The rules of a bare plan can name several vaults.
    pub fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// Protects a data store.
    #[track_caller]
    pub fn protect(&self, what: &impl Protected) -> &Self {
        self.protect_arn(what.backup_arn());
        if let Some(role) = self.scope.child("role").and_then(|role| role.child("resource")) {
            for policy in what.backup_policies() {
                role.add("ManagedPolicyArns", managed(&self.scope, policy));
            }
        }
        self
    }

    /// Protects the resource with this ARN.
    #[track_caller]
    pub fn protect_arn(&self, arn: impl IntoVal<String>) -> &Self {
        let selection = self.scope.singleton("selection", || self.define_selection());
        selection.add("BackupSelection.Resources", Data::from(arn.into_val()));
        self
    }

    /// Defines the backup selection and the role that AWS Backup assumes. The role has an AWS managed policy, which
    /// covers the services that AWS Backup supports.
    ///
    /// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html>
    fn define_selection(&self) -> Scope {
        let props = RoleProps {
            description: format!("Backups of {}.", self.scope.path()),
            managed_policies: vec!["service-role/AWSBackupServiceRolePolicyForBackup"],
        };
        let trust = trust_for_this_account(&self.scope, "backup.amazonaws.com");
        let role = Role::new(&self.scope, "role", trust, props);
        let name = data::physical_name(&self.scope, 50);
        let selection = BackupSelectionResourceType::new(role.arn(), name).resources(Vec::<Val<String>>::new());
        let selection = backup::BackupSelection::new(self.plan.backup_plan_id(), selection);
        selection.define(&self.scope, "selection").scope().clone()
    }
}

impl Construct for Plan {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn managed(scope: &Scope, policy: &str) -> Val<String> {
    crate::text!["arn:", scope.partition(), format!(":iam::aws:policy/{policy}")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Platform, stack};
    use crate::{App, aws};

    fn platform(define: impl FnOnce(&App)) -> Platform {
        Platform::synth("shop", define)
    }

    #[test]
    fn protects_each_resource_once_in_an_encrypted_vault() {
        let platform = platform(|app| {
            let data = stack(app, "data");
            let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
            let db = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
            let files = s3::Bucket::new(&data, "files", s3::BucketProps::default());
            let plan = Plan::new(&stack(app, "backup"), "backups", PlanProps::default());
            plan.protect(&db).protect(&db).protect(&files);
        });
        let selection = &platform.resource("AWS::Backup::BackupSelection").props["BackupSelection"];
        assert_eq!(selection["Resources"].as_array().map(Vec::len), Some(2), "each once");
        let vault = platform.resource("AWS::Backup::BackupVault");
        assert!(vault.props["EncryptionKeyArn"].is_object());
        assert_eq!(vault.entry["UpdateReplacePolicy"], "Retain");
        let roles = platform.resources("AWS::IAM::Role");
        let role = roles.iter().find(|it| it.logical_id.starts_with("Backups")).expect("its role").props.to_string();
        assert!(role.contains("PolicyForBackup") && role.contains("ForS3Backup"), "{role}");
    }

    #[test]
    fn copies_have_the_lifecycle_of_their_rule() {
        let platform = platform(|app| {
            let copies = vec![Val::from("arn:aws:backup:us-west-2:111122223333:backup-vault:far")];
            let rule = Rule { cold_after_days: Some(30), copies, ..Rule::monthly(365) };
            let plan = Plan::new(&stack(app, "backup"), "b", PlanProps { rules: vec![rule], ..Default::default() });
            plan.protect_arn("arn:aws:dynamodb:ap-northeast-1:111122223333:table/carts");
        });
        let rule = &platform.resource("AWS::Backup::BackupPlan").props["BackupPlan"]["BackupPlanRule"][0];
        assert_eq!(rule["Lifecycle"]["DeleteAfterDays"], 365);
        assert_eq!(rule["CopyActions"][0]["Lifecycle"], rule["Lifecycle"]);
    }

    #[test]
    fn governance_lock_has_no_grace_period() {
        let platform = platform(|app| {
            let lock = Some(Lock::Governance { min_retention_days: 7 });
            Vault::new(&stack(app, "backup"), "vault", VaultProps { lock, ..Default::default() });
        });
        let lock = &platform.resource("AWS::Backup::BackupVault").props["LockConfiguration"];
        assert_eq!((&lock["MinRetentionDays"], lock.get("ChangeableForDays")), (&7.into(), None));
    }
}
