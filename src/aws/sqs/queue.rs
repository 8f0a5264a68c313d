//! SQS queues.

use crate::Resource;
use crate::aws::data;
use crate::aws::existing;
use crate::aws::iam::{Grantee, Statement};
use crate::aws::kms::Key;
use crate::aws::policy::{no_statements, only_with_tls, policy_of_bare};
use crate::aws::target::{Source, Target, TargetKind};
use crate::cfn::ids::QueueArn;
use crate::cfn::sqs;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::owner_task::OwnerTask;
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Bag, Data, Val};

/// Properties of a [`Queue`].
#[derive(Clone)]
pub struct QueueProps {
    /// The visibility timeout of a received message. It must be longer than the processing time. Default: 30 seconds.
    pub visibility: Duration,
    /// The message retention period, at most 14 days. Default: 4 days.
    pub retention: Duration,
    /// The number of receives before a message moves to the dead-letter queue. Default: 5.
    pub attempts: u32,
    /// Whether it is a FIFO queue, which delivers the messages of a group in order and removes duplicates. Default: no.
    pub fifo: bool,
    /// The key that encrypts the messages. Default: a separate key for the queue.
    pub key: Option<Key>,
    /// The deletion policy of both queues. Default: the queues are kept.
    pub on_delete: OnDelete,
}

impl Default for QueueProps {
    fn default() -> Self {
        Self {
            visibility: Duration::seconds(30),
            retention: Duration::days(4),
            attempts: 5,
            fifo: false,
            key: None,
            on_delete: OnDelete::Retain,
        }
    }
}

/// An encrypted queue with a dead-letter queue, both reachable only over TLS.
///
/// Receivers use long polling of up to 20 seconds, which costs less than frequent requests.
///
/// # Units
///
/// In the template, `visibility` and `retention` are in seconds.
///
/// Topics, rules, schedules and buckets can deliver to it. These services can send undeliverable messages to its
/// dead-letter queue.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, sqs};
/// # let app = App::new("shop");
/// # let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let mails = sqs::Queue::new(&stack, "mails", sqs::QueueProps::default());
/// let url = mails.url(); // for the environment of a workload
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html>
#[derive(Clone)]
pub struct Queue {
    scope: Scope,
    arn: Val<QueueArn>,
    url: Val<String>,
    /// The key, or `None` for an imported queue whose key is unknown.
    key: Option<Key>,
    /// The queue policy, or `None` if the queue is imported or bare.
    policy: Option<Resource<sqs::QueuePolicy>>,
    failures: Option<Failures>,
    fifo: bool,
}

/// The dead-letter queue.
#[derive(Clone)]
struct Failures {
    arn: Val<QueueArn>,
    url: Option<Val<String>>,
    policy: Option<Resource<sqs::QueuePolicy>>,
}

/// The maximum retention period of SQS.
const LONGEST: Duration = Duration::days(14);

