//! Imports of existing queues.

use super::queue::Queue;
use crate::aws::existing::ArnForm;
use crate::aws::kms::Key;
use crate::cfn::ids::QueueArn;
use crate::diagram::DiagramNode;
use crate::facts::regions::Partition;
use crate::text;
use crate::tree::Construct;
use crate::val::Val;

/// An existing queue.
#[derive(Clone)]
pub struct ExistingQueue {
    /// Its ARN.
    pub arn: Val<QueueArn>,
    /// The URL of the queue. Default: the URL that is derived from the ARN.
    pub url: Option<Val<String>>,
    /// The key that encrypts it. Default: a key that SQS manages, which requires no permission.
    pub key: Option<Key>,
    /// The ARN of its dead-letter queue. Default: unknown.
    pub failures: Option<Val<QueueArn>>,
    /// Whether it is a FIFO queue, which delivers the messages of a group in order. `ExistingQueue::arn` derives it
    /// from the name.
    pub fifo: bool,
}

impl ExistingQueue {
    /// Refers to a queue by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        let arn = arn.into();
        let fifo = arn.rsplit_once('.').is_some_and(|(_, end)| end == "fifo");
        Self { arn: QueueArn::new(arn).into(), url: None, key: None, failures: None, fifo }
    }
}

/// The ARN format of a queue.
const FORM: ArnForm =
    ArnForm { what: "SQS queue", service: "sqs", resource: "", example: "arn:aws:sqs:eu-west-1:111122223333:mails" };

impl Queue {
    /// Refers to an existing queue. Changes to its policy become owner tasks.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`, `MS0131`: the imported value is not the ARN of a queue, or the queue is in another region
    ///   than the stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let arn = "arn:aws:sqs:eu-west-1:111122223333:mails";
    /// let mails = sqs::Queue::import(&data, "mails", sqs::ExistingQueue::arn(arn));
    /// assert_eq!(mails.url(), "https://sqs.eu-west-1.amazonaws.com/111122223333/mails".into());
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingQueue) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("queue").detail("SQS, exists already"));
        FORM.check(&scope, &existing.arn);
        let arn = scope.read_here(existing.arn);
        let url = match existing.url {
            Some(url) => scope.read_here(url),
            None => {
                let piece = |index| Val::<String>::from(arn.clone()).piece(":", index);
                let region = scope.region();
                let host = format!("https://sqs.{region}.{}/", Partition::of(&region).dns_suffix);
                text![host, piece(4), "/", piece(5)]
            }
        };
        let failures = existing.failures.map(|arn| scope.read_here(arn));
        Self::of_existing(scope, arn, url, existing.key, failures, existing.fifo)
    }
}

#[cfg(test)]
mod tests {
    use super::ExistingQueue;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::Queue;
    use crate::testing::{Platform, codes, stack};

    const ARN: &str = "arn:aws:sqs:ap-northeast-1:111122223333:mails";

    #[test]
    fn grants_imported_queue_without_key() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let role = Role::new(&data, "mailer", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            Queue::import(&data, "mails", ExistingQueue::arn(ARN)).grant_send(&role);
        });
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains(ARN) && !policy.contains("kms:"), "{policy}");
        assert!(platform.resources("AWS::SQS::QueuePolicy").is_empty());
    }

    #[test]
    fn policy_of_imported_queue_is_owner_task() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let mails = Queue::import(&data, "mails", ExistingQueue::arn(ARN));
            Topic::new(&data, "orders", TopicProps::default()).subscribe(&mails);
        });
        let owners = platform.assembly.files["owners.json"].as_str();
        assert!(owners.contains(ARN) && owners.contains("sns.amazonaws.com"), "{owners}");
    }

    #[test]
    fn reports_topic_arn_instead_of_queue() {
        let found = codes(|app| {
            let data = stack(app, "data");
            crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
            Queue::import(&data, "mails", ExistingQueue::arn("arn:aws:sns:ap-northeast-1:111122223333:mails"));
        });
        assert_eq!(found, ["MS0130"]);
    }
}
