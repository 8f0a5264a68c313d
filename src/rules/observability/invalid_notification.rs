//! A bucket tells a target that S3 does not deliver to.
//!
//! S3 delivers events of a bucket to standard queues, standard topics and
//! functions. A FIFO queue or topic, a state machine and a log group are reached
//! by EventBridge: the bucket publishes on the bus of AWS, and a rule leads on.
//!
//! Tell a standard queue, or use `bucket.send_to_event_bridge()` and a rule of the
//! bus that is called `default`.
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
    fn a_fifo_queue_is_an_error() {
        assert_eq!(tell(true), ["MS0711"]);
    }

    #[test]
    fn a_standard_queue_is_fine() {
        assert_eq!(tell(false), [""; 0]);
    }
}
