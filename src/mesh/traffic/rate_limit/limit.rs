//! A limit, as it is said; and what Envoy and the rate limit service are told of it.

use serde_json::{Value, json};

use crate::units::Duration;
use crate::val::{Bag, Data};

/// The time over which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// A second.
    Second,
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Per {
    /// As the rate limit service writes it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Per::Second => "second",
            Per::Minute => "minute",
            Per::Hour => "hour",
            Per::Day => "day",
        }
    }

    fn duration(self) -> Duration {
        match self {
            Per::Second => Duration::seconds(1),
            Per::Minute => Duration::minutes(1),
            Per::Hour => Duration::hours(1),
            Per::Day => Duration::days(1),
        }
    }
}

/// By what requests are counted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// The address of the client. Within the mesh that is the pod that calls; at a gateway it is who connects, or whom
    /// the trusted proxies before it name in `X-Forwarded-For`.
    Address,
    /// The value of a header. A request without the header is not counted.
    Header(String),
}

impl Each {
    /// The value of a header, such as `x-api-key`.
    pub fn header(name: &str) -> Self {
        Each::Header(name.to_ascii_lowercase())
    }

    fn key(&self) -> &str {
        match self {
            Each::Address => "remote_address",
            Each::Header(name) => name,
        }
    }

    fn action(&self) -> Bag {
        match self {
            Each::Address => Bag::default().with("remote_address", Bag::default()),
            Each::Header(name) => {
                let header = Bag::default().with("header_name", name.clone()).with("descriptor_key", name.clone());
                Bag::default().with("request_headers", header)
            }
        }
    }
}

/// A limit on requests: so many in a time, of all clients together or of each one, for all paths or for some.
///
/// A request above it is answered with the status 429.
///
/// # Example
///
/// ```
/// use meshsynth::mesh::traffic::{Each, Per, RateLimit};
///
/// let limit = RateLimit::of(20, Per::Second).each(Each::header("x-api-key")).below("/api/orders");
/// ```
///
/// Source: <https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub(super) requests: u32,
    pub(super) per: Per,
    each: Vec<Each>,
    path: Option<String>,
}

/// The key of the entry that tells limits apart.
const LIMIT: &str = "limit";

impl RateLimit {
    /// So many requests in a time, of all clients together.
    pub fn of(requests: u32, per: Per) -> Self {
        Self { requests, per, each: Vec::new(), path: None }
    }

    /// Counts by this too; the limit is then that of each combination.
    #[must_use]
    pub fn each(mut self, by: Each) -> Self {
        self.each.push(by);
        self
    }

    /// Counts only requests whose path begins like this. It is part of the path as the proxy sees it, the query included.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// What the proxy makes of a request: entries by which it is counted. Nothing where one of them is missing.
    pub(super) fn actions(&self, name: &str) -> Data {
        let generic = Bag::default().with("descriptor_key", LIMIT).with("descriptor_value", name.to_owned());
        let mut actions = vec![Bag::default().with("generic_key", generic)];
        if let Some(path) = &self.path {
            let begins = Bag::default().with("prefix", path.clone());
            let header = Bag::default().with("name", ":path").with("string_match", begins);
            let matched = Bag::default()
                .with("descriptor_key", "path")
                .with("descriptor_value", path.clone())
                .with("headers", vec![header]);
            actions.push(Bag::default().with("header_value_match", matched));
        }
        actions.extend(self.each.iter().map(Each::action));
        Data::from(Bag::default().with("actions", actions))
    }

    /// The entries that the limit holds for: those with a value, then those of any.
    fn entries(&self, name: &str) -> Vec<(String, Option<String>)> {
        let mut entries = vec![(LIMIT.to_owned(), Some(name.to_owned()))];
        entries.extend(self.path.iter().map(|path| ("path".to_owned(), Some(path.clone()))));
        entries.extend(self.each.iter().map(|each| (each.key().to_owned(), None)));
        entries
    }

    /// The bucket of the proxy; an entry without a value stands for each value.
    pub(super) fn bucket(&self, name: &str) -> Data {
        let entry = |(key, value): (String, Option<String>)| {
            let entry = Bag::default().with("key", key);
            value.into_iter().fold(entry, |entry, value| entry.with("value", value))
        };
        let bucket = Bag::default()
            .with("max_tokens", self.requests)
            .with("tokens_per_fill", self.requests)
            .with("fill_interval", format!("{}s", self.per.duration().as_seconds()));
        let entries: Vec<Bag> = self.entries(name).into_iter().map(entry).collect();
        Data::from(Bag::default().with("entries", entries).with("token_bucket", bucket))
    }

    /// The tree of the rate limit service: one level for each entry, the limit at the end.
    pub(super) fn descriptor(&self, name: &str) -> Value {
        let mut below = json!({ "rate_limit": { "unit": self.per.word(), "requests_per_unit": self.requests } });
        for (idx, (key, value)) in self.entries(name).into_iter().rev().enumerate() {
            let mut level = match idx {
                0 => below,
                _ => json!({ "descriptors": [below] }),
            };
            level["key"] = key.into();
            if let Some(value) = value {
                level["value"] = value.into();
            }
            below = level;
        }
        below
    }
}
