//! The AWS network: routes, access control lists and security groups between two interfaces.

mod acls;
mod address;
mod blocks;
mod end;
mod gateway;
mod group_key;
mod groups;
mod instances;
mod interface;
mod interfaces;
mod ipv6;
mod ports;
mod prefix_lists;
mod receivers;
mod routes;
mod rule_ports;
mod transit;

use address::INTERNET_V6;
pub use address::{Cover, INTERNET_V4, cover, is_internet, say_spans, spans};
pub use blocks::are_private as is_private;
pub use end::End;
pub use group_key::group_key;
pub use groups::Groups;
pub use instances::launched;
pub use interface::{Interface, flag};
pub use interfaces::{interface, is_facing_internet};
pub use ports::{default_ports, may_listen_on_any, number};

use crate::ends::Port;
use crate::link::{Layer, Link, Verdict};
use crate::world::World;
use acls::Acls;
use routes::Routes;

/// The networks of a platform.
#[derive(Debug)]
pub struct Network<'a> {
    world: &'a World,
    groups: Groups,
    acls: Acls,
    routes: Routes<'a>,
}

impl<'a> Network<'a> {
    /// Parses the networks of a platform.
    pub fn new(world: &'a World) -> Self {
        Self { world, groups: Groups::new(world), acls: Acls::new(world), routes: Routes::new(world) }
    }

    /// Returns the security groups.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Returns the network decisions about a connection, from the outside in.
    ///
    /// A client on the internet can use IPv4 and IPv6. The result is the more permissive one.
    pub fn between(&self, from: &End, to: &End, port: Port) -> Vec<Link> {
        let has_v6 = matches!((from, to), (End::Internet, End::Interface(to)) if to.v6 != Some(false));
        if !has_v6 {
            return self.of_family(from, to, port);
        }
        let worst = |links: &[Link]| links.iter().fold(Verdict::Allowed, |all, it| all.and(it.verdict));
        let (v4, v6) = (self.of_family(from, to, port), self.of_family(&End::Internet6, to, port));
        if worst(&v6) < worst(&v4) { v6 } else { v4 }
    }

    fn of_family(&self, from: &End, to: &End, port: Port) -> Vec<Link> {
        let mut links = vec![self.route(from, to)];
        links.push(self.acls.between(self.world, from, to, port));
        let open = [from, to].into_iter().find_map(|it| match it {
            End::Interface(it) if it.has_open_subnets => Some(it),
            _ => None,
        });
        if let Some(open) = open {
            for link in links.iter_mut().filter(|it| it.verdict == Verdict::Denied) {
                link.verdict = Verdict::Unknown;
                link.why = format!("some subnets of {} are not in the files; in the others, {}", open.title, link.why);
            }
        }
        if let End::Interface(interface) = from {
            links.push(self.groups.out_of(self.world, interface, to, port));
        }
        if let End::Interface(interface) = to {
            links.push(self.groups.in_to(self.world, interface, from, port));
        }
        links
    }

    /// Returns the routing decision about a connection.
    pub fn route(&self, from: &End, to: &End) -> Link {
        match (from, to) {
            (End::Interface(from), End::Interface(to)) => self.routes.between(from, to),
            (End::Interface(from), End::Internet) => self.routes.towards(from, &[INTERNET_V4]),
            (End::Interface(from), End::Addresses(spans, _)) => self.routes.towards(from, spans),
            (End::Internet | End::CloudFront, End::Interface(to)) => self.routes.for_internet(to, &[INTERNET_V4]),
            (End::Internet6, End::Interface(to)) => self.routes.for_internet(to, &INTERNET_V6),
            (End::Addresses(spans, text), End::Interface(to)) => self.routes.for_addresses(spans, text, to),
            _ => Link::new(Layer::Route, Verdict::Unknown, "the platform contains neither the source nor the target"),
        }
    }
}
