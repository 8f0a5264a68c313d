//! Bare backup plans and vaults, each defined from a typed resource.

use super::{Plan, Vault};
use crate::Resource;
use crate::cfn::backup;
use crate::tree::Construct;

impl Vault {
    /// Defines a bare vault, without a key or a lock.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, backup, cfn};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let vault = backup::Vault::bare(&data, "vault", cfn::backup::BackupVault::new("shop"));
    /// vault.resource().logical_id("Vault").retain();
    /// let plan = backup::PlanProps { vault: Some(vault), ..Default::default() };
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, vault: backup::BackupVault) -> Self {
        let scope = scope.scope().construct(id);
        let vault = vault.define(&scope, "resource");
        Self { scope, vault }
    }

    /// Returns the resource of the vault, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<backup::BackupVault> {
        Resource::of(self, "resource")
    }
}

impl Plan {
    /// Defines a bare plan. [`Plan::protect`] adds a selection to the plan, in addition to its existing selections.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::backup::backup_plan::{BackupPlanResourceType, BackupRuleResourceType};
    /// # use meshsynth::{App, Env, Stack, backup, cfn, s3};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let receipts = s3::Bucket::new(&data, "receipts", s3::BucketProps::default());
    /// let vault = backup::Vault::bare(&data, "vault", cfn::backup::BackupVault::new("shop"));
    /// vault.resource().logical_id("Vault").retain();
    /// let daily = BackupRuleResourceType::new("daily", vault.name()).schedule_expression("cron(0 3 * * ? *)");
    /// let plan = cfn::backup::BackupPlan::new(BackupPlanResourceType::new("shop", [daily]));
    /// let plan = backup::Plan::bare(&data, "plan", plan);
    /// plan.resource().logical_id("Plan");
    /// plan.protect(&receipts);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, plan: backup::BackupPlan) -> Self {
        let scope = scope.scope().construct(id);
        let plan = plan.define(&scope, "resource");
        Self { scope, vault: None, plan }
    }

    /// Returns the resource of the plan, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<backup::BackupPlan> {
        Resource::of(self, "resource")
    }

    /// Adds a bare selection to the plan.
    #[track_caller]
    pub fn add_selection(&self, id: &str, selection: backup::BackupSelection) -> Resource<backup::BackupSelection> {
        selection.define(self, id)
    }
}
