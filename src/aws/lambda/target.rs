//! Functions as targets of rules, schedules, topics and buckets.

use crate::Resource;
use crate::aws::iam::Grantee;
use crate::aws::sns::Subscriber;
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::lambda;
use crate::name::{self, MOST_OF_ID};
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::val::{Bag, IntoVal, Val};

use super::Function;

impl Function {
    /// Lets an AWS service invoke the function on behalf of one source, such as a user pool. The permission identifies
    /// the source by its ARN.
    ///
    /// The permission belongs to the stack of `source`. It is returned for sources that must depend on it. For a
    /// function of another account, it becomes an owner task and the result is `None`. Rules, topics and buckets
    /// call this method automatically.
    #[track_caller]
    pub fn allow_service(
        &self,
        source: &impl Construct,
        service: &'static str,
        source_arn: impl IntoVal<String>,
    ) -> Option<Resource<lambda::Permission>> {
        self.admit(&Source::new(source, service, Some(source_arn.into_val()))).map(Resource::at)
    }

    /// Adds an owner task for a permission on a function of another account.
    #[track_caller]
    fn ask_owner(&self, source: &Source) {
        let statement = Bag::default()
            .with("Effect", "Allow")
            .with("Principal", Bag::default().with("Service", source.service))
            .with("Action", "lambda:InvokeFunction")
            .with("Resource", self.arn());
        let mut tests = Bag::default();
        for (operator, key, value) in source.conditions() {
            tests.set(operator, Bag::default().with(key, value));
        }
        source.scope.owner_task(OwnerTask {
            owner: self.arn(),
            what: "add the permission to the policy of the function".to_owned(),
            document: Some(statement.with("Condition", tests).into()),
        });
    }
}

impl Target for Function {
    fn target_arn(&self) -> Val<String> {
        self.arn()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Function
    }

    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope> {
        source.delivers_to(self);
        if self.is_foreign {
            self.ask_owner(source);
            return None;
        }
        let scope = &source.scope;
        let id = name::fit(&format!("invoke-{}", self.scope.path().replace('/', "-")), MOST_OF_ID);
        let permission = scope.singleton(format!("permission {id}"), || {
            let permission = lambda::Permission::new("lambda:InvokeFunction", self.arn(), source.service);
            // A bucket ARN contains no account ID, and another account can reuse the name of a deleted bucket.
            // Therefore, the permission for S3 also specifies the account.
            let permission = match &source.arn {
                Some(arn) if source.service != "s3.amazonaws.com" => permission.source_arn(arn.clone()),
                Some(arn) => permission.source_arn(arn.clone()).source_account(scope.account()),
                None => permission.source_account(scope.account()),
            };
            permission.define(scope, &id).scope().clone()
        });
        Some(permission)
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_invoke(grantee);
    }
}

impl Subscriber for Function {
    fn protocol(&self) -> &'static str {
        "lambda"
    }
}
