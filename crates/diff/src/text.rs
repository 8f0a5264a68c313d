//! Texts that share sheets of memory.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// A text in a shared sheet of memory, so that thousands of files need few allocations.
#[derive(Clone, Debug, Default)]
pub struct Text {
    sheet: Arc<String>,
    range: Range<usize>,
}

impl Text {
    /// Returns the text of a range, or `None` if it does not begin and end at a character boundary.
    pub fn on(sheet: &Arc<String>, range: Range<usize>) -> Option<Self> {
        sheet.get(range.clone())?;
        Some(Self { sheet: Arc::clone(sheet), range })
    }

    /// Whether both are the same text in memory. The content is not compared.
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
