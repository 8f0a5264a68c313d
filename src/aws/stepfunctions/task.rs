//! Tasks of state machines.

use crate::aws::iam::{Grantee, Statement};
use crate::bedrock;
use crate::lambda;
use crate::sns;
use crate::sqs;
use crate::tree::Construct;
use crate::val::{Bag, Val};

/// A task, which calls another service with the data of the execution. Its result is the input of the next
/// state.
#[derive(Clone)]
pub enum Task {
    /// Invokes a function with the data, and returns its response.
    Invoke(lambda::Function),
    /// Sends the data to a queue.
    Send(sqs::Queue),
    /// Publishes the data to a topic.
    Publish(sns::Topic),
    /// Invokes a model with the data as the request body.
    Ask(bedrock::Model),
    /// Calls an AWS service through its Step Functions integration.
    Service {
        /// The part after `arn:aws:states:::`, such as `dynamodb:putItem`.
        integration: String,
        /// Its parameters. The value of a parameter whose name ends with `.$` is a JSON path.
        parameters: Bag,
        /// The permissions that the call requires.
        statements: Vec<Statement>,
    },
}

impl Task {
    /// Grants the state machine the permissions of the task.
    #[track_caller]
    pub(super) fn grant(&self, machine: &impl Grantee) {
        match self {
            Task::Invoke(function) => function.grant_invoke(machine),
            Task::Send(queue) => queue.grant_send(machine),
            Task::Publish(topic) => topic.grant_publish(machine),
            Task::Ask(model) => model.grant_invoke(machine),
            Task::Service { statements, .. } => statements.iter().for_each(|it| {
                machine.role().allow(it.clone());
            }),
        }
    }

    /// Returns the integration, its parameters, and the path of the result within the response.
    ///
    /// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html>
    pub(super) fn parts(&self) -> (String, Bag, Option<&'static str>) {
        let all = |key: &str, value: Val<String>, data: &str| Bag::default().with(key, value).with(data, "$");
        match self {
            Task::Invoke(function) => {
                ("lambda:invoke".to_owned(), all("FunctionName", function.arn(), "Payload.$"), Some("$.Payload"))
            }
            Task::Send(queue) => ("sqs:sendMessage".to_owned(), all("QueueUrl", queue.url(), "MessageBody.$"), None),
            Task::Publish(topic) => ("sns:publish".to_owned(), all("TopicArn", topic.arn().into(), "Message.$"), None),
            Task::Ask(model) => {
                ("bedrock:invokeModel".to_owned(), all("ModelId", model.arn(), "Body.$"), Some("$.Body"))
            }
            Task::Service { integration, parameters, .. } => (integration.clone(), parameters.clone(), None),
        }
    }

    /// Returns the called construct for the diagram, or `None` for a service integration.
    pub(super) fn target(&self) -> Option<&crate::tree::Scope> {
        match self {
            Task::Invoke(function) => Some(function.scope()),
            Task::Send(queue) => Some(queue.scope()),
            Task::Publish(topic) => Some(topic.scope()),
            Task::Ask(model) => Some(model.scope()),
            Task::Service { .. } => None,
        }
    }
}
