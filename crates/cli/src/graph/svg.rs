//! Renders the diagram as SVG with selectable text and a title, readable in light and dark themes.
//!
//! `data-node` contains the node of a box or a line. `data-edges` contains the edges of an element, as indices in the
//! list of `graph.json`.

use std::fmt::Write;

use meshsynth_assembly::graph::Graph;

use super::layout::{self, Layout, Rect};
use super::picture::{Group, KINDS, Link, Part, Picture, Tile};
use super::shapes::{escape, fit, icon_at, stroke};
use super::size::{CELL, HEAD, LETTER, LINE, SMALL, list_columns};
use super::theme::{STYLE, family, icon};
use super::{legend, route};

/// The height of the heading.
pub const HEADING: i32 = 56;

/// Renders a graph.
pub fn svg(picture: &Picture, graph: &Graph) -> String {
    let layout = layout::layout(picture);
    let ways = route::route(picture, &layout);
    let (right, bottom) = extent(&layout, &ways);
    let (wide, legend) = legend::legend(picture, bottom + HEADING);
    let (width, height) = (right.max(wide).max(480) + 24, bottom + HEADING + legend::HEIGHT);
    let mut out = String::new();
    let title = escape(&picture.title);
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{title}: infrastructure</title>\n\
         <desc id=\"desc\">{}</desc>\n\
         <style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n\
         <text class=\"heading\" x=\"24\" y=\"32\">{title}</text>\n\
         <text class=\"summary\" x=\"24\" y=\"52\">{}</text>\n\
         <g transform=\"translate(0 {HEADING})\">",
        escape(&description(picture)),
        escape(&picture.summary()),
    );
    for (group, rect) in picture.groups.iter().zip(&layout.groups).skip(1) {
        frame(&mut out, group, *rect);
    }
    // Important links are drawn last, above the rest.
    for kind in KINDS.iter().rev() {
        for (link, way) in picture.links.iter().zip(&ways).filter(|(link, _)| link.kind == *kind) {
            draw_link(&mut out, picture, link, way);
        }
    }
    for (idx, (tile, rect)) in picture.boxes.iter().zip(&layout.boxes).enumerate() {
        draw_box(&mut out, picture, idx, tile, *rect, graph);
    }
    out.push_str("</g>\n");
    out.push_str(&legend);
    out.push_str("</svg>\n");
    out
}

/// Returns a text description for screen readers.
fn description(picture: &Picture) -> String {
    let name = |tile: usize| picture.boxes[tile].label.as_str();
    let links = picture.links.iter().filter(|link| link.from != link.to);
    let links: Vec<String> =
        links.map(|link| format!("{} {} {}", name(link.from), verb(link.kind), name(link.to))).collect();
    format!("{}. {}.", picture.summary(), links.join("; "))
}

/// Returns the verb between the labels of two linked boxes.
pub fn verb(kind: &str) -> &'static str {
    match kind {
        "entry" => "routes traffic to",
        "call" => "calls",
        "data" => "connects to",
        "replication" => "is replicated to",
        "order" => "is deployed after",
        _ => "may use",
    }
}

fn extent(layout: &Layout, ways: &[Vec<(i32, i32)>]) -> (i32, i32) {
    let points = ways.iter().flatten();
    let (right, bottom) = (layout.groups[0].right(), layout.groups[0].bottom());
    points.fold((right, bottom), |(right, bottom), (x, y)| (right.max(*x), bottom.max(*y)))
}

fn frame(out: &mut String, group: &Group, rect: Rect) {
    let Rect { x, y, w, h } = rect;
    let kind = match group.kind.as_str() {
        "tier" | "region" => "",
        "vpc" => "VPC",
        kind => kind,
    };
    let _ = write!(
        out,
        "<g class=\"frame {}\" data-group=\"{}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" \
         height=\"{h}\" rx=\"8\"/><text x=\"{}\" y=\"{}\">",
        class(&group.kind),
        escape(&group.id),
        escape(&[&group.label, " ", &group.detail].concat()),
        x + 12,
        y + 21,
    );
    if !kind.is_empty() {
        let _ = write!(out, "<tspan class=\"kind\">{}</tspan>", escape(&kind.to_uppercase()));
    }
    // Some renderers drop a space at the end of a span.
    let gap = if kind.is_empty() { 0 } else { 6 };
    let _ = write!(out, "<tspan class=\"name\" dx=\"{gap}\">{}</tspan>", escape(&group.label));
    if !group.detail.is_empty() {
        let _ = write!(out, "<tspan class=\"small detail\" dx=\"8\">{}</tspan>", escape(&group.detail));
    }
    out.push_str("</text></g>\n");
}

fn draw_link(out: &mut String, picture: &Picture, link: &Link, way: &[(i32, i32)]) {
    let [.., before, end] = way else { return };
    let (from, to) = (&picture.boxes[link.from], &picture.boxes[link.to]);
    let mut title = format!("{} {} {}", from.label, verb(link.kind), to.label);
    for port in &link.ports {
        let _ = write!(title, " :{port}");
    }
    if link.granted && link.kind != "grant" {
        title += " (with a grant)";
    }
    let _ = writeln!(
        out,
        "<g class=\"link\" data-from=\"{}\" data-to=\"{}\" data-edges=\"{}\"><title>{}</title>{}</g>",
        escape(&from.id),
        escape(&to.id),
        numbers(&link.edges),
        escape(&title),
        stroke(link.kind, way, *before, *end),
    );
}

