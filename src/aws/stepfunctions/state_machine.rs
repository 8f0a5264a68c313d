//! Step Functions state machines, their roles and their logs.

use crate::Resource;
use crate::aws::data;
use crate::aws::iam::{Grantee, Role, RoleProps, Statement};
use crate::aws::kms::Key;
use crate::aws::logs::LogGroup;
use crate::aws::policy::{beside_grants, trust_for_this_account};
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::stepfunctions;
use crate::cfn::stepfunctions::state_machine as shape;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val};

use super::definition;
use super::state::Chain;

/// The type of a state machine, which determines its execution guarantees and billing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateMachineType {
    /// Standard: each step runs exactly once. Executions last up to a year and are billed by step.
    #[default]
    Standard,
    /// Express: a step can run more than once. Executions last up to 5 minutes and are billed by duration.
    Express,
}

/// The log level of executions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExecutionLog {
    /// All steps, with their input and output data.
    AllWithData,
    /// All steps, without their data.
    All,
    /// Only errors.
    #[default]
    Errors,
}

/// Properties of a [`StateMachine`].
#[derive(Clone)]
pub struct StateMachineProps {
    /// The type of the state machine. Default: `Standard`.
    pub kind: StateMachineType,
    /// The log level. Default: `Errors`.
    pub log: ExecutionLog,
    /// Whether X-Ray traces executions. Default: yes.
    pub tracing: bool,
    /// The key that encrypts executions and logs. Default: a separate key.
    pub key: Option<Key>,
    /// The log retention in days. Default: 30.
    pub log_retention_days: u16,
    /// The deletion policy of its log group. Default: the log group is kept.
    pub on_delete: OnDelete,
}

