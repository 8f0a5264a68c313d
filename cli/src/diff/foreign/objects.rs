//! Which object of one folder is which of the other: clusters, variants, and names that follow from content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::generated;
use super::object::{Key, Object};
use super::platform::Platform;
use super::variants;

/// An object in its cluster.
pub type Place = (String, Key);

/// An object that goes by another name because its content changed.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// The object of the new side.
    pub place: Place,
    /// Its name on the old side.
    pub was: String,
}

/// Gives objects of both sides that are one object the same cluster and name, with a note on those that are defined twice.
pub fn join(base: &mut Platform, head: &mut Platform) -> (Vec<Renamed>, Option<String>) {
    one_cluster(base, head);
    variants::take_apart(base, head);
    generated::number(&mut base.objects, &mut head.objects);
    let twice: BTreeSet<String> =
        [&mut *base, &mut *head].into_iter().flat_map(|side| last_of_each(&mut side.objects)).collect();
    let note = twice.first().map(|first| {
        let more = if twice.len() > 1 { format!(" and {} more", twice.len() - 1) } else { String::new() };
        format!("defined more than once in different ways, so that the last one counts: {first}{more}")
    });
    (rename(base, head), note)
}

/// Where each side has one cluster, both are the same one.
fn one_cluster(base: &mut Platform, head: &mut Platform) {
    let names = |side: &Platform| -> BTreeSet<String> {
        let of_objects = side.objects.iter().map(|object| object.cluster.clone());
        of_objects.chain(side.clusters.iter().map(|cluster| cluster.id.clone())).collect()
    };
    let (old, new) = (names(base), names(head));
    let (Some(from), Some(to)) = (old.first(), new.first()) else { return };
    if old.len() == 1 && new.len() == 1 && from != to {
        base.objects.iter_mut().for_each(|object| object.cluster.clone_from(to));
        base.releases.iter_mut().for_each(|(cluster, ..)| cluster.clone_from(to));
        base.clusters.iter_mut().for_each(|cluster| cluster.id.clone_from(to));
    }
}

/// Of an object that is there more than once, the last one is what a cluster has in the end. Names those that were defined in
/// different ways.
fn last_of_each(objects: &mut Vec<Object>) -> Vec<String> {
    let mut places: BTreeMap<Place, usize> = BTreeMap::new();
    let mut kept: Vec<Object> = Vec::new();
    let mut twice = Vec::new();
    for object in std::mem::take(objects).into_iter().rev() {
        let last = *places.entry((object.cluster.clone(), object.key.clone())).or_insert(kept.len());
        match kept.get(last) {
            None => kept.push(object),
            Some(last) if last.says_the_same(&object) => {}
            Some(last) => {
                let (_, kind, _, name) = &object.key;
                twice.push(format!("{kind} `{name}` (`{}`, `{}`)", object.source, last.source));
            }
        }
    }
    kept.reverse();
    *objects = kept;
    twice
}

/// Finds objects whose name has a digest of their content at its end, and gives the old one the new name: it is one object
/// that changed, not one that goes and one that comes. Those who refer to it by name change all the same.
fn rename(base: &mut Platform, head: &Platform) -> Vec<Renamed> {
    type Stem<'a> = (&'a str, &'a str, &'a str, &'a str);
    fn stems<'a>(of: &'a [Object], others: &[Object]) -> BTreeMap<Stem<'a>, Vec<&'a Object>> {
        let there: BTreeSet<(&str, &Key)> = others.iter().map(|it| (it.cluster.as_str(), &it.key)).collect();
        let mut found: BTreeMap<Stem<'a>, Vec<&Object>> = BTreeMap::new();
        for object in of.iter().filter(|it| !there.contains(&(it.cluster.as_str(), &it.key))) {
            let (_, kind, namespace, name) = &object.key;
            let has_data = matches!(kind.as_str(), "ConfigMap" | "Secret");
            if let Some(stem) = stem(name).filter(|_| has_data) {
                found.entry((&object.cluster, kind, namespace, stem)).or_default().push(object);
            }
        }
        found
    }
    let mut renamed = Vec::new();
    {
        let (old, new) = (stems(&base.objects, &head.objects), stems(&head.objects, &base.objects));
        for (stem, olds) in old {
            if let (&[old], Some(&[new])) = (olds.as_slice(), new.get(&stem).map(Vec::as_slice)) {
                let place = (new.cluster.clone(), new.key.clone());
                renamed.push(Renamed { place, was: old.key.3.clone() });
            }
        }
    }
    for Renamed { place: (cluster, key), was } in &renamed {
        let is_it =
            |it: &&mut Object| it.cluster == *cluster && (&it.key.1, &it.key.2, &it.key.3) == (&key.1, &key.2, was);
        if let Some(object) = base.objects.iter_mut().find(is_it) {
            object.key.3.clone_from(&key.3);
            object.document.make()["metadata"]["name"] = Value::from(key.3.clone());
        }
    }
    renamed
}

/// The letters and digits in which kustomize writes digests, and their number.
///
/// Source: <https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>.
const OF_KUSTOMIZE: (&str, usize) = ("2456789bcdfghkmt", 10);

/// A name without the digest at its end; none where there is none.
fn stem(name: &str) -> Option<&str> {
    let (stem, end) = name.rsplit_once('-')?;
    let (letters, n_letters) = OF_KUSTOMIZE;
    let is_of_kustomize = end.len() == n_letters && end.chars().all(|c| letters.contains(c));
    // Others cut a hexadecimal digest; a word or a date is none.
    let is_hex = matches!(end.len(), 8 | 10 | 12 | 16 | 32 | 40 | 64)
        && end.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let is_mixed = end.chars().any(|c| c.is_ascii_digit()) && end.chars().any(|c| c.is_ascii_alphabetic());
    (!stem.is_empty() && (is_of_kustomize || is_hex && is_mixed)).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_name_may_end_with_a_digest() {
        assert_eq!(stem("app-config-7b8f9c5dkm"), Some("app-config"));
        assert_eq!(stem("app-1a2b3c4d"), Some("app"));
        assert_eq!(stem("app-20260101"), None);
        assert_eq!(stem("app-facade"), None);
        assert_eq!(stem("config"), None);
    }
}
