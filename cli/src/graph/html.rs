//! The picture as one page that needs nothing else: it moves, zooms, lights up neighbours, and shows who reaches what.

use meshsynth_assembly::graph::Graph;
use meshsynth_reach::World;
use serde_json::Value;

use super::picture::Picture;
use super::shapes::escape;
use super::svg::svg;
use super::ways::ways;

const PAGE: &str = include_str!("page.html");

/// Writes a page.
pub fn html(picture: &Picture, graph: &Graph, world: Option<&World>) -> String {
    let ways = world.map_or(Value::Null, |world| ways(world, picture));
    // One pass over the page: nothing in the picture is taken for a place to fill.
    let mut out = String::new();
    for (idx, piece) in PAGE.split("@@").enumerate() {
        match (idx % 2, piece) {
            (1, "title") => out.push_str(&escape(&picture.title)),
            (1, "picture") => out.push_str(&svg(picture, graph).replace("tabindex=\"-1\"", "tabindex=\"0\"")),
            // No text of it ends the script.
            (1, "ways") => out.push_str(&ways.to_string().replace('<', "\\u003c")),
            _ => out.push_str(piece),
        }
    }
    out
}
