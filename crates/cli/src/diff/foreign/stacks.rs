//! Matches the templates of both folders.

use std::collections::{BTreeMap, BTreeSet};

use super::platform::Platform;
use super::template::Template;

/// Gives matching templates of both sides the same ID, name and location.
pub fn join(base: &mut Platform, head: &mut Platform) {
    [&mut *base, &mut *head].into_iter().for_each(|side| tell_apart(&mut side.templates));
    let (olds, news) = (&mut base.templates, &mut head.templates);
    if let ([old], [new]) = (olds.as_mut_slice(), news.as_mut_slice())
        && !(old.is_named && new.is_named)
    {
        return one(old, new);
    }
    let mut taken = BTreeSet::new();
    let mut open: Vec<usize> = (0..olds.len()).collect();
    // Matches by file first, then by ID.
    let is_file = |old: &Template, new: &Template| !old.is_named && !new.is_named && old.file == new.file;
    let is_id = |old: &Template, new: &Template| old.id == new.id;
    // The stack ID of a program is arbitrary, so stacks are matched by their name in AWS.
    let is_place = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
    let is_name = |old: &Template, new: &Template| {
        old.is_named
            && new.is_named
            && old.name == new.name
            && is_place(&old.region, &new.region)
            && is_place(&old.account, &new.account)
    };
    let before: Vec<String> = olds.iter().map(|it| it.id.clone()).collect();
    for is_same in [&is_file as &dyn Fn(&Template, &Template) -> bool, &is_id, &is_name] {
        open.retain(|&at| {
            let place = (0..news.len()).find(|place| !taken.contains(place) && is_same(&olds[at], &news[*place]));
            if let Some(place) = place {
                taken.insert(place);
                one(&mut olds[at], &mut news[place]);
            }
            place.is_none()
        });
    }
    // A template that moved to another file matches the template that shares most resources.
    let mut likely: Vec<(usize, usize, usize)> = Vec::new();
    for &at in &open {
        for (place, new) in news.iter().enumerate().filter(|(place, _)| !taken.contains(place)) {
            if !(olds[at].is_named && new.is_named)
                && let Some(share) = share(&olds[at], new)
            {
                likely.push((share, at, place));
            }
        }
    }
    likely.sort_by(|a, b| (b.0, a.1, a.2).cmp(&(a.0, b.1, b.2)));
    let mut done = BTreeSet::new();
    for (_, at, place) in likely {
        if !done.contains(&at) && taken.insert(place) {
            done.insert(at);
            one(&mut olds[at], &mut news[place]);
        }
    }
    // Dependencies refer to stack IDs, which may have changed.
    let ids: BTreeMap<String, String> = before.into_iter().zip(olds.iter().map(|it| it.id.clone())).collect();
    for need in olds.iter_mut().flat_map(|it| &mut it.needs) {
        if let Some(id) = ids.get(need) {
            need.clone_from(id);
        }
    }
}

/// Distinguishes templates of the same name by their regions, or by the shortest unique path suffixes.
fn tell_apart(templates: &mut [Template]) {
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for template in templates.iter() {
        counts.entry(template.id.clone()).or_default().push(template.file.clone());
    }
    for template in templates.iter_mut() {
        let files = &counts[&template.id];
        if files.len() > 1 {
            template.id = match template.region.clone().filter(|_| template.is_named) {
                Some(region) => format!("{}.{region}", template.id),
                None => short(&template.file, files),
            };
        }
    }
    let mut taken = BTreeMap::new();
    for template in templates {
        let n_taken: &mut usize = taken.entry(template.id.clone()).or_default();
        *n_taken += 1;
        if *n_taken > 1 {
            template.id = format!("{}.{n_taken}", template.id);
        }
    }
}

/// Returns the shortest suffix of a path that is unique among the files.
fn short(file: &str, files: &[String]) -> String {
    let parts: Vec<&str> = file.split('/').collect();
    let end = |n_parts: usize| parts[parts.len().saturating_sub(n_parts)..].join("/");
    let is_own = |end: &String| files.iter().filter(|it| *it == end || it.ends_with(&format!("/{end}"))).count() == 1;
    (1..=parts.len()).map(end).find(is_own).unwrap_or_else(|| file.to_owned())
}

/// Returns the share of common resources of two templates in percent, or `None` below 50 %.
fn share(old: &Template, new: &Template) -> Option<usize> {
    let (a, b) = (old.parts(), new.parts());
    let n_all = a.union(&b).count();
    let share = (100 * a.intersection(&b).count()).checked_div(n_all)?;
    (share >= 50).then_some(share)
}

