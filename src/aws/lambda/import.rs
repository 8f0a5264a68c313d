//! A function that exists already.

use crate::aws::existing::ArnForm;
use crate::aws::iam::{Role, RoleProps, Trust};
use crate::cfn::ids::SecurityGroupId;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

use super::Function;

/// A function that exists already.
#[derive(Clone)]
pub struct ExistingFunction {
    /// Its ARN, without a version.
    pub arn: Val<String>,
    /// The role that it runs as, for grants to it. Default: unknown.
    pub role: Option<Role>,
    /// Its security group, for what it connects to. Default: unknown.
    pub security_group: Option<Val<SecurityGroupId>>,
}

/// How a function is named.
const FORM: ArnForm = ArnForm {
    what: "function of Lambda",
    service: "lambda",
    resource: "function:",
    example: "arn:aws:lambda:eu-west-1:111122223333:function:mailer",
};

impl ExistingFunction {
    /// A function by its ARN, such as `arn:aws:lambda:eu-west-1:111122223333:function:mailer`.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        Self { arn: arn.into_val(), role: None, security_group: None }
    }
}

impl Function {
    /// Refers to a function that exists already; nothing of it is defined or changed.
    ///
    /// Grants to call it work as for others. Grants *to* it want its role, and edges from it its security group.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: what is imported is not the ARN of a function.
    /// - `MS0131`: the imported function is in another region than the stack.
    /// - `MS0334`: a grant to a function whose role is not known.
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

    /// Returns a role that is never deployed, since the grant is reported.
    #[track_caller]
    pub(super) fn nobody(&self) -> Role {
        let message = format!("a grant to `{}`, whose role is not known", self.scope.path());
        self.scope.report(
            Diagnostic::error("MS0334", message)
                .help("set `ExistingFunction::role`, or call `with_role` where it is bare"),
        );
        let role = self.scope.singleton("nobody", || {
            let trust = Trust::Service("lambda.amazonaws.com");
            Role::new(&self.scope, "nobody", trust, RoleProps::default()).scope().clone()
        });
        Role::at(role).expect("the role was defined just now")
    }
}
