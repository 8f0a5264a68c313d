//! Bare secrets, each defined from a typed resource.

use super::Secret;
use crate::Resource;
use crate::cfn::secretsmanager;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl Secret {
    /// Defines a bare secret, without a separate key. It has a value only if the typed resource specifies one.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, secrets};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let login = secrets::Secret::bare(&data, "login", cfn::secretsmanager::Secret::new().name("shop/login"));
    /// login.resource().logical_id("Login").retain();
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, secret: secretsmanager::Secret) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("secret"));
        let secret = secret.define(&scope, "resource");
        Self::of_resource(scope, &secret)
    }

    /// Returns the resource of the secret, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<secretsmanager::Secret> {
        Resource::of(self, "resource")
    }

    /// Adds a bare target attachment, which adds the host and the port of a database to the secret.
    #[track_caller]
    pub fn add_target_attachment(
        &self,
        id: &str,
        attachment: secretsmanager::SecretTargetAttachment,
    ) -> Resource<secretsmanager::SecretTargetAttachment> {
        attachment.define(self, id)
    }

    /// Adds a bare rotation schedule.
    #[track_caller]
    pub fn add_rotation_schedule(
        &self,
        id: &str,
        schedule: secretsmanager::RotationSchedule,
    ) -> Resource<secretsmanager::RotationSchedule> {
        schedule.define(self, id)
    }
}
