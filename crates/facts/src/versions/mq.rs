//! The engine versions of Amazon MQ.
//!
//! The list is from the AWS documentation, as of 2026-11-23, because no schema or tool contains it. A newer version is
//! reported as a warning, not as an error.
//!
//! Sources: <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html>,
//! <https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/activemq-version-management.html>

/// The versions that are available for new brokers, by CloudFormation engine name. The newest version is last.
pub const OFFERED: [(&str, &[&str]); 2] = [("ACTIVEMQ", &["5.18", "5.19"]), ("RABBITMQ", &["3.13", "4.2"])];

/// The unsupported versions, with the last day of support.
pub const ENDED: [(&str, &str, &str); 7] = [
    ("ACTIVEMQ", "5.15", "2024-09-16"),
    ("ACTIVEMQ", "5.16", "2024-11-15"),
    ("ACTIVEMQ", "5.17", "2025-06-16"),
    ("RABBITMQ", "3.9", "2024-09-16"),
    ("RABBITMQ", "3.10", "2024-10-15"),
    ("RABBITMQ", "3.11", "2025-02-17"),
    ("RABBITMQ", "3.12", "2025-03-17"),
];

/// The only instance family that supports RabbitMQ 4.
pub const RABBITMQ_4_ON: &str = "mq.m7g.";
