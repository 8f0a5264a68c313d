//! Who may do what: each side comes to a list of grants; what one side has and the other does not cover is shown.

mod cidr;
mod iam;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::side::{Pair, Side, construct};
use super::{Access, Change, Place, Verdict};
use crate::assembly::Stack;
use crate::graph::Graph;

/// One permission, as small as it gets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    /// Who; `*` is everybody.
    pub who: String,
    /// What is done, as in a policy, or a protocol; wildcards count.
    pub action: String,
    /// On what; wildcards count. For a port, its range.
    pub on: String,
    /// Under which condition; empty for none.
    pub when: String,
    /// Whether it forbids.
    pub denies: bool,
    /// The resource or object that says so.
    pub at: String,
    pub kind: Kind,
}

/// How a grant is said in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Somebody may do something.
    Permission,
    /// Somebody may take on a role.
    Trust,
    /// A port opens.
    Port,
    /// The whole text is in `on`.
    Sentence,
}

/// What each side grants and the other does not.
pub fn compare(pair: &Pair) -> Vec<Access> {
    let (before, after) = (changed(pair, pair.base), changed(pair, pair.head));
    let mut found = words(uncovered(pair, pair.base, &after, &before), true);
    found.extend(words(uncovered(pair, pair.head, &before, &after), false));
    found.sort_by(|a, b| (!a.public, !a.widened, &a.text).cmp(&(!b.public, !b.widened, &b.text)));
    found.dedup();
    found
}

/// The grants of what differs between the sides.
fn changed(pair: &Pair, side: &Side) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for stack in pair.stacks(side) {
        of_stack(side, stack, &mut grants);
    }
    for object in side.manifest.clusters.iter().flat_map(|cluster| &cluster.objects) {
        if !pair.is_same(&object.path) {
            network::object(side.document(&object.path), &mut grants);
        }
    }
    grants
}

fn of_stack(side: &Side, stack: &Stack, grants: &mut BTreeSet<Grant>) {
    for (stack, id, resource) in side.resources_of(stack) {
        let names = Names { side, stack };
        iam::grants(&names, id, resource, grants);
        network::resource(&names, id, resource, grants);
    }
}

/// What is in one list and covered neither by the other nor by what stays as it is.
fn uncovered(pair: &Pair, other: &Side, ours: &BTreeSet<Grant>, others: &BTreeSet<Grant>) -> Vec<Grant> {
    let is_new = |grant: &&Grant| !others.contains(*grant) && !others.iter().any(|other| other.covers(grant));
    let left: Vec<Grant> = ours.iter().filter(is_new).cloned().collect();
    if left.is_empty() {
        return left;
    }
    let mut rest = BTreeSet::new();
    // Who shares a name with a stack that differs is one that it needs, or that needs it.
    let loud: BTreeSet<&str> = pair.stacks(other).map(|stack| stack.id.as_str()).collect();
    let needed: BTreeSet<&str> = pair.stacks(other).flat_map(|stack| &stack.needs).map(String::as_str).collect();
    for stack in other.manifest.stacks.iter().filter(|stack| !loud.contains(stack.id.as_str())) {
        if needed.contains(stack.id.as_str()) || stack.needs.iter().any(|need| loud.contains(need.as_str())) {
            of_stack(other, stack, &mut rest);
        }
    }
    let words: BTreeSet<&str> = left.iter().filter_map(|grant| grant.on.rsplit(['/', '`', '=']).next()).collect();
    for object in other.manifest.clusters.iter().flat_map(|cluster| &cluster.objects) {
        let text = other.text(&object.path);
        let may_cover = ["Policy", "Role", "Service", "Ingress"].iter().any(|kind| text.contains(kind))
            && words.iter().any(|word| text.contains(word));
        if pair.is_same(&object.path) && may_cover {
            network::object(other.document(&object.path), &mut rest);
        }
    }
    left.into_iter().filter(|grant| !rest.contains(grant) && !rest.iter().any(|other| other.covers(grant))).collect()
}

