//! Backup plans, in addition to the backups that each database creates.

use meshsynth::aws::backup::{Plan, PlanProps, Vault, VaultProps};
use meshsynth::{App, Stack};

use crate::Environment;
use crate::data::Data;

pub fn define(app: &App, env: &Environment, data: &Data) {
    let stack = Stack::new(app, "backup", env.place());
    stack.describe("Backups of the databases in a separate vault.");
    let vault = Vault::new(&stack, "vault", VaultProps { lock: env.backup_lock, ..Default::default() });
    let props = PlanProps { vault: Some(vault), rules: env.backups.clone() };
    let plan = Plan::new(&stack, "databases", props);
    for service in &data.services {
        plan.protect(&service.database);
    }
}
