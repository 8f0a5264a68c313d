//! Renders results as JSON, as `docs/reach.schema.json` describes.

use meshsynth_reach::world::At;
use meshsynth_reach::{Answer, Fix, Link, NOT_MODELLED};
use serde_json::{Value, json};

use super::report::Report;
use super::text::shown;

/// Renders the results as JSON.
pub fn json(report: &Report) -> Value {
    json!({
        "format_version": 1,
        "platform": report.platform,
        "digest": report.digest,
        "question": { "from": report.from, "to": report.to, "action": report.action },
        "answers": report.answers.iter().map(answer).collect::<Vec<_>>(),
        "unread": report.unread,
        "not_modelled": NOT_MODELLED,
    })
}

fn answer(of: &Answer) -> Value {
    json!({
        "from": of.from,
        "to": of.to,
        "verdict": of.verdict.word(),
        "chain": of.chain.iter().map(link).collect::<Vec<_>>(),
        "fixes": of.fixes.iter().map(fix).collect::<Vec<_>>(),
    })
}

fn link(of: &Link) -> Value {
    json!({
        "layer": of.layer.words(),
        "verdict": of.verdict.word(),
        "what": of.what,
        "field": of.field,
        "at": of.at.as_ref().map(at),
        "why": shown(&of.why),
    })
}

fn fix(of: &Fix) -> Value {
    json!({
        "layer": of.layer.words(),
        "what": of.what,
        "field": of.field,
        "at": of.at.as_ref().map(at),
        "change": shown(&of.change),
        "edit": of.edit.as_ref().map(|it| json!({ "verb": it.verb.word(), "value": plain(&it.value) })),
    })
}

/// Removes internal markers around names that AWS generates from a value.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => shown(text).into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        other => other.clone(),
    }
}

fn at(of: &At) -> Value {
    json!({ "source": of.source, "construct": of.construct, "file": of.file })
}
