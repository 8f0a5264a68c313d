//! Variants: files and folders with conflicting definitions of the same objects, such as overlays and environments.
//! They cannot be in one cluster, so each variant is treated as a separate cluster.

use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash as _, Hasher as _};
use std::path::Path;

use serde_json::Value;

use super::object::{Key, Object};
use super::platform::Platform;

/// Separates the variants of both sides, and matches renamed ones. Two variants of the same cluster match if they
/// define mostly the same objects; the most similar ones are matched first.
pub fn take_apart(base: &mut Platform, head: &mut Platform) {
    let mut variants = BTreeSet::new();
    for side in [&*base, &*head] {
        find(&side.objects, &mut variants);
    }
    if variants.is_empty() {
        return;
    }
    let roots = [&*base, &*head].map(|side| side.objects.iter().map(|it| it.cluster.clone()).collect::<Vec<_>>());
    for side in [&mut *base, &mut *head] {
        put_into(&mut side.objects, &variants);
    }
    for (old, new) in moved(&Side::of(&base.objects, &roots[0]), &Side::of(&head.objects, &roots[1])) {
        base.objects.iter_mut().filter(|it| it.cluster == old).for_each(|it| it.cluster.clone_from(&new));
    }
}

/// Returns the files and folders of a side with conflicting definitions of an object.
pub fn variants(objects: &[Object]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    find(objects, &mut found);
    found
}

fn find(objects: &[Object], variants: &mut BTreeSet<String>) {
    let mut by_key: BTreeMap<(&str, &Key), Vec<&Object>> = BTreeMap::new();
    // Many files begin with the definition of their namespace.
    for object in objects.iter().filter(|object| object.key.1 != "Namespace") {
        by_key.entry((&object.cluster, &object.key)).or_default().push(object);
    }
    for same in by_key.into_values().filter(|same| same.len() > 1) {
        let first = same[0];
        for other in same[1..].iter().filter(|it| it.file != first.file && !it.says_the_same(first)) {
            let (one, two) = diverge(&first.file, &other.file);
            variants.insert(one);
            variants.insert(two);
        }
    }
}

/// Returns the paths at which two files diverge.
fn diverge(one: &str, two: &str) -> (String, String) {
    let n_common = one.split('/').zip(two.split('/')).take_while(|(a, b)| a == b).count();
    let begin = |path: &str| path.split('/').take(n_common + 1).collect::<Vec<_>>().join("/");
    (begin(one), begin(two))
}

fn put_into(objects: &mut [Object], variants: &BTreeSet<String>) {
    for object in objects {
        let above = variants.iter().filter(|variant| Path::new(&object.file).starts_with(variant));
        if let Some(variant) = above.max_by_key(|variant| variant.len()) {
            object.cluster = format!("{}/{variant}", object.cluster);
        }
    }
}

/// The clusters of a side with their objects.
struct Side<'a>(BTreeMap<&'a str, Cluster<'a>>);

/// A cluster with the data for matching.
struct Cluster<'a> {
    /// The original cluster before the separation.
    root: &'a str,
    objects: BTreeMap<&'a Key, &'a Object>,
}

impl<'a> Side<'a> {
    /// Groups the objects by cluster; `roots` are the clusters before the separation.
    fn of(objects: &'a [Object], roots: &'a [String]) -> Self {
        let mut clusters: BTreeMap<&str, Cluster<'_>> = BTreeMap::new();
        for (object, root) in objects.iter().zip(roots) {
            let cluster = clusters.entry(&object.cluster);
            cluster.or_insert_with(|| Cluster { root, objects: BTreeMap::new() }).objects.insert(&object.key, object);
        }
        Self(clusters)
    }

    /// Returns the clusters that the other side does not have.
    fn alone(&self, other: &Self) -> Vec<(&'a str, Contents<'a>)> {
        let alone = self.0.iter().filter(|(name, _)| !other.0.contains_key(*name));
        alone.map(|(name, cluster)| (*name, Contents::of(cluster))).collect()
    }
}

/// The digests of the objects in a cluster.
struct Contents<'a> {
    root: &'a str,
    objects: BTreeMap<&'a Key, u64>,
}

impl<'a> Contents<'a> {
    fn of(cluster: &Cluster<'a>) -> Self {
        let digest = |object: &Object| {
            let mut hasher = DefaultHasher::new();
            hash(&object.document.get(), &mut hasher);
            hasher.finish()
        };
        let objects = cluster.objects.iter().map(|(key, object)| (*key, digest(object))).collect();
        Self { root: cluster.root, objects }
    }

    /// Returns the similarity of two clusters: equal objects, then common objects. Returns `None` if most objects are
    /// not common.
    fn likeness(&self, other: &Self) -> Option<(usize, usize)> {
        const PER_MILLE: usize = 1000;
        let shared = self.objects.iter().filter_map(|(key, own)| Some((own, other.objects.get(key)?)));
        let (n_shared, n_same) = shared.fold((0, 0), |(n, same), (own, its)| (n + 1, same + usize::from(own == its)));
        let n_all = self.objects.len() + other.objects.len();
        let share = |n: usize| 2 * PER_MILLE * n / n_all.max(1);
        (self.root == other.root && share(n_shared) > PER_MILLE / 2).then(|| (share(n_same), share(n_shared)))
    }
}

/// Hashes a value independent of the order of keys.
fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| hash(item, hasher)),
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            for (key, value) in sorted {
                key.hash(hasher);
                hash(value, hasher);
            }
        }
        scalar => scalar.to_string().hash(hasher),
    }
    std::mem::discriminant(value).hash(hasher);
}

/// Returns the clusters of the base that are renamed on the new side, with their new names.
fn moved(base: &Side<'_>, head: &Side<'_>) -> Vec<(String, String)> {
    let (olds, news) = (base.alone(head), head.alone(base));
    let mut likely = Vec::new();
    for (old, has) in &olds {
        for (new, comes) in &news {
            let last = |name: &str| name.rsplit('/').next().unwrap_or_default().split('.').next().map(str::to_owned);
            if let Some(likeness) = has.likeness(comes) {
                likely.push((Reverse((likeness, last(old) == last(new))), *old, *new));
            }
        }
    }
    likely.sort();
    let (mut gone, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for (_, old, new) in likely {
        if !gone.contains(old) && !taken.contains(new) {
            gone.insert(old);
            taken.insert(new);
            found.push((old.to_owned(), new.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::diverge;

    #[test]
    fn finds_diverging_folder_or_file() {
        let of = |one, two| diverge(one, two);
        assert_eq!(of("o/dev/a.yaml", "o/prod/a.yaml"), ("o/dev".to_owned(), "o/prod".to_owned()));
        assert_eq!(of("a.yaml", "b.yaml"), ("a.yaml".to_owned(), "b.yaml".to_owned()));
    }
}
