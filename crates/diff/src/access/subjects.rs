//! Collected policies of each subject on one side.

use std::collections::{BTreeMap, BTreeSet};

use meshsynth_access::iam::{self, Document, Identity, Managed};
use meshsynth_access::kubernetes::Traffic;
use meshsynth_access::network::{Exposure, SecurityGroup, network_acl};
use meshsynth_access::sets::Region;
use serde_json::Value;

use crate::change::About;

/// A question with the answers of both sides, each `None` if the subject does not exist there.
pub(super) struct Asked {
    pub(super) question: Question,
    /// The resource or object that contains the policy.
    pub(super) at: String,
    /// All resources or objects that contribute to the answer.
    pub(super) written: BTreeSet<String>,
    pub(super) regions: [Option<Region>; 2],
    /// For pods: whether policies isolate them on each side.
    pub(super) closed: [bool; 2],
    /// For the policy of a bucket: whether the bucket restricts public policies to its own account.
    pub(super) is_blocked: bool,
    /// For cluster policies: the pods or the load balancer.
    pub(super) about: About,
}

/// The topic of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    /// Permissions of a role, user or group.
    Identity,
    /// The trust policy of a role.
    Trust,
    /// The resource policy of a resource.
    Policy,
    /// The key policy of a KMS key. IAM policies grant no access without it.
    KeyPolicy,
    /// Requests that a VPC endpoint allows.
    Endpoint,
    /// Connections that a security group allows.
    Group(Traffic),
    /// Connections that a network ACL allows.
    Acl(Traffic),
    /// Public exposure.
    Exposure(Exposure),
    /// Permissions of a principal in an EKS cluster.
    Entry,
    /// The pods that can assume a role.
    PodIdentity,
    /// Connections that network policies allow.
    Pods(Traffic),
    /// Callers that a workload allows.
    Calls,
    /// Clients that reach a workload without a certificate.
    Certificates,
    /// Token issuers that a workload accepts.
    Tokens,
    /// Clients that reach a load balancer of a cluster.
    LoadBalancer,
    /// Permissions of a cache user.
    CacheUser,
    /// Node access and service accounts of pods.
    Privileges,
    /// External roles that a resource or the pods of a service account use.
    RunsWith,
    /// Pods that a namespace accepts.
    PodSecurity,
    /// Permissions of subjects at the Kubernetes API server.
    Subjects,
    /// Kubernetes permissions of any subject that has a role.
    Holders,
}

/// A topic and the subject of the question.
pub(super) type Question = (Topic, String);

/// The policies and rules of a subject on one side.
#[derive(Default)]
pub(super) struct Pieces {
    /// The resources that define the policies.
    pub at: BTreeSet<String>,
    pub policies: Vec<Attached>,
    pub boundary: Option<Attached>,
    pub documents: Vec<Document>,
    pub group: Option<Value>,
    /// Separate rules of a security group, or the entries of a network ACL.
    pub rules: Vec<Value>,
    pub regions: Vec<Region>,
}

/// A policy that is attached to an identity.
pub(super) enum Attached {
    Document(Document),
    /// A policy ARN, possibly of a policy in the same platform.
    Named(String),
}

/// The policies of all subjects on one side.
#[derive(Default)]
pub(super) struct Collected {
    pub subjects: BTreeMap<Question, Pieces>,
    /// The documents of managed policies, by the name in a reference.
    pub managed: BTreeMap<String, Document>,
    /// The buckets that restrict public policies to their own account.
    pub blocked: BTreeSet<String>,
    /// The paths of all existing resources.
    pub there: BTreeSet<String>,
}

impl Collected {
    pub fn pieces(&mut self, topic: Topic, subject: &str, at: &str) -> &mut Pieces {
        let pieces = self.subjects.entry((topic, subject.to_owned())).or_default();
        pieces.at.insert(at.to_owned());
        pieces
    }

    /// Returns the allowed requests, or `None` if the subject does not exist.
    pub fn region(&self, question: &Question, other: &Self) -> Option<Region> {
        let (topic, subject) = question;
        match self.subjects.get(question) {
            Some(pieces) => Some(pieces.region(*topic, &self.managed)),
            // A subject that only the other side defines does not exist here. A subject that neither side defines is
            // external, and exists on both sides.
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
            // Only resources with a filter are recorded.
            Topic::Exposure(Exposure::NotFiltered) if self.regions.is_empty() => Region::all(),
            _ => self.regions.iter().cloned().collect(),
        }
    }
}
