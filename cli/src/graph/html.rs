//! The picture as one page that needs nothing else: it moves, zooms, and lights up neighbours.

use meshsynth_assembly::graph::Graph;

use super::picture::Picture;
use super::shapes::escape;
use super::svg::svg;

const PAGE: &str = include_str!("page.html");

/// Writes a page.
pub fn html(picture: &Picture, graph: &Graph) -> String {
    // One pass over the page: nothing in the picture is taken for a place to fill.
    let mut out = String::new();
    for (idx, piece) in PAGE.split("@@").enumerate() {
        match (idx % 2, piece) {
            (1, "title") => out.push_str(&escape(&picture.title)),
            (1, "picture") => out.push_str(&svg(picture, graph).replace("tabindex=\"-1\"", "tabindex=\"0\"")),
            _ => out.push_str(piece),
        }
    }
    out
}
