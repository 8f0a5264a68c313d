//! Renders the diagram as a self-contained page with pan, zoom, highlighted neighbors, and reachability.

use meshsynth_assembly::graph::Graph;
use meshsynth_reach::World;
use serde_json::Value;

use super::picture::Picture;
use super::shapes::escape;
use super::svg::svg;
use super::ways::ways;

const PAGE: &str = meshsynth_templates::reports::GRAPH_HTML;

/// Renders a page.
pub fn html(picture: &Picture, graph: &Graph, world: Option<&World>) -> String {
    let ways = world.map_or(Value::Null, |world| ways(world, picture));
    // The page is filled in one pass, so that text in the diagram is not treated as a placeholder.
    let mut out = String::new();
    for (idx, piece) in PAGE.split("@@").enumerate() {
        match (idx % 2, piece) {
            (1, "title") => out.push_str(&escape(&picture.title)),
            (1, "picture") => out.push_str(&svg(picture, graph).replace("tabindex=\"-1\"", "tabindex=\"0\"")),
            // Escaped, so that text cannot end the script element.
            (1, "ways") => out.push_str(&ways.to_string().replace('<', "\\u003c")),
            _ => out.push_str(piece),
        }
    }
    out
}
