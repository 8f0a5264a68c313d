//! Answers as one page that needs nothing else, for whoever signs that they hold.

use anyhow::{Context, Result};
use handlebars::{Context as Data, Handlebars, Helper, HelperResult, Output, RenderContext, html_escape};
use meshsynth_reach::{Answer, Link, NOT_MODELLED, Verdict};
use serde_json::{Value, json};

use super::report::Report;
use super::table::decided_by;
use super::text::shown;

const TEMPLATE: &str = include_str!("page.html.hbs");

/// The answers as a page.
pub fn html(report: &Report) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_helper("code", Box::new(code));
    handlebars.register_template_string("page", TEMPLATE).context("the template is broken")?;
    let group = |verdict: Verdict, heading: &str| {
        let answers = report.answers.iter().filter(|it| it.verdict == verdict);
        let answers: Vec<Value> = answers.map(answer).collect();
        json!({ "verdict": verdict.word(), "heading": heading, "answers": answers })
    };
    let groups = [
        group(Verdict::Allowed, "Allowed"),
        group(Verdict::Unknown, "Not known before a deployment"),
        group(Verdict::Denied, "Denied"),
    ];
    let groups: Vec<&Value> = groups.iter().filter(|it| it["answers"] != json!([])).collect();
    let data = json!({
        "platform": report.platform,
        "question": report.question(),
        "digest": report.digest,
        "summary": report.summary(),
        "version": env!("CARGO_PKG_VERSION"),
        "groups": groups,
        "unread": report.unread,
        "not_modelled": NOT_MODELLED,
    });
    handlebars.render("page", &data).context("cannot render the page")
}

fn answer(of: &Answer) -> Value {
    json!({
        "from": of.from,
        "to": of.to,
        "by": decided_by(of),
        "links": of.chain.iter().map(link).collect::<Vec<_>>(),
        "fixes": of.fixes.iter().map(|it| json!({
            "layer": it.layer.words(), "change": shown(&it.change), "what": it.what,
            "at": it.at.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
        "fix": if of.verdict == Verdict::Denied { "To open it" } else { "To close it" },
    })
}

fn link(of: &Link) -> Value {
    json!({
        "layer": of.layer.words(),
        "verdict": of.verdict.word(),
        "what": of.what,
        "field": of.field,
        "at": of.at.as_ref().map(ToString::to_string),
        "why": shown(&of.why),
    })
}

/// `{{code text}}`: what stands in backticks is code; all is escaped.
fn code(helper: &Helper, _: &Handlebars, _: &Data, _: &mut RenderContext, out: &mut dyn Output) -> HelperResult {
    let text = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    for (idx, piece) in text.split('`').enumerate() {
        let piece = html_escape(piece);
        if idx % 2 == 1 {
            out.write(&format!("<code>{piece}</code>"))?;
        } else {
            out.write(&piece)?;
        }
    }
    Ok(())
}
