//! Renders reachability results in every format.

pub mod actions;
mod explained;
pub mod findings;
mod html;
mod json;
mod mermaid;
pub mod read;
mod relations;
pub mod report;
mod rules;
mod table;
mod text;

use anyhow::Result;
use clap::ValueEnum;

use report::Report;

/// The format of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Table,
    Json,
    Mermaid,
    Html,
}

/// Renders a report.
pub fn render(report: &Report, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => text::text(report),
        Format::Table => table::table(report),
        Format::Json => serde_json::to_string_pretty(&json::json(report))? + "\n",
        Format::Mermaid => mermaid::mermaid(report),
        Format::Html => html::html(report)?,
    })
}
