//! Imports of existing buckets.

use super::bucket::Bucket;
use crate::aws::existing::ArnForm;
use crate::aws::kms::Key;
use crate::cfn::ids::BucketName;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

/// An existing bucket.
#[derive(Clone)]
pub struct ExistingBucket {
    /// Its name.
    pub name: Val<BucketName>,
    /// The key that encrypts its objects. Default: a key that S3 manages, which requires no permission.
    pub key: Option<Key>,
    /// Its account, if it is another account. The bucket policy must then contain statements for the grants. These
    /// statements become owner tasks. Default: the account of the stack.
    pub account: Option<String>,
}

impl ExistingBucket {
    /// Refers to a bucket by its name.
    pub fn named(name: &str) -> Self {
        Self { name: BucketName::new(name).into(), key: None, account: None }
    }

    /// Refers to a bucket by its ARN, `arn:aws:s3:::` and the name. The ARN can be known only at deployment.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        let name = match arn.into_val().piece(":", 5) {
            Val::Known(name) => Val::Known(BucketName::new(name)),
            Val::Deferred(name) => Val::Deferred(name),
        };
        Self { name, key: None, account: None }
    }
}

/// The ARN format of a bucket.
const FORM: ArnForm = ArnForm { what: "S3 bucket", service: "s3", resource: "", example: "arn:aws:s3:::acme-receipts" };

impl Bucket {
    /// Refers to an existing bucket. Changes to its bucket policy and to its event notifications become owner tasks.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`: the imported value is not the name of a bucket.
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
                // This check reports an ARN of another format.
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
    fn grants_imported_bucket_with_its_key() {
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
    fn reports_invalid_bucket_name() {
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
