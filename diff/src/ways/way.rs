//! A way that a change opens or closes, and what decides over it on each side.

use std::fmt;

use meshsynth_reach::{Answer, Layer, Link, Verdict, identity};

/// Sources that reach, or no longer reach, targets, all by the same layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Whether it opens; otherwise it closes.
    pub opens: bool,
    /// Whether it opens to anybody.
    pub public: bool,
    /// Whether both ends are new, or one of them goes.
    pub fresh: bool,
    /// Who reaches.
    pub from: Vec<Place>,
    /// What is reached: each with its ports.
    pub to: Vec<Place>,
    /// Who reaches what: places in `from` and `to`.
    pub pairs: Vec<(usize, usize)>,
    /// The words for what can be done by the API of a service, such as `read`; empty for a connection.
    pub verbs: Vec<String>,
    /// The old answer; denied where an end is not there.
    pub before: Verdict,
    /// The new answer.
    pub after: Verdict,
    /// What decides on the new side.
    pub by: Vec<Decider>,
    /// What decided on the old side.
    pub was: Vec<Decider>,
    /// What policies newly say there, in words.
    pub said: Vec<String>,
    /// The new end that it comes with, where nobody has to be told of each way by itself.
    pub with: Option<With>,
}

/// The new end that a way comes with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct With {
    /// The workload or the resource.
    pub end: String,
    /// Whether the other workloads of its namespace have the same way. Otherwise its nodes do, or a relation of the
    /// program asks for it.
    pub as_others: bool,
}

/// An end of a way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// As `meshsynth reach` calls it: `data/orders-db:5432`.
    pub name: String,
    /// Its path in the program, or the name without the port.
    pub construct: String,
}

/// A layer that decides, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decider {
    /// The layer in words.
    pub layer: &'static str,
    /// Whether it lets pass, in one word.
    pub verdict: &'static str,
    /// The resource or the object; empty where nothing is written.
    pub what: String,
    /// The field.
    pub field: String,
    /// The user's line, or the file.
    pub source: String,
    /// The path of the construct.
    pub construct: String,
    /// Why.
    pub why: String,
}

/// Names that a sentence shows.
const SHOWN: usize = 3;

impl Way {
    /// Whether something may be reached that was not reached, as far as anybody can tell.
    pub fn is_certain(&self) -> bool {
        self.after != Verdict::Unknown
    }

    /// Every source with each target that it reaches.
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

/// What decides on the old and on the new side: the layers that stop on one, and the same layers on the other.
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
    // What says the same on both sides turns nothing.
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
            // What is written says more than what is not.
            let link = decides.clone().rev().find(|it| it.at.is_some()).or_else(|| decides.clone().next_back());
            found.extend(link.filter(|it| !found.contains(it)));
        }
        if found.is_empty() {
            let written = || answer.chain.iter().rev().find(|it| it.at.is_some());
            found.extend(answer.deciding().filter(|it| it.verdict != Verdict::Allowed).last().or_else(written));
        }
        found.into_iter().map(Decider::of).collect()
    };
    [of(old), of(new)]
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_product() {
            let first: Vec<String> =
                self.ends().take(SHOWN).map(|(from, to)| format!("`{}` to `{}`", from.name, to.name)).collect();
            let more = match self.pairs.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let verb = match (self.opens, self.after) {
                (true, Verdict::Unknown) => "may open: not known before a deployment",
                (true, _) => "open",
                (false, Verdict::Unknown) => "may close: not known before a deployment",
                (false, _) => "close",
            };
            return write!(out, "{} ways {verb} ({}{more})", self.pairs.len(), first.join(", "));
        }
        let from = list(&self.from, "sources");
        let to = list(&self.to, "targets");
        let is_one = self.from.len() == 1;
        let verbs = self.verbs.join(", ");
        let turn = if self.opens { "now" } else { "no longer" };
        let (reach, is_call) = if verbs.is_empty() { ("reach", false) } else { (verbs.as_str(), true) };
        match (self.after, self.before) {
            (Verdict::Unknown, _) => write!(out, "{from} may {turn} {reach} {to}: not known before a deployment")?,
            _ if is_call => write!(out, "{from} can {turn} {reach} {to}")?,
            _ if is_one => write!(out, "{from} {turn} reaches {to}")?,
            _ => write!(out, "{from} {turn} reach {to}")?,
        }
        out.write_str(if self.before == Verdict::Unknown { " (it was not known)" } else { "" })
    }
}

/// Some places in words.
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
        // Where no field says it, the reason does.
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
