//! The targets on the new side to which policy statements apply.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use meshsynth_access::kubernetes::Labels;
use meshsynth_facts as facts;
use meshsynth_reach::network::{group_key, interface};
use meshsynth_reach::world::{ResourceId, WorkloadId};
use meshsynth_reach::{Engine, Source, Target, Verdict};

use super::ends::{Ask, Ends, Key, question};
use super::existing_network;
use super::way::Way;
use crate::access::group_name;
use crate::change::{About, Access};

/// Whether the engine has every listening port of a type: stores and their mount targets.
fn has_known_ports(type_name: &str) -> bool {
    let facts = facts::resource(type_name);
    facts.has_known_ports() && (facts.is_store() || type_name.ends_with("::MountTarget"))
}

/// An account ID that policies do not name.
const STRANGER: &str = "000000000000";

/// An index of targets by the names that statements use.
pub struct StatementTargets<'a> {
    engine: &'a Engine<'a>,
    ends: &'a Ends,
    /// Resources by their names, and by their logical ids if no program defines them.
    resources: HashMap<String, Vec<ResourceId>>,
    /// The keys of security groups by the names of the groups.
    groups: HashMap<String, BTreeSet<String>>,
    /// The resources that have a security group, by its key.
    in_group: HashMap<String, Vec<ResourceId>>,
    /// Workloads by namespace.
    workloads: HashMap<&'a str, Vec<(WorkloadId, &'a Key)>>,
    /// Workloads by the namespace and the name of a Service or a Gateway before them.
    behind: BTreeMap<(&'a str, &'a str), BTreeSet<&'a Key>>,
    /// Whether pods may have security groups.
    has_groups_of_pods: bool,
}

impl<'a> StatementTargets<'a> {
    /// Indexes a side.
    pub fn new(engine: &'a Engine<'a>, ends: &'a Ends) -> Self {
        let world = engine.world();
        let has_groups_of_pods =
            world.clusters.iter().flat_map(|it| &it.objects).any(|it| it.kind == "SecurityGroupPolicy");
        let mut found = Self {
            engine,
            ends,
            resources: HashMap::new(),
            groups: HashMap::new(),
            in_group: HashMap::new(),
            workloads: HashMap::new(),
            behind: BTreeMap::new(),
            has_groups_of_pods,
        };
        (0..world.resources.len()).for_each(|at| found.add_resource(ResourceId(at)));
        ends.workloads().iter().for_each(|(id, key)| found.add_workload(*id, key));
        found
    }

    fn add_resource(&mut self, id: ResourceId) {
        let world = self.engine.world();
        let resource = world.resource(id);
        let name = resource.name();
        let logical = Some(resource.logical.clone()).filter(|it| resource.at.construct.is_empty() && *it != name);
        if resource.type_name == "AWS::EC2::SecurityGroup"
            && let Some(key) = group_key(&format!("${{{}/{}.GroupId}}", resource.stack_id, resource.logical).into())
        {
            let names = [Some(group_name(&name).to_owned()), logical.clone()];
            for name in names.into_iter().flatten() {
                self.groups.entry(name).or_default().insert(key.clone());
            }
        }
        for name in [Some(name), logical].into_iter().flatten() {
            self.resources.entry(name).or_default().push(id);
        }
        for group in interface(world, id).into_iter().flat_map(|it| it.groups) {
            self.in_group.entry(group).or_default().push(id);
        }
    }

    fn add_workload(&mut self, id: WorkloadId, key: &'a Key) {
        let world = self.engine.world();
        let workload = world.workload(id);
        self.workloads.entry(&workload.namespace).or_default().push((id, key));
        let objects = &world.clusters[workload.cluster].objects;
        let services = world.services_of(id).iter().map(|at| &objects[*at]);
        let gateway = (workload.kind == "Gateway").then(|| world.object_of(id));
        for object in services.chain(gateway) {
            self.behind.entry((&object.namespace, &object.name)).or_default().insert(key);
        }
    }

