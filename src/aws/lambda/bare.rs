//! Bare functions, each defined from a typed resource.

use super::Function;
use crate::Resource;
use crate::aws::iam::Role;
use crate::cfn::lambda;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl Function {
    /// Defines a function that is what its resource says, and nothing beside it: neither a role, nor a log group, nor a key,
    /// nor a queue for what it failed on. Who may call it and what calls it is said as of every function.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::lambda::function::{Code, Runtime};
    /// # use meshsynth::{App, Env, Stack, cfn, iam, lambda};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// let role = iam::Role::new(&run, "role", iam::Trust::Service("lambda.amazonaws.com"), Default::default());
    /// let code = Code::new().zip_file("def handler(event, context): pass");
    /// let mailer = cfn::lambda::Function::new(code, role.arn()).handler("index.handler").runtime(Runtime::Python3_14);
    /// let mailer = lambda::Function::bare(&run, "mailer", mailer).with_role(&role);
    /// mailer.resource().logical_id("Mailer");
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, function: lambda::Function) -> Self {
        let scope = scope.scope().construct(id);
        let function = function.define(&scope, "resource");
        scope.diagram(DiagramNode::new("function").detail("Lambda"));
        Self {
            name: function.reference(),
            arn: function.arn().into(),
            role: None,
            security_group: None,
            function: Some(function),
            is_foreign: false,
            scope,
        }
    }

    /// Says which role a bare function runs under, so that grants to the function are grants to its role.
    #[must_use]
    pub fn with_role(self, role: &Role) -> Self {
        Self { role: Some(role.clone()), ..self }
    }

    /// Returns the resource of the function, to keep its logical ID or to set properties that have no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<lambda::Function> {
        Resource::of(self, "resource")
    }

    /// Defines a statement of the function's policy, as its resource says. Narrow one for a service by `SourceArn`: the
    /// service acts for every account that asks it to.
    #[track_caller]
    pub fn add_permission(&self, id: &str, permission: lambda::Permission) -> Resource<lambda::Permission> {
        permission.define(self, id)
    }

    /// Has the function read from a queue, a stream or a topic, as the resource says. What its role must be allowed is for its
    /// policies to say; [`Function::add_queue_source`] sees to that too.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::lambda::function::{Code, Runtime};
    /// # use meshsynth::{App, Env, Stack, cfn, iam, lambda, sqs};
    /// # let app = App::new("shop");
    /// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
    /// # let role = iam::Role::new(&run, "role", iam::Trust::Service("lambda.amazonaws.com"), Default::default());
    /// # let code = Code::new().zip_file("def handler(event, context): pass");
    /// # let mailer = cfn::lambda::Function::new(code, role.arn()).handler("index.handler").runtime(Runtime::Python3_14);
    /// let mails = sqs::Queue::bare(&run, "mails", cfn::sqs::Queue::new());
    /// let mailer = lambda::Function::bare(&run, "mailer", mailer).with_role(&role);
    /// let mapping = cfn::lambda::EventSourceMapping::new(mailer.name()).event_source_arn(mails.arn()).batch_size(10);
    /// mailer.add_event_source_mapping("mails", mapping).logical_id("MailerReadsMails");
    /// let version = mailer.add_version("version", cfn::lambda::Version::new(mailer.name()));
    /// mailer.add_alias("live", cfn::lambda::Alias::new(mailer.name(), version.version(), "live"));
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn add_event_source_mapping(
        &self,
        id: &str,
        mapping: lambda::EventSourceMapping,
    ) -> Resource<lambda::EventSourceMapping> {
        mapping.define(self, id)
    }

    /// Publishes a version of the function, as its resource says.
    #[track_caller]
    pub fn add_version(&self, id: &str, version: lambda::Version) -> Resource<lambda::Version> {
        version.define(self, id)
    }

    /// Defines an alias: a name that leads to a version of the function.
    #[track_caller]
    pub fn add_alias(&self, id: &str, alias: lambda::Alias) -> Resource<lambda::Alias> {
        alias.define(self, id)
    }
}