impl Queue {
    /// Defines a queue and its dead-letter queue.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, props: QueueProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key);
        let queue = |retention: Duration| encrypted(&key, retention, props.fifo);
        let failures = queue(LONGEST).define(&scope, "failures");
        let arn: Val<String> = failures.arn().into();
        let redrive =
            Bag::default().with("deadLetterTargetArn", arn).with("maxReceiveCount", i64::from(props.attempts));
        let queue = queue(props.retention)
            .visibility_timeout(props.visibility.as_seconds() as i64)
            .redrive_policy(redrive)
            .define(&scope, "resource");
        for queue in [&queue, &failures] {
            queue.on_delete(props.on_delete);
        }
        let arns: Vec<Val<String>> = [&queue, &failures].map(|queue| queue.arn().into()).to_vec();
        let [policy, failures_policy] = [("policy", &queue, &arns[0]), ("failures-policy", &failures, &arns[1])]
            .map(|(id, queue, arn)| closed(queue, arn.clone()).define(&scope, id));
        scope.diagram(DiagramNode::new("queue").detail("SQS"));
        let failures = Failures { arn: failures.arn(), url: Some(failures.queue_url()), policy: Some(failures_policy) };
        let (arn, url) = (queue.arn(), queue.queue_url());
        let (policy, failures) = (Some(policy), Some(failures));
        Self { scope, arn, url, key: Some(key), policy, failures, fifo: props.fifo }
    }

    /// Defines a queue for failed events of another construct. It has the maximum retention period and no dead-letter
    /// queue.
    #[track_caller]
    pub(crate) fn for_failures(scope: &impl Construct, id: &str, key: &Key, on_delete: OnDelete) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("queue").detail("SQS"));
        let queue = encrypted(key, LONGEST, false).define(&scope, "resource");
        queue.on_delete(on_delete);
        let (arn, url) = (queue.arn(), queue.queue_url());
        let policy = Some(closed(&queue, arn.clone().into()).define(&scope, "policy"));
        Self { scope, arn, url, key: Some(key.clone()), policy, failures: None, fifo: false }
    }

    /// Creates the handle of a bare queue.
    pub(super) fn of_resource(scope: Scope, queue: &Resource<sqs::Queue>, fifo: bool) -> Self {
        scope.diagram(DiagramNode::new("queue").detail("SQS"));
        let (arn, url) = (queue.arn(), queue.queue_url());
        Self { scope, arn, url, key: None, policy: None, failures: None, fifo }
    }

    /// Creates the handle of an imported queue.
    pub(super) fn of_existing(
        scope: Scope,
        arn: Val<QueueArn>,
        url: Val<String>,
        key: Option<Key>,
        failures: Option<Val<QueueArn>>,
        fifo: bool,
    ) -> Self {
        let failures = failures.map(|arn| Failures { arn, url: None, policy: None });
        Self { scope, arn, url, key, policy: None, failures, fifo }
    }

    /// Returns the ARN of the queue.
    pub fn arn(&self) -> Val<QueueArn> {
        self.arn.clone()
    }

    /// Returns the URL of the queue.
    pub fn url(&self) -> Val<String> {
        self.url.clone()
    }

    /// Returns the region of the queue.
    pub fn region(&self) -> String {
        self.scope.region()
    }

    /// Returns the ARN of the dead-letter queue.
    #[track_caller]
    pub fn failures_arn(&self) -> Val<QueueArn> {
        self.failures().arn
    }

    /// Returns the dead-letter queue, for example as the destination of undeliverable events.
    ///
    /// # Diagnostics
    ///
    /// - `MS0318`: the dead-letter queue of an imported queue is unknown.
    #[must_use]
    #[track_caller]
    pub fn failures(&self) -> Self {
        let Some(Failures { arn, url, policy }) = self.failures.clone() else {
            existing::incomplete(&self.scope, "failures");
            return self.clone();
        };
        let url = url.unwrap_or_else(|| self.url.clone());
        Self { arn, url, policy, failures: None, ..self.clone() }
    }

    /// Returns the key that encrypts the messages, or `None` if it is unknown.
    pub fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Returns the ARN of the dead-letter queue, or `None` if it is unknown.
    pub(crate) fn known_failures(&self) -> Option<Val<QueueArn>> {
        self.failures.as_ref().map(|failures| failures.arn.clone())
    }

    /// Returns whether it is a FIFO queue.
    pub fn is_fifo(&self) -> bool {
        self.fifo
    }

    /// Lets the grantee send messages.
    #[track_caller]
    pub fn grant_send(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]);
        self.grant_key(grantee, &["kms:Decrypt", "kms:GenerateDataKey"]);
    }

    /// Lets the grantee receive and delete messages.
    #[track_caller]
    pub fn grant_receive(&self, grantee: &impl Grantee) {
        let actions = [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
        ];
        self.grant(grantee, &actions);
        self.grant_key(grantee, &["kms:Decrypt"]);
    }

    /// Lets the grantee read the queue length, as autoscalers require.
    #[track_caller]
    pub fn grant_length(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["sqs:GetQueueAttributes"]);
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        let arn: Val<String> = self.arn().into();
        let statement = Statement::allow(actions.iter().copied()).on(arn.clone());
        let role = grantee.role();
        if let Some(principal) = role.foreign_principal(&self.scope, &arn) {
            self.add_to_policy(statement.clone().into_data(Some(principal)));
        }
        role.grant(grantee, &self.scope, statement);
    }

    #[track_caller]
    fn grant_key(&self, grantee: &impl Grantee, actions: &[&str]) {
        if let Some(key) = &self.key {
            key.grant(grantee, actions);
        }
    }

    /// Adds a statement to the queue policy, or adds an owner task if the queue is imported.
    #[track_caller]
    fn add_to_policy(&self, statement: Data) {
        let policy = self.policy.as_ref().map(|policy| policy.scope().clone());
        match policy.or_else(|| policy_of_bare(&self.scope, || self.add_policy(no_statements()).scope().clone())) {
            Some(policy) => policy.add("PolicyDocument.Statement", statement),
            None => self.scope.owner_task(OwnerTask {
                owner: self.arn().into(),
                what: "add the statement to the policy of the queue".to_owned(),
                document: Some(statement),
            }),
        }
    }
}

