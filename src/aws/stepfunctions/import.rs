//! A state machine that exists already.

use crate::aws::existing::ArnForm;
use crate::aws::iam::{Role, RoleProps, Trust};
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::StateMachine;

/// A state machine that exists already.
#[derive(Clone)]
pub struct ExistingStateMachine {
    /// Its ARN.
    pub arn: Val<String>,
    /// The role that it runs as, for grants to it. Default: unknown.
    pub role: Option<Role>,
}

impl ExistingStateMachine {
    /// The state machine with this ARN.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), role: None }
    }
}

/// How a state machine is named.
const FORM: ArnForm = ArnForm {
    what: "state machine",
    service: "states",
    resource: "stateMachine:",
    example: "arn:aws:states:eu-west-1:111122223333:stateMachine:checkout",
};

impl StateMachine {
    /// Refers to a state machine that exists already, to be started by grants.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: what is imported is not the ARN of a state machine.
    /// - `MS0131`: it is in another region than the stack.
    /// - `MS0334`: a grant to a state machine whose role is not known.
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

    /// Returns a role that is never deployed, since the grant is reported.
    #[track_caller]
    pub(super) fn nobody(&self) -> Role {
        let message = format!("a grant to `{}`, whose role is not known", self.scope.path());
        self.scope.report(
            Diagnostic::error("MS0334", message)
                .help("set `ExistingStateMachine::role`, or call `with_role` where it is bare"),
        );
        let role = self.scope.singleton("nobody", || {
            let trust = Trust::Service("states.amazonaws.com");
            Role::new(&self.scope, "nobody", trust, RoleProps::default()).scope().clone()
        });
        Role::at(role).expect("the role was defined just now")
    }
}
