//! Renders results as a self-contained page.

use anyhow::{Context, Result};
use handlebars::Handlebars;
use meshsynth_reach::loss::{Finding, NOT_MODELLED};
use serde_json::{Value, json};

use super::report::{Report, shown};
use super::text::by;

const TEMPLATE: &str = meshsynth_templates::reports::LOSE_HTML;

/// Renders the page.
pub fn html(report: &Report) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_template_string("page", TEMPLATE).context("the template is broken")?;
    let kinds: Vec<Value> = report
        .counts()
        .into_iter()
        .map(|(kind, counts)| {
            let counts: Vec<String> = counts.iter().map(|(it, count)| format!("{count} {}", it.word())).collect();
            let findings: Vec<Value> = report.loss.of(kind).into_iter().map(finding).collect();
            json!({ "heading": kind.heading(), "counts": counts.join(", "), "findings": findings })
        })
        .collect();
    let steps: Vec<Value> = report
        .loss
        .steps
        .iter()
        .map(|it| json!({ "stage": it.stage.words(), "text": shown(&it.text), "command": shown(&it.command) }))
        .collect();
    let data = json!({
        "platform": report.platform,
        "question": report.question(),
        "digest": report.digest,
        "summary": report.summary(),
        "version": env!("CARGO_PKG_VERSION"),
        "kinds": kinds,
        "steps": steps,
        "unread": report.unread,
        "not_modelled": NOT_MODELLED,
    });
    handlebars.render("page", &data).context("cannot render the page")
}

fn finding(of: &Finding) -> Value {
    json!({
        "name": shown(&of.name),
        "outcome": of.outcome().word(),
        "class": of.outcome().word().replace(' ', "-"),
        "causes": of.judgement.causes.iter().map(|it| json!({ "why": shown(&it.why), "by": by(it) })).collect::<Vec<_>>(),
    })
}
