//! The report for a pull request: one comment, below the length that GitHub takes.

use anyhow::{Context, Result};
use handlebars::{Handlebars, no_escape};

use super::view::{Limits, view};
use crate::diff::Diff;
use crate::diff::gates::Gates;

/// GitHub takes 65,536 characters.
const LIMIT: usize = 65_000;
const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/diff.md.hbs"));

/// Renders the comments of several platforms as one, the longest parts cut until it fits.
pub fn render(diffs: &[(Diff, Gates)], template: Option<&str>) -> Result<String> {
    let mut handlebars = Handlebars::new();
    handlebars.register_escape_fn(no_escape);
    handlebars.register_template_string("diff", template.unwrap_or(TEMPLATE)).context("the template is broken")?;
    let mut limits = Limits { rows: 400, edits: 12, width: 90, words: 600, picture: 12_000 };
    loop {
        let mut text = String::new();
        for (diff, gates) in diffs {
            text += &handlebars.render("diff", &view(diff, gates, limits)).context("cannot render the template")?;
        }
        if text.chars().count() <= LIMIT {
            return Ok(text);
        }
        if limits.rows == 0 {
            // Not even the summaries fit: many platforms, or a template of the user's that says much.
            let kept: String = text.chars().take(LIMIT - 100).collect();
            return Ok(format!("{kept}\n\n… cut: too long for a comment. `--format json` has all.\n"));
        }
        // Only what is longer than the limit is cut by it, so the longest parts go first.
        limits.rows /= 2;
        limits.edits = (limits.edits / 2).max(2);
        limits.words = (limits.words / 2).max(120);
        limits.picture /= 2;
    }
}
