//! Reads diagnostics from the JSON that [`to_json`](super::to_json) writes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use super::{Allowed, Diagnostic, Note, Place, Severity};

/// JSON that is not a list of diagnostics.
#[derive(Debug, PartialEq, Eq)]
pub struct ParseError {
    detail: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.detail)
    }
}

impl std::error::Error for ParseError {}

/// Reads the output of [`to_json`](super::to_json), including codes of other versions.
///
/// # Errors
///
/// Returns an error if the value is not a list of diagnostics. The error names the first invalid
/// field.
pub fn from_json(value: &Value) -> Result<Vec<Diagnostic>, ParseError> {
    let list = value.as_array().ok_or_else(|| ParseError { detail: "the value is not a list".to_owned() })?;
    list.iter()
        .enumerate()
        .map(|(idx, value)| {
            diagnostic(value).map_err(|field| ParseError { detail: format!("entry {idx} has no valid `{field}`") })
        })
        .collect()
}

fn diagnostic(value: &Value) -> Result<Diagnostic, &'static str> {
    let severity = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .find(|severity| value["severity"] == severity.word())
        .ok_or("severity")?;
    let notes = value["notes"].as_array().ok_or("notes")?;
    Ok(Diagnostic {
        code: intern(text(value, "code")?),
        severity,
        message: text(value, "message")?.to_owned(),
        construct: text(value, "construct")?.to_owned(),
        place: place(value)?,
        field: match value.get("field") {
            None => None,
            Some(field) => Some(field.as_str().ok_or("field")?.to_owned()),
        },
        notes: notes.iter().map(note).collect::<Result<_, _>>().map_err(|_| "notes")?,
        help: match &value["help"] {
            Value::Null => None,
            help => Some(help.as_str().ok_or("help")?.to_owned()),
        },
        allowed: value.get("allowed").map(allowed).transpose().map_err(|_| "allowed")?.map(Box::new),
    })
}

fn allowed(value: &Value) -> Result<Allowed, &'static str> {
    let text = |key: &'static str| text(value, key).map(str::to_owned);
    let who = value["who"].as_str().map(str::to_owned);
    Ok(Allowed { reason: text("reason")?, until: text("until")?, who, source: text("source")? })
}

fn note(value: &Value) -> Result<Note, &'static str> {
    Ok(Note { text: text(value, "text")?.to_owned(), place: place(value)? })
}

fn place(value: &Value) -> Result<Option<Place>, &'static str> {
    if value.get("file").is_none() {
        return Ok(None);
    }
    let number = |key: &'static str| value[key].as_u64().and_then(|number| u32::try_from(number).ok()).ok_or(key);
    Ok(Some(Place { file: text(value, "file")?.to_owned(), line: number("line")?, column: number("column")? }))
}

fn text<'a>(value: &'a Value, key: &'static str) -> Result<&'a str, &'static str> {
    value[key].as_str().ok_or(key)
}

/// Returns a code as a static text. The process stores each code only once, and there are few codes.
///
/// ```
/// assert_eq!(meshsynth_model::diag::intern("ACME001"), "ACME001");
/// ```
pub fn intern(code: &str) -> &'static str {
    static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    match codes.get(code) {
        Some(known) => known,
        None => {
            let code: &'static str = code.to_owned().leak();
            codes.insert(code);
            code
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::Location;

    use serde_json::json;

    use super::*;
    use crate::diag::to_json;

    #[test]
    fn reads_written_diagnostics_unchanged() {
        let allowed = Allowed {
            reason: "moves next month".to_owned(),
            until: "2027-01-31".to_owned(),
            who: Some("platform team".to_owned()),
            source: "src/lib.rs:4:9".to_owned(),
        };
        let passed =
            |allowed| Diagnostic { allowed: Some(Box::new(allowed)), ..Diagnostic::error("ACME001", "no owner") };
        let diagnostics = vec![
            passed(Allowed { who: None, ..allowed.clone() }),
            passed(allowed),
            Diagnostic::error("MS0107", "subnet `10.20.64.0/18` overlaps `10.20.0.0/17`")
                .construct("network/vpc/private-b")
                .field("CidrBlock")
                .at(Location::caller())
                .note("a note")
                .note_at("the other object is defined here", Location::caller())
                .help("use another range"),
            Diagnostic::warning("MS9999", "a bare one"),
        ];
        assert_eq!(from_json(&to_json(&diagnostics)).unwrap(), diagnostics);
    }

    #[test]
    fn reports_invalid_lists() {
        let error = |value: Value| from_json(&value).unwrap_err().to_string();
        assert_eq!(error(json!({})), "the value is not a list");
        assert_eq!(error(json!([{ "severity": "fatal" }])), "entry 0 has no valid `severity`");
        let mut value = to_json(&[Diagnostic::error("MS0101", "twice")]);
        value[0]["file"] = "src/main.rs".into();
        assert_eq!(error(value), "entry 0 has no valid `line`");
    }
}
