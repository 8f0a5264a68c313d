//! Verdicts without the chains that explain them.

use super::Engine;
use super::ways::{Ways, worst};
use crate::ends::{Source, Target};
use crate::link::Verdict;
use crate::world::ResourceId;

impl Engine<'_> {
    /// Returns the verdict of [`Engine::ask`], without the chain and the fixes.
    pub fn verdict(&self, source: &Source, target: &Target) -> Verdict {
        if self.has_open_values() {
            return self.ask(source, target).verdict;
        }
        if let Target::Action(action, id) = target
            && self.is_never_allowed(source, action, *id)
        {
            return self.by_entries(source, *id, Some(action)).verdict();
        }
        if matches!(source, Source::Pods { .. }) {
            return self.ask(source, target).verdict;
        }
        let ways = self.by_api(source, target).unwrap_or_else(|| {
            let network = self.by_network(source, target);
            // A login cannot open a connection that the network denies.
            let is_denied = !network.is_none() && network.verdict() == Verdict::Denied;
            let login = if is_denied { Ways::default() } else { self.by_login(source, target) };
            if login.is_none() { network } else { network.and(&login) }
        });
        worst(ways.best_chain())
    }

    /// Returns whether all credentials of a source and of its nodes lack a statement that could allow an action.
    fn is_never_allowed(&self, source: &Source, action: &str, id: ResourceId) -> bool {
        let is_never = |it: &Source| self.identities.is_never_allowed(it, action, id);
        let nodes = match source {
            Source::Workload(workload) => self.node_groups(*workload),
            Source::Internet | Source::Addresses(_) | Source::Resource(_) | Source::Role(_) => &[],
            Source::Principal(_) | Source::Account(_) | Source::Pods { .. } => return false,
        };
        is_never(source) && nodes.iter().all(|node| is_never(&Source::Resource(*node)))
    }
}
