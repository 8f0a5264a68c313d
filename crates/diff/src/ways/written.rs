//! An index of policy statements by the resource or object that contains them.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_reach::Link;

use crate::change::{About, Access};

/// Policy statements by resource or object.
#[derive(Default)]
pub struct Written {
    at: BTreeMap<String, BTreeSet<usize>>,
    /// The subject of each statement, and the names in a permission.
    about: Vec<(About, BTreeSet<String>)>,
}

impl Written {
    /// Builds the index of all statements.
    pub fn of(access: &[Access]) -> Self {
        let mut found = Self::default();
        for (at, row) in access.iter().enumerate() {
            for name in row.written.iter().chain([&row.at]).filter(|it| !it.is_empty()) {
                found.at.entry(name.clone()).or_default().insert(at);
            }
            found.about.push((row.about.clone(), names_in(&row.subject)));
        }
        found
    }

    /// Returns the statements that a link on the path to a target may depend on.
    pub fn of_link(&self, link: &Link, to: &str) -> BTreeSet<usize> {
        let construct = link.at.as_ref().map(|it| it.construct.trim_end_matches("/resource")).unwrap_or_default();
        // A resource without a construct is identified by its logical ID.
        let logical = link.what.split_once("::").and_then(|(_, rest)| rest.rsplit_once('/')).map(|it| it.1);
        let names = [Some(construct), Some(link.what.as_str()), logical.filter(|_| construct.is_empty())];
        let all = names.into_iter().flatten().filter_map(|name| self.at.get(name)).flatten().copied();
        let is_it = |at: &usize| match &self.about[*at] {
            (About::Permission, names) => names.contains(to),
            (about, _) => is_same_direction(about, &link.field),
        };
        all.filter(is_it).collect()
    }
}

/// Whether a statement has the same direction, ingress or egress, as the deciding field.
pub fn is_same_direction(about: &About, field: &str) -> bool {
    let is_out = field.contains("egress") || field.contains("Egress");
    let is_in = field.contains("ingress") || field.contains("Ingress");
    match about {
        About::Outward => !is_in,
        About::Pods { .. } | About::Group => !is_out,
        _ => true,
    }
}

/// Returns the possible names in a text: `data/orders` for `arn:aws:s3:::${data/orders}/*`.
pub fn names_in(text: &str) -> BTreeSet<String> {
    let is_end = |letter: char| "${}`, :*".contains(letter);
    let whole = text.split(is_end).map(|it| it.trim_matches('/'));
    // Also returns the name without an attribute: `data/orders.Arn`.
    whole.flat_map(|it| [it, it.split('.').next().unwrap_or_default()]).map(str::to_owned).collect()
}
