//! Renders the report as a self-contained HTML page.

use anyhow::{Context, Result};
use handlebars::{Context as Data, Handlebars, Helper, HelperResult, Output, RenderContext, html_escape};
use meshsynth_diff::Diff;
use meshsynth_diff::gates::Gates;
use serde_json::json;

use super::fold::fold;
use super::view::{Limits, view};
use super::with_conditional;
use crate::graph;
use crate::graph::Format;

const TEMPLATE: &str = meshsynth_templates::reports::DIFF_HTML;

/// Renders the reports of several platforms as one page.
pub fn render(diffs: &[(Diff, Gates)], template: Option<&str>) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_helper("code", Box::new(code));
    handlebars.register_template_string("diff", template.unwrap_or(TEMPLATE)).context("the template is broken")?;
    let mut apps = Vec::new();
    let none = Gates::default();
    for (idx, (diff, gates)) in with_conditional(diffs, &none).into_iter().enumerate() {
        let mut app = view(diff, gates, Limits::NONE, &fold(diff));
        if !diff.picture.edges.is_empty() {
            // IDs must be unique within a page, so those of each diagram get a suffix.
            let svg = graph::draw(&diff.app, &diff.picture, Format::Svg, None);
            let svg = ["title", "desc"]
                .iter()
                .fold(svg, |svg, name| svg.replace(&format!("id=\"{name}\""), &format!("id=\"{name}-{idx}\"")));
            app["picture"] = svg
                .replace("aria-labelledby=\"title desc\"", &format!("aria-labelledby=\"title-{idx} desc-{idx}\""))
                .into();
        }
        apps.push(app);
    }
    handlebars.render("diff", &json!({ "apps": apps })).context("cannot render the template")
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