/// Grants in words; actions of one person on one thing share a line.
fn words(grants: Vec<Grant>, is_new: bool) -> Vec<Access> {
    type Line = (Kind, bool, String, String, String, String);
    let mut lines: BTreeMap<Line, BTreeSet<String>> = BTreeMap::new();
    for Grant { who, action, on, when, denies, at, kind } in grants {
        lines.entry((kind, denies, who, on, when, at)).or_default().insert(action);
    }
    lines
        .into_iter()
        .map(|((kind, denies, who, on, when, at), actions)| {
            let widened = is_new != denies;
            let when = if when.is_empty() { String::new() } else { format!(" when {when}") };
            let public = is_public(&who) && widened && when.is_empty();
            let text = match kind {
                Kind::Permission => iam::sentence(&who, &actions, &on, is_new, denies) + &when,
                Kind::Trust if is_new => format!("{who} may now take on `{on}`{when}"),
                Kind::Trust => format!("{who} may no longer take on `{on}`{when}"),
                Kind::Port => {
                    let action = actions.into_iter().collect::<Vec<_>>().join(", ");
                    match (who.strip_prefix(OUTGOING), is_new) {
                        (Some(to), true) => format!("`{on}` may now reach {to} on {action}"),
                        (Some(to), false) => format!("`{on}` may no longer reach {to} on {action}"),
                        (None, true) => format!("{action} of `{on}` opens to {who}"),
                        (None, false) => format!("{action} of `{on}` closes to {who}"),
                    }
                }
                Kind::Sentence => on.clone(),
            };
            let prefix = if kind == Kind::Sentence && !is_new { "no longer: " } else { "" };
            let subject = if kind == Kind::Sentence { at.clone() } else { on };
            // What goes out is about whom it comes from.
            let who = if who.starts_with(OUTGOING) { subject.clone() } else { who.replace('`', "") };
            Access { widened, public, fresh: false, text: format!("{prefix}{text}"), at, subject, who }
        })
        .collect()
}

/// Marks what only concerns things that the same changes create, on both ends: nobody who was there before gains, nor
/// does anybody on what was there before.
pub fn mark(rows: &mut [Access], changes: &[Change], base: &str) {
    let created: BTreeSet<String> = changes.iter().filter(|it| it.verdict == Verdict::Create).flat_map(names).collect();
    let is_created = |subject: &str| {
        let parts = subject.split(['$', '{', '}']).map(|part| part.split('.').next().unwrap_or_default());
        parts.chain([subject]).any(|part| created.contains(part))
    };
    let mut concerned: Vec<&mut Access> =
        rows.iter_mut().filter(|row| row.widened && !row.public && is_created(&row.subject)).collect();
    if concerned.is_empty() {
        return;
    }
    // An assembly without a picture does not tell who was there.
    let old = Graph::parse(base).unwrap_or_default();
    let was_there = |who: &str| {
        let end = format!("/{who}");
        old.nodes.iter().filter(|node| !node.group).any(|node| {
            let below = who.strip_prefix(node.path.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) || node.path.ends_with(&end)
        })
    };
    for row in &mut concerned {
        row.fresh = !was_there(&row.who);
    }
}

/// What the subject of a permission may call what changes.
fn names(change: &Change) -> Vec<String> {
    match &change.place {
        Place::Namespace(_, namespace) => {
            // A policy or a scaler goes by the name of a workload that may have been there before.
            let runs = ["CronJob", "DaemonSet", "Deployment", "Job", "Rollout", "StatefulSet"];
            let own = runs.contains(&change.kind.as_str()).then(|| format!("{namespace}/{}", change.name));
            own.into_iter().chain([format!("{} {}", change.kind, change.name)]).collect()
        }
        _ => vec![change.name.clone()],
    }
}

/// How a peer of outgoing traffic begins.
const OUTGOING: &str = "outgoing traffic to ";

fn is_public(who: &str) -> bool {
    !who.starts_with(OUTGOING) && ["everybody", "`0.0.0.0/0`", "`::/0`"].iter().any(|word| who.contains(word))
}

