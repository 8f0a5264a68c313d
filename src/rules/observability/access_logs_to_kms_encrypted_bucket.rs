//! Access logs are delivered to a bucket that is encrypted with a KMS key.
//!
//! # What it reports
//!
//! The destination bucket of `LoggingConfiguration` has the default encryption `aws:kms` or `aws:kms:dsse`.
//!
//! # Why it matters
//!
//! S3 delivers its access logs only to a bucket with the default encryption of S3 (SSE-S3). With other encryption, no
//! logs arrive, and S3 reports no error.
//!
//! # Fix
//!
//! Remove `key` from the bucket that receives the logs.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>

use crate::diag::Diagnostic;
use crate::node::Resource;
use crate::synth::{Link, Model};
use crate::val::Data;

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, bucket) in model.of_type("AWS::S3::Bucket") {
        let target = bucket.props.at("LoggingConfiguration.DestinationBucketName").and_then(Data::as_attr);
        let Some(target) = target.map(|attr| attr.node) else { continue };
        if model.resource(target).is_some_and(has_kms_key) {
            let note = format!("`{}` is defined here", model.path(target));
            let message = "access logs cannot be delivered to a bucket with KMS encryption";
            let help = "use SSE-S3 for the bucket that receives the logs: remove its `key`";
            out.push(model.error(id, "MS0706", message).note_at(note, model.node(target).at).help(help));
        }
    }
}

fn has_kms_key(bucket: &Resource) -> bool {
    let path = "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm";
    let algorithm = bucket.props.at(path).map(Data::to_text).unwrap_or_default();
    bucket.type_name == "AWS::S3::Bucket" && algorithm.starts_with("aws:kms")
}

#[cfg(test)]
mod tests {
    use crate::kms::{Key, KeyProps};
    use crate::s3::{Bucket, BucketProps};
    use crate::testing::{codes, stack};

    fn logged_to(has_key: bool) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let key = has_key.then(|| Key::new(&data, "key", KeyProps::default()));
            let logs = Bucket::new(&data, "logs", BucketProps { key, ..Default::default() });
            Bucket::new(&data, "receipts", BucketProps { access_logs: Some(logs), ..Default::default() });
        })
    }

    #[test]
    fn reports_a_bucket_with_a_kms_key() {
        assert_eq!(logged_to(true), ["MS0706"]);
    }

    #[test]
    fn accepts_keys_of_s3() {
        assert_eq!(logged_to(false), [""; 0]);
    }
}
