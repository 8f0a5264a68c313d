//! Finds files that cannot be in one cluster: variants, examples and overlays with conflicting definitions of the same
//! objects.
//!
//! Files and folders below a folder are alternatives if both of these conditions are met:
//!
//! - They have conflicting definitions of the same object.
//! - More than half of the objects of one of them are also defined by the others.
//!
//! For a file, the shared objects must be at least two. A single shared object is enough if at least three files define
//! it, or if two files define nothing else. Other duplicate definitions are mistakes. It is also a mistake if only one
//! of two files has the name of the object in its file name. The other file is then a copy whose object was not
//! renamed.
//!
//! Alternatives are grouped into sets. A set has at most one alternative that defines an object, and all files that
//! conflict with no alternative. A folder in which every fourth file is an alternative is a collection of examples.
//! Each folder in it is checked separately, and duplicate definitions in its files are alternatives.

mod files;
mod joined;
mod set;
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use meshsynth::Manifest;

use files::{Child, File, Key, children};
use joined::{joined, not_told, together};
pub use set::Set;
use set::{MOST_COMMON, MOST_COMMON_TIMES};
pub use shared::is_copy;
use shared::{Shared, classes, find_examples};

/// The maximum number of classes that complete a set.
const MOST_FILLED: usize = 64;

/// The minimum number of alternative files in a collection of examples.
const FEWEST_EXAMPLES: usize = 5;

/// The maximum number of locations that are listed.
const MOST_TOLD: usize = 6;

/// The sets of files that can each be in one cluster.
#[derive(Debug, PartialEq)]
pub struct Alternatives {
    /// The sets.
    pub sets: Vec<Set>,
    /// A line for each location with alternatives.
    pub told: Vec<String>,
}

impl Alternatives {
    /// Returns the sets, or `None` if all files can be in one cluster. `namespace` applies to objects that specify
    /// none.
    pub fn of(manifests: &[Manifest], namespace: &str) -> Option<Self> {
        let files = files::files(manifests, namespace);
        if files.iter().all(|file| file.shared.is_empty()) {
            return None;
        }
        let mut examples = BTreeSet::new();
        find_examples(&files, 0, &mut examples);
        let mut told = Vec::new();
        let sets = sets(&files, 0, &examples, false, &mut told);
        if sets.len() < 2 {
            return None;
        }
        if let Some(more @ 1..) = told.len().checked_sub(MOST_TOLD) {
            told.truncate(MOST_TOLD);
            told.push(format!("and {more} more folders with alternatives"));
        }
        told.push("each alternative is checked separately; use `--one-cluster` to check all files together".to_owned());
        Some(Self { sets, told })
    }
}

