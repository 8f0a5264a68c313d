//! Construct ids: their requirements, and the replacements for invalid ids.
//!
//! Names in AWS and Kubernetes are derived from ids. A constructor that receives an invalid id
//! reports it and continues with a replacement, so that the id causes no further mistakes.
//! Diagnostics show the id as the user wrote it.

use std::collections::hash_map::Entry;

use crate::diag::Diagnostic;
use crate::name::MOST_OF_ID;
use crate::node::{Kind, Node};

use super::{At, NodeId, Tree};

/// The requirements for an id. They depend on the objects that are named after the construct.
#[derive(Clone, Copy)]
pub struct IdRule {
    /// The maximum number of characters in the id.
    pub most: usize,
    /// The object named after the construct, if its name has a lower limit than an id.
    pub names: Option<&'static str>,
    /// Whether the id must begin with a letter.
    pub letter: bool,
}

impl IdRule {
    /// The rule for an id that is only a part of names. It must be valid in logical IDs and in the names of most
    /// objects.
    pub const PLAIN: Self = Self { most: MOST_OF_ID, names: None, letter: false };
    /// The rule for an id that is the name of a Namespace.
    pub const NAMESPACE: Self = Self { most: 63, names: Some("a Namespace"), letter: false };
    /// The rule for an id that is the name of a Service.
    pub const SERVICE: Self = Self { most: 63, names: Some("a Service"), letter: true };

    /// Returns the rule for a name that has a prefix of `taken` characters.
    pub fn after(self, taken: usize) -> Self {
        Self { most: self.most.saturating_sub(taken), ..self }
    }

    fn allows(self, id: &str) -> bool {
        let lower = |c: char| c.is_ascii_lowercase();
        let plain = |c: char| lower(c) || c.is_ascii_digit();
        let begins = if self.letter { id.starts_with(lower) } else { id.starts_with(plain) };
        let is_whole = match self.names {
            None => id.chars().all(|c| plain(c) || c == '-' || c == '.'),
            Some(_) => id.ends_with(plain) && id.chars().all(|c| plain(c) || c == '-'),
        };
        begins && is_whole && id.len() <= self.most
    }

    fn help(self) -> String {
        let begin = if self.letter { "a letter" } else { "a letter or digit" };
        match self.names {
            None => format!(
                "use lower-case letters, digits, `.` and `-`; begin with {begin}, and use at most {} characters",
                self.most
            ),
            Some(what) => format!(
                "{what} has the id as its name: use lower-case letters, digits and `-`; begin with {begin}, end with a letter or digit, and use at most {} characters",
                self.most
            ),
        }
    }
}

impl Tree {
    pub(super) fn define(&mut self, parent: NodeId, id: &str, rule: IdRule, at: At, kind: Kind) -> NodeId {
        let new = self.nodes.id(self.nodes.iter().len());
        let mut node = Node::new(id, Some(parent), at, kind);
        let name = self.by_name.entry((parent, id.into()));
        if let Entry::Occupied(known) = name {
            let known = *known.get();
            let other = &self.nodes[known];
            let diagnostic = Diagnostic::error("MS0101", format!("`{id}` is defined twice in the same scope"))
                .construct(self.shown_path(known))
                .at(at)
                .note_at("the first is defined here", other.at)
                .help("give one of them another id; ids are unique within their scope");
            self.diagnostics.push(diagnostic);
            node.twin_of = Some(known);
            node.stand_in(new);
        } else {
            name.insert_entry(new);
            if !rule.allows(id) {
                let diagnostic = Diagnostic::error("MS0102", format!("`{id}` is not a valid construct id"))
                    .construct(format!("{}/{id}", self.shown_path(parent)).trim_start_matches('/'))
                    .at(at)
                    .help(rule.help());
                self.diagnostics.push(diagnostic);
                node.stand_in(new);
            }
        }
        self.nodes.push(node);
        new
    }

    /// Returns the path of a node relative to the app, with the ids that the user wrote.
    pub fn shown_path(&self, node: NodeId) -> String {
        self.path_by(node, Node::shown)
    }

    /// Returns the path of a node, relative to the app.
    pub fn path(&self, node: NodeId) -> String {
        self.path_by(node, |node| &node.id)
    }

    fn path_by(&self, node: NodeId, part: impl Fn(&Node) -> &str) -> String {
        let mut parts = Vec::new();
        let mut next = Some(node);
        while let Some(id) = next {
            let node = &self.nodes[id];
            if node.parent.is_some() {
                parts.push(part(node));
            }
            next = node.parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

/// Whether an app name is valid. Stacks, tags and labels contain it, which accept letters, digits
/// and `-`.
pub(super) fn valid_app_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric();
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(plain)
        && name.chars().all(|c| plain(c) || c == '-')
}
