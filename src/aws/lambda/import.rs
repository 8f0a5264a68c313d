//! Imports of existing functions.

use crate::aws::existing::ArnForm;
use crate::aws::iam::{Role, RoleProps, Trust};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::Function;

/// An existing function.
#[derive(Clone)]
pub struct ExistingFunction {
    /// Its ARN, without a version.
    pub arn: Val<String>,
    /// Its execution role, for grants to the function. Default: unknown.
    pub role: Option<Role>,
    /// Its security group, for its connections. Default: unknown.
    pub security_group: Option<Val<SecurityGroupId>>,
}

/// The ARN format of a function.
const FORM: ArnForm = ArnForm {
    what: "Lambda function",
    service: "lambda",
    resource: "function:",
    example: "arn:aws:lambda:eu-west-1:111122223333:function:mailer",
};

impl ExistingFunction {
    /// Refers to a function by its ARN, such as `arn:aws:lambda:eu-west-1:111122223333:function:mailer`.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), role: None, security_group: None }
    }
}

impl Function {
    /// Refers to an existing function, without changing it.
    ///
    /// Other constructs can be granted permission to invoke it. Grants *to* the function require its role, and
    /// connections from the function require its security group.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the ARN of a function.
    /// - `MS0131`: the imported function is in another region than the stack.
    /// - `MS0334`: a grant to a function whose role is unknown.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, lambda};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// let arn = "arn:aws:lambda:eu-west-1:111122223333:function:mailer";
    /// let mailer = lambda::Function::import(&run, "mailer", lambda::ExistingFunction::arn(arn));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingFunction) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("function").detail("Lambda, exists already"));
        let ExistingFunction { arn, role, security_group } = existing;
        let is_foreign = FORM.check(&scope, &arn).is_some_and(|arn| arn.is_foreign(&scope));
        let (arn, security_group) = (scope.read_here(arn), security_group.map(|group| scope.read_here(group)));
        let name = arn.clone().piece(":function:", 1);
        Self { name, arn, role, security_group, function: None, is_foreign, scope }
    }

    /// Reports the grant and returns a placeholder role, which is never deployed.
    #[track_caller]
    pub(super) fn nobody(&self) -> Role {
        let message = format!("the grant to `{}` requires its role, which is unknown", self.scope.path());
        self.scope.report(
            Diagnostic::error("MS0334", message)
                .help("set `ExistingFunction::role` of an imported function, or call `with_role` of a bare function"),
        );
        let role = self.scope.singleton("nobody", || {
            let trust = Trust::Service("lambda.amazonaws.com");
            Role::new(&self.scope, "nobody", trust, RoleProps::default()).scope().clone()
        });
        Role::at(role).expect("the role was defined just now")
    }
}
