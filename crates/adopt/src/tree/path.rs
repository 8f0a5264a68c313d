//! Paths of the program.

/// A path, such as `cfn::sqs::Queue::new` or `Object::<kinds::Backup>::define`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// The text before the type in angle brackets, or the whole path.
    pub text: String,
    /// The type in angle brackets, and the following name.
    pub of: Option<(Box<Path>, &'static str)>,
}

impl Path {
    /// Creates `Object::<T>::define`.
    pub fn of(text: &str, inner: Path, then: &'static str) -> Self {
        Self { text: text.to_owned(), of: Some((Box::new(inner), then)) }
    }

    /// Creates `Resource<T>` as a type.
    pub fn generic(text: &str, inner: Path) -> Self {
        Self { text: text.to_owned(), of: Some((Box::new(inner), "")) }
    }

    /// Returns the path with another name appended.
    pub fn then(&self, name: &str) -> Self {
        Self { text: format!("{}::{name}", self.text), of: None }
    }

    /// Returns the last name.
    pub fn last(&self) -> &str {
        match &self.of {
            Some((_, then)) => then,
            None => self.text.rsplit("::").next().unwrap_or_default(),
        }
    }

    /// Returns the name before the last one.
    pub fn owner(&self) -> &str {
        self.text.rsplit("::").nth(1).unwrap_or_default()
    }

    /// Returns the path without the type in angle brackets, and the path of that type.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let inner = self.of.as_ref().map(|(inner, _)| inner.text.as_str());
        std::iter::once(self.text.as_str()).chain(inner)
    }
}

impl From<&str> for Path {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), of: None }
    }
}

impl From<String> for Path {
    fn from(text: String) -> Self {
        Self { text, of: None }
    }
}
