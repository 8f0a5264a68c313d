//! EventBridge rules.

use super::bus::Bus;
use super::pattern::Pattern;
use super::target::TargetProps;
use crate::Resource;
use crate::aws::data;
use crate::aws::iam::{Grantee, Role, RoleProps};
use crate::aws::policy::{own_arn, trust_for_this_account};
use crate::aws::sqs::Queue;
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::events;
use crate::cfn::events::rule as shape;
use crate::diag::Diagnostic;
use crate::diagram::DiagramNode;
use crate::name::{self, MOST_OF_ID};
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::{Data, Val, Value};

/// Properties of a [`Rule`].
#[derive(Clone, Debug)]
pub struct RuleProps {
    /// The description of the rule. Default: the path of the construct.
    pub description: String,
    /// Whether the rule is enabled. Default: yes.
    pub enabled: bool,
}

impl Default for RuleProps {
    fn default() -> Self {
        Self { description: String::new(), enabled: true }
    }
}

/// A rule: it delivers matching events of a bus to targets.
///
/// Adding a target also adds the permissions. The resource policy of a queue, a topic or a function allows the rule,
/// and so does its key policy. For a state machine or another bus, the rule has a role. If EventBridge cannot deliver
/// an event to a queue, it sends the event to the dead-letter queue of that queue.
///
/// # Units
///
/// In the template, the `max_age` of a target is in seconds.
///
/// # Diagnostics
///
/// - `MS0708`: the pattern has no condition.
/// - `MS0709`: the rule has no target.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, events, sqs};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "events", Env::region("eu-west-1"));
/// # let bus = events::Bus::new(&stack, "shop", events::BusProps::default());
/// # let invoices = sqs::Queue::new(&stack, "invoices", sqs::QueueProps::default());
/// let placed = events::Pattern::source(["shop.orders"]).detail_type(["OrderPlaced"]);
/// let rule = events::Rule::new(&stack, "placed", &bus, placed, events::RuleProps::default());
/// rule.add_target_with(&invoices, events::TargetProps {
///     input: events::Input::part("$.detail"),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html>
#[derive(Clone)]
pub struct Rule {
    scope: Scope,
    name: Val<String>,
    arn: Val<String>,
    bus: Bus,
    rule: Resource<events::Rule>,
}

impl Bus {
    /// Defines a rule of this bus.
    #[track_caller]
    pub fn add_rule(&self, id: &str, pattern: Pattern) -> Rule {
        Rule::new(self, id, self, pattern, RuleProps::default())
    }
}

