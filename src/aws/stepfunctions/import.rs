//! Imports of existing state machines.

use crate::aws::existing::ArnForm;
use crate::aws::iam::{Role, RoleProps, Trust};
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::StateMachine;

/// An existing state machine.
#[derive(Clone)]
pub struct ExistingStateMachine {
    /// Its ARN.
    pub arn: Val<String>,
    /// Its execution role, for grants to the state machine. Default: unknown.
    pub role: Option<Role>,
}

impl ExistingStateMachine {
    /// Refers to a state machine by its ARN.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), role: None }
    }
}

/// The ARN format of a state machine.
const FORM: ArnForm = ArnForm {
    what: "state machine",
    service: "states",
    resource: "stateMachine:",
    example: "arn:aws:states:eu-west-1:111122223333:stateMachine:checkout",
};

impl StateMachine {
    /// Refers to an existing state machine, for grants to start executions.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a state machine.
    /// - `MS0131`: the state machine is in another region than the stack.
    /// - `MS0334`: a grant to a state machine whose role is unknown.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, stepfunctions::{ExistingStateMachine, StateMachine}};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// let arn = "arn:aws:states:eu-west-1:111122223333:stateMachine:checkout";
    /// let checkout = StateMachine::import(&run, "checkout", ExistingStateMachine::arn(arn));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingStateMachine) -> Self {
        let scope = scope.scope().construct(id);
        FORM.check(&scope, &existing.arn);
        scope.diagram(DiagramNode::new("state-machine").detail("Step Functions, exists already"));
        Self { arn: scope.read_here(existing.arn), role: existing.role, scope }
    }

    /// Reports the grant and returns a placeholder role, which is never deployed.
    #[track_caller]
    pub(super) fn nobody(&self) -> Role {
        let message = format!("the grant to `{}` requires its role, which is unknown", self.scope.path());
        self.scope.report(
            Diagnostic::error("MS0334", message).help(
                "set `ExistingStateMachine::role` of an imported state machine, or call `with_role` of a bare one",
            ),
        );
        let role = self.scope.singleton("nobody", || {
            let trust = Trust::Service("states.amazonaws.com");
            Role::new(&self.scope, "nobody", trust, RoleProps::default()).scope().clone()
        });
        Role::at(role).expect("the role was defined just now")
    }
}
