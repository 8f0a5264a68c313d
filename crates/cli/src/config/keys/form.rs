//! The types of values in `meshsynth.toml`.

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text that is not empty.
    Text,
    /// A list of texts.
    Texts,
    /// A text or a list of texts.
    OneOrMore,
    /// A Boolean.
    Boolean,
    /// A day, as a text.
    Date,
    /// A number, or a percentage as a text.
    Share,
    /// A number greater than 0.
    Count,
    /// A list of gates.
    Gates,
    /// A gate without a limit.
    Gate,
    /// A severity, or `off`.
    Severity,
    /// One of these words.
    Word(&'static [&'static str]),
}