impl Grant {
    /// Whether this allows all that another allows.
    fn covers(&self, other: &Self) -> bool {
        if self.kind != other.kind || self.denies != other.denies {
            return false;
        }
        // A range of addresses holds the ranges within it.
        let is_port = self.kind == Kind::Port && cidr::holds(&self.who, &other.who);
        if self.who != other.who && !is_port {
            return false;
        }
        match self.kind {
            Kind::Permission => {
                matches(&self.action, &other.action)
                    && matches(&self.on, &other.on)
                    && (self.when == other.when || (self.when.is_empty() && !self.denies))
            }
            Kind::Port => {
                self.on == other.on && (self.action == "all traffic" || network::holds(&self.action, &other.action))
            }
            _ => (&self.action, &self.on, &self.when) == (&other.action, &other.on, &other.when),
        }
    }
}

/// Whether a pattern with `*` and `?` takes all that a text stands for.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.to_lowercase().chars().collect(), text.to_lowercase().chars().collect());
    let (mut p, mut t, mut star, mut mark) = (0, 0, None, 0);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some(p);
            mark = t;
            p += 1;
        } else if p < pattern.len() && (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '*')) {
            p += 1;
            t += 1;
        } else if let Some(star) = star {
            mark += 1;
            (p, t) = (star + 1, mark);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Turns references into names that people know, whichever wire they take.
pub(super) struct Names<'a> {
    side: &'a Side,
    stack: &'a Stack,
}

impl Names<'_> {
    /// A value as text: literal where it is, `construct.Attribute` in `${}` where it is a reference.
    pub fn text(&self, value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Object(map) if map.len() == 1 => match map.iter().next() {
                Some((key, inner)) => self.intrinsic(key, inner).unwrap_or_else(|| value.to_string()),
                None => value.to_string(),
            },
            Value::Array(items) => items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }

    fn intrinsic(&self, key: &str, inner: &Value) -> Option<String> {
        match key {
            "Ref" => self.variable(inner.as_str()?),
            "Fn::GetAtt" => match inner {
                Value::String(text) => self.variable(text),
                parts => self.variable(&format!("{}.{}", parts[0].as_str()?, parts[1].as_str()?)),
            },
            "Fn::ImportValue" => {
                let name = inner.as_str()?;
                match self.side.export(self.stack, name) {
                    Some((stack, _, value)) => Some(Names { side: self.side, stack }.text(value)),
                    None => Some(format!("${{{name}}}")),
                }
            }
            "Fn::Sub" => {
                let text = inner.as_str().or_else(|| inner[0].as_str())?;
                let mut out = String::new();
                let mut rest = text;
                while let Some(at) = rest.find("${") {
                    out.push_str(&rest[..at]);
                    let end = at + rest[at..].find('}')?;
                    let name = &rest[at + 2..end];
                    match inner[1].get(name) {
                        Some(value) => out.push_str(&self.text(value)),
                        None => out.push_str(&self.variable(name)?),
                    }
                    rest = &rest[end + 1..];
                }
                Some(out + rest)
            }
            "Fn::Join" => {
                let parts: Vec<String> = inner[1].as_array()?.iter().map(|part| self.text(part)).collect();
                Some(parts.join(inner[0].as_str()?))
            }
            // An address without its scheme is called by the address.
            "Fn::Select" if inner[1]["Fn::Split"][0] == "https://" => Some(self.text(&inner[1]["Fn::Split"][1])),
            "Fn::Select" | "Fn::Split" => {
                let items = inner.as_array()?;
                Some(items.iter().map(|item| self.text(item)).collect::<Vec<_>>().join(" of "))
            }
            _ => None,
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        if name.starts_with("AWS::") {
            return Some(format!("${{{name}}}"));
        }
        let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
        let dot = if attribute.is_empty() { "" } else { "." };
        Some(format!("${{{}{dot}{attribute}}}", self.construct(id)))
    }

    /// The path of a resource in the program.
    pub fn construct(&self, id: &str) -> String {
        construct(self.stack, id).to_owned()
    }
}

/// What people call an ARN or a reference: the thing, not the account.
pub(super) fn short(text: &str) -> String {
    let text =
        text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "*").replace("${AWS::Region}", "*");
    let inner = |text: &str| {
        let bare = text.strip_prefix("${")?.strip_suffix('}')?;
        (!bare.contains("${")).then(|| bare.trim_end_matches(".Arn").trim_end_matches(".GroupId").to_owned())
    };
    if let Some(bare) = inner(&text) {
        return bare;
    }
    match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, service, _, _, rest] => format!("{service} {rest}"),
        _ => text,
    }
}
