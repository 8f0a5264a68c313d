//! Renders results as a self-contained page for reviews.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use handlebars::{Context as Data, Handlebars, Helper, HelperResult, Output, RenderContext, html_escape};
use meshsynth_reach::{Answer, Layer, Link, NOT_MODELLED, Verdict};
use serde_json::{Value, json};

use super::report::Report;
use super::table::decided_by;
use super::text::shown;
use crate::shell::count;

const TEMPLATE: &str = meshsynth_templates::reports::REACH_HTML;

/// Renders the page.
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
        group(Verdict::Unknown, "Cannot be decided from the files"),
        group(Verdict::Denied, "Denied"),
    ];
    let groups: Vec<&Value> = groups.iter().filter(|it| it["answers"] != json!([])).collect();
    let places = |all: &[[String; 3]]| -> Vec<Value> {
        all.iter().map(|[name, place, has]| json!({ "name": name, "place": place, "has": has })).collect()
    };
    let asked = report.answers.len() + report.denied.len();
    let data = json!({
        "layers": Layer::ALL.map(Layer::words).join(", "),
        "asked": format!("{}: {} allowed, {} unknown, {} denied", count(asked, "pair"), report.count(Verdict::Allowed),
            report.count(Verdict::Unknown), report.denied.len() + report.count(Verdict::Denied)),
        "stacks": places(&report.scope.stacks),
        "clusters": places(&report.scope.clusters),
        "denied": denied(report),
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

/// Groups denied paths by the layers that stop them. Layers after the first denial are not evaluated.
fn denied(report: &Report) -> Vec<Value> {
    let mut groups: BTreeMap<Vec<Layer>, Vec<&Answer>> = BTreeMap::new();
    for answer in &report.denied {
        let mut layers: Vec<Layer> = answer.deciding().map(|it| it.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        groups.entry(layers).or_default().push(answer);
    }
    let is_from_one = report.from.is_some();
    let group = |(layers, answers): (Vec<Layer>, Vec<&Answer>)| {
        let names: Vec<&str> =
            answers.iter().map(|it| if is_from_one { it.to.as_str() } else { it.from.as_str() }).collect();
        let first = answers[0].deciding().next();
        json!({
            "layers": layers.into_iter().map(Layer::words).collect::<Vec<_>>().join(", "),
            "count": answers.len(),
            "names": names.join(", "),
            "why": first.map(|it| shown(&it.why)),
            "of": names[0],
            "what": first.map(|it| [it.what.as_str(), it.field.as_str()].join(" ").trim().to_owned()),
            "at": first.and_then(|it| it.at.as_ref()).map(ToString::to_string),
        })
    };
    groups.into_iter().map(group).collect()
}

/// Returns the entry points of a path from the outside in: load balancers, Services, gateways and listeners.
fn ways_in(of: &Answer) -> String {
    let mut names: Vec<&str> = Vec::new();
    for link in of.chain.iter().filter(|it| it.layer == Layer::Entry && !it.what.is_empty()) {
        if names.last() != Some(&link.what.as_str()) {
            names.push(&link.what);
        }
    }
    names.join(" → ")
}

fn answer(of: &Answer) -> Value {
    json!({
        "entry": ways_in(of),
        "why": of.deciding().next().filter(|_| of.verdict != Verdict::Allowed).map(|it| shown(&it.why)),
        "from": of.from,
        "to": of.to,
        "by": decided_by(of),
        "links": of.chain.iter().map(link).collect::<Vec<_>>(),
        "fixes": of.fixes.iter().map(|it| json!({
            "layer": it.layer.words(), "change": shown(&it.change), "what": it.what,
            "at": it.at.as_ref().map(ToString::to_string),
        })).collect::<Vec<_>>(),
        "fix": if of.verdict == Verdict::Denied { "To allow it" } else { "To deny it" },
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

/// The helper `{{code text}}`: renders text in backticks as code, and escapes HTML.
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
