//! Permissions for roles of other accounts in the resource policy of a function.

use crate::aws::iam::{Role, Statement};
use crate::cfn::lambda::Permission;
use crate::cfn::lambda::permission::FunctionUrlAuthType;
use crate::name::{self, MOST_OF_ID};
use crate::owner_task::OwnerTask;
use crate::tree::Construct;
use crate::val::Bag;

use super::Function;

impl Function {
    /// Lets a role of another account invoke the function.
    #[track_caller]
    pub(super) fn admit_role(&self, role: &Role, statement: &Statement) {
        let Some(principal) = role.foreign_to(&self.scope, &self.arn) else { return };
        if self.function.is_none() {
            return self.scope.owner_task(OwnerTask {
                owner: self.arn(),
                what: "add the permission to the policy of the function".to_owned(),
                document: Some(statement.clone().into_data(Some(Bag::default().with("AWS", principal)))),
            });
        }
        let permission = Permission::new("lambda:InvokeFunction", self.arn(), principal);
        self.permit(role, "invoke", permission);
    }

    /// Lets a role of another account send requests to the function URL.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>
    #[track_caller]
    pub(super) fn admit_role_by_url(&self, role: &Role) {
        let Some(principal) = role.foreign_to(&self.scope, &self.arn) else { return };
        let permission = |action: &str| Permission::new(action, self.arn(), principal.clone());
        let request = permission("lambda:InvokeFunctionUrl").function_url_auth_type(FunctionUrlAuthType::AwsIam);
        self.permit(role, "request", request);
        self.permit(role, "invoke-by-url", permission("lambda:InvokeFunction").invoked_via_function_url(true));
    }

    #[track_caller]
    fn permit(&self, role: &Role, what: &str, permission: Permission) {
        let id = name::fit(&format!("{what}-{}", role.scope().path().replace('/', "-")), MOST_OF_ID);
        self.scope.singleton(format!("permission {id}"), || permission.define(&self.scope, &id).scope().clone());
    }
}
