//! Bare log groups, each defined from a typed resource.

use super::LogGroup;
use crate::Resource;
use crate::cfn::logs;
use crate::tree::Construct;

impl LogGroup {
    /// Defines a bare log group. Without a retention, log events do not expire. It supports grants and can be a target
    /// like every log group.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, logs};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// let audit = logs::LogGroup::bare(&run, "audit", cfn::logs::LogGroup::new().retention_in_days(365));
    /// audit.resource().logical_id("Audit").retain();
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, group: logs::LogGroup) -> Self {
        let scope = scope.scope().construct(id);
        let group = group.define(&scope, "resource");
        Self { name: group.reference(), arn: group.arn(), scope, group: Some(group) }
    }

    /// Returns the resource of the log group, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<logs::LogGroup> {
        Resource::of(self, "resource")
    }
}
