//! A subscriber cannot take messages in the order that its topic has, or has not.
//!
//! A FIFO topic delivers to queues, of either kind; a standard topic does not
//! deliver to a FIFO queue, since it has no groups and no order to give.
//!
//! Make both of them FIFO, or both standard. A function hears of a FIFO topic
//! by a queue between them.
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
    fn a_fifo_queue_of_a_standard_topic_is_an_error() {
        assert_eq!(subscribe(false, true), ["MS0707"]);
    }

    #[test]
    fn all_others_are_fine() {
        for (of_topic, of_queue) in [(true, true), (true, false), (false, false)] {
            assert_eq!(subscribe(of_topic, of_queue), [""; 0]);
        }
    }
}
