//! Static or owned text.

use std::borrow::Cow;

/// A key of a [`Bag`](super::Bag). Keys of generated properties are static texts, and keys from the user are owned
/// texts.
pub type Key = Cow<'static, str>;
