//! A rate limit, and its notation for Envoy and for the rate limit service.

use serde_json::{Value, json};

use crate::units::Duration;
use crate::val::{Bag, Data};

/// The period over which requests are counted.
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
    /// Returns the notation of the rate limit service.
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

/// A property that separates the counts of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// The client address. Within the mesh, it is the address of the calling pod. At a gateway, it is the address of
    /// the connection, or the address that trusted proxies send in `X-Forwarded-For`.
    Address,
    /// The value of a header. Requests without the header are not counted.
    Header(String),
}

impl Each {
    /// Selects the value of a header, such as `x-api-key`.
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

/// A maximum number of requests over a period. It applies to all clients together or to each client, and to all paths
/// or to some paths.
///
/// Requests above the limit receive a response with status 429.
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

/// The key of the descriptor entry that identifies the limit.
const LIMIT: &str = "limit";

impl RateLimit {
    /// Limits the requests over a period, for all clients together.
    pub fn of(requests: u32, per: Per) -> Self {
        Self { requests, per, each: Vec::new(), path: None }
    }

    /// Adds a property that separates the counts. The limit then applies to each combination.
    #[must_use]
    pub fn each(mut self, by: Each) -> Self {
        self.each.push(by);
        self
    }

    /// Counts only requests whose path begins with this text. The path is the path that the proxy receives, including
    /// the query string.
    #[must_use]
    pub fn below(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Returns the actions with which the proxy derives descriptor entries from a request. If an entry of the limit is
    /// missing, the request is not counted.
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

    /// Returns the descriptor entries of the limit: first the entries with a fixed value, then the entries that match
    /// any value.
    fn entries(&self, name: &str) -> Vec<(String, Option<String>)> {
        let mut entries = vec![(LIMIT.to_owned(), Some(name.to_owned()))];
        entries.extend(self.path.iter().map(|path| ("path".to_owned(), Some(path.clone()))));
        entries.extend(self.each.iter().map(|each| (each.key().to_owned(), None)));
        entries
    }

    /// Returns the token bucket of the proxy. If an entry has no value, each value has a separate count.
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

    /// Returns the tree for the rate limit service: one level for each entry, and the limit at the end.
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
