//! Converts diagnostics to SARIF 2.1.0, which code-scanning services show next to the source code.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Diagnostic, Place};

/// Converts all diagnostics to one SARIF run.
pub fn to_sarif(diagnostics: &[Diagnostic]) -> Value {
    to_sarif_with(diagnostics, |_| None)
}

/// Converts all diagnostics to one SARIF run with descriptions. For each code, `describe` returns a summary and a
/// manual in Markdown. The manual may be empty.
pub fn to_sarif_with(diagnostics: &[Diagnostic], describe: impl Fn(&str) -> Option<(String, String)>) -> Value {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let rule = |code: &str| {
        let mut rule = json!({ "id": code });
        if let Some((summary, manual)) = describe(code) {
            if !manual.is_empty() {
                rule["help"] = json!({ "text": manual, "markdown": manual });
            }
            rule["shortDescription"] = json!({ "text": summary });
        }
        rule
    };
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "meshsynth",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(diagnostic: &Diagnostic) -> Value {
    let mut location = Map::new();
    if let Some(place) = &diagnostic.place {
        location.insert("physicalLocation".into(), physical(place));
    }
    if !diagnostic.construct.is_empty() {
        let construct = json!([{ "fullyQualifiedName": diagnostic.construct }]);
        location.insert("logicalLocations".into(), construct);
    }
    let locations: Vec<Value> = if location.is_empty() { Vec::new() } else { vec![location.into()] };
    let mut result = json!({
        "ruleId": diagnostic.code,
        "level": diagnostic.severity.word(),
        "message": { "text": text(diagnostic) },
        "locations": locations,
    });
    let related: Vec<Value> = diagnostic
        .notes
        .iter()
        .filter_map(|note| {
            let place = note.place.as_ref()?;
            Some(json!({ "message": { "text": note.text }, "physicalLocation": physical(place) }))
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(allowed) = &diagnostic.allowed {
        result["suppressions"] = json!([{ "kind": "inSource", "status": "accepted", "justification": allowed.reason }]);
    }
    result
}

/// Returns the message, followed by the notes and the help. SARIF has no separate fields for notes and help.
fn text(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    for note in diagnostic.notes.iter().filter(|note| note.place.is_none()) {
        let _ = write!(text, "\nnote: {}", note.text);
    }
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "\nhelp: {help}");
    }
    text
}

fn physical(place: &Place) -> Value {
    json!({
        "artifactLocation": { "uri": uri(&place.file) },
        "region": { "startLine": place.line, "startColumn": place.column },
    })
}

/// Converts a path to a relative URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'~' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, line: u32) -> Option<Place> {
        Some(Place { file: file.to_owned(), line, column: 5 })
    }

    #[test]
    fn results_contain_line_construct_and_related_line() {
        let mut diagnostic = Diagnostic::error("MS0101", "`net` is defined twice")
            .construct("network/net")
            .note("ids are unique in a scope")
            .note("the first is defined here")
            .help("give it another id");
        diagnostic.place = place("stacks/src/my platform.rs", 41);
        diagnostic.notes[1].place = place("stacks/src/my platform.rs", 38);
        let expected = json!({
            "ruleId": "MS0101",
            "level": "error",
            "message": { "text": "`net` is defined twice\nnote: ids are unique in a scope\nhelp: give it another id" },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": "stacks/src/my%20platform.rs" },
                    "region": { "startLine": 41, "startColumn": 5 },
                },
                "logicalLocations": [{ "fullyQualifiedName": "network/net" }],
            }],
            "relatedLocations": [{
                "message": { "text": "the first is defined here" },
                "physicalLocation": {
                    "artifactLocation": { "uri": "stacks/src/my%20platform.rs" },
                    "region": { "startLine": 38, "startColumn": 5 },
                },
            }],
        });
        assert_eq!(to_sarif(&[diagnostic])["runs"][0]["results"][0], expected);
    }

    #[test]
    fn describes_rules_and_suppresses_allowed_findings() {
        let allowed = super::super::Allowed {
            reason: "moves in spring".to_owned(),
            until: "2027-01-31".to_owned(),
            who: None,
            source: "src/lib.rs:4:9".to_owned(),
        };
        let found =
            [Diagnostic { allowed: Some(Box::new(allowed)), ..Diagnostic::error("ACME001", "the bucket has no key") }];
        let run = &to_sarif_with(&found, |code| Some((format!("what {code} wants"), String::new())))["runs"][0];
        let expected = json!([{ "id": "ACME001", "shortDescription": { "text": "what ACME001 wants" } }]);
        assert_eq!(run["tool"]["driver"]["rules"], expected);
        let suppressed = json!([{ "kind": "inSource", "status": "accepted", "justification": "moves in spring" }]);
        assert_eq!(run["results"][0]["suppressions"], suppressed);
    }

    #[test]
    fn lists_each_code_once() {
        let twice =
            [Diagnostic::error("MS0102", "a"), Diagnostic::warning("MS0101", "b"), Diagnostic::error("MS0102", "c")];
        let rules = &to_sarif(&twice)["runs"][0]["tool"]["driver"]["rules"];
        assert_eq!(*rules, json!([{ "id": "MS0101" }, { "id": "MS0102" }]));
    }
}
