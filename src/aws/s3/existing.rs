//! Buckets that exist already.

use super::bucket::Bucket;
use crate::aws::existing::ArnForm;
use crate::aws::kms::Key;
use crate::cfn::ids::BucketName;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

/// A bucket that exists already.
#[derive(Clone)]
pub struct ExistingBucket {
    /// Its name.
    pub name: Val<BucketName>,
    /// The key that encrypts its objects. Default: one that S3 keeps, which needs no permission.
    pub key: Option<Key>,
    /// The account that it is of, where that is another one: its policy must then say what is granted, which is a task of its
    /// owner. Default: that of the stack.
    pub account: Option<String>,
}

impl ExistingBucket {
    /// The bucket with this name.
    pub fn named(name: &str) -> Self {
        Self { name: BucketName::new(name).into(), key: None, account: None }
    }

    /// The bucket with this ARN, such as one that is read at deployment: `arn:aws:s3:::` and its name.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        let name = match arn.into_val().piece(":", 5) {
            Val::Known(name) => Val::Known(BucketName::new(name)),
            Val::Deferred(name) => Val::Deferred(name),
        };
        Self { name, key: None, account: None }
    }
}

/// How a bucket is named.
const FORM: ArnForm = ArnForm { what: "S3 bucket", service: "s3", resource: "", example: "arn:aws:s3:::acme-receipts" };

impl Bucket {
    /// Refers to a bucket that exists already. What its policy must say, and whom it tells of objects, is a task of its owner.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: what is imported is not the name of a bucket.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, s3};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let receipts = s3::Bucket::import(&data, "receipts", s3::ExistingBucket::named("acme-receipts"));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingBucket) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("bucket").detail("S3, exists already"));
        let name: Val<String> = scope.read_here(existing.name).into();
        let arn = text!["arn:", scope.partition(), ":s3:::", name.clone()];
        if let Some(plain) = name.known() {
            let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
            let wrong = !plain.chars().all(is_name) || !(3..=63).contains(&plain.len());
            if wrong {
                // The form of the whole is what is reported.
                FORM.check(&scope, &Val::Known(plain.clone()));
            }
        }
        Self::of_existing(scope, name, arn, existing.key, existing.account)
    }
}

#[cfg(test)]
mod tests {
    use super::ExistingBucket;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::{ExistingKey, Key};
    use crate::s3::Bucket;
    use crate::testing::{Platform, codes, stack};

    #[test]
    fn an_imported_bucket_is_granted_on_with_its_key() {
        let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let key = Some(Key::import(&data, "key", ExistingKey::arn(arn)));
            let receipts = ExistingBucket { key, ..ExistingBucket::named("acme-receipts") };
            let receipts = Bucket::import(&data, "receipts", receipts);
            let role = Role::new(&data, "till", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            receipts.grant_read(&role);
        });
        assert!(platform.resources("AWS::S3::Bucket").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains(":s3:::acme-receipts") && policy.contains(arn), "{policy}");
    }

    #[test]
    fn what_is_not_the_name_of_a_bucket_is_an_error() {
        let import = |name: &str| {
            codes(|app| {
                let data = stack(app, "data");
                crate::ssm::Parameter::new(&data, "name", "name", "value", Default::default());
                Bucket::import(&data, "receipts", ExistingBucket::named(name));
            })
        };
        assert_eq!(import("Acme Receipts"), ["MS0130"]);
        assert_eq!(import("acme-receipts"), [""; 0]);
    }
}
