//! Event patterns.

use crate::aws::filter::{self, Match};
use crate::val::{Bag, Data};

/// An event pattern. An event must match all fields of the pattern, and one of the values of each field.
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
    /// Creates a pattern without conditions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Matches events from one of these sources, such as `aws.s3` or `shop.orders`.
    pub fn source<M: Into<Match>>(sources: impl IntoIterator<Item = M>) -> Self {
        Self::new().and("source", sources)
    }

    /// Matches events of one of these types, such as `Object Created`.
    #[must_use]
    pub fn detail_type<M: Into<Match>>(self, types: impl IntoIterator<Item = M>) -> Self {
        self.and("detail-type", types)
    }

    /// Matches events from one of these accounts.
    #[must_use]
    pub fn account<M: Into<Match>>(self, accounts: impl IntoIterator<Item = M>) -> Self {
        self.and("account", accounts)
    }

    /// Matches events about one of these resources, by ARN.
    #[must_use]
    pub fn resources<M: Into<Match>>(self, arns: impl IntoIterator<Item = M>) -> Self {
        self.and("resources", arns)
    }

    /// Matches events whose details have one of these values in a field. A dot separates nested fields, as in
    /// `order.total`.
    #[must_use]
    pub fn detail<M: Into<Match>>(self, field: &str, values: impl IntoIterator<Item = M>) -> Self {
        self.and(&format!("detail.{field}"), values)
    }

    /// Matches events whose details have this value in a field. The value can be known only at deployment, such as a
    /// bucket name.
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
