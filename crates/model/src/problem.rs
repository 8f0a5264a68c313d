//! User-facing errors with a location and a fix.

use std::fmt;

/// The subject of a problem. It determines the exit code of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The user's platform program.
    Platform,
    /// The command line, the configuration or the machine.
    Setting,
    /// An interruption by the user.
    Interrupt,
}

/// An error with a location and a fix.
#[derive(Debug)]
pub struct Problem {
    text: String,
    /// The subject of the problem.
    pub about: About,
    /// The file, line and column.
    pub place: Option<String>,
    /// How to fix it.
    pub help: Option<String>,
}

impl Problem {
    /// Creates a problem whose subject is the command line, the configuration or the machine.
    pub fn setting(text: impl Into<String>) -> Self {
        Self { text: text.into(), about: About::Setting, place: None, help: None }
    }

    /// Creates a problem whose subject is the user's program.
    pub fn platform(text: impl Into<String>) -> Self {
        Self { about: About::Platform, ..Self::setting(text) }
    }

    /// Creates a problem for an interrupted run.
    pub fn interrupt() -> Self {
        Self { about: About::Interrupt, ..Self::setting("interrupted; no output was written") }
    }

    /// Adds the location.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds the fix.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Returns the exit code of the run.
    pub fn exit_code(&self) -> u8 {
        match self.about {
            About::Platform => 1,
            About::Setting => 2,
            About::Interrupt => 130,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Problem {}

/// Returns the known name that is most similar to `name`, or `None` if no name is similar.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|other| (strsim::damerau_levenshtein(&name, &other.to_lowercase()), other))
        .filter(|(distance, other)| *distance <= 1 + other.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// Suggests the most similar known name, or lists all known names.
pub fn did_you_mean(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("available: {}", list(known)),
    }
}

/// Formats names in backticks, separated by commas.
pub fn list(names: &[&str]) -> String {
    match names {
        [] => "none".to_owned(),
        _ => format!("`{}`", names.join("`, `")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_similar_names() {
        let known = ["staging", "production"];
        assert_eq!(did_you_mean("stagign", &known), "did you mean `staging`?");
        assert_eq!(did_you_mean("demo", &known), "available: `staging`, `production`");
        assert_eq!(did_you_mean("demo", &[]), "available: none");
        assert_eq!(nearest("ms101", ["MS0101", "MS0102"]), Some("MS0101"));
    }
}
