//! Access by credentials: APIs of services, and logins of data stores.

use super::Engine;
use super::ways::Ways;
use crate::ends::{Port, Source, Target};
use crate::entries::members;
use crate::link::{Layer, Link, Verdict};
use crate::network;
use crate::world::ResourceId;

impl Engine<'_> {
    /// Whether a resource has a network interface in a VPC that accepts connections.
    pub fn is_in_network(&self, id: ResourceId) -> bool {
        network::interface(self.world, id).is_some() && !self.ports_of_resource(id).is_empty()
    }

    /// Returns the ports on which a resource listens. If it may listen on any port, returns the ports that its security
    /// groups or load balancers use.
    pub fn ports_of_resource(&self, id: ResourceId) -> Vec<Port> {
        let usual = network::default_ports(self.world, id);
        if !network::may_listen_on_any(self.world, id) {
            return usual;
        }
        let opened = network::interface(self.world, id).map(|it| self.network.groups().opened(&it));
        let sent = members(self.world, id).into_iter().map(|it| it.port);
        let mut ports: Vec<Port> = opened.into_iter().flatten().chain(sent).collect();
        ports.sort_unstable();
        ports.dedup();
        if ports.is_empty() { usual } else { ports }
    }

    /// Returns the paths to a resource with a service API, or `None` if it is reached over the network.
    pub(super) fn by_api(&self, source: &Source, target: &Target) -> Option<Ways> {
        match target {
            Target::Action(action, id) => {
                let own = self.with_node(source, |it| self.identities.ways_to_call(it, action, *id));
                Some(own.or(self.by_entries(source, *id, Some(action))))
            }
            Target::Resource(id, None) if !self.identities.uses(*id).is_empty() => {
                let own = self.with_node(source, |it| self.identities.ways_to_use(it, *id));
                Some(own.or(self.by_entries(source, *id, None)))
            }
            // A client with credentials of a role can call from any network, so the network is not checked.
            Target::Resource(id, _) if self.identities.has_login(*id) && is_principal(source) => {
                Some(Ways::of(self.identities.ways_to_log_in(source, *id)))
            }
            _ if is_principal(source) => {
                let why = "credentials do not give network access";
                Some(vec![Link::new(Layer::Route, Verdict::Denied, why)].into())
            }
            _ => None,
        }
    }

    /// Returns the login paths of a store for a source that reaches it over the network.
    pub(super) fn by_login(&self, source: &Source, target: &Target) -> Ways {
        match target {
            Target::Resource(id, _) if self.identities.has_login(*id) => {
                self.with_node(source, |it| self.identities.ways_to_log_in(it, *id))
            }
            _ => Ways::default(),
        }
    }
}

/// Whether a source is identified only by credentials.
fn is_principal(source: &Source) -> bool {
    matches!(source, Source::Role(_) | Source::Principal(_) | Source::Account(_))
}