impl Default for StateMachineProps {
    fn default() -> Self {
        Self {
            kind: StateMachineType::default(),
            log: ExecutionLog::default(),
            tracing: true,
            key: None,
            log_retention_days: 30,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An AWS Step Functions state machine.
///
/// Defines the state machine, its role, its log group, and its key unless one is given. The role has the permissions
/// for its steps, for example to invoke functions and to send to queues.
///
/// # Diagnostics
///
/// - `MS0337`: two states have the same name, a branch has no state, or the text is not JSON.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Duration, Env, Stack, ecr, lambda, sns, sqs};
/// use meshsynth::stepfunctions::{Chain, Choice, Condition, Retry, State, StateMachine, Task};
///
/// # let app = App::new("shop");
/// # let run = Stack::new(&app, "run", Env::region("eu-west-1"));
/// # let images = ecr::Repository::new(&run, "stock", ecr::RepositoryProps::default());
/// # let code = lambda::Code::image(&images, "1.0.0");
/// # let reserve = lambda::Function::new(&run, "reserve", code, lambda::FunctionProps::default());
/// # let parcels = sqs::Queue::new(&run, "parcels", sqs::QueueProps::default());
/// # let on_call = sns::Topic::new(&run, "on-call", sns::TopicProps::default());
/// let steps = Chain::new([
///     State::task("reserve", Task::Invoke(reserve))
///         .retry(Retry::default())
///         .catch(State::task("tell", Task::Publish(on_call))),
///     State::choice("in stock?", Choice::when(
///         Condition::is("$.reserved", false),
///         Chain::new([State::fail("sold out", "SoldOut", "nothing is left")]),
///     )),
///     State::wait("time to think it over", Duration::minutes(30)),
///     State::task("send", Task::Send(parcels)),
/// ]);
/// let checkout = StateMachine::new(&run, "checkout", steps, Default::default());
/// # app.synth().expect("it synthesizes");
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html>
#[derive(Clone)]
pub struct StateMachine {
    pub(super) scope: Scope,
    pub(super) arn: Val<String>,
    /// Its execution role, or `None` for an imported or bare state machine whose role is unknown.
    pub(super) role: Option<Role>,
}

impl StateMachine {
    /// Defines a state machine from typed steps.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, steps: Chain, props: StateMachineProps) -> Self {
        let scope = scope.scope().construct(id);
        let mut tasks = Vec::new();
        let definition = definition::of(&scope, &steps, &mut |task| tasks.push(task.clone()));
        let machine = Self::define(scope, props, |machine| machine.definition(definition));
        for task in tasks {
            task.grant(&machine);
            if let Some(target) = task.target() {
                machine.scope.leads_to(target, None);
            }
        }
        machine
    }

    /// Defines a state machine from its JSON definition. `values` replace the `${name}` placeholders in it.
    ///
    /// The program must grant its role the permissions for the steps.
    #[track_caller]
    pub fn of_text(
        scope: &impl Construct,
        id: &str,
        definition: &str,
        values: Vec<(&str, Val<String>)>,
        props: StateMachineProps,
    ) -> Self {
        let scope = scope.scope().construct(id);
        if let Err(error) = serde_json::from_str::<serde_json::Value>(definition) {
            let message = format!("the definition is not valid JSON: {error}");
            scope.report(Diagnostic::error("MS0337", message).help("check it with `jq . definition.json`"));
        }
        let values: Vec<(String, Val<String>)> = values.into_iter().map(|(key, it)| (key.to_owned(), it)).collect();
        Self::define(scope, props, |machine| {
            let machine = machine.definition_string(definition);
            match values.is_empty() {
                true => machine,
                false => machine.raw("DefinitionSubstitutions", Data::Map(values.into_iter().collect())),
            }
        })
    }

    #[track_caller]
    fn define(
        scope: Scope,
        props: StateMachineProps,
        with_steps: impl FnOnce(stepfunctions::StateMachine) -> stepfunctions::StateMachine,
    ) -> Self {
        let key = data::key_or_own(&scope, props.key.clone());
        let logs = data::Logs { retention_days: props.log_retention_days, key: &key, on_delete: props.on_delete };
        let logs = data::log_group(&scope, "logs", Some(data::delivery_name(&scope, "states")), logs);
        let service = trust_for_this_account(&scope, "states.amazonaws.com");
        let description = format!("What {} may do.", scope.path());
        let role = Role::new(&scope, "role", service, RoleProps { description, ..Default::default() });
        let permissions = beside_grants(&role, "machine", permissions(&key, props.tracing));
        let encryption = shape::EncryptionConfiguration::new(shape::Type::CustomerManagedKmsKey);
        let machine = stepfunctions::StateMachine::new(role.arn())
            .state_machine_name(data::physical_name(&scope, 80))
            .state_machine_type(match props.kind {
                StateMachineType::Standard => shape::StateMachineType::Standard,
                StateMachineType::Express => shape::StateMachineType::Express,
            })
            .encryption_configuration(encryption.kms_key_id(Val::<String>::from(key.arn())))
            .logging_configuration(logging(&logs, props.log))
            .tracing_configuration(shape::TracingConfiguration::new().enabled(props.tracing));
        let machine: Resource<_> = with_steps(machine).define(&scope, "resource");
        // Step Functions validates these permissions of the role when it creates the state machine.
        machine.depends_on(&permissions);
        scope.diagram(DiagramNode::new("state-machine").detail("Step Functions"));
        Self { arn: machine.arn(), role: Some(role), scope }
    }

    /// Returns the ARN of the state machine.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Lets the grantee start executions.
    #[track_caller]
    pub fn grant_start(&self, grantee: &impl Grantee) {
        self.grant(grantee, "states:StartExecution");
    }

    /// Lets the grantee start synchronous executions of an express state machine.
    #[track_caller]
    pub fn grant_start_sync(&self, grantee: &impl Grantee) {
        self.grant(grantee, "states:StartSyncExecution");
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, action: &str) {
        grantee.role().grant(grantee, &self.scope, Statement::allow([action]).on(self.arn()));
    }
}

impl Construct for StateMachine {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

impl Grantee for StateMachine {
    fn role(&self) -> Role {
        self.role.clone().unwrap_or_else(|| self.nobody())
    }
}

impl Target for StateMachine {
    fn target_arn(&self) -> Val<String> {
        self.arn()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::StateMachine
    }

    /// Only records the delivery: a state machine has no resource policy, so a source starts it with a role.
    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope> {
        source.delivers_to(self);
        None
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_start(grantee);
    }
}

fn logging(logs: &LogGroup, log: ExecutionLog) -> shape::LoggingConfiguration {
    let group = shape::CloudWatchLogsLogGroup::new().log_group_arn(logs.arn());
    let level = match log {
        ExecutionLog::AllWithData | ExecutionLog::All => shape::Level::All,
        ExecutionLog::Errors => shape::Level::Error,
    };
    shape::LoggingConfiguration::new()
        .destinations([shape::LogDestination::new().cloud_watch_logs_log_group(group)])
        .level(level)
        .include_execution_data(log == ExecutionLog::AllWithData)
}

/// Returns the permissions that every state machine needs: to deliver its logs, to use its key, and to send traces.
///
/// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>
fn permissions(key: &Key, tracing: bool) -> Vec<Statement> {
    let deliver = [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ];
    let mut statements = vec![
        Statement::allow(deliver).on_everything("https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"),
        Statement::allow(["kms:Decrypt", "kms:GenerateDataKey"]).on(key.arn()),
    ];
    if tracing {
        let source = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html";
        let actions =
            ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];
        statements.push(Statement::allow(actions).on_everything(source));
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::{StateMachine, StateMachineProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::stepfunctions::{Chain, Choice, Condition, Retry, State, Task};
    use crate::testing::{Platform, stack};
    use crate::units::Duration;

    fn platform() -> Platform {
        Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let parcels = Queue::new(&run, "parcels", QueueProps::default());
            let lost = Chain::new([State::fail("lost", "Lost", "nobody took it")]);
            let steps = Chain::new([
                State::choice(
                    "paid?",
                    Choice::when(Condition::text("$.status", "PAID"), Chain::default())
                        .otherwise(Chain::new([State::wait("wait for the money", Duration::days(1))])),
                ),
                State::map("each line", "$.lines", State::pass("line", None)),
                State::task("send", Task::Send(parcels)).retry(Retry::default()).catch(lost),
            ]);
            StateMachine::new(&run, "checkout", steps, StateMachineProps::default());
        })
    }

    #[test]
    fn steps_run_in_order_and_choice_branches_continue_with_the_next_step() {
        let platform = platform();
        let definition = &platform.resource("AWS::StepFunctions::StateMachine").props["Definition"];
        let states = &definition["States"];
        assert_eq!(definition["StartAt"], "paid?");
        assert_eq!(states["paid?"]["Choices"][0]["Next"], "each line");
        assert_eq!(states["paid?"]["Default"], "wait for the money");
        assert_eq!(states["wait for the money"]["Next"], "each line");
        assert_eq!(states["each line"]["ItemProcessor"]["StartAt"], "line");
        assert_eq!((&states["send"]["End"], &states["send"]["Catch"][0]["Next"]), (&true.into(), &"lost".into()));
        assert!(states["lost"]["End"].is_null() && states["lost"]["Error"] == "Lost");
    }

    #[test]
    fn role_has_permissions_for_steps_and_log_delivery() {
        let platform = platform();
        let policies = platform.resources("AWS::IAM::RolePolicy");
        let text: String = policies.iter().map(|it| it.props.to_string()).collect();
        assert!(text.contains("sqs:SendMessage") && text.contains("logs:CreateLogDelivery"), "{text}");
        assert!(!text.contains("lambda:InvokeFunction"), "{text}");
        let machine = platform.resource("AWS::StepFunctions::StateMachine");
        assert!(machine.entry["DependsOn"].to_string().contains("CheckoutRoleMachine"), "{}", machine.entry);
        assert_eq!(machine.props["LoggingConfiguration"]["IncludeExecutionData"], false);
    }

    #[test]
    fn substitutes_values_in_text_definition() {
        let platform = Platform::synth("shop", |app| {
            let run = stack(app, "run");
            let parcels = Queue::new(&run, "parcels", QueueProps::default());
            let text = r#"{"StartAt":"send","States":{"send":{"Type":"Pass","Result":"${queue}","End":true}}}"#;
            let values = vec![("queue", parcels.url())];
            let machine = StateMachine::of_text(&run, "checkout", text, values, StateMachineProps::default());
            parcels.grant_send(&machine);
        });
        let machine = platform.resource("AWS::StepFunctions::StateMachine").props;
        assert!(machine["DefinitionSubstitutions"]["queue"].is_object(), "{machine}");
    }
}
