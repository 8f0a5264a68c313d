//! Uploads templates to S3, and stores the lock object.
//!
//! Every call specifies the account that must own the bucket. A bucket of the same name in another account is rejected,
//! so its templates are never used.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::{Clients, error, partition, signed};
use crate::cloud::{BucketObject, CloudError, Fault};

/// Records the time of a response, so that ages are computed with the AWS clock only.
#[derive(Clone, Debug, Default)]
struct Clock(Arc<Mutex<Option<DateTime>>>);

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "meshsynth-clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        if let Ok(mut seen) = self.0.lock() {
            *seen = date;
        }
        Ok(())
    }
}

impl Clients {
    /// Reads an object. Returns `None` if it does not exist.
    pub(super) async fn object(&self, bucket: &str, key: &str) -> Result<Option<BucketObject>, CloudError> {
        let clock = Clock::default();
        let get = self.s3.get_object().bucket(bucket).key(key).expected_bucket_owner(&self.account);
        let answer = get.customize().interceptor(clock.clone()).send().await;
        let answer = match answer.map_err(|it| error::map("s3:GetObject", it)) {
            Ok(answer) => answer,
            // Without permission to list the bucket, S3 reports a missing object as access denied.
            Err(it) if matches!(it.fault, Fault::Missing | Fault::Denied) => return Ok(None),
            Err(it) => return Err(it),
        };
        let now = clock.0.lock().ok().and_then(|date| *date).unwrap_or_else(|| DateTime::from(signed::now()));
        let written = answer.last_modified().map_or(now.secs(), DateTime::secs);
        let age = Duration::from_secs(u64::try_from(now.secs() - written).unwrap_or_default());
        let version = answer.e_tag().unwrap_or_default().to_owned();
        let broken = |text: String| CloudError { fault: Fault::Unreachable, call: "s3:GetObject".to_owned(), text };
        let bytes = answer.body.collect().await.map_err(|it| broken(it.to_string()))?.into_bytes();
        Ok(Some(BucketObject { text: String::from_utf8_lossy(&bytes).into_owned(), version, age }))
    }

    /// Writes an object if its version did not change since it was read. Returns the new version.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    pub(super) async fn replace(
        &self,
        bucket: &str,
        key: &str,
        text: &str,
        was: Option<&str>,
    ) -> Result<String, CloudError> {
        let put = self.s3.put_object().bucket(bucket).key(key).expected_bucket_owner(&self.account);
        let put = match was {
            Some(version) => put.if_match(version),
            None => put.if_none_match("*"),
        };
        let body = ByteStream::from(text.as_bytes().to_vec());
        let answer = put.content_type("application/json").body(body).send().await;
        let answer = answer.map_err(|it| error::map("s3:PutObject", it)).map_err(|it| match it.fault {
            // The object to replace was deleted.
            Fault::Missing if was.is_some() => CloudError { fault: Fault::State, ..it },
            _ => it,
        })?;
        Ok(answer.e_tag().unwrap_or_default().to_owned())
    }

    /// Uploads a template unless the bucket has it already. The key identifies the contents. Returns the URL.
    pub(super) async fn put(&self, bucket: &str, key: &str, text: &str) -> Result<String, CloudError> {
        let head = self.s3.head_object().bucket(bucket).key(key).expected_bucket_owner(&self.account).send().await;
        match head.map_err(|it| error::map("s3:GetObject", it)) {
            Ok(_) => {}
            // Without permission to list the bucket, S3 reports a missing object as access denied.
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
            None => format!("https://{bucket}.s3.{region}.{}/{key}", partition(region).1),
        })
    }
}
