//! What credentials decide: APIs of services, and logins of stores.

use super::Engine;
use super::ways::Ways;
use crate::ends::{Source, Target};
use crate::link::{Layer, Link, Verdict};
use crate::network;
use crate::world::ResourceId;

impl Engine<'_> {
    /// Whether a resource has an interface in a VPC that somebody can connect to.
    pub fn is_in_network(&self, id: ResourceId) -> bool {
        network::interface(self.world, id).is_some() && !network::default_ports(self.world, id).is_empty()
    }

    /// The chain of what is reached by the API of a service; none of what is reached by network.
    pub(super) fn by_api(&self, source: &Source, target: &Target) -> Option<Ways> {
        match target {
            Target::Action(action, id) => {
                Some(self.with_node(source, |it| self.identities.ways_to_call(it, action, *id)))
            }
            Target::Resource(id, None) if !self.identities.uses(*id).is_empty() => {
                Some(self.with_node(source, |it| self.identities.ways_to_use(it, *id)))
            }
            // Whoever has a role calls from wherever it likes: the network is that of whoever uses it.
            Target::Resource(id, _) if self.identities.has_login(*id) && is_principal(source) => {
                Some(Ways::of(self.identities.ways_to_log_in(source, *id)))
            }
            _ if is_principal(source) => {
                let why = "whoever has credentials has no network by them";
                Some(vec![Link::new(Layer::Route, Verdict::Denied, why)].into())
            }
            _ => None,
        }
    }

    /// What a store asks of whoever reaches it by network.
    pub(super) fn by_login(&self, source: &Source, target: &Target) -> Ways {
        match target {
            Target::Resource(id, _) if self.identities.has_login(*id) => {
                self.with_node(source, |it| self.identities.ways_to_log_in(it, *id))
            }
            _ => Ways::default(),
        }
    }
}

/// Whether somebody is known by credentials alone.
fn is_principal(source: &Source) -> bool {
    matches!(source, Source::Role(_) | Source::Principal(_) | Source::Account(_))
}
