//! Bare state machines, each defined from a typed resource.

use super::StateMachine;
use crate::Resource;
use crate::aws::iam::Role;
use crate::cfn::stepfunctions;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl StateMachine {
    /// Defines a bare state machine, without a role, a key or logs. It supports grants to start executions like every
    /// state machine.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, iam, stepfunctions};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let role = iam::Role::new(&run, "role", iam::Trust::Service("states.amazonaws.com"), Default::default());
    /// # let portal = iam::Role::new(&run, "portal", iam::Trust::Service("lambda.amazonaws.com"), Default::default());
    /// let steps = r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
    /// let checkout = cfn::stepfunctions::StateMachine::new(role.arn()).definition_string(steps);
    /// let checkout = stepfunctions::StateMachine::bare(&run, "checkout", checkout).with_role(&role);
    /// checkout.resource().logical_id("Checkout");
    /// checkout.grant_start(&portal);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, machine: stepfunctions::StateMachine) -> Self {
        let scope = scope.scope().construct(id);
        let machine = machine.define(&scope, "resource");
        scope.diagram(DiagramNode::new("state-machine").detail("Step Functions"));
        Self { arn: machine.arn(), role: None, scope }
    }

    /// Sets the execution role of a bare state machine. Grants to the state machine are then grants to this role.
    #[must_use]
    pub fn with_role(self, role: &Role) -> Self {
        Self { role: Some(role.clone()), ..self }
    }

    /// Returns the resource of the state machine, for example to keep its logical ID, or to set a property for which
    /// the construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<stepfunctions::StateMachine> {
        Resource::of(self, "resource")
    }
}
