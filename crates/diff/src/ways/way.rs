//! A path that a change opens or closes, with the deciding layers on each side.

use std::fmt;

use meshsynth_reach::{Answer, Layer, Link, Verdict, identity};

/// Sources that start or stop reaching targets, all through the same layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Whether the path opens. Otherwise, it closes.
    pub opens: bool,
    /// Whether it opens to everyone.
    pub public: bool,
    /// Whether both endpoints are new, or one of them is removed.
    pub fresh: bool,
    /// The sources.
    pub from: Vec<Place>,
    /// The targets, each with its ports.
    pub to: Vec<Place>,
    /// The pairs of source and target, as indices in `from` and `to`.
    pub pairs: Vec<(usize, usize)>,
    /// The verbs for API access to a service, such as `read`. Empty for a connection.
    pub verbs: Vec<String>,
    /// The old answer. Denied if an endpoint does not exist.
    pub before: Verdict,
    /// The new answer.
    pub after: Verdict,
    /// The deciding layers on the new side.
    pub by: Vec<Decider>,
    /// The deciding layers on the old side.
    pub was: Vec<Decider>,
    /// The statement that admits everyone, if the path follows from it. Its other paths are included.
    pub follows: Option<String>,
    /// The descriptions of new policy statements behind the path.
    pub said: Vec<String>,
    /// The new endpoint of an expected path, which a report can summarize.
    pub with: Option<With>,
}

/// The new endpoint of an expected path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct With {
    /// The workload or the resource.
    pub end: String,
    /// Whether the other workloads of its namespace have the same path. Otherwise, the path is from its nodes or from a
    /// relation of the program.
    pub as_others: bool,
}

/// An endpoint of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name as in `meshsynth reach`: `data/orders-db:5432`.
    pub name: String,
    /// Its path in the program, or the name without the port.
    pub construct: String,
}

/// A deciding layer with its location.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decider {
    /// The name of the layer.
    pub layer: &'static str,
    /// The verdict of the layer, in one word.
    pub verdict: &'static str,
    /// The resource or the object. Empty if the decision follows from a default.
    pub what: String,
    /// The field.
    pub field: String,
    /// The line of the user's program, or the file.
    pub source: String,
    /// The path of the construct.
    pub construct: String,
    /// The reason.
    pub why: String,
}

/// The maximum number of names in a sentence.
const SHOWN: usize = 3;

impl Way {
    /// Whether the new answer is known.
    pub fn is_certain(&self) -> bool {
        self.after != Verdict::Unknown
    }

    /// Returns every source with each target that it reaches.
    pub fn ends(&self) -> impl Iterator<Item = (&Place, &Place)> {
        self.pairs.iter().map(|(from, to)| (&self.from[*from], &self.to[*to]))
    }

    /// Whether every source reaches every target.
    fn is_product(&self) -> bool {
        self.pairs.len() == self.from.len() * self.to.len()
    }
}

impl Decider {
    fn of(link: &Link) -> Self {
        let at = link.at.clone().unwrap_or_default();
        Self {
            layer: link.layer.words(),
            verdict: link.verdict.word(),
            what: link.what.clone(),
            field: link.field.clone(),
            source: at.to_string(),
            construct: at.construct.trim_end_matches("/resource").to_owned(),
            why: identity::shown(&link.why),
        }
    }
}

