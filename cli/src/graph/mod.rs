//! Pictures of a platform, drawn from the `graph.json` of an assembly.
//!
//! [`picture`] folds it to boxes and links. Mermaid and
//! Graphviz lay that out themselves; for SVG and HTML [`layout`] places the
//! boxes and [`route`] leads the links around them. [`ways`] are a layer of the page.

mod dot;
mod grid;
mod html;
mod layers;
mod layout;
mod legend;
mod mermaid;
mod picture;
mod route;
mod shapes;
mod size;
mod svg;
mod theme;
mod ways;

use clap::ValueEnum;
use meshsynth_assembly::graph::Graph;
use meshsynth_reach::World;

/// How a platform is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Svg,
    Mermaid,
    Dot,
    Html,
}

/// Draws a graph; a page also shows who reaches what in a world.
pub fn draw(title: &str, graph: &Graph, format: Format, world: Option<&World>) -> String {
    let picture = picture::Picture::new(title, graph);
    match format {
        Format::Svg => svg::svg(&picture, graph),
        Format::Html => html::html(&picture, graph, world),
        Format::Mermaid => mermaid::mermaid(&picture),
        Format::Dot => dot::dot(&picture),
    }
}