/// Returns the sets of the files below a folder; a single one if all of them can be in one cluster.
fn sets(
    files: &[File<'_>],
    depth: usize,
    examples: &BTreeSet<&'static str>,
    is_in_collection: bool,
    told: &mut Vec<String>,
) -> Vec<Set> {
    let n_examples = files.iter().filter(|file| examples.contains(file.path)).count();
    let is_collection = is_in_collection || n_examples >= FEWEST_EXAMPLES && 4 * n_examples >= files.len();
    let children = children(files, depth);
    let shared = Shared::of(&children);
    let contested = match is_collection {
        true => shared.contested.clone(),
        false => shared.alternatives(&children),
    };
    let mut below = |child: &Child<'_, '_>| match child.is_file {
        true => vec![Set {
            name: child.name.to_owned(),
            files: child.files.iter().map(|file| (file.path, true)).collect(),
            n_objects: child.n_objects,
            is_part: false,
            is_example: is_collection,
        }],
        false => sets(child.files, depth + 1, examples, is_collection, told),
    };
    let all: Vec<Vec<Set>> = children.iter().map(&mut below).collect();
    let classes = classes(&children, &contested);
    if classes.len() < 2 && !is_collection {
        return joined(&all);
    }
    if classes.len() > 1 {
        told.push(line(&children, &contested, &classes, depth));
    }
    if !is_collection {
        let common: Vec<usize> = (0..children.len()).filter(|idx| !classes.iter().any(|it| it.contains(idx))).collect();
        return of_classes(&children, &all, &contested, &classes, &common);
    }
    // Each folder of a collection is checked separately, together with the files beside it that do not conflict.
    let is_common = |idx: &usize| children[*idx].is_file && !classes.iter().any(|class| class.contains(idx));
    let common: Vec<usize> = (0..children.len()).filter(is_common).collect();
    let of_files = |class: &Vec<usize>| class.iter().copied().filter(|idx| children[*idx].is_file).collect::<Vec<_>>();
    let classes: Vec<Vec<usize>> = classes.iter().map(of_files).filter(|class| !class.is_empty()).collect();
    let mut found = match (classes.is_empty(), common.is_empty()) {
        (true, true) => Vec::new(),
        (true, false) => joined(&common.iter().map(|idx| all[*idx].clone()).collect::<Vec<_>>()),
        _ => of_classes(&children, &all, &contested, &classes, &common),
    };
    let beside: Vec<Set> = common.iter().flat_map(|idx| all[*idx].clone()).map(not_told).collect();
    let n_beside: usize = beside.iter().map(|set| set.n_objects).sum();
    for (child, sets) in children.iter().zip(&all).filter(|(child, _)| !child.is_file) {
        for set in sets {
            let is_too_much = n_beside * all.len() > MOST_COMMON_TIMES * child.n_objects + MOST_COMMON;
            let set = match set.is_part || is_too_much {
                true => set.clone(),
                false => together(std::iter::once(set).chain(&beside), true),
            };
            found.push(set);
        }
    }
    found
}

/// Creates a set for each class, including common files.
fn of_classes(
    children: &[Child<'_, '_>],
    all: &[Vec<Set>],
    contested: &BTreeSet<Key<'_>>,
    classes: &[Vec<usize>],
    common: &[usize],
) -> Vec<Set> {
    let common: Vec<Vec<Set>> = common.iter().map(|idx| all[*idx].clone()).collect();
    let n_common: usize = common.iter().flatten().map(|set| set.n_objects).sum();
    let n_all: usize = all.iter().flatten().map(|set| set.n_objects).sum();
    let most = MOST_COMMON_TIMES * n_all + MOST_COMMON;
    let is_too_much = n_common * (classes.len() - 1) > most;
    let mut n_filled = 0;
    let mut found = Vec::new();
    for (at, class) in classes.iter().enumerate() {
        let mut of_class: Vec<Vec<Set>> = class.iter().map(|idx| all[*idx].clone()).collect();
        let name = children[class[0]].name;
        if is_too_much && at > 0 {
            found.extend(joined(&of_class).into_iter().map(|set| Set { is_part: true, ..named(set, name) }));
            continue;
        }
        of_class.extend(common.iter().cloned());
        // Objects that only other alternatives define are added from the first alternative that does not conflict.
        let texts = |idx: usize| children[idx].texts.iter().filter(|(key, _)| contested.contains(*key));
        let mut taken: BTreeMap<&Key<'_>, &BTreeSet<usize>> = class.iter().flat_map(|idx| texts(*idx)).collect();
        for idx in classes.iter().take(MOST_FILLED).flatten().filter(|idx| !class.contains(idx)) {
            let is_free = texts(*idx).all(|(key, texts)| taken.get(key).is_none_or(|other| *other == texts));
            if is_free && n_filled < most {
                n_filled += children[*idx].n_objects;
                taken.extend(texts(*idx));
                of_class.push(all[*idx].iter().take(1).cloned().map(not_told).collect());
            }
        }
        found.extend(joined(&of_class).into_iter().map(|set| named(set, name)));
    }
    found
}

fn named(set: Set, name: &str) -> Set {
    Set { name: name.to_owned(), ..set }
}

/// Describes the alternatives of a folder.
fn line(children: &[Child<'_, '_>], contested: &BTreeSet<Key<'_>>, classes: &[Vec<usize>], depth: usize) -> String {
    const MOST_NAMED: usize = 3;
    let folder = match children.first().and_then(|child| child.files.first()) {
        Some(file) if depth > 0 => file.parts[..depth].join("/"),
        _ => ".".to_owned(),
    };
    let mut in_order: Vec<usize> = classes.concat();
    in_order.sort_unstable();
    let mut names: Vec<String> =
        in_order.iter().take(MOST_NAMED).map(|idx| format!("`{}`", children[*idx].name)).collect();
    if in_order.len() > MOST_NAMED {
        names.push("…".to_owned());
    }
    let [_, kind, _, name] = contested.first().copied().unwrap_or_default();
    let what = match contested.len() {
        1 => format!("{kind} `{name}`"),
        n => format!("{n} objects, such as {kind} `{name}`,"),
    };
    format!(
        "alternatives in `{folder}`: {} entries contain different definitions of {what} ({})",
        in_order.len(),
        names.join(", "),
    )
}

#[cfg(test)]
mod tests {
    use meshsynth::At;
    use meshsynth::val::{Bag, Data};

    use super::*;

    /// Creates a ConfigMap with a name and a text in a file.
    fn config(file: &'static str, name: &str, text: &str) -> Manifest {
        let metadata = Bag::default().with("name", name.to_owned());
        let body = Bag::default().with("apiVersion", "v1").with("kind", "ConfigMap").with("metadata", metadata);
        let body = body.with("data", Bag::default().with("text", text.to_owned()));
        Manifest::new(Data::Map(body), At::new(file, 1, 1)).expect("it is one")
    }

    /// Returns the files of each set. Files whose findings are not reported are in parentheses.
    fn sets(manifests: &[Manifest]) -> Vec<String> {
        let Some(found) = Alternatives::of(manifests, "default") else { return Vec::new() };
        let shown = |(file, is_told): (&&str, &bool)| if *is_told { (*file).to_owned() } else { format!("({file})") };
        found.sets.iter().map(|set| set.files.iter().map(shown).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn checks_each_folder_with_common_files() {
        let found = sets(&[
            config("k8s/common.yaml", "common", "x"),
            config("k8s/prod/a.yaml", "a", "prod"),
            config("k8s/staging/a.yaml", "a", "staging"),
            config("k8s/staging/b.yaml", "b", "x"),
        ]);
        assert_eq!(found, ["k8s/common.yaml k8s/prod/a.yaml", "k8s/common.yaml k8s/staging/a.yaml k8s/staging/b.yaml"]);
    }

    #[test]
    fn combines_folders_with_same_name() {
        let mut all = Vec::new();
        for file in ["a/prod/x.yaml", "a/test/x.yaml"] {
            all.push(config(file, "a", file));
        }
        for file in ["b/prod/x.yaml", "b/staging/x.yaml", "b/test/x.yaml"] {
            all.push(config(file, "b", file));
        }
        assert_eq!(
            sets(&all),
            ["a/prod/x.yaml b/prod/x.yaml", "(a/prod/x.yaml) b/staging/x.yaml", "a/test/x.yaml b/test/x.yaml"]
        );
    }

    #[test]
    fn copied_name_of_neighbor_is_a_mistake() {
        let services = [
            config("k8s/orders/a.yaml", "orders", "1"),
            config("k8s/orders/b.yaml", "orders-settings", "1"),
            config("k8s/payments/a.yaml", "orders", "2"),
            config("k8s/payments/b.yaml", "payments-settings", "1"),
        ];
        assert_eq!(sets(&services), [""; 0]);
        assert_eq!(sets(&[config("k8s/a.yaml", "a", "1"), config("k8s/b.yaml", "a", "2")]), [""; 0]);
        assert_eq!(sets(&[config("k8s/a.yaml", "a", "1"), config("k8s/a.yaml", "a", "2")]), [""; 0]);
    }

    #[test]
    fn three_files_with_one_object_are_alternatives() {
        let examples = [
            config("a.yaml", "a", "1"),
            config("b.yaml", "a", "2"),
            config("c.yaml", "a", "3"),
            config("d.yaml", "d", "1"),
        ];
        assert_eq!(sets(&examples), ["a.yaml d.yaml", "b.yaml d.yaml", "c.yaml d.yaml"]);
    }

    #[test]
    fn checks_folders_of_examples_separately() {
        let examples = ["a", "b", "c", "d", "e"].map(|name| format!("x/routes/{name}.yaml").leak() as &'static str);
        let mut all: Vec<Manifest> = examples.iter().map(|file| config(file, "a", file)).collect();
        all.push(config("x/other/a.yaml", "other", "1"));
        all.push(config("x/other/b.yaml", "b", "1"));
        all.push(config("x/last/b.yaml", "b", "2"));
        all.push(config("x/last/c.yaml", "c", "1"));
        let found = sets(&all);
        assert_eq!(found[..2], ["x/last/b.yaml x/last/c.yaml", "x/other/a.yaml x/other/b.yaml"]);
        assert_eq!(found[2..], examples);
    }

    #[test]
    fn equal_definitions_are_not_alternatives() {
        assert_eq!(sets(&[config("prod/a.yaml", "a", "1"), config("test/a.yaml", "a", "1")]), [""; 0]);
    }

    #[test]
    fn omits_common_files_of_large_platforms() {
        let path = |idx: usize| -> &'static str { format!("k8s/cases/{idx}/a.yaml").leak() };
        let mut all: Vec<Manifest> = (0..300).map(|idx| config(path(idx), "a", &idx.to_string())).collect();
        all.extend((0..2_000).map(|idx| config("k8s/common.yaml", &format!("common-{idx}"), "x")));
        let found = Alternatives::of(&all, "default").expect("they are").sets;
        assert_eq!(found.len(), 300);
        assert!(found.iter().map(|set| set.n_objects).sum::<usize>() < 30_000);
        assert_eq!(found.iter().filter(|set| set.files.contains_key("k8s/common.yaml")).count(), 1);
    }
}
