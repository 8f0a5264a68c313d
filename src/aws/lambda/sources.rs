//! Event sources of functions: queues and DynamoDB streams.

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

/// The event source settings of a queue.
#[derive(Clone, Debug)]
pub struct QueueSource {
    /// The maximum batch size, from 1 to 10,000 messages. Default: 10.
    pub batch: u16,
    /// The batching window, up to 5 minutes. A batch size above 10 requires a batching window. Default: none.
    pub window: Duration,
    /// The maximum concurrency for this queue, from 2 to 1,000. Default: no limit.
    pub concurrency: Option<u16>,
    /// The filter criteria, as EventBridge patterns. Messages that do not match are deleted. Default: all messages.
    pub filters: Vec<Data>,
}

impl Default for QueueSource {
    fn default() -> Self {
        Self { batch: 10, window: Duration::seconds(0), concurrency: None, filters: Vec::new() }
    }
}

/// The event source settings of a stream.
#[derive(Clone)]
pub struct StreamSource {
    /// The maximum batch size, from 1 to 10,000 records. Default: 100.
    pub batch: u16,
    /// The batching window, up to 5 minutes. Default: none.
    pub window: Duration,
    /// Whether it starts with the oldest record. Default: it starts with new records.
    pub from_start: bool,
    /// The number of retries of a failed batch, which is bisected for each retry. Default: 5.
    pub attempts: u16,
    /// The queue for batches whose retries all failed. Default: none.
    pub failures: Option<sqs::Queue>,
    /// The filter criteria, as EventBridge patterns. Default: all records.
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
    /// Adds a queue as an event source. The function returns the failed messages of a batch as `batchItemFailures`.
    ///
    /// The visibility timeout of the queue must be at least the function timeout (`MS0333`). AWS recommends six times
    /// the function timeout.
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

    /// Adds the stream of a DynamoDB table as an event source. A table without a stream reports `MS0320`.
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

    /// Defines an event source mapping. The mapping depends on the role's policy, because Lambda validates the
    /// permissions when it creates the mapping.
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
