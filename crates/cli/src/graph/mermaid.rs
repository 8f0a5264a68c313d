//! Renders the diagram as a Mermaid flowchart, for documents that draw it themselves.

use std::fmt::Write;

use super::picture::{KINDS, Picture, Tile};
use super::theme::family;

/// Renders a flowchart.
pub fn mermaid(picture: &Picture) -> String {
    let mut out = format!("---\ntitle: {}\n---\nflowchart LR\n", serde_json::Value::from(picture.title.as_str()));
    group(&mut out, picture, 0, 1);
    for link in picture.links.iter() {
        let label = picture.ports_of(link).map_or(String::new(), |ports| format!("|{}|", quoted(&ports)));
        let arrow = match link.kind {
            "entry" => "==>",
            "grant" | "replication" | "order" => "-.->",
            _ => "-->",
        };
        let _ = writeln!(out, "  b{} {arrow}{label} b{}", link.from, link.to);
    }
    for (name, style) in CLASSES {
        let of: Vec<String> = members(picture, name);
        if !of.is_empty() {
            let _ = writeln!(out, "  classDef {name} {style}\n  class {} {name}", of.join(","));
        }
    }
    for kind in KINDS {
        let links = picture.links.iter().enumerate().filter(|(_, link)| link.kind == kind);
        let links: Vec<String> = links.map(|(idx, _)| idx.to_string()).collect();
        let colour = match kind {
            "entry" => "#c2570c",
            "call" => "#2f81c7",
            "data" | "replication" => "#2e8b4a",
            "order" => "#7d8590",
            _ => "#8a63d2",
        };
        if !links.is_empty() {
            let _ = writeln!(out, "  linkStyle {} stroke:{colour}", links.join(","));
        }
    }
    out
}

/// Stroke colors that are visible in light and dark themes. The theme sets the fill.
const CLASSES: [(&str, &str); 5] = [
    ("run", "stroke:#2f81c7"),
    ("store", "stroke:#2e8b4a"),
    ("door", "stroke:#c2570c"),
    ("trust", "stroke:#8a63d2"),
    ("other", "stroke:#7d8590"),
];

fn members(picture: &Picture, name: &str) -> Vec<String> {
    let of = picture.boxes.iter().enumerate().filter(|(_, tile)| family(&tile.kind) == name);
    of.map(|(idx, _)| format!("b{idx}")).collect()
}

fn group(out: &mut String, picture: &Picture, idx: usize, depth: usize) {
    let indent = "  ".repeat(depth);
    for (inner, it) in picture.groups.iter().enumerate().skip(1).filter(|(_, it)| it.parent == idx) {
        let _ = writeln!(out, "{indent}subgraph g{inner} [{}]", quoted(&entities(&it.title())));
        group(out, picture, inner, depth + 1);
        let _ = writeln!(out, "{indent}end");
    }
    for (inner, tile) in picture.boxes.iter().enumerate().filter(|(_, tile)| tile.group == idx) {
        let text = quoted(&lines(tile).join("<br/>"));
        let (open, close) = match tile.kind.as_str() {
            "database" | "table" | "cache" => ("[(", ")]"),
            "kafka" | "queue" => ("[[", "]]"),
            "entry" | "gateway" | "host" => ("([", "])"),
            _ => ("[", "]"),
        };
        let _ = writeln!(out, "{indent}b{inner}{open}{text}{close}");
    }
}

/// Returns the text of a box line by line, with escaped markup.
fn lines(tile: &Tile) -> Vec<String> {
    let parts = tile.parts.iter().map(|part| match tile.is_list {
        true => part.label.clone(),
        false => format!("{}: {}", part.kind, part.label),
    });
    let head = [tile.label.clone(), tile.detail.clone()].into_iter().filter(|line| !line.is_empty());
    head.chain(parts).map(|line| entities(&line)).collect()
}

/// Escapes a text with Mermaid entities, which are like HTML entities with `#` instead of `&`.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | '`' | '\\' | '{' | '}' | '[' | ']' | '|' | ';' | '*' | '_' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "#quot;"))
}
