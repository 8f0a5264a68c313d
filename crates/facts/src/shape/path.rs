//! The path of the value that a check visits, and the value itself.

use std::fmt::Write;

use meshsynth_model::val::{Bag, Data};

/// The path from the root to a value: a linked list on the call stack, which allocates no memory.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    pub(super) up: Option<&'a Path<'a>>,
    pub(super) step: Step<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Root,
    Key(&'a str),
    Item(usize),
}

/// A value that is checked. The properties of a resource are a [`Bag`] instead of a [`Data`].
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Map(&'a Bag),
    Other(&'a Data),
}

impl<'a> From<&'a Data> for Given<'a> {
    fn from(data: &'a Data) -> Self {
        match data {
            Data::Map(bag) => Given::Map(bag),
            other => Given::Other(other),
        }
    }
}

impl Path<'_> {
    pub(super) const ROOT: Self = Path { up: None, step: Step::Root };

    pub(super) fn write(&self, text: &mut String) {
        if let Some(up) = self.up {
            up.write(text);
        }
        match self.step {
            Step::Root => {}
            Step::Key(key) => {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(key);
            }
            Step::Item(idx) => {
                let _ = write!(text, "[{idx}]");
            }
        }
    }
}