fn draw_box(out: &mut String, picture: &Picture, idx: usize, tile: &Tile, rect: Rect, graph: &Graph) {
    let Rect { x, y, w, h } = rect;
    let node = if tile.is_list { String::new() } else { format!(" data-node=\"{}\"", escape(&tile.id)) };
    let own: Vec<usize> = picture
        .links
        .iter()
        .filter(|link| (link.from, link.to) == (idx, idx))
        .flat_map(|it| it.edges.clone())
        .collect();
    let _ = write!(
        out,
        "<g class=\"box {}\" data-box=\"{}\"{node}{} tabindex=\"-1\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" \
         width=\"{w}\" height=\"{h}\" rx=\"6\"/>",
        family(&tile.kind),
        escape(&tile.id),
        edges(&own),
        escape(&format!("{}: {}", tile.kind, tile.id)),
    );
    let top = if tile.is_list { 8 } else { (h - text_height(tile)).max(0) / 2 };
    icon_at(out, &tile.kind, "", x + 10, y + top + 4);
    let room = |used: i32, letter: f64| (f64::from(w - used) / letter) as usize;
    let label = fit(&tile.label, room(44, LETTER));
    let _ = write!(out, "<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>", x + 34, y + top + 17, escape(&label));
    if !tile.detail.is_empty() {
        let detail = fit(&tile.detail, room(20, SMALL));
        let _ = write!(
            out,
            "<text class=\"small detail\" x=\"{}\" y=\"{}\">{}</text>",
            x + 12,
            y + top + 34,
            escape(&detail)
        );
    }
    match tile.is_list {
        true => list(out, tile, rect, graph),
        false => parts(out, tile, rect, y + top + text_height(tile) - LINE * tile.parts.len() as i32, graph),
    }
    out.push_str("</g>\n");
}

fn text_height(tile: &Tile) -> i32 {
    let head = if tile.detail.is_empty() { HEAD - 2 * CELL - 4 } else { HEAD - CELL };
    head + if tile.parts.is_empty() || tile.is_list { 0 } else { CELL + LINE * tile.parts.len() as i32 }
}

/// Draws the parts of a box below a separator line.
fn parts(out: &mut String, tile: &Tile, rect: Rect, top: i32, graph: &Graph) {
    if tile.parts.is_empty() {
        return;
    }
    let (left, right) = (rect.x + 1, rect.right() - 1);
    let _ = write!(out, "<line class=\"rule\" x1=\"{left}\" y1=\"{0}\" x2=\"{right}\" y2=\"{0}\"/>", top - 4);
    for (line, part) in (0..).zip(&tile.parts) {
        let (x, y) = (rect.x + 12, top + LINE * line);
        line_at(out, part, x, y, (f64::from(rect.w - 44) / SMALL) as usize, graph);
    }
}

/// Draws the labels of a list in columns.
fn list(out: &mut String, tile: &Tile, rect: Rect, graph: &Graph) {
    let columns = list_columns(tile) as i32;
    let rows = tile.parts.len().div_ceil(columns as usize) as i32;
    let column = (rect.w - 16) / columns;
    for (idx, part) in (0..).zip(&tile.parts) {
        let (x, y) = (rect.x + 12 + idx / rows * column, rect.y + 32 + idx % rows * LINE);
        let _ = write!(
            out,
            "<g data-node=\"{}\"{}><title>{}</title>",
            escape(&part.id),
            edges(&part.edges),
            about(part, graph)
        );
        let label = fit(&part.label, (f64::from(column - 8) / SMALL) as usize);
        let _ = write!(out, "<text class=\"small\" x=\"{x}\" y=\"{}\">{}</text></g>", y + 11, escape(&label));
    }
}

fn line_at(out: &mut String, part: &Part, x: i32, y: i32, letters: usize, graph: &Graph) {
    let _ = write!(
        out,
        "<g data-node=\"{}\"{}><title>{}</title>",
        escape(&part.id),
        edges(&part.edges),
        about(part, graph)
    );
    let _ = write!(
        out,
        "<path class=\"icon {}\" transform=\"translate({x} {}) scale(.75)\" d=\"{}\"/><text class=\"small\" x=\"{}\" \
         y=\"{}\">{}</text></g>",
        family(&part.kind),
        y + 1,
        icon(&part.kind),
        x + 20,
        y + 11,
        escape(&fit(&part.label, letters)),
    );
}

fn about(part: &Part, graph: &Graph) -> String {
    let kinds: Vec<&str> = part.edges.iter().map(|edge| graph.edges[*edge].kind.as_str()).collect();
    let used = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    escape(&format!("{}: {} {}{used}", part.kind, part.id, part.detail))
}

fn edges(edges: &[usize]) -> String {
    if edges.is_empty() { String::new() } else { format!(" data-edges=\"{}\"", numbers(edges)) }
}

fn numbers(edges: &[usize]) -> String {
    edges.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
}

/// Returns the CSS class of a kind.
fn class(kind: &str) -> String {
    kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}
