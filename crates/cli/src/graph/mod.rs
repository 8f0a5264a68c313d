//! Draws diagrams of a platform from the `graph.json` of an assembly.
//!
//! [`picture`] folds the graph into boxes and links. Mermaid and Graphviz have their own layouts. For SVG and HTML,
//! [`layout`] places the boxes and [`route`] routes the links around them. [`ways`] adds reachability to the page.

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

/// The format of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Svg,
    Mermaid,
    Dot,
    Html,
}

/// Draws a graph. With a world, a page also shows reachability.
pub fn draw(title: &str, graph: &Graph, format: Format, world: Option<&World>) -> String {
    let picture = picture::Picture::new(title, graph);
    match format {
        Format::Svg => svg::svg(&picture, graph),
        Format::Html => html::html(&picture, graph, world),
        Format::Mermaid => mermaid::mermaid(&picture),
        Format::Dot => dot::dot(&picture),
    }
}
