//! The matches of a `VirtualService`, and a test whether one match covers another.

use crate::node::Object;
use crate::rules::index::items;
use crate::val::{Bag, Data};

/// A rule of `http`, `tls` or `tcp`.
pub(in crate::rules) struct Rule<'a> {
    /// Its path, such as `spec.http[1]`.
    pub path: String,
    /// Its matches. One of them must match. A rule without matches applies to all requests.
    pub matches: Vec<Match<'a>>,
}

/// A match, whose conditions must all be true.
pub(in crate::rules) struct Match<'a> {
    /// Its path, such as `spec.http[1].match[0]`.
    pub path: String,
    conditions: &'a Bag,
}

/// Returns the rules of each protocol, in order.
pub(in crate::rules) fn rules(service: &Object) -> [Vec<Rule<'_>>; 3] {
    ["http", "tls", "tcp"].map(|protocol| {
        let path = format!("spec.{protocol}");
        let rules = items(service.body.at(&path), &path).map(|(path, rule)| {
            let below = format!("{path}.match");
            let matches = items(rule.at("match"), &below);
            let matches = matches.filter_map(|(path, data)| Some(Match { path, conditions: data.as_map()? })).collect();
            Rule { matches, path }
        });
        rules.collect()
    })
}

impl Match<'_> {
    /// Whether this match includes every request of the other match.
    pub fn covers(&self, other: &Self) -> bool {
        let ignores_case = |of: &Self| of.conditions.get("ignoreUriCase").and_then(Data::as_bool) == Some(true);
        let has_uri = self.conditions.get("uri").is_some();
        if has_uri && ignores_case(other) && !ignores_case(self) {
            return false;
        }
        self.conditions.iter().all(|(key, wide)| match key {
            // These fields do not restrict requests.
            "name" | "statPrefix" | "ignoreUriCase" => true,
            "uri" | "scheme" | "method" | "authority" => {
                other.conditions.get(key).is_some_and(|narrow| is_wider(wide, narrow))
            }
            "headers" | "queryParams" => each(wide, other.conditions.get(key), is_wider),
            "withoutHeaders" | "sourceLabels" => each(wide, other.conditions.get(key), |wide, narrow| wide == narrow),
            "gateways" | "sniHosts" | "destinationSubnets" => is_within(wide, other.conditions.get(key)),
            _ => other.conditions.get(key) == Some(wide),
        })
    }
}

/// Whether every entry of a map has a more specific entry in the other map.
fn each(wide: &Data, narrow: Option<&Data>, is_wider: impl Fn(&Data, &Data) -> bool) -> bool {
    let (Some(wide), narrow) = (wide.as_map(), narrow.and_then(Data::as_map)) else { return false };
    wide.iter()
        .all(|(key, wide)| narrow.and_then(|narrow| narrow.get(key)).is_some_and(|narrow| is_wider(wide, narrow)))
}

/// Whether all items of a list of alternatives are in the other list.
fn is_within(wide: &Data, narrow: Option<&Data>) -> bool {
    let narrow = narrow.map(Data::items).unwrap_or_default();
    !narrow.is_empty() && narrow.iter().all(|item| wide.items().contains(item))
}

/// Whether a string match includes every text of another string match.
fn is_wider(wide: &Data, narrow: &Data) -> bool {
    let of = |data: &Data| -> Option<(String, String)> {
        let (kind, text) = data.as_map()?.iter().next()?;
        Some((kind.to_owned(), text.as_str()?.to_owned()))
    };
    match (of(wide), of(narrow)) {
        // The match requires only that the header is present.
        (None, _) => wide.as_map().is_some_and(Bag::is_empty),
        (Some((kind, wide)), Some((other, narrow))) => match (kind.as_str(), other.as_str()) {
            ("prefix", "prefix" | "exact") => narrow.starts_with(&wide),
            _ => kind == other && wide == narrow,
        },
        (Some(_), None) => false,
    }
}
