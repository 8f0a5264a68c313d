//! Deployment targets: stacks, clusters, Helm releases.

use crate::node::{self, Kind};
use crate::tree::At;
use crate::val::Data;

use super::index::Place;

/// A CloudFormation stack.
#[derive(Clone, Copy)]
pub struct Stack<'a> {
    pub(super) place: Place<'a>,
    stack: &'a node::Stack,
}

impl<'a> Stack<'a> {
    pub(super) fn of(place: Place<'a>) -> Option<Self> {
        match &place.node().kind {
            Kind::Stack(stack) => Some(Self { place, stack }),
            _ => None,
        }
    }

    /// Returns its path in the program.
    pub fn path(&self) -> &'a str {
        self.place.path()
    }

    /// Returns the line of the program that defines it.
    pub fn line(&self) -> At {
        self.place.node().at
    }

    /// Returns its name in AWS.
    pub fn name(&self) -> &'a str {
        &self.stack.name
    }

    /// Returns its 12-digit account ID, or `None` if the credentials of the deployment determine the account.
    pub fn account(&self) -> Option<&'a str> {
        self.stack.env.account.as_deref()
    }

    /// Returns its region.
    pub fn region(&self) -> &'a str {
        &self.stack.env.region
    }

    /// Returns the tags of the stack itself.
    pub fn tags(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.stack.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// A Kubernetes cluster.
#[derive(Clone, Copy)]
pub struct Cluster<'a> {
    pub(super) place: Place<'a>,
    target: &'a node::Target,
}

impl<'a> Cluster<'a> {
    pub(super) fn of(place: Place<'a>) -> Option<Self> {
        match &place.node().kind {
            Kind::Target(target) => Some(Self { place, target }),
            _ => None,
        }
    }

    /// Returns the path of its construct in the program.
    pub fn path(&self) -> &'a str {
        let path = self.place.path();
        path.strip_suffix("/target").unwrap_or(path)
    }

    /// Returns the line of the program that defines it.
    pub fn line(&self) -> At {
        self.place.node().at
    }

    /// Returns its name, or `None` if the name is known only at deployment.
    pub fn name(&self) -> Option<&'a str> {
        Data::as_str(&self.target.name)
    }

    /// Returns its Kubernetes version, such as `1.36`.
    pub fn version(&self) -> &'a str {
        &self.target.version
    }
}

/// A Helm release.
#[derive(Clone, Copy)]
pub struct Release<'a> {
    pub(super) place: Place<'a>,
    release: &'a node::Release,
}

impl<'a> Release<'a> {
    pub(super) fn of(place: Place<'a>) -> Option<Self> {
        match &place.node().kind {
            Kind::Release(release) => Some(Self { place, release }),
            _ => None,
        }
    }

    /// Returns its path in the program.
    pub fn path(&self) -> &'a str {
        self.place.path()
    }

    /// Returns the line of the program that defines it.
    pub fn line(&self) -> At {
        self.place.node().at
    }

    /// Returns its name.
    pub fn name(&self) -> &'a str {
        &self.release.name
    }

    /// Returns its namespace.
    pub fn namespace(&self) -> &'a str {
        &self.release.namespace
    }

    /// Returns the repository of the chart: an https or oci URL.
    pub fn repository(&self) -> &'a str {
        &self.release.repository
    }

    /// Returns the name of the chart.
    pub fn chart(&self) -> &'a str {
        &self.release.chart
    }

    /// Returns the exact version of the chart.
    pub fn version(&self) -> &'a str {
        &self.release.version
    }
}
