//! The types of a topic and its subscriber do not match.
//!
//! # What it reports
//!
//! A FIFO queue is subscribed to a standard topic, or a function to a FIFO topic.
//!
//! # Why it matters
//!
//! A FIFO topic delivers only to queues, of both types. A standard topic does not deliver to a FIFO queue, because its
//! messages have no group and no order.
//!
//! # Fix
//!
//! Use FIFO for both, or standard for both. To process messages of a FIFO topic with a function, subscribe a queue that
//! invokes the function.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html>

#[cfg(test)]
mod tests {
    use crate::sns::{Topic, TopicProps};
    use crate::sqs::{Queue, QueueProps};
    use crate::testing::{codes, stack};

    fn subscribe(of_topic: bool, of_queue: bool) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let queue = Queue::new(&data, "invoices", QueueProps { fifo: of_queue, ..Default::default() });
            let topic = Topic::new(&data, "orders", TopicProps { fifo: of_topic, ..Default::default() });
            topic.subscribe(&queue);
        })
    }

    #[test]
    fn reports_a_fifo_queue_that_subscribes_to_a_standard_topic() {
        assert_eq!(subscribe(false, true), ["MS0707"]);
    }

    #[test]
    fn accepts_other_combinations() {
        for (of_topic, of_queue) in [(true, true), (true, false), (false, false)] {
            assert_eq!(subscribe(of_topic, of_queue), [""; 0]);
        }
    }
}
