//! Sizes of texts and boxes.

use std::collections::BTreeSet;

use super::picture::{Group, Picture, Tile};
use super::theme::family;

/// The distance of two grid lines. Every box begins and ends on a grid line.
pub const CELL: i32 = 8;
/// The height of the line of a part.
pub const LINE: i32 = 16;
/// The height of the head of a box: its label and its description.
pub const HEAD: i32 = 48;
/// The average character widths of labels and of small text.
pub const LETTER: f64 = 7.6;
pub const SMALL: f64 = 6.2;

/// Returns the size of each box.
pub fn sizes(picture: &Picture) -> Vec<(i32, i32)> {
    let (mut ins, mut outs) = (vec![0; picture.boxes.len()], vec![BTreeSet::new(); picture.boxes.len()]);
    for link in &picture.links {
        ins[link.to] = 1;
        outs[link.from].insert(link.to);
    }
    // Boxes of actors and stores have the same width.
    let widest = picture.boxes.iter().filter(|tile| is_main(tile)).map(width).max().unwrap_or_default();
    let size = |(idx, tile): (usize, &Tile)| {
        if tile.is_list {
            let longest = tile.parts.iter().map(|part| part.label.chars().count()).max().unwrap_or_default();
            let column = up(f64::from(longest.min(40) as u32) * SMALL) + 16;
            let columns = list_columns(tile);
            let rows = tile.parts.len().div_ceil(columns) as i32;
            return ((columns as i32 * column + 16).max(width(tile)), up(f64::from(32 + rows * LINE + 4)));
        }
        let lines = HEAD - if tile.detail.is_empty() { 8 } else { 0 } + LINE * tile.parts.len() as i32;
        let more = if tile.parts.is_empty() { 0 } else { 8 };
        let wide = if is_main(tile) { widest } else { width(tile) };
        (wide, (lines + more).max(16 + CELL * (ins[idx] + outs[idx].len() as i32)))
    };
    picture.boxes.iter().enumerate().map(size).collect()
}

/// Returns the width of the title of a group.
pub fn title_width(group: &Group) -> i32 {
    let words = group.label.chars().count() + group.kind.len();
    up(24.0 + LETTER * words as f64 + SMALL * group.detail.chars().count() as f64)
}

/// Returns the number of columns of a list.
pub fn list_columns(tile: &Tile) -> usize {
    match tile.parts.len() {
        0..=8 => 2,
        9..=24 => 3,
        _ => 6,
    }
}

fn is_main(tile: &Tile) -> bool {
    !tile.is_list && matches!(family(&tile.kind), "run" | "store" | "door")
}

/// Returns the width that the text of a box requires.
fn width(tile: &Tile) -> i32 {
    let name = 52.0 + LETTER * tile.label.chars().count() as f64;
    let detail = 24.0 + SMALL * tile.detail.chars().count() as f64;
    let parts = tile.parts.iter().filter(|_| !tile.is_list).map(|part| part.label.chars().count()).max();
    let parts = 40.0 + SMALL * parts.unwrap_or_default() as f64;
    up(name.max(detail).max(parts).clamp(136.0, if is_main(tile) { 240.0 } else { 320.0 })).div_euclid(16) * 16 + 16
}

/// Rounds up to the next grid line.
pub fn up(length: f64) -> i32 {
    (length / f64::from(CELL)).ceil() as i32 * CELL
}
