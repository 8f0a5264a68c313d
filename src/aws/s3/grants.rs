//! Grants on the objects of a bucket.

use crate::aws::iam::{Grantee, Statement};
use crate::text;

use super::Bucket;

const READ: [&str; 2] = ["s3:GetObject", "s3:GetObjectVersion"];
const WRITE: [&str; 2] = ["s3:AbortMultipartUpload", "s3:PutObject"];

impl Bucket {
    /// Lets the grantee list and read objects.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant_list(grantee);
        self.grant(grantee, &READ);
        if let Some(key) = &self.key {
            key.grant_decrypt_by_service(grantee);
        }
    }

    /// Lets the grantee write objects and abort uploads, but not read or delete objects.
    #[track_caller]
    pub fn grant_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &WRITE);
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt_by_service(grantee);
        }
    }

    /// Lets the grantee list, read and write objects, but not delete them.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &impl Grantee) {
        self.grant_list(grantee);
        self.grant(grantee, &READ);
        self.grant_write(grantee);
    }

    /// Lets the grantee delete objects. Noncurrent versions are kept until they expire.
    #[track_caller]
    pub fn grant_delete(&self, grantee: &impl Grantee) {
        self.grant(grantee, &["s3:DeleteObject"]);
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        self.grant_statement(grantee, Statement::allow(actions.iter().copied()).on(self.objects("")));
    }

    /// Adds a statement to the role's policy, and to the bucket policy if the accounts differ.
    #[track_caller]
    fn grant_statement(&self, grantee: &impl Grantee, statement: Statement) {
        let role = grantee.role();
        // The ARN of a bucket contains no account.
        let place = match &self.account {
            Some(account) => text!["arn:aws:s3::", account.clone(), ":", self.name()],
            None => self.arn(),
        };
        if let Some(principal) = role.foreign_principal(&self.scope, &place) {
            self.add_to_policy(statement.clone().into_data(Some(principal)));
        }
        role.grant(grantee, &self.scope, statement);
    }

    #[track_caller]
    fn grant_list(&self, grantee: &impl Grantee) {
        self.grant_statement(grantee, Statement::allow(["s3:GetBucketLocation", "s3:ListBucket"]).on(self.arn()));
    }
}
