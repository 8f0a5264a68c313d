//! Reads the input of `upgrade`, renders its report, and applies the edits of a step.

mod json;
mod markdown;
pub mod read;
pub mod report;
mod text;
pub mod write;

use anyhow::Result;
use clap::ValueEnum;

use report::Report;

/// The format of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Markdown,
}

/// Renders a report.
pub fn render(report: &Report<'_>, format: Format) -> Result<String> {
    Ok(match format {
        Format::Text => text::text(report),
        Format::Json => serde_json::to_string_pretty(&json::json(report))? + "\n",
        Format::Markdown => markdown::markdown(report),
    })
}
