//! Templates on their way through S3.
//!
//! Every call names the account that must own the bucket, so that nobody else
//! can have made a bucket of that name and hand us his template.

use aws_sdk_s3::primitives::ByteStream;

use super::{Clients, error, suffix};
use crate::cloud::{CloudError, Fault};

impl Clients {
    /// Puts a template into a bucket unless it is there: its key says what it holds. Answers its address.
    pub(super) async fn put(&self, bucket: &str, key: &str, text: &str) -> Result<String, CloudError> {
        let head = self.s3.head_object().bucket(bucket).key(key).expected_bucket_owner(&self.account).send().await;
        match head.map_err(|it| error::map("s3:GetObject", it)) {
            Ok(_) => {}
            // Whoever may not list the bucket is told so instead of that there is no such object.
            Err(it) if matches!(it.fault, Fault::Missing | Fault::Denied) => {
                let body = ByteStream::from(text.as_bytes().to_vec());
                let put = self.s3.put_object().bucket(bucket).key(key).expected_bucket_owner(&self.account);
                let put = put.content_type("application/json").body(body).send().await;
                put.map_err(|it| error::map("s3:PutObject", it))?;
            }
            Err(it) => return Err(it),
        }
        let region = self.config.region().map_or("us-east-1", |region| region.as_ref());
        Ok(match self.config.endpoint_url() {
            Some(url) => format!("{}/{bucket}/{key}", url.trim_end_matches('/')),
            None => format!("https://{bucket}.s3.{region}.{}/{key}", suffix(region)),
        })
    }
}
