//! A world with a loss.

use serde_json::Value;

use crate::world::{Resource, ResourceId, World};

use super::event::Event;
use super::places;

/// A world, and the loss.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// The world.
    pub world: &'a World,
    /// The loss.
    pub event: &'a Event,
}

/// The number of affected locations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// Lost locations.
    pub lost: usize,
    /// Locations in a remaining zone.
    pub left: usize,
    /// Locations in an unknown zone.
    pub unknown: usize,
}

impl Hit {
    /// Whether none of them can be lost.
    pub fn is_none(self) -> bool {
        self.lost == 0 && self.unknown == 0
    }

    /// Whether all of them are lost.
    pub fn is_whole(self) -> bool {
        self.lost > 0 && self.left == 0 && self.unknown == 0
    }
}

impl<'a> Site<'a> {
    /// Returns a resource.
    pub fn resource(&self, id: ResourceId) -> &'a Resource {
        self.world.resource(id)
    }

    /// Whether a zone is lost. In a template without a region, only the letter of a zone is known.
    pub fn is_zone_lost(&self, zone: &str) -> bool {
        let is_letter = zone.len() == 1;
        let of_region = crate::world::region_of(zone).is_some_and(|it| self.is_region_lost(it));
        of_region || self.event.zones.iter().any(|it| it == zone || (is_letter && it.ends_with(zone)))
    }

    /// Whether a region is lost.
    pub fn is_region_lost(&self, region: &str) -> bool {
        self.event.regions.contains(region)
    }

    /// Whether a resource is in a lost region. Global resources are in no region.
    pub fn is_away(&self, id: ResourceId) -> bool {
        if self.event.regions.is_empty() || is_global(self.resource(id)) {
            return false;
        }
        self.is_region_lost(&places::region(self.world, id))
    }

    /// Returns the effect of the loss on zones.
    pub fn hit(&self, zones: impl IntoIterator<Item = Option<String>>) -> Hit {
        let mut hit = Hit::default();
        for zone in zones {
            match zone {
                Some(zone) if self.is_zone_lost(&zone) => hit.lost += 1,
                Some(_) => hit.left += 1,
                None => hit.unknown += 1,
            }
        }
        hit
    }

    /// Returns the effect of the loss on the zones of subnets.
    pub fn hit_subnets(&self, subnets: &[Value], region: &str) -> Hit {
        // Subnets cannot be in a zone of another region, even if their zones are unknown.
        let is_other =
            |zone: &String| crate::world::region_of(zone).is_some_and(|of| !region.is_empty() && of != region);
        let is_region_left = self.event.regions.is_empty() || (!region.is_empty() && !self.is_region_lost(region));
        let is_elsewhere = is_region_left && self.event.zones.iter().all(is_other);
        if is_elsewhere {
            return Hit { left: subnets.len(), ..Hit::default() };
        }
        self.hit(subnets.iter().map(|it| places::zone(self.world, it)))
    }

    /// Returns the effect of the loss on the subnets of a resource, and the field that specifies them.
    pub fn hit_resource(&self, id: ResourceId) -> (Hit, String) {
        let (subnets, field) = places::subnets(self.world, self.resource(id));
        (self.hit_subnets(&subnets, &places::region(self.world, id)), field)
    }

    /// Describes the lost regions.
    pub fn lost_regions(&self) -> String {
        self.event.regions.iter().cloned().collect::<Vec<_>>().join(", ")
    }

    /// Returns the name of a resource for a command: its name in the program, or a placeholder.
    pub fn named(&self, id: ResourceId, field: &str) -> String {
        let resource = self.resource(id);
        match resource.property(field).as_str() {
            Some(name) if !name.contains("${") => name.to_owned(),
            _ => format!("<{} of {}>", field.rsplit('.').next().unwrap_or(field), resource.name()),
        }
    }
}

/// Whether a resource belongs to a global service.
fn is_global(resource: &Resource) -> bool {
    const SERVICES: [&str; 4] = ["AWS::CloudFront::", "AWS::GlobalAccelerator::", "AWS::IAM::", "AWS::Route53::"];
    SERVICES.iter().any(|it| resource.type_name.starts_with(it)) || resource.property("Scope") == "CLOUDFRONT"
}
