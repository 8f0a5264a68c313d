//! Static or owned text.

use std::borrow::Cow;

/// A key of a [`Bag`](super::Bag): static for generated properties, owned for a user's own names.
pub type Key = Cow<'static, str>;