/// Merges the identities of two templates: facts that one side specifies apply to both.
fn one(old: &mut Template, new: &mut Template) {
    match (old.is_named, new.is_named) {
        (true, false) => (new.id, new.name) = (old.id.clone(), old.name.clone()),
        (false, _) => (old.id, old.name) = (new.id.clone(), new.name.clone()),
        (true, true) => {
            old.id.clone_from(&new.id);
            // Templates specify imports, but no deployment order.
            match (old.needs.is_empty(), new.needs.is_empty()) {
                (true, false) => old.needs.clone_from(&new.needs),
                (false, true) => new.needs.clone_from(&old.needs),
                _ => {}
            }
        }
    }
    if !(old.is_named && new.is_named) {
        let needs = if old.is_named { old.needs.clone() } else { new.needs.clone() };
        (old.needs, new.needs) = (needs.clone(), needs);
        let tags = if old.is_named { old.tags.clone() } else { new.tags.clone() };
        (old.tags, new.tags) = (tags.clone(), tags);
    }
    match (&old.region, &new.region) {
        (Some(region), None) => new.region = Some(region.clone()),
        (None, Some(region)) => old.region = Some(region.clone()),
        _ => {}
    }
    match (&old.account, &new.account) {
        (Some(account), None) => new.account = Some(account.clone()),
        (None, Some(account)) => old.account = Some(account.clone()),
        _ => {}
    }
}

/// Copies construct paths to resources with the same logical ID, because such resources are the same.
pub fn call_alike(base: &mut Platform, head: &Platform) {
    for template in &mut base.templates {
        let Some(made) = head.templates.iter().find(|it| it.id == template.id) else { continue };
        for (id, resource) in &mut template.resources {
            if let Some(twin) = made.resources.get(id).filter(|_| resource.construct.is_empty()) {
                resource.construct.clone_from(&twin.construct);
            }
        }
    }
}

/// Removes resources of a loop on one side if its items are unknown on the other side. Also removes resources that may
/// have moved into an include.
pub fn forget_loops(base: &mut Platform, head: &mut Platform) {
    leave_out(base, head);
    leave_out(head, base);
    for old in &mut base.templates {
        if let Some(new) = head.templates.iter_mut().find(|it| it.id == old.id) {
            forget(old, new);
            forget(new, old);
        }
    }
}

/// Records the templates that are only partly compared.
fn leave_out(platform: &mut Platform, other: &Platform) {
    let twin = |it: &Template| other.templates.iter().find(|twin| twin.id == it.id);
    let in_part = |it: &Template| it.in_part(twin(it)).map(|why| (it.file.clone(), why));
    let all: Vec<(String, String)> = platform.templates.iter().filter_map(in_part).collect();
    for (file, why) in all {
        platform.leave_out(&file, why);
    }
}

fn forget(template: &mut Template, other: &Template) {
    let is_included = other.includes_more_than(template);
    let Template { document, resources, loops, .. } = template;
    let looped = loops.origins.iter().filter(|(_, key)| other.loops.left.contains_key(*key)).map(|(id, _)| id.clone());
    let hidden = resources.keys().filter(|id| is_included && !other.resources.contains_key(*id)).cloned();
    for id in looped.chain(hidden).collect::<Vec<String>>() {
        resources.remove(&id);
        if let Some(all) = document["Resources"].as_object_mut() {
            all.remove(&id);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn template(id: &str, name: &str, needs: &[&str]) -> Template {
        Template {
            id: id.to_owned(),
            name: name.to_owned(),
            is_named: true,
            account: Some("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            file: format!("{id}.template.json"),
            tags: Default::default(),
            needs: needs.iter().map(|it| (*it).to_owned()).collect(),
            document: Value::Null,
            text: None,
            loops: Default::default(),
            resources: Default::default(),
        }
    }

    #[test]
    fn matches_stacks_by_name_in_aws() {
        let (mut base, mut head) = (Platform::empty("base".to_owned()), Platform::empty("head".to_owned()));
        base.templates = vec![template("Data", "Data", &[]), template("Web", "Web", &[])];
        head.templates = vec![template("web", "Web", &["data"]), template("data", "Data", &[])];
        join(&mut base, &mut head);
        let ids: Vec<&str> = base.templates.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["data", "web"]);
        assert_eq!(base.templates[1].needs, ["data"]);
    }
}
