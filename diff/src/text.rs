//! One text of many that were read onto the same sheet.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// A text that shares its memory with others: thousands of files cost a handful of allocations.
#[derive(Clone, Debug, Default)]
pub struct Text {
    sheet: Arc<String>,
    range: Range<usize>,
}

impl Text {
    /// The part of a sheet that is this text; nothing where no character begins or ends there.
    pub fn on(sheet: &Arc<String>, range: Range<usize>) -> Option<Self> {
        sheet.get(range.clone())?;
        Some(Self { sheet: Arc::clone(sheet), range })
    }

    /// Whether both are one text in memory, which costs no look at it.
    pub fn is_one_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.sheet, &other.sheet) && self.range == other.range
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.sheet[self.range.clone()]
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let range = 0..text.len();
        Self { sheet: Arc::new(text), range }
    }
}
