//! The findings of a rule.

use crate::diag::{Diagnostic, Severity};
use crate::tree::At;

use super::deployed::{Cluster, Release, Stack};
use super::edge::Edge;
use super::grant::Grant;
use super::index::Place;
use super::item::Item;
use super::property::{self, Property};

/// The list to which a rule adds its findings.
pub struct Report {
    code: &'static str,
    severity: Severity,
    found: Vec<Diagnostic>,
}

impl Report {
    pub(crate) fn new(code: &'static str, severity: Severity) -> Self {
        Self { code, severity, found: Vec::new() }
    }

    pub(crate) fn into_found(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Reports a finding about an item, a property, an edge or a grant, at the program line of this subject.
    ///
    /// The message describes the problem: lower case, no period, values in backticks.
    pub fn at<'a>(&mut self, subject: &impl Subject<'a>, message: impl Into<String>) -> Finding<'_, 'a> {
        let Location { place, line, field } = subject.location();
        let diagnostic = Diagnostic::error(self.code, message).severity(self.severity);
        let mut diagnostic = diagnostic.construct(place.path()).at(line);
        diagnostic.field = field;
        self.found.push(diagnostic);
        Finding { diagnostic: self.found.last_mut().expect("it was just pushed"), place }
    }
}

/// A reported finding, for adding details.
pub struct Finding<'r, 'a> {
    diagnostic: &'r mut Diagnostic,
    place: Place<'a>,
}

impl<'a> Finding<'_, 'a> {
    /// Sets the property of the finding by its path. If the line that sets the property is known, the finding refers to
    /// that line.
    pub fn field(self, path: &str) -> Self {
        let line = property::line(self.place, path);
        if line != self.place.node().at {
            self.diagnostic.place = Some(line.into());
        }
        self.diagnostic.field = Some(path.to_owned());
        self
    }

    /// Adds a note.
    pub fn note(self, text: impl Into<String>) -> Self {
        self.change(|diagnostic| diagnostic.note(text))
    }

    /// Adds a note about another subject, with the program line of that subject.
    pub fn note_at<'b>(self, subject: &impl Subject<'b>, text: impl Into<String>) -> Self {
        let line = subject.location().line;
        self.change(|diagnostic| diagnostic.note_at(text, line))
    }

    /// Adds instructions for fixing the problem.
    pub fn help(self, text: impl Into<String>) -> Self {
        self.change(|diagnostic| diagnostic.help(text))
    }

    /// Overrides the rule's severity for this finding.
    pub fn severity(self, severity: Severity) -> Self {
        self.change(|diagnostic| diagnostic.severity(severity))
    }

    fn change(self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        *self.diagnostic = change(self.diagnostic.clone());
        self
    }
}

/// The subject of a finding.
pub trait Subject<'a>: sealed::Located<'a> {}

impl<'a, T: sealed::Located<'a>> Subject<'a> for T {}

/// The location of a subject.
#[doc(hidden)]
pub struct Location<'a> {
    place: Place<'a>,
    line: At,
    field: Option<String>,
}

mod sealed {
    /// A subject with a location in the platform.
    pub trait Located<'a> {
        #[doc(hidden)]
        fn location(&self) -> super::Location<'a>;
    }
}

impl<'a> sealed::Located<'a> for Property<'a> {
    fn location(&self) -> Location<'a> {
        Location { place: self.place, line: self.line(), field: Some(self.path()) }
    }
}

impl<'a> sealed::Located<'a> for Edge<'a> {
    fn location(&self) -> Location<'a> {
        Location { place: self.from().place, line: self.line(), field: None }
    }
}

impl<'a> sealed::Located<'a> for Grant<'a> {
    fn location(&self) -> Location<'a> {
        Location { place: self.principal().place, line: self.line(), field: None }
    }
}

macro_rules! located {
    ($($name:ident),+) => {$(
        impl<'a> sealed::Located<'a> for $name<'a> {
            fn location(&self) -> Location<'a> {
                Location { place: self.place, line: self.line(), field: None }
            }
        }
    )+};
}
located!(Item, Stack, Cluster, Release);
