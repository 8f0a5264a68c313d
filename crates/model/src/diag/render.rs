//! Diagnostics as text for people and as JSON for tools.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::{Allowed, Diagnostic, Place};

/// Renders all diagnostics as plain text, separated by blank lines.
///
/// ```text
/// error[MS0107]: subnet `10.20.64.0/18` overlaps `10.20.0.0/17`
///   --> stacks/src/platform.rs:41:16
///    = construct: network/vpc/private-b
///    = help: use a /18 that starts at 10.20.128.0 or later
/// ```
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        one(&mut out, diagnostic, "construct");
    }
    out
}

/// Renders one diagnostic as plain text. `subject` is the label of the affected item, such as `object` for a Kubernetes
/// manifest.
pub fn render_as(diagnostic: &Diagnostic, subject: &str) -> String {
    let mut out = String::new();
    one(&mut out, diagnostic, subject);
    out
}

fn one(out: &mut String, diagnostic: &Diagnostic, subject: &str) {
    let Diagnostic { code, severity, message, construct, place, notes, help, allowed, .. } = diagnostic;
    let mut line = |text: String| {
        let _ = writeln!(out, "{text}");
    };
    line(format!("{}[{code}]: {message}", severity.word()));
    if let Some(place) = place {
        line(format!("  --> {place}"));
    }
    if !construct.is_empty() {
        line(format!("   = {subject}: {construct}"));
    }
    for note in notes {
        match &note.place {
            Some(place) => line(format!("   = note: {} ({place})", note.text)),
            None => line(format!("   = note: {}", note.text)),
        }
    }
    if let Some(help) = help {
        line(format!("   = help: {help}"));
    }
    if let Some(allowed) = allowed {
        let who = allowed.who.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
        let Allowed { reason, until, source, .. } = allowed.as_ref();
        line(format!("   = allowed until {until}{who}: {reason} ({source})"));
    }
}

/// Converts all diagnostics into a JSON list, for tools.
pub fn to_json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(value).collect()
}

fn value(diagnostic: &Diagnostic) -> Value {
    let notes: Vec<Value> =
        diagnostic.notes.iter().map(|note| with_place(json!({ "text": note.text }), note.place.as_ref())).collect();
    let mut object = json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.word(),
        "message": diagnostic.message,
        "construct": diagnostic.construct,
        "notes": notes,
        "help": diagnostic.help,
    });
    if let Some(field) = &diagnostic.field {
        object["field"] = field.as_str().into();
    }
    if let Some(allowed) = &diagnostic.allowed {
        let Allowed { reason, until, who, source } = allowed.as_ref();
        object["allowed"] = json!({ "reason": reason, "until": until, "who": who, "source": source });
    }
    with_place(object, diagnostic.place.as_ref())
}

fn with_place(mut object: Value, place: Option<&Place>) -> Value {
    let fields: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let (Some(fields), Some(place)) = (fields, place) {
        fields.insert("file".into(), place.file.as_str().into());
        fields.insert("line".into(), place.line.into());
        fields.insert("column".into(), place.column.into());
    }
    object
}
