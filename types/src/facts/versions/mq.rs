//! What Amazon MQ takes as versions of its engines.
//!
//! No package lists them: these are by the pages of AWS, as they were on 2026-11-23. A version that is newer than these is a warning, never an
//! error.
//!
//! Sources: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html>,
//! <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/activemq-version-management.html>

/// The versions that a broker can be made with, by the engine in the terms of CloudFormation; the newest last.
pub const OFFERED: [(&str, &[&str]); 2] = [("ACTIVEMQ", &["5.18", "5.19"]), ("RABBITMQ", &["3.13", "4.2"])];

/// The versions whose support has ended, and the day.
pub const ENDED: [(&str, &str, &str); 7] = [
    ("ACTIVEMQ", "5.15", "2024-09-16"),
    ("ACTIVEMQ", "5.16", "2024-11-15"),
    ("ACTIVEMQ", "5.17", "2025-06-16"),
    ("RABBITMQ", "3.9", "2024-09-16"),
    ("RABBITMQ", "3.10", "2024-10-15"),
    ("RABBITMQ", "3.11", "2025-02-17"),
    ("RABBITMQ", "3.12", "2025-03-17"),
];

/// The family of instances that RabbitMQ 4 runs on, and no other.
pub const RABBITMQ_4_ON: &str = "mq.m7g.";
