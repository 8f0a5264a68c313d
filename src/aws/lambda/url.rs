//! Function URLs, for callers that sign their requests.

use crate::Resource;
use crate::aws::iam::{Grantee, Statement};
use crate::cfn::lambda;
use crate::cfn::lambda::url::AuthType;
use crate::tree::{Construct, Scope};
use crate::val::Val;

use super::Function;

/// A function URL. Requests must be signed with IAM credentials. Lambda rejects other requests.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, ecr, iam, lambda};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let images = ecr::Repository::new(&data, "images", ecr::RepositoryProps::default());
/// # let mailer = lambda::Function::new(&data, "mailer", lambda::Code::image(&images, "1.4.0"), Default::default());
/// # let partner = iam::Role::new(&data, "partner", iam::Trust::Account, iam::RoleProps::default());
/// let address = mailer.add_url();
/// address.grant_invoke_url(&partner);
/// data.output("Mailer", address.url());
/// ```
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>
#[derive(Clone)]
pub struct FunctionUrl {
    function: Function,
    url: Resource<lambda::Url>,
}

impl Function {
    /// Adds a function URL. By default, a function has none.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, ecr, lambda};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let images = ecr::Repository::new(&run, "quotes", ecr::RepositoryProps::default());
    /// let code = lambda::Code::image(&images, "2.0.1");
    /// let quotes = lambda::Function::new(&run, "quotes", code, lambda::FunctionProps::default());
    /// let url = quotes.add_url().url();
    /// ```
    #[track_caller]
    pub fn add_url(&self) -> FunctionUrl {
        let url = self.scope.singleton("url", || {
            lambda::Url::new(AuthType::AwsIam, self.arn()).define(&self.scope, "url").scope().clone()
        });
        FunctionUrl { function: self.clone(), url: Resource::at(url) }
    }
}

impl FunctionUrl {
    /// Returns the URL, such as `https://<id>.lambda-url.eu-west-1.on.aws/`.
    pub fn url(&self) -> Val<String> {
        self.url.function_url()
    }

    /// Lets the grantee send requests to the URL, and invoke the function only through it.
    #[track_caller]
    pub fn grant_invoke_url(&self, grantee: &impl Grantee) {
        let role = grantee.role();
        self.function.admit_role_by_url(&role);
        let arn = || self.function.arn();
        let send = Statement::allow(["lambda:InvokeFunctionUrl"]).on(arn());
        role.grant(grantee, self.scope(), send.when("StringEquals", "lambda:FunctionUrlAuthType", "AWS_IAM"));
        let call = Statement::allow(["lambda:InvokeFunction"]).on(arn());
        role.allow(call.when("Bool", "lambda:InvokedViaFunctionUrl", "true"));
    }
}

impl Construct for FunctionUrl {
    fn scope(&self) -> &Scope {
        self.function.scope()
    }
}

#[cfg(test)]
mod tests {
    use super::Function;
    use crate::ecr;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::lambda::{Code, FunctionProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn function_url_requires_iam_signatures() {
        let platform = Platform::synth("shop", |app| {
            let run = &stack(app, "run");
            let images = ecr::Repository::new(run, "images", ecr::RepositoryProps::default());
            let function = Function::new(run, "mailer", Code::image(&images, "1.0.0"), FunctionProps::default());
            let trust = Trust::Service("ec2.amazonaws.com");
            let role = Role::new(run, "caller", trust, RoleProps::default());
            function.add_url().grant_invoke_url(&role);
        });
        assert_eq!(platform.resource("AWS::Lambda::Url").props["AuthType"], "AWS_IAM");
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let policy =
            policies.iter().find(|it| it.logical_id.starts_with("Caller")).expect("its policy").props.to_string();
        assert!(policy.contains("lambda:InvokedViaFunctionUrl") && policy.contains("AWS_IAM"), "{policy}");
    }
}
