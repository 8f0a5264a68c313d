//! Queues that exist already.

use super::queue::Queue;
use crate::aws::existing::ArnForm;
use crate::aws::kms::Key;
use crate::cfn::ids::QueueArn;
use crate::diagram::DiagramNode;
use crate::facts::regions::Partition;
use crate::text;
use crate::tree::Construct;
use crate::val::Val;

/// A queue that exists already.
#[derive(Clone)]
pub struct ExistingQueue {
    /// Its ARN.
    pub arn: Val<QueueArn>,
    /// The URL by which clients name it. Default: the one that follows from the ARN.
    pub url: Option<Val<String>>,
    /// The key that encrypts it. Default: one that SQS keeps, which needs no permission.
    pub key: Option<Key>,
    /// The ARN of the queue that holds what failed too often. Default: not known.
    pub failures: Option<Val<QueueArn>>,
    /// Whether messages of a group keep their order. `ExistingQueue::arn` reads it from the name.
    pub fifo: bool,
}

impl ExistingQueue {
    /// The queue with this ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        let arn = arn.into();
        let fifo = arn.rsplit_once('.').is_some_and(|(_, end)| end == "fifo");
        Self { arn: QueueArn::new(arn).into(), url: None, key: None, failures: None, fifo }
    }
}

/// How a queue is named.
const FORM: ArnForm =
    ArnForm { what: "SQS queue", service: "sqs", resource: "", example: "arn:aws:sqs:eu-west-1:111122223333:mails" };

impl Queue {
    /// Refers to a queue that exists already. What its policy must say is a task of its owner.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`, `MS0131`: what is imported is not the ARN of a queue, or is in another region than the stack.
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
    fn an_imported_queue_is_granted_on_without_a_key_of_its_own() {
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
    fn the_policy_of_an_imported_queue_is_a_task_of_its_owner() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let mails = Queue::import(&data, "mails", ExistingQueue::arn(ARN));
            Topic::new(&data, "orders", TopicProps::default()).subscribe(&mails);
        });
        let owners = platform.assembly.files["owners.json"].as_str();
        assert!(owners.contains(ARN) && owners.contains("sns.amazonaws.com"), "{owners}");
    }

    #[test]
    fn the_arn_of_a_topic_is_not_that_of_a_queue() {
        let found = codes(|app| {
            let data = stack(app, "data");
            crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
            Queue::import(&data, "mails", ExistingQueue::arn("arn:aws:sns:ap-northeast-1:111122223333:mails"));
        });
        assert_eq!(found, ["MS0130"]);
    }
}
