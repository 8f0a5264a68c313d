//! Matches the objects of both sides: clusters, variants, and names that contain a digest of the content.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::generated;
use super::object::{Key, Object};
use super::platform::Platform;
use super::variants;

/// An object in its cluster.
pub type Place = (String, Key);

/// An object whose name changed because of its content.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// The object of the new side.
    pub place: Place,
    /// Its name on the old side.
    pub was: String,
}

/// Gives matching objects of both sides the same cluster and name. Returns a note about objects that are defined twice.
pub fn join(base: &mut Platform, head: &mut Platform) -> (Vec<Renamed>, Option<String>) {
    one_cluster(base, head);
    variants::take_apart(base, head);
    generated::number(&mut base.objects, &mut head.objects);
    let twice: BTreeSet<String> =
        [&mut *base, &mut *head].into_iter().flat_map(|side| last_of_each(&mut side.objects)).collect();
    let note = twice.first().map(|first| {
        let more = if twice.len() > 1 { format!(" and {} more", twice.len() - 1) } else { String::new() };
        format!("defined more than once with different content, so the last definition is used: {first}{more}")
    });
    (rename(base, head), note)
}

/// If each side has one cluster, they are the same cluster.
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

/// Keeps the last definition of each object, as applying the files in order would. Returns the objects with conflicting
/// definitions.
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

/// Finds objects whose name ends with a digest of their content, and gives the old object the new name. They are then
/// one changed object instead of a deleted and a new one. References to the name still appear as changes.
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

/// The alphabet and the length of kustomize name suffixes.
///
/// Source: <https://github.com/kubernetes-sigs/kustomize/blob/master/api/hasher/hasher.go>.
const OF_KUSTOMIZE: (&str, usize) = ("2456789bcdfghkmt", 10);

/// Returns a name without the digest at its end, or `None` if it has none.
fn stem(name: &str) -> Option<&str> {
    let (stem, end) = name.rsplit_once('-')?;
    let (letters, n_letters) = OF_KUSTOMIZE;
    let is_of_kustomize = end.len() == n_letters && end.chars().all(|c| letters.contains(c));
    // Other tools use a truncated hexadecimal digest. A word or a date is not a digest.
    let is_hex = matches!(end.len(), 8 | 10 | 12 | 16 | 32 | 40 | 64)
        && end.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    let is_mixed = end.chars().any(|c| c.is_ascii_digit()) && end.chars().any(|c| c.is_ascii_alphabetic());
    (!stem.is_empty() && (is_of_kustomize || is_hex && is_mixed)).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn removes_digest_from_name() {
        assert_eq!(stem("app-config-7b8f9c5dkm"), Some("app-config"));
        assert_eq!(stem("app-1a2b3c4d"), Some("app"));
        assert_eq!(stem("app-20260101"), None);
        assert_eq!(stem("app-facade"), None);
        assert_eq!(stem("config"), None);
    }
}
