//! The legend below the diagram.

use std::fmt::Write;

use super::picture::{KINDS, Picture};
use super::shapes::{escape, icon_at, stroke};
use super::size::SMALL;
use super::theme::family;

/// The height of the legend.
pub const HEIGHT: i32 = 88;

/// The kinds of boxes that the legend explains if they occur.
const BOXES: [(&str, &str); 22] = [
    ("entry", "public entry"),
    ("gateway", "internal entry"),
    ("host", "external host"),
    ("workload", "workload"),
    ("function", "function"),
    ("state-machine", "state machine"),
    ("model", "model"),
    ("database", "database"),
    ("kafka", "Kafka"),
    ("cache", "cache"),
    ("search", "search domain"),
    ("bucket", "bucket"),
    ("files", "file system"),
    ("broker", "broker"),
    ("topic", "topic"),
    ("bus", "event bus"),
    ("rule", "rule"),
    ("schedule", "schedule"),
    ("user-pool", "user pool"),
    ("parameter", "parameters"),
    ("secret", "secret"),
    ("repository", "images"),
];

/// Renders the legend at `top`; returns its width and its text.
pub fn legend(picture: &Picture, top: i32) -> (i32, String) {
    let mut out = String::from("<g class=\"legend\">");
    let mut wide = 0;
    let mut x = 24;
    for kind in KINDS.iter().filter(|kind| picture.links.iter().any(|link| link.kind == **kind)) {
        let text = match *kind {
            "entry" => "routes traffic to",
            "call" => "calls",
            "data" => "connects to, including grants",
            "replication" => "is replicated to",
            "order" => "is deployed after",
            _ => "may use (only a grant)",
        };
        let (start, end) = ((x, top + 24), (x + 32, top + 24));
        out.push_str(&stroke(kind, &[start, end], start, end));
        x = word(&mut out, text, x + 40, top + 28);
    }
    if picture.links.len() > 1 {
        x = word(&mut out, "Lines to the same box share their last segment.", x, top + 28);
    }
    wide = wide.max(x);
    x = 24;
    for (kind, text) in BOXES.iter().filter(|(kind, _)| picture.boxes.iter().any(|tile| has(tile, kind))) {
        icon_at(&mut out, kind, family(kind), x, top + 42);
        x = word(&mut out, text, x + 22, top + 54);
    }
    if picture.boxes.iter().any(|tile| !tile.is_list && !tile.parts.is_empty()) {
        x = word(&mut out, "Resources that only one box uses are rows in that box.", x, top + 54);
    }
    out.push_str("</g>\n");
    (wide.max(x), out)
}

fn has(tile: &super::picture::Tile, kind: &str) -> bool {
    tile.kind == kind || tile.parts.iter().any(|part| part.kind == kind)
}

/// Writes a word; returns the position of the next item.
fn word(out: &mut String, text: &str, x: i32, y: i32) -> i32 {
    let _ = write!(out, "<text class=\"small detail\" x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
    x + (SMALL * text.chars().count() as f64) as i32 + 24
}
