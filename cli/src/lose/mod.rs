//! Answers of what is left when something is lost, in every form.

mod html;
mod json;
mod markdown;
mod mermaid;
pub mod report;
pub mod rules;
mod text;

use anyhow::Result;
use clap::ValueEnum;

use report::Report;

/// How answers are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Markdown,
    Mermaid,
    Html,
}

/// A report in a form.
pub fn render(report: &Report, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => text::text(report),
        Format::Json => serde_json::to_string_pretty(&json::json(report))? + "\n",
        Format::Markdown => markdown::markdown(report),
        Format::Mermaid => mermaid::mermaid(report),
        Format::Html => html::html(report)?,
    })
}