    /// Returns the targets of a statement, or `None` if the engine cannot determine them.
    pub fn members(&self, row: &Access) -> Option<BTreeSet<Key>> {
        match &row.about {
            About::Other | About::Acl | About::Endpoint | About::Outward | About::Permission | About::Trust => None,
            About::Door { namespace, name } => {
                let members = self.behind.get(&(namespace.as_str(), name.as_str()))?;
                Some(members.iter().copied().cloned().collect())
            }
            About::Resource | About::Address => {
                let ids = self.resources.get(&row.subject).into_iter().flatten();
                let found: BTreeSet<Key> = ids.filter_map(|id| self.target(*id)).cloned().collect();
                (!found.is_empty()).then_some(found)
            }
            About::Group => self.group(&row.subject),
            About::Pods { namespace, labels } => self.pods(namespace, labels),
        }
    }

    /// Returns whether the platform has a workload in a namespace.
    pub fn has_pods_in(&self, namespace: &str) -> bool {
        self.workloads.contains_key(namespace)
    }

    /// Whether a security group is not a resource of the files.
    pub fn is_external_group(&self, subject: &str) -> bool {
        !self.groups.contains_key(subject)
    }

    /// Returns the path that a network statement may open to members in networks outside of the files.
    pub fn in_existing(&self, row: &Access, members: &BTreeSet<Key>) -> Option<Way> {
        if !matches!(row.about, About::Group | About::Address) {
            return None;
        }
        let member = |key: &'a Key| match self.ends.targets.get(key) {
            Some((Target::Resource(id, _), _)) => Some((*id, key, self.ends)),
            _ => None,
        };
        let members: Vec<_> = self.ends.targets.keys().filter(|key| members.contains(key)).filter_map(member).collect();
        existing_network::opened(self.engine.world(), row, &members)
    }

    /// Returns the key of a resource that is a target.
    fn target(&self, id: ResourceId) -> Option<&Key> {
        self.ends.of_resource(id).filter(|key| self.ends.targets.contains_key(key))
    }

    /// Returns the members of a security group, or `None` if pods or external resources may be members.
    fn group(&self, subject: &str) -> Option<BTreeSet<Key>> {
        let keys = self.groups.get(subject)?;
        let ids = keys.iter().filter_map(|key| self.in_group.get(key)).flatten();
        let members: Option<BTreeSet<Key>> = ids.map(|id| self.target(*id).cloned()).collect();
        members.filter(|_| !self.has_groups_of_pods)
    }

    /// Returns the workloads of a namespace with some labels, or `None` if a chart may create such pods.
    fn pods(&self, namespace: &str, labels: &Labels) -> Option<BTreeSet<Key>> {
        let world = self.engine.world();
        let has = |pod: &Labels| labels.iter().all(|(key, value)| pod.get(key) == Some(value));
        let own = self.workloads.get(namespace).into_iter().flatten();
        let members: BTreeSet<Key> =
            own.filter(|(id, _)| has(&world.workload(*id).labels)).map(|(_, key)| (*key).clone()).collect();
        let is_of_chart = || world.clusters.iter().flat_map(|it| &it.releases).any(|it| it.namespace == namespace);
        (!members.is_empty() || !is_of_chart()).then_some(members)
    }

    /// Returns the best verdict for an external client.
    pub fn best_of_strangers(&self, members: &BTreeSet<Key>) -> Verdict {
        let targets = members.iter().filter_map(|key| self.ends.targets.get(key));
        let asks = targets.flat_map(|(target, asks)| asks.iter().map(move |ask| (target, ask)));
        // An authenticated principal of any AWS account is also external.
        let strangers = [Source::Internet, Source::Account(STRANGER.to_owned())];
        let ask = |(target, ask): (&Target, &Ask)| {
            let verdict = |source| question(source, target, ask).map(|it| self.engine.verdict(source, &it));
            strangers.iter().filter_map(verdict).min()
        };
        asks.filter_map(ask).min().unwrap_or(Verdict::Denied)
    }

    /// Returns whether all targets are stores.
    pub fn are_stores(&self, members: &BTreeSet<Key>) -> bool {
        let world = self.engine.world();
        members.iter().all(|key| match self.ends.targets.get(key) {
            Some((Target::Resource(id, _), _)) => has_known_ports(&world.resource(*id).type_name),
            _ => false,
        })
    }
}
