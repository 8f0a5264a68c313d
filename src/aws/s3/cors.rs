//! Cross-origin access to buckets.

use crate::cfn::s3::bucket as shape;

/// A CORS rule for browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The allowed origins, such as `https://shop.example`.
    pub origins: Vec<String>,
    /// The allowed methods: `GET`, `HEAD`, `PUT`, `POST`, `DELETE`.
    pub methods: Vec<String>,
    /// The allowed request headers. Empty: only the headers that CORS always allows.
    pub headers: Vec<String>,
}

impl Cors {
    /// Allows these methods for an origin.
    pub fn from(origin: &str, methods: &[&str]) -> Self {
        let methods = methods.iter().map(|it| (*it).to_owned()).collect();
        Self { origins: vec![origin.to_owned()], methods, headers: Vec::new() }
    }

    pub(super) fn shape(&self) -> shape::CorsRule {
        let methods = self.methods.iter().map(|method| match method.as_str() {
            "GET" => shape::AllowedMethods::Get,
            "HEAD" => shape::AllowedMethods::Head,
            "PUT" => shape::AllowedMethods::Put,
            "POST" => shape::AllowedMethods::Post,
            "DELETE" => shape::AllowedMethods::Delete,
            other => shape::AllowedMethods::Other(other.to_owned()),
        });
        let rule = shape::CorsRule::new(methods.collect::<Vec<_>>(), &self.origins).max_age(3600);
        if self.headers.is_empty() { rule } else { rule.allowed_headers(&self.headers) }
    }
}
