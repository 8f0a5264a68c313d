//! Schedules.

use super::timing::When;
use crate::aws::data;
use crate::aws::iam::{Grantee, Role, RoleProps};
use crate::aws::kms::Key;
use crate::aws::policy::{own_arn, trust_for_this_account};
use crate::aws::sqs::Queue;
use crate::aws::target::{Target, TargetKind};
use crate::cfn::scheduler;
use crate::cfn::scheduler::schedule as shape;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{IntoVal, Val};

/// Properties of a [`Schedule`].
#[derive(Clone)]
pub struct ScheduleProps {
    /// The description of the schedule. Default: the path of the construct.
    pub description: String,
    /// The time zone of the schedule, an IANA name such as `Europe/Berlin`. Default: `UTC`.
    pub time_zone: String,
    /// The flexible time window after the scheduled time, which spreads load. It has whole minutes, up to one day.
    /// Default: none.
    pub window: Option<Duration>,
    /// The input of the target as JSON. Default: the default event of EventBridge Scheduler.
    pub input: Option<Val<String>>,
    /// The maximum age of an invocation during retries, from 1 minute to 24 hours. Default: 24 hours.
    pub max_age: Duration,
    /// The maximum number of retries, at most 185. Default: 185.
    pub attempts: u8,
    /// The dead-letter queue for invocations whose retries all failed. Default: the dead-letter queue of a standard
    /// target queue, otherwise none.
    pub dead_letters: Option<Queue>,
    /// The message group ID in a FIFO queue. Default: the name of the schedule.
    pub group: Option<String>,
    /// The key that encrypts the input of the target. Default: a key that EventBridge owns.
    pub key: Option<Key>,
    /// Whether the schedule is enabled. Default: yes.
    pub enabled: bool,
}

impl Default for ScheduleProps {
    fn default() -> Self {
        Self {
            description: String::new(),
            time_zone: "UTC".to_owned(),
            window: None,
            input: None,
            max_age: Duration::hours(24),
            attempts: 185,
            dead_letters: None,
            group: None,
            key: None,
            enabled: true,
        }
    }
}

impl ScheduleProps {
    /// Sets the input of the target, a JSON text.
    #[must_use]
    pub fn with_input(self, json: impl IntoVal<String>) -> Self {
        Self { input: Some(json.into_val()), ..self }
    }
}

/// An EventBridge schedule, which invokes its target at the scheduled times. Its role may only invoke the target.
///
/// # Units
///
/// In the template, `window` is in minutes and `max_age` is in seconds.
///
/// # Diagnostics
///
/// - `MS0710`: schedules do not support the target, or the rate is not a whole number of minutes.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, scheduler, sqs};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "jobs", Env::region("eu-west-1"));
/// let reports = sqs::Queue::new(&stack, "reports", sqs::QueueProps::default());
/// let at_six = scheduler::When::daily(6, 0);
/// scheduler::Schedule::new(&stack, "daily-report", at_six, &reports, scheduler::ScheduleProps {
///     time_zone: "Europe/Berlin".into(),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html>
#[derive(Clone)]
pub struct Schedule {
    scope: Scope,
    name: String,
    role: Role,
}

