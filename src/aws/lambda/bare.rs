//! Bare functions, each defined from a typed resource.

use super::Function;
use crate::Resource;
use crate::aws::iam::Role;
use crate::cfn::lambda;
use crate::diagram::DiagramNode;
use crate::tree::Construct;

impl Function {
    /// Defines a bare function, without a role, a log group, a key or a dead-letter queue. It supports grants and event
    /// sources like every function.
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

    /// Sets the execution role of a bare function. Grants to the function are then grants to this role.
    #[must_use]
    pub fn with_role(self, role: &Role) -> Self {
        Self { role: Some(role.clone()), ..self }
    }

    /// Returns the resource of the function, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<lambda::Function> {
        Resource::of(self, "resource")
    }

    /// Adds a bare permission to the function's resource policy. Restrict a permission for a service with `SourceArn`,
    /// because the service acts on behalf of every account.
    #[track_caller]
    pub fn add_permission(&self, id: &str, permission: lambda::Permission) -> Resource<lambda::Permission> {
        permission.define(self, id)
    }

    /// Adds a bare event source mapping for a queue, a stream or a topic. Unlike [`Function::add_queue_source`], it
    /// does not add permissions to the role.
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

    /// Adds a bare version of the function.
    #[track_caller]
    pub fn add_version(&self, id: &str, version: lambda::Version) -> Resource<lambda::Version> {
        version.define(self, id)
    }

    /// Adds an alias, which refers to a version of the function.
    #[track_caller]
    pub fn add_alias(&self, id: &str, alias: lambda::Alias) -> Resource<lambda::Alias> {
        alias.define(self, id)
    }
}