impl Rule {
    /// Defines a rule of a bus. It delivers no events until a target is added.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, bus: &Bus, pattern: Pattern, props: RuleProps) -> Self {
        let scope = scope.scope().construct(id);
        if pattern.is_empty() {
            scope.report(
                Diagnostic::error("MS0708", "the event pattern has no condition, so it matches all events")
                    .help("add a condition, such as `Pattern::source([\"shop.orders\"])`"),
            );
        }
        let name = data::physical_name(&scope, 64);
        let state = if props.enabled { shape::State::Enabled } else { shape::State::Disabled };
        let description = if props.description.is_empty() { scope.path() } else { props.description };
        let rule = events::Rule::new()
            .name(name.clone())
            .description(description)
            .event_bus_name(bus.name())
            .event_pattern(pattern.into_data())
            .state(state)
            .define(&scope, "resource");
        scope.diagram(DiagramNode::quiet("rule").detail("EventBridge"));
        Source::new(bus, "events.amazonaws.com", None).delivers_to(&scope);
        // The ARN is derived without a reference to the rule. This avoids a cycle between the rule and its target.
        let arn = own_arn(&scope, "events", text![bus.rule_path(), name.clone()]);
        Self { scope, name: name.into(), arn, bus: bus.clone(), rule }
    }

    /// Defines a bare rule with its own targets. It belongs to the default bus, or to the bus that its resource names.
    /// Use [`Bus::add_rule_with`] for a bus that the program defines.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, cfn, events, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// # let queue = sqs::Queue::new(&data, "stock", sqs::QueueProps::default());
    /// let nightly = cfn::events::Rule::new().schedule_expression("cron(30 3 * * ? *)");
    /// let nightly = events::Rule::bare(&data, "nightly", nightly);
    /// nightly.resource().logical_id("Nightly");
    /// nightly.add_target(&queue);
    /// # app.synth().expect("it synthesizes");
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, rule: events::Rule) -> Self {
        let scope = scope.scope().construct(id);
        let said = rule.clone().into_data();
        let text = |key: &str| match said.at(key) {
            Some(Data::Text(text)) => Some(Val::Known(text.to_string())),
            Some(Data::Deferred(value)) => Some(Val::Deferred((**value).clone())),
            _ => None,
        };
        let rule = rule.define(&scope, "resource");
        scope.diagram(DiagramNode::quiet("rule").detail("EventBridge"));
        let bus = Bus::unseen(&scope, text("EventBusName").unwrap_or_else(|| Val::from("default")));
        // `Ref` of a rule on another bus returns `<bus>|<rule>`.
        let made = || if bus.is_default() { rule.reference() } else { rule.reference().piece("|", 1) };
        Self { name: text("Name").unwrap_or_else(made), arn: rule.arn(), bus, rule, scope }
    }

    /// Returns the resource of the rule, for example to keep its logical ID, or to set a property for which the
    /// construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<events::Rule> {
        Resource::of(self, "resource")
    }

    /// Returns the name of the rule.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the ARN of the rule.
    pub fn arn(&self) -> Val<String> {
        self.arn.clone()
    }

    /// Returns the bus of the rule.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Delivers each event also to this target: a queue, a topic, a function, a state machine, a log group or a bus.
    #[track_caller]
    pub fn add_target(&self, target: &impl Target) -> &Self {
        self.add_target_with(target, TargetProps::default())
    }

    /// Adds a target with its own input, retry policy or dead-letter queue.
    #[track_caller]
    pub fn add_target_with(&self, target: &impl Target, props: TargetProps) -> &Self {
        let source = Source::new(self, "events.amazonaws.com", Some(self.arn()));
        let kind = target.target_kind();
        let id = name::fit(&target.scope().path().replace('/', "-"), MOST_OF_ID);
        let retry = shape::RetryPolicy::new()
            .maximum_event_age_in_seconds(props.max_age.as_seconds() as i64)
            .maximum_retry_attempts(props.attempts);
        let mut entry = props.input.set(shape::Target::new(target.target_arn(), id)).retry_policy(retry);
        if kind.is_by_role() {
            target.grant_deliver(self);
            entry = entry.role_arn(self.role().arn());
        } else {
            target.admit(&source);
        }
        if let TargetKind::Queue { fifo: true } = kind {
            let group = props.group.map_or_else(|| self.name(), Val::from);
            entry = entry.sqs_parameters(shape::SqsParameters::new(group));
        }
        if let Some(arn) = dead_letters(props.dead_letters, target, &source) {
            entry = entry.dead_letter_config(shape::DeadLetterConfig::new().arn(arn));
        }
        self.rule.scope().add("Targets", entry.into_data());
        self
    }
}

/// Some targets require that the rule has a role. The role is defined with the first of these targets.
impl Grantee for Rule {
    fn role(&self) -> Role {
        let define = || {
            let trust = trust_for_this_account(&self.scope, "events.amazonaws.com");
            let description = format!("Delivers events of {}.", self.scope.path());
            Role::new(&self.scope, "role", trust, RoleProps { description, ..RoleProps::default() })
        };
        self.scope.child("role").and_then(Role::at).unwrap_or_else(define)
    }
}

/// Returns the dead-letter queue of a target. EventBridge supports only standard queues as dead-letter queues.
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
#[track_caller]
fn dead_letters(asked: Option<Queue>, target: &impl Target, source: &Source) -> Option<Val<String>> {
    if let Some(queue) = asked {
        queue.admit(source);
        return Some(queue.target_arn());
    }
    let queue = target.undelivered().filter(|it| it.target_kind() == TargetKind::Queue { fifo: false })?;
    queue.admit(source);
    Some(queue.target_arn())
}

