//! The call of the program: the environment variables of the protocol.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use meshsynth::diag::Severity;
use meshsynth::exception::ConfiguredException;
use meshsynth::{App, TemplateFormat};

use crate::stop::Stop;

/// The arguments of a program run.
#[derive(Debug, PartialEq)]
pub struct Call {
    /// The folder for the assembly. `None` if a user runs the program by hand.
    pub out: Option<PathBuf>,
    /// The folder of the assembly to replace, if there is one.
    pub replaced: Option<PathBuf>,
    /// The requested environment.
    pub environment: Option<String>,
    /// The format of the templates.
    pub format: TemplateFormat,
    /// The configured severities by code. `None` disables the rule.
    pub severities: Vec<(String, Option<Severity>)>,
    /// The exceptions in the project configuration.
    pub allowed: Vec<ConfiguredException>,
}

impl Call {
    /// Reads the environment variables of this process.
    pub fn from_environment() -> Result<Self, Stop> {
        Self::new(|name| env::var_os(name))
    }

    fn new(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Stop> {
        let text = |name: &str| match variable(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok(Some(text)),
            Some(Err(raw)) => Err(Stop::Usage(format!("`{name}` is {raw:?}, which is not valid UTF-8"))),
        };
        let format = match text("MESHSYNTH_FORMAT")?.as_deref() {
            None | Some("json") => TemplateFormat::Json,
            Some("yaml") => TemplateFormat::Yaml,
            Some(other) => {
                return Err(Stop::Usage(format!("`MESHSYNTH_FORMAT` is `{other}`, but must be `json` or `yaml`")));
            }
        };
        let folder = |name: &str| variable(name).map(PathBuf::from);
        let (out, replaced) = (folder("MESHSYNTH_OUT"), folder("MESHSYNTH_REPLACED"));
        let severities = severities(text("MESHSYNTH_SEVERITY")?.as_deref().unwrap_or_default())?;
        let allowed = exceptions(text("MESHSYNTH_ALLOW")?.as_deref().unwrap_or_default())?;
        Ok(Self { out, replaced, environment: text("MESHSYNTH_ENV")?, format, severities, allowed })
    }

    /// Configures the severities and exceptions of an app.
    pub fn configure(&self, app: &App) {
        for exception in &self.allowed {
            app.allow_configured(exception.clone());
        }
        for (code, severity) in &self.severities {
            app.severity(code, *severity);
        }
    }

    /// Returns the indexes of the requested environments.
    pub fn choose(&self, program: &str, environments: &[&str]) -> Result<Vec<usize>, Stop> {
        let list = format!("`{}`", environments.join("`, `"));
        if environments.is_empty() {
            let text = format!("`{program}` does not declare an environment; add `.environment(…)`, or use `run`");
            return Err(Stop::Usage(text));
        }
        for (idx, name) in environments.iter().enumerate() {
            if environments[..idx].contains(name) {
                return Err(Stop::Usage(format!("`{program}` declares the environment `{name}` twice")));
            }
        }
        match (&self.environment, &self.out) {
            (Some(wanted), _) => match environments.iter().position(|name| name == wanted) {
                Some(idx) => Ok(vec![idx]),
                None => {
                    Err(Stop::Usage(format!("`{program}` has no environment `{wanted}`; its environments are {list}")))
                }
            },
            (None, None) => Ok((0..environments.len()).collect()),
            (None, Some(_)) => {
                let text = format!(
                    "`{program}` has the environments {list}, but meshsynth.toml does not list them; add \
                     `environments = {environments:?}`"
                );
                Err(Stop::Usage(text))
            }
        }
    }

    /// Accepts a call without an environment, for a program that has none.
    pub fn choose_none(self, program: &str) -> Result<Self, Stop> {
        match &self.environment {
            None => Ok(self),
            Some(wanted) => {
                Err(Stop::Usage(format!("`{program}` has no environments, but meshsynth requested `{wanted}`")))
            }
        }
    }
}

/// Parses one exception per line: code, construct, reason, last day, approver (can be empty) and location, separated by
/// tabs.
fn exceptions(text: &str) -> Result<Vec<ConfiguredException>, Stop> {
    let read = |line: &str| {
        let [code, what, reason, until, who, source] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let [code, what, reason, until, source] = [code, what, reason, until, source].map(str::to_owned);
        let who = (!who.is_empty()).then(|| who.to_owned());
        Some(ConfiguredException { code, what, reason, until, who, source })
    };
    let wrong = |line: &str| {
        let form = "code, what, reason, last day, who and place, separated by tabs";
        Stop::Usage(format!("`MESHSYNTH_ALLOW` contains the line `{line}`; a line must contain {form}"))
    };
    text.lines().map(|line| read(line).ok_or_else(|| wrong(line))).collect()
}

/// Parses `ACME001=warning,MS0421=off`.
fn severities(text: &str) -> Result<Vec<(String, Option<Severity>)>, Stop> {
    let read = |entry: &str| {
        let (code, word) = entry.split_once('=')?;
        let severity = match word.trim() {
            "error" => Some(Severity::Error),
            "warning" => Some(Severity::Warning),
            "note" => Some(Severity::Note),
            "off" => None,
            _ => return None,
        };
        Some((code.trim().to_owned(), severity))
    };
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let wrong = |entry: &str| {
        let form = "`CODE=error`, `warning`, `note` or `off`, separated by `,`";
        Stop::Usage(format!("`MESHSYNTH_SEVERITY` contains `{entry}`; the form is {form}"))
    };
    entries.map(|entry| read(entry).ok_or_else(|| wrong(entry))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(variables: &[(&str, &str)]) -> Result<Call, String> {
        let found = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        Call::new(found).map_err(text)
    }

    fn text(stop: Stop) -> String {
        let (Stop::Usage(text) | Stop::Write(text)) = stop;
        text
    }

    fn choose(variables: &[(&str, &str)], environments: &[&str]) -> Result<Vec<usize>, String> {
        call(variables)?.choose("shop", environments).map_err(text)
    }

    #[test]
    fn defaults_to_json_without_output_folder() {
        let expected = Call {
            out: None,
            replaced: None,
            environment: None,
            format: TemplateFormat::Json,
            severities: Vec::new(),
            allowed: Vec::new(),
        };
        assert_eq!(call(&[]).unwrap(), expected);
    }

    #[test]
    fn rejects_unknown_format_and_lists_formats() {
        let text = call(&[("MESHSYNTH_FORMAT", "toml")]).unwrap_err();
        assert_eq!(text, "`MESHSYNTH_FORMAT` is `toml`, but must be `json` or `yaml`");
    }

    #[test]
    fn reads_one_exception_per_line() {
        let of = |text: &str| call(&[("MESHSYNTH_ALLOW", text)]).map(|call| call.allowed);
        let line = "ACME001\tdata/*\tmoves\t2027-01-31\t\tmeshsynth.toml:9:1";
        let [exception] = &of(line).unwrap()[..] else { panic!("one line is one exception") };
        assert_eq!((exception.what.as_str(), &exception.who), ("data/*", &None));
        assert_eq!(of("").unwrap(), []);
        assert!(of("ACME001\tdata/*").unwrap_err().starts_with("`MESHSYNTH_ALLOW` contains the line"));
    }

    #[test]
    fn reads_severities_by_code() {
        let of = |text: &str| call(&[("MESHSYNTH_SEVERITY", text)]).map(|call| call.severities);
        let expected = [("ACME001".to_owned(), Some(Severity::Warning)), ("MS0421".to_owned(), None)];
        assert_eq!(of("ACME001=warning, MS0421=off").unwrap(), expected);
        assert_eq!(of("").unwrap(), []);
        assert_eq!(
            of("ACME001=fatal").unwrap_err(),
            "`MESHSYNTH_SEVERITY` contains `ACME001=fatal`; the form is `CODE=error`, `warning`, `note` or `off`, \
             separated by `,`"
        );
    }

    #[test]
    fn manual_run_synthesizes_all_environments() {
        assert_eq!(choose(&[], &["staging", "production"]).unwrap(), [0, 1]);
        assert_eq!(choose(&[("MESHSYNTH_ENV", "production")], &["staging", "production"]).unwrap(), [1]);
    }

    #[test]
    fn requires_an_existing_environment() {
        let out = ("MESHSYNTH_OUT", "out");
        let missing = choose(&[out], &["staging", "production"]).unwrap_err();
        assert_eq!(
            missing,
            "`shop` has the environments `staging`, `production`, but meshsynth.toml does not list them; add \
             `environments = [\"staging\", \"production\"]`"
        );
        let unknown = choose(&[out, ("MESHSYNTH_ENV", "prod")], &["staging", "production"]).unwrap_err();
        assert_eq!(unknown, "`shop` has no environment `prod`; its environments are `staging`, `production`");
    }

    #[test]
    fn reports_invalid_environment_declarations() {
        let twice = choose(&[], &["staging", "staging"]).unwrap_err();
        assert_eq!(twice, "`shop` declares the environment `staging` twice");
        let none = choose(&[], &[]).unwrap_err();
        assert_eq!(none, "`shop` does not declare an environment; add `.environment(…)`, or use `run`");
        let unasked = text(call(&[("MESHSYNTH_ENV", "staging")]).unwrap().choose_none("shop").unwrap_err());
        assert_eq!(unasked, "`shop` has no environments, but meshsynth requested `staging`");
    }
}
