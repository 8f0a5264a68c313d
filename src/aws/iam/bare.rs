//! Bare roles, each defined from a typed resource.

use super::Role;
use crate::Resource;
use crate::cfn::iam;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{Bag, IntoVal};

impl Role {
    /// Defines a bare role with its own inline policies. Grants are a separate policy.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::val::Bag;
    /// # use meshsynth::{App, Env, Stack, cfn, iam};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let (trust, read) = (Bag::default(), Bag::default());
    /// let worker = iam::Role::bare(&run, "worker", cfn::iam::Role::new(trust).path("/service/"));
    /// worker.resource().logical_id("Worker");
    /// worker.add_policy("read", "read", read).logical_id("WorkerMayRead");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, role: iam::Role) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::quiet("role"));
        let role = role.define(&scope, "resource");
        Self::of(scope, &role)
    }

    /// Returns the resource of the role, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<iam::Role> {
        Resource::of(self, "resource")
    }

    /// Adds a policy with a name to the role, separate from the policy of its grants.
    #[track_caller]
    pub fn add_policy(&self, id: &str, name: impl IntoVal<String>, document: Bag) -> Resource<iam::RolePolicy> {
        iam::RolePolicy::new(name, self.name()).policy_document(document).define(self, id)
    }

    /// Adds a bare inline policy to the role: an `AWS::IAM::Policy` that refers to the role.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::val::Bag;
    /// # use meshsynth::{App, Env, Stack, cfn, iam};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let (trust, read) = (Bag::default(), Bag::default());
    /// let worker = iam::Role::bare(&run, "worker", cfn::iam::Role::new(trust));
    /// let policy = cfn::iam::Policy::new(read, "read").roles([worker.name()]);
    /// worker.add_inline_policy("read", policy).logical_id("WorkerDefaultPolicy");
    /// ```
    #[track_caller]
    pub fn add_inline_policy(&self, id: &str, policy: iam::Policy) -> Resource<iam::Policy> {
        policy.define(self, id)
    }

    /// Adds a bare customer managed policy that is attached to the role.
    #[track_caller]
    pub fn add_managed_policy(&self, id: &str, policy: iam::ManagedPolicy) -> Resource<iam::ManagedPolicy> {
        policy.define(self, id)
    }

    /// Adds an instance profile, which passes the role to EC2 instances.
    #[track_caller]
    pub fn add_instance_profile(&self, id: &str, profile: iam::InstanceProfile) -> Resource<iam::InstanceProfile> {
        profile.define(self, id)
    }
}
