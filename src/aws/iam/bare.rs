//! Bare roles, each defined from a typed resource.

use super::Role;
use crate::Resource;
use crate::cfn::iam;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{Bag, IntoVal};

impl Role {
    /// Defines a role that is what its resource says, with the policies that it has inline. What it is granted is a policy
    /// beside them.
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

    /// Returns the resource of the role, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<iam::Role> {
        Resource::of(self, "resource")
    }

    /// Defines a policy of the role by its name, beside that of its grants.
    #[track_caller]
    pub fn add_policy(&self, id: &str, name: impl IntoVal<String>, document: Bag) -> Resource<iam::RolePolicy> {
        iam::RolePolicy::new(name, self.name()).policy_document(document).define(self, id)
    }

    /// Defines an inline policy of the role that is what its resource says: an `AWS::IAM::Policy` that names the role.
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

    /// Defines a customer managed policy that is attached to the role, as its resource says.
    #[track_caller]
    pub fn add_managed_policy(&self, id: &str, policy: iam::ManagedPolicy) -> Resource<iam::ManagedPolicy> {
        policy.define(self, id)
    }

    /// Defines an instance profile, by which EC2 instances have the role.
    #[track_caller]
    pub fn add_instance_profile(&self, id: &str, profile: iam::InstanceProfile) -> Resource<iam::InstanceProfile> {
        profile.define(self, id)
    }
}
