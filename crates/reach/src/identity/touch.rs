//! The resources that policies may apply to, without a full evaluation. A caller with many queries can skip those that
//! are certainly denied.

use std::collections::BTreeSet;

use super::estate::Estate;
use super::policy::Policy;
use super::session::Session;
use super::stores::{self, On};
use super::written::Written;
use crate::world::{ResourceId, World};

/// The resources that the policies of a source may apply to.
#[derive(Clone, Debug, Default)]
pub struct Touch {
    /// The names of resources in their statements, without attributes.
    pub named: BTreeSet<String>,
    /// The literal prefixes of ARNs in their statements.
    pub begins: Vec<String>,
    /// Whether a statement applies to all resources.
    pub is_any: bool,
}

impl Touch {
    /// Collects the resources for some sessions.
    pub(super) fn of(estate: &Estate, sessions: &[Session]) -> Self {
        let mut touch = Self::default();
        for session in sessions {
            let own = session.identity.and_then(|id| estate.identities.get(&id));
            let policies = own.map_or_else(|| session.foreign.iter().collect(), |it| estate.policies_of(it));
            policies.into_iter().for_each(|it| touch.add(it));
        }
        touch
    }

    fn add(&mut self, policy: &Policy<Written>) {
        let statements = policy.body.document().into_iter().flat_map(|it| &it.statements);
        for statement in statements.filter(|it| !it.denies) {
            self.is_any |= statement.resources().is_empty();
            for pattern in statement.resources() {
                let names = pattern.text().split("${=").skip(1).filter_map(|it| it.split(['}', '.', '|']).next());
                let before = self.named.len();
                self.named.extend(names.map(str::to_owned));
                if self.named.len() == before && !pattern.text().contains("${=") {
                    self.begin(pattern.text());
                }
            }
        }
    }

    fn begin(&mut self, pattern: &str) {
        let pattern = plain(pattern);
        let begin = pattern.split(['*', '?']).next().unwrap_or_default().to_owned();
        self.is_any |= begin.len() < pattern.len() && begin.split(':').count() < 6;
        self.begins.push(begin);
    }
}

/// Returns an ARN with the same marker for every part that a deployment fills in.
pub fn plain(text: &str) -> String {
    let mut pieces = text.split("${?");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |all, it| all + OPEN + it.split_once('}').map_or("", |it| it.1))
}

/// Whether an ARN from [`plain`] contains a part that a deployment fills in.
pub fn is_open(arn: &str) -> bool {
    arn.contains(OPEN)
}

const OPEN: &str = "\u{1}";

/// Whether one ARN is a prefix of the other, compared part by part. A part that a deployment fills in matches any text.
pub fn is_like(begin: &str, arn: &str) -> bool {
    let (mut a, mut b) = (begin.splitn(6, ':').peekable(), arn.splitn(6, ':'));
    while let (Some(x), Some(y)) = (a.next(), b.next()) {
        let is_last = a.peek().is_none();
        let is_open = x.contains(OPEN) || y.contains(OPEN);
        let meets = if is_last { x.starts_with(y) || y.starts_with(x) } else { x == y };
        if !is_open && !meets {
            return false;
        }
    }
    true
}

/// Returns the target ARNs of requests to a resource.
pub fn targets(world: &World, id: ResourceId) -> Vec<String> {
    let uses = stores::uses(&world.resource(id).type_name).iter().map(|it| it.on);
    let below = match world.resource(id).type_name.split("::").nth(1) {
        Some("MSK") => Some(On::Topic),
        Some("RDS" | "DocDB") => Some(On::User),
        _ => None,
    };
    let on: Vec<On> = uses.chain([On::Itself]).chain(below).collect();
    let mut all: Vec<String> =
        on.into_iter().filter_map(|on| stores::target(world, id, on)).map(|it| plain(&it)).collect();
    all.dedup();
    all
}

/// Whether a resource policy directly names a principal, and not only the account, whose own policies then decide.
pub fn is_opened(estate: &Estate, id: ResourceId) -> bool {
    let policies = estate.resources.get(&id).into_iter().flatten();
    let mut statements = policies.filter_map(|it| it.body.document()).flat_map(|it| &it.statements);
    statements.any(|it| !it.denies && it.names_somebody())
}