impl Construct for Rule {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Pattern, Rule, RuleProps, TargetProps, events, shape};
    use crate::events::{Bus, BusProps, Input, Match};
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    fn to_queue(props: QueueProps, target: TargetProps) -> Platform {
        Platform::synth("shop", |app| {
            let bus = Bus::new(&stack(app, "events"), "shop", BusProps::default());
            let queue = Queue::new(&stack(app, "invoices"), "invoices", props);
            let large = Pattern::source(["shop.orders"]).detail("order.total", [Match::Above(100.0)]);
            Rule::new(&stack(app, "rules"), "large", &bus, large, RuleProps::default()).add_target_with(&queue, target);
        })
    }

    #[test]
    fn adds_targets_to_a_bare_rule() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let queue = Queue::new(&data, "stock", QueueProps::default());
            let topic = Topic::new(&data, "news", TopicProps::default());
            let rule = events::Rule::new().schedule_expression("rate(1 hour)");
            let rule = Rule::bare(&data, "hourly", rule.targets([shape::Target::new(topic.arn(), "news")]));
            rule.resource().logical_id("Hourly");
            rule.add_target(&queue);
        });
        let rule = platform.resource("AWS::Events::Rule").props;
        assert_eq!(rule["Targets"].as_array().map(Vec::len), Some(2), "{rule}");
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        assert!(policies.iter().any(|it| it.props.to_string().contains("\"Hourly\"")), "{policies:?}");
    }

    #[test]
    fn queue_and_key_policies_allow_the_rule() {
        let platform = to_queue(QueueProps::default(), TargetProps::default());
        let rule = platform.resource("AWS::Events::Rule").props;
        assert_eq!(rule["EventPattern"]["detail"]["order"]["total"][0]["numeric"], serde_json::json!([">", 100]));
        let target = &rule["Targets"][0];
        assert!(target["DeadLetterConfig"]["Arn"].is_object() && target.get("RoleArn").is_none(), "{target}");
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        let of_rule = "rule/shop-events-shop/shop-rules-large";
        assert!(policies.iter().all(|it| it.props.to_string().contains(of_rule)), "and that of failures");
        let key = platform.resource("AWS::KMS::Key").props["KeyPolicy"].to_string();
        assert!(key.contains("events.amazonaws.com") && key.contains("aws:SourceAccount"), "{key}");
    }

    #[test]
    fn fifo_target_has_group_and_no_dead_letter_queue() {
        let platform = to_queue(QueueProps { fifo: true, ..Default::default() }, TargetProps::default());
        let target = &platform.resource("AWS::Events::Rule").props["Targets"][0];
        assert_eq!(target["SqsParameters"]["MessageGroupId"], "shop-rules-large");
        assert!(target.get("DeadLetterConfig").is_none(), "EventBridge supports only standard dead-letter queues");
    }

    #[test]
    fn transforms_the_input_of_a_target() {
        let input = Input::template([("total", "$.detail.order.total")], r#"{"euros": <total>}"#);
        let platform = to_queue(QueueProps::default(), TargetProps { input, ..Default::default() });
        let target = &platform.resource("AWS::Events::Rule").props["Targets"][0];
        assert_eq!(target["InputTransformer"]["InputPathsMap"]["total"], "$.detail.order.total");
    }

    #[test]
    fn topic_policy_allows_eventbridge_without_condition() {
        let platform = Platform::synth("shop", |app| {
            let stack = stack(app, "events");
            let bus = Bus::new(&stack, "shop", BusProps::default());
            let topic = Topic::new(&stack, "orders", TopicProps::default());
            bus.add_rule("all", Pattern::source(["shop.orders"])).add_target(&topic);
        });
        let statements = &platform.resource("AWS::SNS::TopicPolicy").props["PolicyDocument"]["Statement"];
        let statement = statements.as_array().unwrap().iter().find(|it| it["Effect"] == "Allow").unwrap();
        assert!(statement.get("Condition").is_none(), "{statement}");
    }
}
