//! An alarm notifies an encrypted topic whose key policy does not allow CloudWatch.
//!
//! # What it reports
//!
//! An alarm has a topic of the program as action. The topic is encrypted with `alias/aws/sns`, or with a key of the
//! program whose policy does not allow `cloudwatch.amazonaws.com` to decrypt.
//!
//! # Why it matters
//!
//! When the alarm is triggered, SNS rejects the message because CloudWatch cannot use the key, and no notification is
//! sent. Alarms can never use the AWS managed key of SNS (`alias/aws/sns`), because its policy cannot be changed.
//!
//! # Fix
//!
//! Encrypt the topic with a customer managed key whose policy allows `cloudwatch.amazonaws.com` to decrypt and to
//! generate data keys. `cloudwatch::Alarm::notify` adds this statement.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services>

use serde_json::Value;

use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::tree::NodeId;
use crate::val::Data;
use crate::rules::index::policies::{Document, is_about, texts};

const ALARMS: &str = "cloudwatch.amazonaws.com";

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, alarm) in model.of_type("AWS::CloudWatch::Alarm") {
        for action in ["AlarmActions", "OKActions"].iter().filter_map(|key| alarm.props.get(key)) {
            for topic in action.items().iter().filter_map(|it| it.as_attr()).map(|attr| attr.node) {
                if let Some(why) = deaf(model, topic) {
                    let note = format!("the topic `{}` is defined here", model.path(topic));
                    let help = "encrypt the topic with a customer managed key whose policy allows `cloudwatch.amazonaws.com`";
                    let diagnostic = model.error(id, "MS0703", why).note_at(note, model.node(topic).at).help(help);
                    if !out.contains(&diagnostic) {
                        out.push(diagnostic);
                    }
                }
            }
        }
    }
}

/// Returns the reason why alarms cannot publish to a topic, or `None` if they can.
fn deaf(model: &Model, topic: NodeId) -> Option<String> {
    let topic = model.resource(topic).filter(|it| it.type_name == "AWS::SNS::Topic")?;
    let key = topic.props.get("KmsMasterKeyId")?;
    if key.as_str().is_some_and(|key| key.ends_with("alias/aws/sns")) {
        return Some("CloudWatch alarms cannot publish to a topic that is encrypted with `alias/aws/sns`".to_owned());
    }
    let key = model.resource(key.as_attr()?.node).filter(|it| it.type_name == "AWS::KMS::Key")?;
    let lets_in = key.props.get("KeyPolicy").is_some_and(admits_alarms);
    (!lets_in).then(|| "the policy of the topic's KMS key does not allow CloudWatch alarms to use the key".to_owned())
}

fn admits_alarms(policy: &Data) -> bool {
    Document::read(policy).allowed().any(|statement| {
        let service = statement.get("Principal").and_then(|it| it.get("Service"));
        let is_theirs = |name: &str| name == ALARMS || statement.get("Principal").and_then(Value::as_str) == Some("*");
        let decrypts = ["kms:Decrypt", "kms:*", "*"].iter().any(|action| is_about(statement, action));
        texts(service).any(is_theirs) && decrypts
    })
}

#[cfg(test)]
mod tests {
    use crate::cfn::cloudwatch::Alarm;
    use crate::cfn::cloudwatch::alarm::ComparisonOperator;
    use crate::cfn::sns;
    use crate::kms::{Key, KeyProps};
    use crate::testing::{codes, stack};
    use crate::val::Data;
    use crate::{Scope, Val};

    fn encrypted_with(key: impl FnOnce(&Scope) -> Val<String>) -> Vec<&'static str> {
        codes(|app| {
            let watch = stack(app, "watch");
            let scope = crate::Construct::scope(&watch);
            let topic = sns::Topic::new().kms_master_key_id(key(scope)).define(&watch, "topic");
            let arn: Val<String> = topic.reference().into();
            Alarm::new()
                .comparison_operator(ComparisonOperator::GreaterThanThreshold)
                .evaluation_periods(1)
                .metric_name("Errors")
                .namespace("Shop")
                .statistic(crate::cfn::cloudwatch::alarm::Statistic::Sum)
                .period(60)
                .threshold(1)
                .alarm_actions([arn])
                .define(&watch, "alarm");
        })
    }

    #[test]
    fn reports_a_topic_with_the_aws_managed_key() {
        assert_eq!(encrypted_with(|_| "alias/aws/sns".into()), ["MS0703"]);
    }

    #[test]
    fn reports_a_key_policy_that_does_not_allow_cloudwatch() {
        assert_eq!(encrypted_with(|scope| Key::new(scope, "key", KeyProps::default()).arn().into()), ["MS0703"]);
    }

    #[test]
    fn accepts_a_key_policy_that_allows_cloudwatch() {
        let key = |scope: &Scope| {
            let key = Key::new(scope, "key", KeyProps::default());
            let account = Data::from(scope.account());
            key.allow_service("cloudwatch.amazonaws.com", [("StringEquals", "aws:SourceAccount", account)]);
            key.arn().into()
        };
        assert_eq!(encrypted_with(key), [""; 0]);
    }
}
