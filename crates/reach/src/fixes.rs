//! Finds the shortest set of changes that changes a verdict.
//!
//! A path is a chain of links, all of which must pass. If there are several paths, one open path is sufficient for
//! access, and all must be closed to prevent it.

use crate::edit::Edit;
use crate::link::{Fix, Link, Verdict};

/// The maximum number of links in an exhaustive search. Above it, one link is selected for each path.
const MOST_CUTS: usize = 3;
/// The weight of a link without known edits.
const UNSAID: usize = 100;

/// Returns the fixes that open a denied connection, or close an allowed one.
pub fn fixes(verdict: Verdict, ways: &[Vec<Link>]) -> Vec<Fix> {
    match verdict {
        Verdict::Denied => opening(ways),
        Verdict::Allowed => closing(ways),
        Verdict::Unknown => Vec::new(),
    }
}

/// Returns the changes to all denying links of one path: the path with the fewest changes.
fn opening(ways: &[Vec<Link>]) -> Vec<Fix> {
    let weigh = |link: &Link| if link.edits.is_empty() { UNSAID } else { link.edits.len() };
    let stops = |way: &[Link]| way.iter().filter(|it| it.verdict == Verdict::Denied).map(weigh).sum::<usize>();
    let unknown = |way: &[Link]| way.iter().filter(|it| it.verdict == Verdict::Unknown).count();
    let best = ways.iter().min_by_key(|way| (stops(way), unknown(way)));
    let links = best.into_iter().flatten().filter(|it| it.verdict == Verdict::Denied);
    written(links.collect(), "allow it here")
}

/// Returns the changes that deny every path that is not denied. Selects the fewest links that are on all of these
/// paths, innermost first.
fn closing(ways: &[Vec<Link>]) -> Vec<Fix> {
    let verdict = |way: &[Link]| way.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict));
    let open: Vec<&Vec<Link>> = ways.iter().filter(|way| verdict(way) != Verdict::Denied).collect();
    let Some(first) = open.first() else { return Vec::new() };
    let mut cuts: Vec<&Link> = Vec::new();
    let all = open.iter().flat_map(|way| way.iter().rev()).filter(|it| !it.edits.is_empty());
    for link in all {
        if !cuts.contains(&link) {
            cuts.push(link);
        }
    }
    let is_cut = |chosen: &[&Link]| open.iter().all(|way| chosen.iter().any(|cut| way.contains(cut)));
    for most in 1..=MOST_CUTS {
        let mut found: Vec<Vec<&Link>> = Vec::new();
        choose(&cuts, most, &mut Vec::new(), &mut |chosen| {
            if is_cut(chosen) {
                found.push(chosen.to_vec());
            }
        });
        let weight = |it: &Vec<&Link>| it.iter().map(|link| link.edits.len()).sum::<usize>();
        if let Some(best) = found.into_iter().min_by_key(weight) {
            return written(best, "");
        }
    }
    let each = open.iter().filter_map(|way| way.iter().rev().find(|it| !it.edits.is_empty()));
    let each: Vec<&Link> = each.collect();
    if each.len() == open.len() {
        return written(each, "");
    }
    // No link has known edits. Selects the innermost link with a source location.
    let last = first.iter().rev().find(|it| it.at.is_some());
    written(last.into_iter().collect(), "no longer allow it here")
}

/// Calls `each` with every combination of `count` links.
fn choose<'a>(of: &[&'a Link], count: usize, chosen: &mut Vec<&'a Link>, each: &mut impl FnMut(&[&'a Link])) {
    if count == 0 {
        each(chosen);
        return;
    }
    for (at, link) in of.iter().enumerate() {
        chosen.push(link);
        choose(&of[at + 1..], count - 1, chosen, each);
        chosen.pop();
    }
}

fn written(links: Vec<&Link>, otherwise: &str) -> Vec<Fix> {
    let mut found: Vec<Fix> = Vec::new();
    for link in links {
        let general = || Fix {
            layer: link.layer,
            what: link.what.clone(),
            field: link.field.clone(),
            at: link.at.clone(),
            change: otherwise.to_owned(),
            edit: None,
        };
        let of_edit = |edit: &Edit| Fix {
            layer: link.layer,
            what: edit.what.clone(),
            field: edit.field.clone(),
            at: edit.at.clone(),
            change: edit.sentence(),
            edit: Some(edit.clone()),
        };
        let fixes: Vec<Fix> =
            if link.edits.is_empty() { vec![general()] } else { link.edits.iter().map(of_edit).collect() };
        found.extend(fixes);
    }
    let mut distinct: Vec<Fix> = Vec::with_capacity(found.len());
    for fix in found {
        if !distinct.contains(&fix) {
            distinct.push(fix);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fixes;
    use crate::edit::Edit;
    use crate::link::{Layer, Link, Verdict};
    use crate::world::At;

    fn link(name: &str, verdict: Verdict, edits: usize) -> Link {
        let edit = |at: usize| Edit::set(name, format!("field[{at}]"), &At::default(), json!(1));
        let link = Link::new(Layer::SecurityGroup, verdict, name).by(name, "", &At::default());
        link.edited((0..edits).map(edit).collect())
    }

    #[test]
    fn fixes_open_the_path_with_the_fewest_changes() {
        let (stop, pass) = (Verdict::Denied, Verdict::Allowed);
        let ways = [
            vec![link("a", stop, 1), link("b", stop, 1)],
            vec![link("c", stop, 1), link("d", pass, 1)],
            vec![link("e", stop, 0)],
        ];
        let found = fixes(Verdict::Denied, &ways);
        assert_eq!(found.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), ["c"]);
    }

    #[test]
    fn closing_selects_shared_links() {
        let pass = Verdict::Allowed;
        let ways = [
            vec![link("shared", pass, 1), link("a", pass, 1)],
            vec![link("shared", pass, 1), link("b", pass, 1)],
            vec![link("a", Verdict::Denied, 1), link("c", pass, 1)],
        ];
        let found = fixes(Verdict::Allowed, &ways);
        assert_eq!(found.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), ["shared"]);
        let apart = [vec![link("a", pass, 1)], vec![link("b", pass, 2)]];
        assert_eq!(fixes(Verdict::Allowed, &apart).len(), 3);
    }
}
