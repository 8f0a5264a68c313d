//! Pictures of a platform, drawn from the `graph.json` of an assembly.
//!
//! [`picture`] folds it to boxes and links. Mermaid and
//! Graphviz lay that out themselves; for SVG and HTML [`layout`] places the
//! boxes and [`route`] leads the links around them.

mod dot;
mod grid;
mod html;
mod layers;
mod layout;
mod legend;
mod mermaid;
mod picture;
mod route;
mod size;
mod svg;
mod theme;

pub use meshsynth_assembly::graph::{Edge, Graph, Node};

use crate::cli::GraphFormat;

/// Draws a graph.
pub fn draw(title: &str, graph: &Graph, format: GraphFormat) -> String {
    let picture = picture::Picture::new(title, graph);
    match format {
        GraphFormat::Svg => svg::svg(&picture, graph),
        GraphFormat::Html => html::html(&picture, graph),
        GraphFormat::Mermaid => mermaid::mermaid(&picture),
        GraphFormat::Dot => dot::dot(&picture),
    }
}
