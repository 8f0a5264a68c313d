//! Lambda functions: code, role, network and failure destination.

use crate::Resource;
use crate::aws::connect::{Client, Endpoint};
use crate::aws::data;
use crate::aws::iam::{Grantee, Role, RoleProps, Statement, Trust};
use crate::aws::kms::Key;
use crate::aws::logs::{LogGroup, LogGroupProps};
use crate::aws::policy::beside_grants;
use crate::aws::security::SecurityGroup;
use crate::aws::vpc::{Tier, Vpc};
use crate::cfn::ids::SecurityGroupId;
use crate::cfn::lambda;
use crate::cfn::lambda::function as shape;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::units::{Duration, Mib};
use crate::val::{IntoVal, Val};

use super::failures::{self, Failures, Sink};
use super::limits::{self, Size};
use super::{Architecture, Code};

/// Properties of a [`Function`].
#[derive(Clone)]
pub struct FunctionProps {
    /// The processor architecture, which must match the architecture of the code. Default: `Arm64`.
    pub architecture: Architecture,
    /// The memory, from 128 to 10,240 MiB. CPU is proportional to the memory, with one vCPU at 1,769 MiB. Default: 512
    /// MiB.
    pub memory: Mib,
    /// The timeout of an invocation, up to 15 minutes. Default: 30 seconds.
    pub timeout: Duration,
    /// The ephemeral storage at `/tmp`, from 512 to 10,240 MiB. Default: 512 MiB.
    pub scratch: Mib,
    /// The VPC whose private subnets the function uses. Without a VPC, the function can reach only the internet and AWS
    /// APIs. Default: none.
    pub vpc: Option<Vpc>,
    /// Environment variables. Secrets are not accepted and do not compile. Default: none.
    pub env: Vec<(String, Val<String>)>,
    /// The reserved concurrency, which is subtracted from the account's concurrency. Default: the unreserved
    /// concurrency of the account.
    pub concurrency: Option<u32>,
    /// The destination of failed events. Default: a separate queue.
    pub failures: Failures,
    /// Whether X-Ray traces invocations. Default: yes.
    pub tracing: bool,
    /// The key that encrypts variables, logs and failed events. Default: a separate key.
    pub key: Option<Key>,
    /// The log retention in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy of its logs and failed events. Default: the logs and events are kept.
    pub on_delete: OnDelete,
}

