//! Excludes files that cannot be read on one side, and their objects on the other side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::object::Object;
use super::platform::Platform;

/// Removes objects that may or may not have changed. Returns a line for each file that is not compared, and notes.
///
/// A file with identical bytes on both sides causes no change, even if it cannot be parsed.
pub fn take_out(base: &mut Platform, head: &mut Platform) -> (Vec<String>, Vec<String>) {
    without_content(base, head);
    without_content(head, base);
    let files: BTreeSet<String> = base.unread.keys().chain(head.unread.keys()).cloned().collect();
    let (same, other): (Vec<String>, Vec<String>) = files.into_iter().partition(|file| is_same(base, head, file));
    let mut notes = Vec::new();
    if let [first, rest @ ..] = same.as_slice() {
        let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
        notes.push(format!("not readable, but identical on both sides: {}{more}", called(first)));
    }
    let told = told(base, head, &other);
    for file in &other {
        let (of_base, of_head) = (base.unread.contains_key(file), head.unread.contains_key(file));
        if of_head {
            forget(base, head, file);
        }
        if of_base {
            forget(head, base, file);
        }
    }
    // Files that are not manifests cause no change, except that they may be templates of a chart.
    let skipped: BTreeSet<String> = base.skipped.keys().chain(head.skipped.keys()).cloned().collect();
    for file in skipped.iter().filter(|file| !is_same(base, head, file)) {
        let why = head.skipped.get(file).or_else(|| base.skipped.get(file)).cloned().unwrap_or_default();
        notes.push(format!("not compared: {}: {why}", called(file)));
    }
    (told, notes)
}

/// Marks files as unreadable that define objects or a template on the other side, but only other text on this one. A
/// file that contains only comments defines nothing.
fn without_content(side: &mut Platform, other: &Platform) {
    fn files(side: &Platform) -> BTreeSet<&str> {
        let objects = side.objects.iter().map(|it| it.file.as_str());
        objects.chain(side.templates.iter().map(|it| it.file.as_str())).collect()
    }
    let own = files(side);
    let is_lost = |file: &&str| !own.contains(file) && !side.unread.contains_key(*file) && has_text(side, file);
    let lost: Vec<String> = files(other).into_iter().filter(is_lost).map(str::to_owned).collect();
    for file in lost {
        side.skipped.remove(&file);
        side.leave_out(
            &file,
            "it contains neither a template nor a complete object: correct the file, or delete it".to_owned(),
        );
    }
}

/// Whether a file contains text other than comments and document separators.
fn has_text(side: &Platform, file: &str) -> bool {
    let path = side.root.join(file);
    let bytes = if path.is_file() { side.bytes(file).unwrap_or_default() } else { Vec::new() };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with('#') && line != "---")
}

/// Returns a line for each reason on each side. Files in an excluded folder are not listed again.
fn told(base: &Platform, head: &Platform, files: &[String]) -> Vec<String> {
    let is_below = |file: &str| files.iter().any(|other| other != file && Path::new(file).starts_with(other));
    let mut rows: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_below(file)) {
        let why = |side: &'_ Platform| side.unread.get(file).and_then(|all| all.first().cloned());
        let (old, new) = (why(base), why(head));
        let (side, why) = match (&old, &new) {
            (Some(old), Some(new)) if old == new => ("both sides", new),
            (_, Some(new)) => ("the new side", new),
            (Some(old), None) => ("the base", old),
            (None, None) => continue,
        };
        let why = [base, head].into_iter().flat_map(|it| it.unread.get(file)).flatten().find(|it| *it == why);
        rows.entry((why.map_or("", String::as_str), side)).or_default().push(file);
    }
    let line = |((why, side), files): ((&str, &str), Vec<&str>)| {
        let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
        format!("{}{more} of {side}: {why}", called(files[0]))
    };
    rows.into_iter().map(line).collect()
}

fn called(file: &str) -> String {
    if file.is_empty() { "the folder".to_owned() } else { format!("`{file}`") }
}

fn is_same(base: &Platform, head: &Platform, file: &str) -> bool {
    matches!((base.bytes(file), head.bytes(file)), (Some(old), Some(new)) if old == new)
}

/// Removes objects of one side that the other side may define in an unreadable file.
fn forget(side: &mut Platform, other: &Platform, file: &str) {
    let text = String::from_utf8_lossy(&other.bytes(file).unwrap_or_default()).into_owned();
    let there: BTreeSet<_> = other.objects.iter().map(|object| object.key.clone()).collect();
    let is_told = |object: &Object| {
        let is_below = Path::new(&object.file).starts_with(file);
        there.contains(&object.key) || !is_below && !text.contains(&object.key.3)
    };
    side.objects.retain(is_told);
    let stacks: BTreeSet<_> = other.templates.iter().map(|template| template.id.clone()).collect();
    side.templates.retain(|it| stacks.contains(&it.id) || !Path::new(&it.file).starts_with(file));
}
