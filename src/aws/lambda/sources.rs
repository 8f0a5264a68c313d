//! What a function is run by: messages of a queue, changes of a table.

use std::panic::Location;

use crate::Resource;
use crate::cfn::iam;
use crate::cfn::lambda;
use crate::cfn::lambda::event_source_mapping as shape;
use crate::name::{self, MOST_OF_ID};
use crate::node::{Edge, EdgeKind};
use crate::tree::{Construct, Scope};
use crate::units::Duration;
use crate::val::{Data, Val};
use crate::{dynamodb, sqs};

use super::Function;

/// How messages of a queue come to a function.
#[derive(Clone, Debug)]
pub struct QueueSource {
    /// The most messages of a call, 1 to 10,000. Default: 10.
    pub batch: u16,
    /// How long messages are gathered for a call, up to 5 minutes; a batch of more than 10 wants some. Default: not at all.
    pub window: Duration,
    /// The most calls at a time for this queue, 2 to 1,000. Default: no limit.
    pub concurrency: Option<u16>,
    /// Which messages it wants, as patterns of EventBridge; others are deleted. Default: all.
    pub filters: Vec<Data>,
}

impl Default for QueueSource {
    fn default() -> Self {
        Self { batch: 10, window: Duration::seconds(0), concurrency: None, filters: Vec::new() }
    }
}

/// How records of a stream come to a function.
#[derive(Clone)]
pub struct StreamSource {
    /// The most records of a call, 1 to 10,000. Default: 100.
    pub batch: u16,
    /// How long records are gathered for a call, up to 5 minutes. Default: not at all.
    pub window: Duration,
    /// Whether it begins with the oldest record that is there. Default: with those that come.
    pub from_start: bool,
    /// How often a failed batch is tried again, halved each time. Default: 5 times.
    pub attempts: u16,
    /// The queue that hears of batches that failed to the end. Default: nobody does.
    pub failures: Option<sqs::Queue>,
    /// Which records it wants, as patterns of EventBridge. Default: all.
    pub filters: Vec<Data>,
}

impl Default for StreamSource {
    fn default() -> Self {
        Self {
            batch: 100,
            window: Duration::seconds(0),
            from_start: false,
            attempts: 5,
            failures: None,
            filters: Vec::new(),
        }
    }
}

impl Function {
    /// Runs the function for messages of a queue. It answers which messages of a batch failed (`batchItemFailures`).
    ///
    /// The queue must hide a message for as long as the function may take (`MS0333`); AWS asks for six times as long.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    #[track_caller]
    pub fn add_queue_source(&self, queue: &sqs::Queue, source: QueueSource) -> &Self {
        queue.grant_receive(self);
        let arn: Val<String> = queue.arn().into();
        let mut mapping = lambda::EventSourceMapping::new(self.arn())
            .event_source_arn(arn)
            .batch_size(i64::from(source.batch))
            .function_response_types([shape::FunctionResponseTypes::ReportBatchItemFailures]);
        if source.window.as_seconds() > 0 {
            mapping = mapping.maximum_batching_window_in_seconds(source.window.as_seconds() as i64);
        }
        if let Some(most) = source.concurrency {
            mapping = mapping.scaling_config(shape::ScalingConfig::new().maximum_concurrency(i64::from(most)));
        }
        self.define_source(queue.scope(), filtered(mapping, &source.filters))
    }

    /// Runs the function for changes of a DynamoDB table, as its stream shows them. A table without one is `MS0320`.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>
    #[track_caller]
    pub fn add_stream_source(&self, table: &dynamodb::Table, source: StreamSource) -> &Self {
        table.grant_stream_read(self);
        let Some(arn) = table.stream_arn() else { return self };
        let mut mapping = lambda::EventSourceMapping::new(self.arn())
            .event_source_arn(arn)
            .batch_size(i64::from(source.batch))
            .starting_position(if source.from_start { "TRIM_HORIZON" } else { "LATEST" })
            .bisect_batch_on_function_error(true)
            .maximum_retry_attempts(i64::from(source.attempts))
            .function_response_types([shape::FunctionResponseTypes::ReportBatchItemFailures]);
        if source.window.as_seconds() > 0 {
            mapping = mapping.maximum_batching_window_in_seconds(source.window.as_seconds() as i64);
        }
        if let Some(queue) = &source.failures {
            queue.grant_send(self);
            let arn: Val<String> = queue.arn().into();
            let to = shape::DestinationConfig::new().on_failure(shape::OnFailure::new().destination(arn));
            mapping = mapping.destination_config(to);
        }
        self.define_source(table.scope(), filtered(mapping, &source.filters))
    }

    /// Defines a mapping once its permissions are there, which Lambda asks for when it makes one.
    #[track_caller]
    pub(super) fn define_source(&self, owner: &Scope, mapping: lambda::EventSourceMapping) -> &Self {
        let at = self.scope.user_line(Location::caller());
        let (from, to) = (owner.node(), self.scope.node());
        self.scope.edge(Edge { from, to, kind: EdgeKind::Entry, port: None, at });
        let id = name::fit(&format!("source-{}", owner.path().replace('/', "-")), MOST_OF_ID);
        let mapping = mapping.define(&self.scope, &id);
        let policy = self.role.as_ref().and_then(|role| role.scope().child("policy"));
        if let Some(policy) = policy {
            mapping.depends_on(&Resource::<iam::RolePolicy>::at(policy));
        }
        self
    }
}

fn filtered(mapping: lambda::EventSourceMapping, filters: &[Data]) -> lambda::EventSourceMapping {
    if filters.is_empty() {
        return mapping;
    }
    let filters: Vec<_> = filters.iter().map(|filter| shape::Filter::new().pattern(filter.to_json())).collect();
    mapping.filter_criteria(shape::FilterCriteria::new().filters(filters))
}
