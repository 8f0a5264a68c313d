//! Checks of literals against the vendors' lists of a certain date.

use crate::diag::Diagnostic;
use crate::facts::literals::{JUDGED_ON, Verdict};
use crate::synth::Model;
use crate::tree::NodeId;
use crate::val::{Bag, Data, Deferred, Part};

/// Returns the finding for a literal: none if it is known, an error if a similar literal exists, otherwise a warning.
pub(in crate::rules) fn judged(
    model: &Model,
    id: NodeId,
    code: &'static str,
    what: &str,
    text: &str,
    verdict: Verdict,
) -> Option<Diagnostic> {
    match verdict {
        Verdict::Known => None,
        Verdict::Near(near) => {
            let message = format!("`{text}` is not a known {what}");
            Some(model.error(id, code, message).help(format!("did you mean `{near}`?")))
        }
        Verdict::Unknown => {
            let message = format!("`{text}` is not a known {what}");
            let help = format!("check that it exists: the list in meshsynth is from {JUDGED_ON}");
            Some(model.warning(id, code, message).help(help))
        }
    }
}

/// Returns every text at a dotted path. A list on the path includes all its items.
pub(in crate::rules) fn texts_at<'a>(bag: &'a Bag, path: &str) -> Vec<&'a str> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    bag.get(first).map(|data| below(data, rest)).unwrap_or_default()
}

fn below<'a>(data: &'a Data, path: Option<&str>) -> Vec<&'a str> {
    match (data, path) {
        (Data::List(items), _) => items.iter().flat_map(|item| below(item, path)).collect(),
        (Data::Map(bag), Some(path)) => texts_at(bag, path),
        (Data::Text(text), None) => vec![text],
        _ => Vec::new(),
    }
}

/// Visits every known text in the data, with the key of the map that contains it or its list.
pub(in crate::rules) fn each_text<'a>(bag: &'a Bag, visit: &mut dyn FnMut(&'a str, &'a str)) {
    for (key, value) in bag.iter() {
        each(key, value, visit);
    }
}

fn each<'a>(key: &'a str, data: &'a Data, visit: &mut dyn FnMut(&'a str, &'a str)) {
    match data {
        Data::Text(text) => visit(key, text),
        Data::List(items) => items.iter().for_each(|item| each(key, item, visit)),
        Data::Map(bag) => each_text(bag, visit),
        _ => {}
    }
}

/// Visits every known text, and the known parts of texts that contain values.
pub(in crate::rules) fn each_part<'a>(bag: &'a Bag, visit: &mut dyn FnMut(&'a str)) {
    bag.iter().for_each(|(_, value)| parts(value, visit));
}

fn parts<'a>(data: &'a Data, visit: &mut dyn FnMut(&'a str)) {
    match data {
        Data::Text(text) => visit(text),
        Data::List(items) => items.iter().for_each(|item| parts(item, visit)),
        Data::Map(bag) => each_part(bag, visit),
        Data::Deferred(deferred) => {
            if let Deferred::Text(all) = &**deferred {
                let known = |part: &'a Part| if let Part::Text(text) = part { Some(&**text) } else { None };
                all.iter().filter_map(known).for_each(visit);
            }
        }
        _ => {}
    }
}
