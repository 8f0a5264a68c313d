//! Parameters of templates.

use serde_json::Value;

use crate::syntax::scalar;

/// A parameter.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html>
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'a> {
    body: &'a Value,
}

impl<'a> Parameter<'a> {
    pub(crate) fn new(body: &'a Value) -> Self {
        Self { body }
    }

    fn type_name(self) -> &'a str {
        self.body["Type"].as_str().unwrap_or_default()
    }

    /// Returns the default as text, or `None` if the parameter has none.
    pub fn default(self) -> Option<String> {
        let default = self.body.get("Default").filter(|it| !it.is_null())?;
        Some(scalar(default).unwrap_or_else(|| default.to_string()))
    }

    /// Returns the allowed values as text, or `None` if the template does not restrict the values to a list.
    pub fn allowed(self) -> Option<Vec<String>> {
        let allowed = self.body["AllowedValues"].as_array()?;
        Some(allowed.iter().filter_map(scalar).collect())
    }

    /// Whether the value is hidden in all output.
    pub fn is_secret(self) -> bool {
        self.body["NoEcho"] == true || self.body["NoEcho"] == "true"
    }

    /// Whether the value names a parameter of Systems Manager, which CloudFormation reads at deployment.
    pub fn is_stored(self) -> bool {
        self.type_name().starts_with("AWS::SSM::Parameter::Value")
    }

    /// Returns a value of this parameter. List types are split at commas.
    pub fn typed(self, text: &str) -> Value {
        let type_name = self.type_name();
        if type_name == "CommaDelimitedList" || type_name.starts_with("List<") {
            return text.split(',').map(|item| Value::from(item.trim())).collect();
        }
        text.into()
    }
}
