//! What went wrong, where, and how to fix it: the errors that people are meant to read.

use std::fmt;

/// What a problem is about, which decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The user's platform program.
    Platform,
    /// The call, the configuration, the machine.
    Setting,
    /// The user ended the run.
    Interrupt,
}

/// An error with a place and a fix.
#[derive(Debug)]
pub struct Problem {
    text: String,
    /// Whose it is.
    pub about: About,
    /// The file, line and column.
    pub place: Option<String>,
    /// How to fix it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem with the call, the configuration or the machine.
    pub fn setting(text: impl Into<String>) -> Self {
        Self { text: text.into(), about: About::Setting, place: None, help: None }
    }

    /// A problem with the user's program.
    pub fn platform(text: impl Into<String>) -> Self {
        Self { about: About::Platform, ..Self::setting(text) }
    }

    /// The user ended the run.
    pub fn interrupt() -> Self {
        Self { about: About::Interrupt, ..Self::setting("interrupted; nothing is written") }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Says how to fix it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The exit code of the run.
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

/// The nearest of several names, if any is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|other| (strsim::damerau_levenshtein(&name, &other.to_lowercase()), other))
        .filter(|(distance, other)| *distance <= 1 + other.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// A sentence that leads from a wrong name to the right one.
pub fn did_you_mean(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there is {}", list(known)),
    }
}

/// Names in backticks, with commas.
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
    fn a_near_name_is_offered_and_a_far_one_is_not() {
        let known = ["staging", "production"];
        assert_eq!(did_you_mean("stagign", &known), "did you mean `staging`?");
        assert_eq!(did_you_mean("demo", &known), "there is `staging`, `production`");
        assert_eq!(did_you_mean("demo", &[]), "there is none");
        assert_eq!(nearest("ms101", ["MS0101", "MS0102"]), Some("MS0101"));
    }
}
