//! Which events a rule takes.

use crate::aws::filter::{self, Match};
use crate::val::{Bag, Data};

/// Which events a rule takes: all of the fields that are named must match, each by one of its values.
///
/// ```
/// use meshsynth::events::{Match, Pattern};
/// let large = Pattern::source(["shop.orders"])
///     .detail_type(["OrderPlaced"])
///     .detail("total", [Match::Above(100.0)])
///     .detail("customer.country", ["DE", "FR"]);
/// ```
///
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html>
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pattern {
    fields: Bag,
}

impl Pattern {
    /// A pattern without a condition yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Events that one of these sources publishes, such as `aws.s3` or `shop.orders`.
    pub fn source<M: Into<Match>>(sources: impl IntoIterator<Item = M>) -> Self {
        Self::new().and("source", sources)
    }

    /// Events of one of these types, such as `Object Created`.
    #[must_use]
    pub fn detail_type<M: Into<Match>>(self, types: impl IntoIterator<Item = M>) -> Self {
        self.and("detail-type", types)
    }

    /// Events of one of these accounts.
    #[must_use]
    pub fn account<M: Into<Match>>(self, accounts: impl IntoIterator<Item = M>) -> Self {
        self.and("account", accounts)
    }

    /// Events about one of these resources, by ARN.
    #[must_use]
    pub fn resources<M: Into<Match>>(self, arns: impl IntoIterator<Item = M>) -> Self {
        self.and("resources", arns)
    }

    /// Events whose details have one of these values in a field; a dot leads into it, such as `order.total`.
    #[must_use]
    pub fn detail<M: Into<Match>>(self, field: &str, values: impl IntoIterator<Item = M>) -> Self {
        self.and(&format!("detail.{field}"), values)
    }

    /// Events whose details have a value in a field that is known once it is deployed, such as the name of a bucket.
    #[must_use]
    pub fn detail_is(mut self, field: &str, value: impl crate::val::IntoVal<String>) -> Self {
        *self.fields.place(&format!("detail.{field}")) = Data::List(vec![Data::from(value.into_val())]);
        self
    }

    fn and<M: Into<Match>>(mut self, field: &str, values: impl IntoIterator<Item = M>) -> Self {
        *self.fields.place(field) = filter::any(values);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    pub(super) fn into_data(self) -> Data {
        Data::Map(self.fields)
    }
}