/// Returns the deciding layers of the old and the new side: the layers that deny on one side, with their state on the
/// other.
pub fn deciders(old: Option<&Answer>, new: Option<&Answer>) -> [Vec<Decider>; 2] {
    let stops = |answer: &Answer| -> Vec<Layer> {
        answer.chain.iter().filter(|it| it.verdict != Verdict::Allowed).map(|it| it.layer).collect()
    };
    let mut layers = match (old, new) {
        (Some(old), Some(new)) if old.verdict <= new.verdict => stops(new),
        (Some(old), _) => stops(old),
        _ => Vec::new(),
    };
    let worst_of =
        |answer: &Answer, layer: Layer| answer.chain.iter().filter(|it| it.layer == layer).map(|it| it.verdict).max();
    // A layer with the same verdict on both sides does not decide the change.
    let turned = |layer: &Layer| match (old, new) {
        (Some(old), Some(new)) => worst_of(old, *layer) != worst_of(new, *layer),
        _ => true,
    };
    if layers.iter().any(turned) {
        layers.retain(turned);
    }
    let of = |answer: Option<&Answer>| {
        let Some(answer) = answer else { return Vec::new() };
        let mut found: Vec<&Link> = Vec::new();
        for layer in &layers {
            let own = || answer.chain.iter().filter(|it| it.layer == *layer);
            let worst = own().map(|it| it.verdict).max();
            let decides = own().filter(|it| Some(it.verdict) == worst);
            // A layer with a location is more helpful than a default.
            let link = decides.clone().rev().find(|it| it.at.is_some()).or_else(|| decides.clone().next_back());
            found.extend(link.filter(|it| !found.contains(it)));
        }
        if found.is_empty() {
            let written = || answer.chain.iter().rev().find(|it| it.at.is_some());
            found.extend(answer.deciding().filter(|it| it.verdict != Verdict::Allowed).last().or_else(written));
        }
        // An undecided answer has a reason, even if the layer that changed is decided.
        if answer.verdict == Verdict::Unknown && !found.iter().any(|it| it.verdict == Verdict::Unknown) {
            found.extend(answer.chain.iter().find(|it| it.verdict == Verdict::Unknown));
        }
        found.into_iter().map(Decider::of).collect()
    };
    [of(old), of(new)]
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(statement) = &self.follows {
            let targets = list(&self.to, "targets");
            let from = list(&self.from, "sources");
            return write!(out, "{from} can also {} {targets}, because {statement}", self.verbs.join(", "));
        }
        if !self.is_product() {
            let first: Vec<String> =
                self.ends().take(SHOWN).map(|(from, to)| format!("`{}` to `{}`", from.name, to.name)).collect();
            let more = match self.pairs.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let verb = match (self.opens, self.after) {
                (true, Verdict::Unknown) => "may open, which cannot be decided from the files",
                (true, _) => "open",
                (false, Verdict::Unknown) => "may close, which cannot be decided from the files",
                (false, _) => "close",
            };
            return write!(out, "{} connections {verb} ({}{more})", self.pairs.len(), first.join(", "));
        }
        let from = list(&self.from, "sources");
        let to = list(&self.to, "targets");
        let is_one = self.from.len() == 1;
        let verbs = self.verbs.join(", ");
        let turn = if self.opens { "now" } else { "no longer" };
        let (reach, is_call) = if verbs.is_empty() { ("reach", false) } else { (verbs.as_str(), true) };
        match (self.after, self.before) {
            (Verdict::Unknown, _) => write!(out, "cannot be decided from the files: {from} may {turn} {reach} {to}")?,
            _ if is_call => write!(out, "{from} can {turn} {reach} {to}")?,
            _ if is_one => write!(out, "{from} {turn} reaches {to}")?,
            _ => write!(out, "{from} {turn} reach {to}")?,
        }
        out.write_str(if self.before == Verdict::Unknown { " (before: undetermined)" } else { "" })
    }
}

/// Lists some endpoints in a sentence.
pub(super) fn list(places: &[Place], word: &str) -> String {
    let name = |place: &Place| match place.name.as_str() {
        "internet" => "the internet".to_owned(),
        name => format!("`{name}`"),
    };
    if places.len() > SHOWN + 1 {
        let first: Vec<String> = places.iter().take(SHOWN).map(name).collect();
        return format!("{} {word} ({} and {} more)", places.len(), first.join(", "), places.len() - SHOWN);
    }
    let names: Vec<String> = places.iter().map(name).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

impl fmt::Display for Decider {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: ", self.layer, self.verdict)?;
        // The reason is printed if there is no field.
        match (self.what.is_empty() || self.verdict == Verdict::Unknown.word(), self.field.is_empty()) {
            (true, _) => out.write_str(&self.why)?,
            (false, true) => write!(out, "{}, {}", self.what, self.why)?,
            (false, false) => write!(out, "{} {}", self.what, self.field)?,
        }
        if !self.source.is_empty() {
            write!(out, " ({})", self.source)?;
        }
        Ok(())
    }
}
