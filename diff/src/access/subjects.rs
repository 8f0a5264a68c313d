//! What a side says of each subject: the pieces of policies that are about it, wherever they stand.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::iam::{self, Document, Identity, Managed};
use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::{Exposure, SecurityGroup, network_acl};
use meshsynth_access::sets::Region;
use serde_json::Value;

use crate::change::About;

/// A question with the answers of both sides; none where the subject is not there.
pub(super) struct Asked {
    pub(super) question: Question,
    /// The resource or object that says so.
    pub(super) at: String,
    /// Every resource or object that says something of it.
    pub(super) written: BTreeSet<String>,
    pub(super) regions: [Option<Region>; 2],
    /// For pods: whether policies close them but for what they name.
    pub(super) closed: [bool; 2],
    /// For policies of clusters: the pods, or the load balancer.
    pub(super) about: About,
}

/// What is asked of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// What a role, a user or a group may do.
    Identity,
    /// Who may assume a role.
    Trust,
    /// Who may do what, by the policy of a resource.
    Policy,
    /// The same, of a key: IAM alone gives nothing.
    KeyPolicy,
    /// What passes an endpoint.
    Endpoint,
    /// The connections of a security group.
    Group(Traffic),
    /// The connections of a network access control list.
    Acl(Traffic),
    /// What strangers meet.
    Exposure(Exposure),
    /// What somebody may do in a cluster of EKS.
    Entry,
    /// Whose pods have a role.
    PodIdentity,
    /// The connections of pods.
    Pods(Traffic),
    /// Who may call a workload.
    Calls,
    /// Who reaches a workload without a certificate.
    Certificates,
    /// Whose tokens a workload takes.
    Tokens,
    /// Who reaches a load balancer of a cluster.
    LoadBalancer,
    /// What a user of a cache may do.
    CacheUser,
    /// What pods take of their node, and which account they use.
    Privileges,
    /// Which pods a namespace takes.
    PodSecurity,
    /// Who may do what at the API server.
    Subjects,
    /// What whoever has a role may do there.
    Holders,
}

/// A question and whom it is about.
pub(super) type Question = (Topic, String);

/// What a side has for an answer.
#[derive(Default)]
pub(super) struct Pieces {
    /// The resources that say so.
    pub at: BTreeSet<String>,
    pub policies: Vec<Attached>,
    pub boundary: Option<Attached>,
    pub documents: Vec<Document>,
    /// The properties of a security group.
    pub group: Option<Value>,
    /// Rules beside it, or the entries of a list.
    pub rules: Vec<Value>,
    pub regions: Vec<Region>,
}

/// A policy of an identity.
pub(super) enum Attached {
    Document(Document),
    /// By its ARN; it may be a policy of the same platform.
    Named(String),
}

/// All that a side says.
#[derive(Default)]
pub(super) struct Collected {
    pub subjects: BTreeMap<Question, Pieces>,
    /// The documents of managed policies by the names that refer to them.
    pub managed: BTreeMap<String, Document>,
    /// The resources that there are, by their paths.
    pub there: BTreeSet<String>,
}

impl Collected {
    pub fn pieces(&mut self, topic: Topic, subject: &str, at: &str) -> &mut Pieces {
        let pieces = self.subjects.entry((topic, subject.to_owned())).or_default();
        pieces.at.insert(at.to_owned());
        pieces
    }

    /// What is admitted. None where the subject is not there.
    pub fn region(&self, question: &Question, other: &Self) -> Option<Region> {
        let (topic, subject) = question;
        match self.subjects.get(question) {
            Some(pieces) => Some(pieces.region(*topic, &self.managed)),
            // Whoever is on the other side only is not there; who is on neither is somewhere else, and stays.
            None if other.there.contains(subject) && !self.there.contains(subject) => None,
            None => Some(Pieces::default().region(*topic, &self.managed)),
        }
    }
}

impl Pieces {
    fn region(&self, topic: Topic, managed: &BTreeMap<String, Document>) -> Region {
        let attached = |it: &Attached| match it {
            Attached::Document(document) => Managed::Known(document.clone()),
            Attached::Named(name) => {
                managed.get(name).map_or_else(|| Managed::Named(name.clone()), |it| Managed::Known(it.clone()))
            }
        };
        let statements = self.documents.iter().flat_map(|document| document.statements.clone()).collect();
        let document = (!self.documents.is_empty()).then_some(Document { statements });
        match topic {
            Topic::Identity => {
                let boundary = self.boundary.as_ref().map(attached);
                Identity { policies: self.policies.iter().map(attached).collect(), boundary }.admits()
            }
            Topic::Trust => iam::trust(&document.unwrap_or_default()),
            Topic::Policy => iam::resource(document.as_ref()),
            Topic::KeyPolicy => iam::delegation(document.as_ref()),
            Topic::Endpoint => iam::filter(document.as_ref()),
            Topic::Group(traffic) => match &self.group {
                None if self.rules.is_empty() => Region::none(),
                group => {
                    let mut group = SecurityGroup::of(group.as_ref().unwrap_or(&Value::Null));
                    self.rules.iter().for_each(|rule| group.add(traffic, rule.clone()));
                    group.admits(traffic)
                }
            },
            Topic::Acl(traffic) => network_acl(&self.rules, traffic),
            // Only what filters is written down.
            Topic::Exposure(Exposure::NotFiltered) if self.regions.is_empty() => Region::all(),
            _ => self.regions.iter().cloned().collect(),
        }
    }
}
