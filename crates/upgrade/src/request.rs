//! The targets of an upgrade, as `--to` specifies them.

use meshsynth_model::problem::{Problem, did_you_mean};

use crate::component::Component;

/// A component, or all components of a product, and the wanted version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The product or the name of a component.
    pub name: String,
    /// The wanted version.
    pub version: String,
}

impl Request {
    /// Parses `NAME=VERSION`.
    ///
    /// # Errors
    ///
    /// If the text has another form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split_once('=').filter(|(name, version)| {
            !name.is_empty() && version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit())
        });
        let (name, version) =
            parts.ok_or_else(|| "required: a component and a version, such as eks=1.36".to_owned())?;
        Ok(Self { name: name.to_owned(), version: version.to_owned() })
    }

    /// Returns the components that the request means.
    ///
    /// # Errors
    ///
    /// If the platform has no such component.
    pub fn components(&self, components: &[Component]) -> Result<Vec<usize>, Problem> {
        let exact: Vec<usize> = (0..components.len()).filter(|at| components[*at].name == self.name).collect();
        if !exact.is_empty() {
            return Ok(exact);
        }
        let found: Vec<usize> = (0..components.len()).filter(|at| components[*at].is_called(&self.name)).collect();
        if found.is_empty() {
            let known: Vec<&str> = components.iter().map(|it| it.name.as_str()).collect();
            let problem = Problem::setting(format!("the platform has no component `{}`", self.name));
            return Err(problem.help(did_you_mean(&self.name, &known)));
        }
        Ok(found)
    }
}
