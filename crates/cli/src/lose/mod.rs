//! Renders the results of a simulated failure in every format.

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

/// The format of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Markdown,
    Mermaid,
    Html,
}

/// Renders a report.
pub fn render(report: &Report, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => text::text(report),
        Format::Json => serde_json::to_string_pretty(&json::json(report))? + "\n",
        Format::Markdown => markdown::markdown(report),
        Format::Mermaid => mermaid::mermaid(report),
        Format::Html => html::html(report)?,
    })
}
