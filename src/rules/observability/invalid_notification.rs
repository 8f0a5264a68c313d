//! A bucket sends notifications to a target that S3 does not support.
//!
//! # What it reports
//!
//! The target of a bucket notification is a FIFO queue, a FIFO topic, a state machine or a log group.
//!
//! # Why it matters
//!
//! S3 delivers bucket events only to standard queues, standard topics and functions. EventBridge delivers to other
//! targets: the bucket publishes to the default event bus, and a rule sends the events to the target.
//!
//! # Fix
//!
//! Use a standard queue, or `bucket.send_to_event_bridge()` with a rule of the bus `default`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>

#[cfg(test)]
mod tests {
    use crate::s3::{Bucket, BucketProps, Event};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};

    fn tell(fifo: bool) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let queue = Queue::new(&data, "thumbnails", QueueProps { fifo, ..Default::default() });
            Bucket::new(&data, "photos", BucketProps::default()).notify(&queue, Event::Created);
        })
    }

    #[test]
    fn reports_a_fifo_queue() {
        assert_eq!(tell(true), ["MS0711"]);
    }

    #[test]
    fn accepts_a_standard_queue() {
        assert_eq!(tell(false), [""; 0]);
    }
}