impl Default for FunctionProps {
    fn default() -> Self {
        Self {
            architecture: Architecture::default(),
            memory: Mib(512),
            timeout: Duration::seconds(30),
            scratch: Mib(512),
            vpc: None,
            env: Vec::new(),
            concurrency: None,
            failures: Failures::default(),
            tracing: true,
            key: None,
            log_retention_days: 30,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An AWS Lambda function.
///
/// Defines the function, its role, its log group, a queue for failed events, and its key unless one is given. In a VPC,
/// it also defines a security group. The role may write the logs and traces of the function. Grants add further
/// permissions. Only [`Function::grant_invoke`], an event source, or a [function URL](Function::add_url) allows
/// invocations.
///
/// # Units
///
/// `memory` and `scratch` are in MiB. `timeout` is rounded up to whole seconds.
///
/// # Diagnostics
///
/// - `MS0330`: the function connects to a construct in a VPC, but is outside of VPCs.
/// - `MS0331`: the memory, the timeout or the storage exceeds the limits of Lambda.
/// - `MS0332`: the runtime is deprecated or unknown.
/// - `MS0333`: a queue delivers a message again while the function still processes it.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, aws, ecr, lambda, rds, sqs};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// # let vpc = aws::Vpc::new(&data, "vpc", aws::VpcProps::default());
/// # let images = ecr::Repository::new(&data, "images", ecr::RepositoryProps::default());
/// # let db = rds::Database::new(&data, "orders-db", &vpc, rds::DatabaseProps::default());
/// # let mails = sqs::Queue::new(&data, "mails", sqs::QueueProps::default());
/// let mailer = lambda::Function::new(&data, "mailer", lambda::Code::image(&images, "1.4.0"), lambda::FunctionProps {
///     vpc: Some(vpc.clone()),
///     ..Default::default()
/// });
/// db.allow_from(&mailer);
/// db.grant_connect(&mailer, "mailer");
/// mailer.env("DB_HOST", db.address());
/// mailer.add_queue_source(&mails, lambda::QueueSource::default());
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html>
#[derive(Clone)]
pub struct Function {
    pub(super) scope: Scope,
    pub(super) name: Val<String>,
    pub(super) arn: Val<String>,
    pub(super) role: Option<Role>,
    pub(super) security_group: Option<Val<SecurityGroupId>>,
    /// The resource of the function, or `None` if the function is imported.
    pub(super) function: Option<Resource<lambda::Function>>,
    /// Whether its account differs from the account of the stack.
    pub(super) is_foreign: bool,
}

impl Function {
    /// Defines a function.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, code: Code, props: FunctionProps) -> Self {
        let scope = scope.scope().construct(id);
        let wanted = Size { memory: props.memory, scratch: props.scratch, timeout: props.timeout };
        let size = limits::checked(&scope, wanted);
        let name = data::physical_name(&scope, 64);
        let key = data::key_or_own(&scope, props.key.clone());
        let logs = LogGroup::new(
            &scope,
            "logs",
            LogGroupProps {
                name: Some(format!("/aws/lambda/{name}")),
                retention_days: props.log_retention_days,
                key: Some(key.clone()),
                on_delete: props.on_delete,
            },
        );
        let role = role(&scope, props.vpc.is_some());
        if let Some(vpc) = &props.vpc {
            vpc.open_ways_of(&role);
        }
        let failures = failures::define(&scope, &props.failures, &key, props.on_delete);
        let permissions = permissions(&role, &logs, &key, failures.as_ref(), props.tracing);
        let mut function = code
            .begin(&scope, role.arn().into())
            .function_name(name.clone())
            .description(format!("{} of {}", scope.id(), scope.app_name()))
            .architectures([props.architecture.to_l1()])
            .memory_size(i64::from(size.memory.0))
            .timeout(size.timeout.as_seconds() as i64)
            .ephemeral_storage(shape::EphemeralStorage::new(i64::from(size.scratch.0)))
            .kms_key_arn(key.arn())
            .logging_config(shape::LoggingConfig::new().log_group(logs.name()).log_format(shape::LogFormat::Json))
            .tracing_config(shape::TracingConfig::new().mode(match props.tracing {
                true => shape::Mode::Active,
                false => shape::Mode::PassThrough,
            }));
        if let Some(most) = props.concurrency {
            function = function.reserved_concurrent_executions(i64::from(most));
        }
        if let Some(failures) = failures {
            function = function.dead_letter_config(shape::DeadLetterConfig::new().target_arn(failures.arn));
        }
        let security_group = props
            .vpc
            .as_ref()
            .map(|vpc| SecurityGroup::new(&scope, "security-group", vpc, &format!("Function {}", scope.path())).id());
        if let (Some(vpc), Some(group)) = (&props.vpc, &security_group) {
            let subnets: Vec<Val<String>> = vpc.subnet_ids(Tier::Private).into_iter().map(Val::into_text).collect();
            let placed = shape::VpcConfig::new().security_group_ids([group.clone()]).subnet_ids(subnets);
            function = function.vpc_config(placed);
        }
        let function = function.define(&scope, "resource");
        // Lambda validates these permissions of the role when it creates the function.
        function.depends_on(&permissions);
        let mut node =
            DiagramNode::new("function").detail(format!("Lambda, {}, {}", code.word(), props.architecture.word()));
        if let Some(vpc) = &props.vpc {
            node = node.within(vpc).tier(Tier::Private.word());
        }
        scope.diagram(node);
        code.owner().leads_to(&scope, None);
        let function = Self {
            name: function.reference(),
            arn: function.arn().into(),
            role: Some(role),
            security_group,
            function: Some(function),
            is_foreign: false,
            scope,
        };
        for (key, value) in props.env {
            function.env(&key, value);
        }
        function
    }

    /// Sets an environment variable. Secrets are not accepted and do not compile: grant access to them instead.
    #[track_caller]
    pub fn env(&self, key: &str, value: impl IntoVal<String>) -> &Self {
        if let Some(function) = &self.function {
            function.scope().put("Environment.Variables", key.to_owned(), value.into_val());
        }
        self
    }

    /// Returns the name of the function.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the ARN of the function.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Lets the grantee invoke every version of the function.
    #[track_caller]
    pub fn grant_invoke(&self, grantee: &impl Grantee) {
        let statement = Statement::allow(["lambda:InvokeFunction"]).on(self.arn()).on(text![self.arn(), ":*"]);
        let role = grantee.role();
        self.admit_role(&role, &statement);
        role.grant(grantee, &self.scope, statement);
    }
}

impl Construct for Function {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for Function {
    fn role(&self) -> Role {
        match &self.role {
            Some(role) => role.clone(),
            None => self.nobody(),
        }
    }
}

impl Client for Function {
    fn security_group(&self) -> Val<SecurityGroupId> {
        self.security_group.clone().unwrap_or_else(|| SecurityGroupId::new("sg-00000000").into())
    }

    fn security_group_owner(&self) -> Scope {
        self.scope.clone()
    }

    #[track_caller]
    fn on_connect(&self, endpoint: &Endpoint) {
        if self.security_group.is_none() {
            let message = format!("the function connects to `{}`, but is not attached to a VPC", endpoint.owner.path());
            self.scope.report(Diagnostic::error("MS0330", message).help("set `FunctionProps::vpc`"));
        }
    }
}

/// Returns the role. In a VPC, Lambda creates network interfaces with the role, which requires only this managed
/// policy.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
fn role(scope: &Scope, in_network: bool) -> Role {
    let managed_policies = if in_network { vec!["service-role/AWSLambdaENIManagementAccess"] } else { Vec::new() };
    let description = format!("What {} may do.", scope.path());
    Role::new(scope, "role", Trust::Service("lambda.amazonaws.com"), RoleProps { description, managed_policies })
}

/// Defines the permissions of every function. They are separate from the policy of grants, because grants can refer to
/// the function.
fn permissions(
    role: &Role,
    logs: &LogGroup,
    key: &Key,
    failures: Option<&Sink>,
    tracing: bool,
) -> Resource<crate::cfn::iam::RolePolicy> {
    let key_arn: Val<String> = key.arn().into();
    let mut statements = vec![
        Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"]).on(logs.arn()),
        Statement::allow(["kms:Decrypt"]).on(key_arn.clone()),
    ];
    if let Some(sink) = failures {
        statements.push(Statement::allow([sink.action]).on(sink.arn.clone()));
        let encrypted = |key_arn| Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"]).on(key_arn);
        statements.extend(sink.key_arn.clone().map(encrypted));
    }
    if tracing {
        let source = "https://docs.aws.amazon.com/xray/latest/devguide/security_iam_service-with-iam.html";
        let actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];
        statements.push(Statement::allow(actions).on_everything(source));
    }
    beside_grants(role, "function", statements)
}

#[cfg(test)]
mod tests {
    use super::{Code, Function, FunctionProps};
    use crate::ecr;
    use crate::testing::{Platform, stack};

    #[test]
    fn role_is_limited_to_own_logs() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let images = ecr::Repository::new(&run, "images", ecr::RepositoryProps::default());
            Function::new(&run, "mailer", Code::image(&images, "1.0.0"), FunctionProps::default());
        });
        let statements = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"]["Statement"].clone();
        for statement in statements.as_array().expect("a list") {
            let is_trace = statement["Action"].to_string().contains("xray:");
            assert_eq!(statement["Resource"] == serde_json::json!(["*"]), is_trace, "{statement}");
        }
        let function = platform.resource("AWS::Lambda::Function");
        assert_eq!(function.props["FunctionName"], "shop-run-mailer");
        assert!(function.entry["DependsOn"].to_string().contains("MailerRoleFunction"), "{}", function.entry);
        assert!(function.props["KmsKeyArn"].is_object() && function.props["DeadLetterConfig"]["TargetArn"].is_object());
        assert!(platform.resources("AWS::Lambda::Permission").is_empty());
        assert!(platform.resources("AWS::Lambda::Url").is_empty());
        let repository = platform.resource("AWS::ECR::Repository").props["RepositoryPolicyText"].to_string();
        assert!(repository.contains("lambda.amazonaws.com") && repository.contains(":function:*"), "{repository}");
    }
}
