//! Renders the diagram in the DOT language of Graphviz.

use std::fmt::Write;

use super::picture::{Picture, Tile};
use super::theme::family;

/// Renders a digraph.
pub fn dot(picture: &Picture) -> String {
    let mut out = format!(
        "digraph {} {{\n  rankdir=LR\n  compound=true\n  concentrate=true\n  label={0}\n  labelloc=t\n  fontname=\"sans-serif\"\n  \
         node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=11]\n  edge [fontname=\"sans-serif\", fontsize=9]\n",
        quoted(&picture.title)
    );
    group(&mut out, picture, 0, 1);
    for link in &picture.links {
        let label = picture.ports_of(link).map_or(String::new(), |ports| format!(", label={}", quoted(&ports)));
        let style = match link.kind {
            "entry" => "color=\"#9a3b00\", penwidth=2",
            "call" => "color=\"#0b5cad\"",
            "data" => "color=\"#116329\", arrowhead=empty",
            "replication" => "color=\"#116329\", style=dashed",
            "order" => "color=\"#57606a\", style=dotted",
            _ => "color=\"#6639ba\", style=dashed, arrowhead=open",
        };
        let _ = writeln!(out, "  b{} -> b{} [{style}{label}]", link.from, link.to);
    }
    out.push_str("}\n");
    out
}

fn group(out: &mut String, picture: &Picture, idx: usize, depth: usize) {
    let indent = "  ".repeat(depth);
    for (inner, it) in picture.groups.iter().enumerate().skip(1).filter(|(_, it)| it.parent == idx) {
        let _ = writeln!(out, "{indent}subgraph cluster_{inner} {{\n{indent}  label={}", quoted(&it.title()));
        group(out, picture, inner, depth + 1);
        let _ = writeln!(out, "{indent}}}");
    }
    for (inner, tile) in picture.boxes.iter().enumerate().filter(|(_, tile)| tile.group == idx) {
        let shape = match tile.kind.as_str() {
            "database" | "table" | "cache" => ", shape=cylinder, style=solid",
            "entry" | "gateway" | "host" => ", shape=oval",
            _ => "",
        };
        let colour = match family(&tile.kind) {
            "run" => "#0b5cad",
            "store" => "#116329",
            "door" => "#9a3b00",
            "trust" => "#6639ba",
            _ => "#6e7781",
        };
        let _ = writeln!(out, "{indent}b{inner} [label={}, color=\"{colour}\"{shape}]", quoted(&text(tile)));
    }
}

/// Returns the text of a box, line by line.
fn text(tile: &Tile) -> String {
    let parts = tile.parts.iter().map(|part| match tile.is_list {
        true => part.label.clone(),
        false => format!("{}: {}", part.kind, part.label),
    });
    let head = [tile.label.clone(), tile.detail.clone()].into_iter().filter(|line| !line.is_empty());
    head.chain(parts).collect::<Vec<_>>().join("\n")
}

/// Quotes a text. Only quotes and backslashes need escapes.
fn quoted(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
