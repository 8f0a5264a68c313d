//! Imports of existing topics.

use super::topic::Topic;
use crate::aws::existing::ArnForm;
use crate::aws::kms::Key;
use crate::cfn::ids::TopicArn;
use crate::diagram::DiagramNode;
use crate::tree::Construct;
use crate::val::Val;

/// An existing topic.
#[derive(Clone)]
pub struct ExistingTopic {
    /// Its ARN.
    pub arn: Val<TopicArn>,
    /// The key that encrypts it. Default: none, so publishers need no permission for a key.
    pub key: Option<Key>,
    /// Whether it is a FIFO topic, which delivers the messages of a group in order. `ExistingTopic::arn` derives it
    /// from the name.
    pub fifo: bool,
}

impl ExistingTopic {
    /// Refers to a topic by its ARN.
    pub fn arn(arn: impl Into<String>) -> Self {
        let arn = arn.into();
        let fifo = arn.rsplit_once('.').is_some_and(|(_, end)| end == "fifo");
        Self { arn: TopicArn::new(arn).into(), key: None, fifo }
    }
}

/// The ARN format of a topic.
const FORM: ArnForm =
    ArnForm { what: "SNS topic", service: "sns", resource: "", example: "arn:aws:sns:eu-west-1:111122223333:orders" };

impl Topic {
    /// Refers to an existing topic. Changes to its policy become owner tasks.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`, `MS0131`: the imported value is not the ARN of a topic, or the topic is in another region
    ///   than the stack.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, sns, sqs};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let arn = "arn:aws:sns:eu-west-1:444455556666:prices";
    /// let prices = sns::Topic::import(&data, "prices", sns::ExistingTopic::arn(arn));
    /// prices.subscribe(&sqs::Queue::new(&data, "new-prices", sqs::QueueProps::default()));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingTopic) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("topic").detail("SNS, exists already"));
        let is_foreign = FORM.check(&scope, &existing.arn).is_some_and(|arn| arn.is_foreign(&scope));
        let arn = scope.read_here(existing.arn);
        Self::of_existing(scope, arn, existing.key, existing.fifo, is_foreign)
    }
}

#[cfg(test)]
mod tests {
    use super::ExistingTopic;
    use crate::sns::Topic;
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{Platform, stack};

    #[test]
    fn subscription_to_foreign_topic_adds_owner_task() {
        let arn = "arn:aws:sns:ap-northeast-1:444455556666:prices";
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let prices = Topic::import(&data, "prices", ExistingTopic::arn(arn));
            prices.subscribe(&Queue::new(&data, "new-prices", QueueProps::default()));
        });
        assert_eq!(platform.resource("AWS::SNS::Subscription").props["TopicArn"], arn);
        let policies = platform.resources("AWS::SQS::QueuePolicy");
        assert!(policies.iter().any(|it| it.props["PolicyDocument"].to_string().contains(arn)));
        let key = platform.resource("AWS::KMS::Key").props["KeyPolicy"].to_string();
        assert!(key.contains(arn), "the key policy of the queue must allow the topic: {key}");
        let owners = platform.assembly.files["owners.json"].as_str();
        assert!(owners.contains("sns:Subscribe"), "{owners}");
    }
}