impl Schedule {
    /// Defines a schedule and its target.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, when: When, target: &impl Target, props: ScheduleProps) -> Self {
        let scope = scope.scope().construct(id);
        check(&scope, &when, target.target_kind());
        let name = data::physical_name(&scope, 64);
        let trust = trust_for_this_account(&scope, "scheduler.amazonaws.com");
        let description = format!("Runs {}.", scope.path());
        let role = Role::new(&scope, "role", trust, RoleProps { description, ..RoleProps::default() });
        let schedule = Self { scope, name, role };
        target.grant_deliver(&schedule);
        let entry = schedule.target(target, &props);
        let window = match props.window {
            None => shape::FlexibleTimeWindow::new(shape::FlexibleTimeWindowMode::Off),
            Some(window) => shape::FlexibleTimeWindow::new(shape::FlexibleTimeWindowMode::Flexible)
                .maximum_window_in_minutes(window.as_seconds().div_ceil(60) as f64),
        };
        let description = if props.description.is_empty() { schedule.scope.path() } else { props.description };
        let state = if props.enabled { shape::ScheduleState::Enabled } else { shape::ScheduleState::Disabled };
        let expression = when.expression();
        let mut resource = scheduler::Schedule::new(window, expression.clone(), entry)
            .name(schedule.name.clone())
            .description(description)
            .schedule_expression_timezone(props.time_zone)
            .state(state);
        if let Some(key) = &props.key {
            key.grant_decrypt_by_service(&schedule);
            resource = resource.kms_key_arn(key.arn());
        }
        resource.define(&schedule.scope, "resource");
        schedule.scope.diagram(DiagramNode::new("schedule").detail(expression));
        schedule
    }

    /// Returns the name of the schedule.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ARN of the schedule.
    pub fn arn(&self) -> Val<String> {
        own_arn(&self.scope, "scheduler", format!("schedule/default/{}", self.name))
    }

    #[track_caller]
    fn target(&self, target: &impl Target, props: &ScheduleProps) -> shape::Target {
        let retry = shape::RetryPolicy::new()
            .maximum_event_age_in_seconds(props.max_age.as_seconds() as f64)
            .maximum_retry_attempts(f64::from(props.attempts));
        let mut entry = shape::Target::new(target.target_arn(), self.role.arn()).retry_policy(retry);
        if let Some(input) = &props.input {
            entry = entry.input(input);
        }
        match target.target_kind() {
            TargetKind::Queue { fifo: true } => {
                let group = props.group.clone().unwrap_or_else(|| self.name.clone());
                entry = entry.sqs_parameters(shape::SqsParameters::new().message_group_id(group));
            }
            TargetKind::Bus => {
                let source = format!("{}.scheduler", self.scope.app_name());
                entry = entry.event_bridge_parameters(shape::EventBridgeParameters::new(self.name.clone(), source));
            }
            _ => {}
        }
        let own = || target.undelivered().filter(|it| it.target_kind() == TargetKind::Queue { fifo: false });
        let arn = match &props.dead_letters {
            Some(queue) => {
                queue.grant_send(self);
                Some(queue.target_arn())
            }
            None => own().map(|other| {
                other.grant_deliver(self);
                other.target_arn()
            }),
        };
        match arn {
            Some(arn) => entry.dead_letter_config(shape::DeadLetterConfig::new().arn(arn)),
            None => entry,
        }
    }
}

/// The schedule's role invokes the target and sends failed invocations to the dead-letter queue.
impl Grantee for Schedule {
    fn role(&self) -> Role {
        self.role.clone()
    }
}

impl Construct for Schedule {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[track_caller]
fn check(scope: &Scope, when: &When, kind: TargetKind) {
    let report = |message: String, help: &str| scope.report(Diagnostic::error("MS0710", message).help(help));
    if matches!(kind, TargetKind::LogGroup | TargetKind::Topic { fifo: true }) {
        report(
            "a schedule cannot have a log group or a FIFO topic as its target".to_owned(),
            "use a queue, a standard topic, a function, a state machine or an event bus",
        );
    }
    if let When::Every(span) = when
        && (span.as_millis() == 0 || !span.as_millis().is_multiple_of(60_000))
    {
        let message = format!(
            "the interval of the schedule is {} seconds; it must be a whole number of minutes",
            span.as_seconds()
        );
        report(message, "use an interval of one or more minutes");
    }
}

#[cfg(test)]
mod tests {
    use super::{Schedule, ScheduleProps, When};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};
    use crate::units::Duration;

    fn nightly(queue: QueueProps, props: ScheduleProps) -> Platform {
        Platform::synth("shop", |app| {
            let queue = Queue::new(&stack(app, "data"), "reports", queue);
            Schedule::new(&stack(app, "jobs"), "nightly", When::daily(3, 0), &queue, props);
        })
    }

    #[test]
    fn role_may_only_send_to_its_queues() {
        let platform = nightly(QueueProps::default(), ScheduleProps::default().with_input(r#"{"kind":"daily"}"#));
        let schedule = platform.resource("AWS::Scheduler::Schedule").props;
        assert_eq!(schedule["ScheduleExpression"], "cron(0 3 * * ? *)");
        assert_eq!(schedule["FlexibleTimeWindow"]["Mode"], "OFF");
        assert!(!schedule["Target"]["DeadLetterConfig"]["Arn"].is_null(), "{schedule}");
        let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
        assert!(policy.contains("sqs:SendMessage") && policy.contains("kms:GenerateDataKey"), "{policy}");
        assert!(!policy.contains("sqs:ReceiveMessage"), "{policy}");
        let trust = platform.resource("AWS::IAM::Role").props["AssumeRolePolicyDocument"].to_string();
        assert!(trust.contains("scheduler.amazonaws.com") && trust.contains("aws:SourceAccount"), "{trust}");
    }

    #[test]
    fn sets_flexible_window_and_message_group() {
        let props = ScheduleProps { window: Some(Duration::minutes(15)), ..Default::default() };
        let platform = nightly(QueueProps { fifo: true, ..Default::default() }, props);
        let schedule = platform.resource("AWS::Scheduler::Schedule").props;
        assert_eq!(schedule["FlexibleTimeWindow"]["MaximumWindowInMinutes"], 15.0);
        assert_eq!(schedule["Target"]["SqsParameters"]["MessageGroupId"], "shop-jobs-nightly");
    }
}