/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services>
impl Target for Queue {
    fn target_arn(&self) -> Val<String> {
        self.arn().into()
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Queue { fifo: self.fifo }
    }

    #[track_caller]
    fn admit(&self, source: &Source) -> Option<Scope> {
        let send = Statement::allow(["sqs:SendMessage"]).on(self.target_arn());
        self.add_to_policy(source.statement(send));
        if let Some(key) = &self.key {
            key.allow_service_to(source.service, ["kms:Decrypt", "kms:GenerateDataKey"], source.key_conditions());
        }
        source.delivers_to(self);
        self.policy.as_ref().map(|policy| policy.scope().clone())
    }

    #[track_caller]
    fn grant_deliver(&self, grantee: &impl Grantee) {
        self.grant_send(grantee);
    }

    fn undelivered(&self) -> Option<Self> {
        self.failures.is_some().then(|| self.failures())
    }
}

fn encrypted(key: &Key, retention: Duration, fifo: bool) -> sqs::Queue {
    let queue = sqs::Queue::new()
        .kms_master_key_id(key.arn())
        .kms_data_key_reuse_period_seconds(300)
        .message_retention_period(retention.as_seconds() as i64)
        .receive_message_wait_time_seconds(20);
    match fifo {
        true => queue.fifo_queue(true).content_based_deduplication(true),
        false => queue,
    }
}

/// Returns a policy that denies requests without TLS.
fn closed(queue: &Resource<sqs::Queue>, arn: Val<String>) -> sqs::QueuePolicy {
    let statements = vec![only_with_tls("sqs:*", vec![arn])];
    let policy = Bag::default().with("Version", "2012-10-17").with("Statement", statements);
    sqs::QueuePolicy::new(policy, [queue.queue_url()])
}

impl Construct for Queue {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

#[cfg(test)]
mod tests {
    use super::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    fn platform(props: QueueProps) -> Platform {
        Platform::synth("shop", |app| {
            Queue::new(&stack(app, "data"), "mails", props);
        })
    }

    #[test]
    fn moves_failed_messages_to_dead_letter_queue() {
        let platform = platform(QueueProps { attempts: 3, ..QueueProps::default() });
        let queues = platform.resources("AWS::SQS::Queue");
        let queue = queues.iter().find(|it| !it.props["RedrivePolicy"].is_null()).expect("the queue");
        assert_eq!(queue.props["RedrivePolicy"]["maxReceiveCount"], 3);
        let failures = queues.iter().find(|it| it.props["RedrivePolicy"].is_null()).expect("its failures");
        assert_eq!(failures.props["MessageRetentionPeriod"], 1_209_600);
    }

    #[test]
    fn both_queues_require_tls() {
        let platform = platform(QueueProps::default());
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        assert_eq!(policies.len(), 2);
        assert!(policies.iter().all(|it| it.props["PolicyDocument"].to_string().contains("aws:SecureTransport")));
    }
}
