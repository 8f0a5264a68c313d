//! The effect of policy statements together with all layers: statements behind a path, statements without a path, and
//! statements that the engine does not model.

use std::collections::BTreeSet;

use meshsynth_access::kubernetes::Labels;
use meshsynth_reach::network::{group_key, interface};
use meshsynth_reach::world::{Object, ResourceId};
use meshsynth_reach::{Engine, Layer, Source, Target, Verdict};

use super::comparison::Comparison;
use super::ends::{Ask, Ends, Key, question};
use super::fold::Told;
use super::way::{Decider, Place, Way};
use super::written::{is_same_direction, names_in};
use crate::access::group_name;
use crate::change::{About, Access, Standing};

/// Types for which the engine has every listening port.
const STORES: [&str; 12] = [
    "AWS::DAX::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];

/// Sets the effect of each statement, and adds to each path the statements behind it. Returns the paths to resources
/// outside of the platform.
pub fn judge(comparison: &Comparison<'_>, access: &mut [Access], told: &mut [Told]) -> Vec<Way> {
    let head = Head { engine: &comparison.engines[1], ends: &comparison.ends[1] };
    let mut outside = Vec::new();
    for (at, row) in access.iter_mut().enumerate() {
        let members = head.members(row);
        let internet = members.as_ref().map(|members| head.best_of_strangers(members));
        // If another layer blocks strangers, the statement is not public.
        row.public = match filter(&row.about) {
            Some(layer) => {
                let is_it = |it: &Told| it.way.public && it.way.by.iter().any(|it| it.layer == layer);
                row.stranger && told.iter().any(is_it)
            }
            None => row.stranger && internet != Some(Verdict::Denied),
        };
        let decides = told.iter().any(|it| is_behind(row, &it.way));
        let is_it = |it: &&mut Told| match decides {
            true => is_behind(row, &it.way),
            // The statement does not decide the path, but is one of its required layers.
            false => row.widened == it.way.opens && it.rows.contains(&at),
        };
        let behind: Vec<&mut Way> = told.iter_mut().filter(is_it).map(|it| &mut it.way).collect();
        let is_public_way = behind.iter().any(|way| way.public);
        if !behind.is_empty() && (decides || is_public_way || !row.public) {
            row.standing = Standing::Way;
            row.public = row.stranger && is_public_way;
            // A trust policy explains the role of a source, but not its access. It is listed only if it decides the
            // path.
            let is_said = decides || row.about != About::Trust;
            for way in behind.into_iter().filter(|way| is_said && !way.said.contains(&row.text)) {
                way.said.push(row.text.clone());
            }
            continue;
        }
        let is_without_way = match (&members, &row.about) {
            (Some(members), About::Group) if members.is_empty() => {
                if row.widened {
                    outside.push(of_outside(row));
                    (row.standing, row.public) = (Standing::Way, row.stranger);
                }
                continue;
            }
            // The policy selects no pods. In a namespace without pods of the platform, it selects external pods.
            (Some(members), About::Pods { namespace, .. }) if members.is_empty() => head.has_pods_in(namespace),
            (Some(members), About::Group | About::Address) => head.are_stores(members),
            _ => false,
        };
        if is_without_way {
            row.public = false;
            row.standing = Standing::NoWay;
        }
    }
    outside
}

/// Returns the path through a security group that no resource of the platform has. Its members are external and
/// unknown.
fn of_outside(row: &Access) -> Way {
    let place = |name: &str| Place { name: name.to_owned(), construct: name.to_owned() };
    let decider = Decider {
        layer: Layer::SecurityGroup.words(),
        verdict: Verdict::Unknown.word(),
        what: row.at.clone(),
        field: String::new(),
        source: String::new(),
        construct: row.at.clone(),
        why:
            "nothing in the platform is known to have this security group, and nobody knows here what has it elsewhere"
                .to_owned(),
    };
    Way {
        opens: true,
        public: row.stranger,
        fresh: false,
        from: vec![place(if row.stranger { "internet" } else { &row.who })],
        to: vec![place(&row.subject)],
        pairs: vec![(0, 0)],
        verbs: Vec::new(),
        before: Verdict::Denied,
        after: Verdict::Unknown,
        by: vec![decider],
        was: Vec::new(),
        said: vec![row.text.clone()],
        with: None,
    }
}

/// Whether a statement decides a path and changes in the same direction.
fn is_behind(row: &Access, way: &Way) -> bool {
    if let Some(layer) = filter(&row.about) {
        let mut all = way.by.iter().chain(&way.was);
        return row.widened == way.opens && all.any(|it| it.layer == layer);
    }
    let is_it = |it: &Decider| {
        let names = [it.construct.as_str(), it.what.as_str(), group_name(&it.construct)];
        let ends = |at: &str| !at.is_empty() && (names.contains(&at) || it.what.ends_with(&format!("/{at}")));
        is_same_direction(&row.about, &it.field) && (ends(&row.at) || ends(&row.subject))
    };
    // A role policy has many statements about different resources.
    if row.about == About::Permission && row.widened == way.opens {
        let names = names_in(&row.subject);
        let is_named = way.to.iter().any(|it| names.contains(&it.construct));
        let is_general = row.subject.contains('*') && !row.subject.contains("${");
        if !is_named && !is_general {
            return false;
        }
    }
    row.widened == way.opens && way.by.iter().chain(&way.was).any(is_it)
}

/// Returns the layer of a statement that only filters requests.
fn filter(about: &About) -> Option<&'static str> {
    match about {
        About::Acl => Some(Layer::NetworkAcl.words()),
        About::Endpoint => Some(Layer::Endpoint.words()),
        _ => None,
    }
}

struct Head<'a> {
    engine: &'a Engine<'a>,
    ends: &'a Ends,
}

impl Head<'_> {
    /// Returns the targets of a statement, or `None` if the engine cannot determine them.
    fn members(&self, row: &Access) -> Option<BTreeSet<Key>> {
        match &row.about {
            About::Other | About::Acl | About::Endpoint | About::Outward | About::Permission | About::Trust => None,
            About::Door { namespace, name } => self.behind(namespace, name),
            About::Resource | About::Address => {
                let of = self.resources(|name| name == row.subject);
                (!of.is_empty()).then_some(of)
            }
            About::Group => self.group(&row.subject),
            About::Pods { namespace, labels } => self.pods(namespace, labels),
        }
    }

    /// Whether the platform has a workload in a namespace.
    fn has_pods_in(&self, namespace: &str) -> bool {
        let world = self.engine.world();
        self.ends.workloads().keys().any(|id| world.workload(*id).namespace == namespace)
    }

    fn resources(&self, is_it: impl Fn(&str) -> bool) -> BTreeSet<Key> {
        let world = self.engine.world();
        let ids = (0..world.resources.len()).map(ResourceId);
        let named = ids.filter(|id| {
            let resource = world.resource(*id);
            is_it(&resource.name()) || (resource.at.construct.is_empty() && is_it(&resource.logical))
        });
        named
            .filter_map(|id| self.ends.of_resource(id))
            .filter(|key| self.ends.targets.contains_key(key))
            .cloned()
            .collect()
    }

    /// Returns the members of a security group, or `None` if pods or external resources may be members.
    fn group(&self, subject: &str) -> Option<BTreeSet<Key>> {
        let world = self.engine.world();
        let groups = world.of_type("AWS::EC2::SecurityGroup").iter().filter(|id| {
            let resource = world.resource(**id);
            group_name(&resource.name()) == subject || (resource.at.construct.is_empty() && resource.logical == subject)
        });
        let keys: BTreeSet<String> = groups
            .filter_map(|id| {
                let resource = world.resource(*id);
                group_key(&format!("${{{}/{}.GroupId}}", resource.stack_id, resource.logical).into())
            })
            .collect();
        if keys.is_empty() {
            return None;
        }
        let ids = (0..world.resources.len()).map(ResourceId);
        let has =
            |id: &ResourceId| interface(world, *id).is_some_and(|it| it.groups.iter().any(|it| keys.contains(it)));
        let mut members = BTreeSet::new();
        for id in ids.filter(has) {
            let key = self.ends.of_resource(id).filter(|key| self.ends.targets.contains_key(key))?;
            members.insert(key.clone());
        }
        let of_pods = world.clusters.iter().flat_map(|it| &it.objects).any(|it| it.kind == "SecurityGroupPolicy");
        (!of_pods).then_some(members)
    }

    /// Returns the workloads of a namespace with some labels, or `None` if a chart may create such pods.
    fn pods(&self, namespace: &str, labels: &Labels) -> Option<BTreeSet<Key>> {
        let world = self.engine.world();
        let has = |pod: &Labels| labels.iter().all(|(key, value)| pod.get(key) == Some(value));
        let own = self.ends.workloads().iter().filter(|(id, _)| {
            let workload = world.workload(**id);
            workload.namespace == namespace && has(&workload.labels)
        });
        let members: BTreeSet<Key> = own.map(|(_, key)| key.clone()).collect();
        let is_of_chart = world.clusters.iter().flat_map(|it| &it.releases).any(|it| it.namespace == namespace);
        (!members.is_empty() || !is_of_chart).then_some(members)
    }

    /// Returns the workloads behind a Service or a Gateway, or `None` for other objects.
    fn behind(&self, namespace: &str, name: &str) -> Option<BTreeSet<Key>> {
        let world = self.engine.world();
        let is_it = |it: &Object| it.namespace == namespace && it.name == name;
        let own = self.ends.workloads().iter().filter(|(id, _)| {
            let objects = &world.clusters[world.workload(**id).cluster].objects;
            let is_gateway = world.workload(**id).kind == "Gateway" && is_it(world.object_of(**id));
            is_gateway || world.services_of(**id).iter().any(|at| is_it(&objects[*at]))
        });
        let members: BTreeSet<Key> = own.map(|(_, key)| key.clone()).collect();
        (!members.is_empty()).then_some(members)
    }

    /// Returns the best verdict for an external client.
    fn best_of_strangers(&self, members: &BTreeSet<Key>) -> Verdict {
        let targets = members.iter().filter_map(|key| self.ends.targets.get(key));
        let asks = targets.flat_map(|(target, asks)| asks.iter().map(move |ask| (target, ask)));
        let ask = |(target, ask): (&Target, &Ask)| {
            // An authenticated principal of any AWS account is also external.
            let account = Source::Account(STRANGER.to_owned());
            [Source::Internet, account]
                .iter()
                .filter_map(|source| question(source, target, ask).map(|it| self.engine.ask(source, &it).verdict))
                .min()
        };
        asks.filter_map(ask).min().unwrap_or(Verdict::Denied)
    }

    fn are_stores(&self, members: &BTreeSet<Key>) -> bool {
        let world = self.engine.world();
        members.iter().all(|key| match self.ends.targets.get(key) {
            Some((Target::Resource(id, _), _)) => STORES.contains(&world.resource(*id).type_name.as_str()),
            _ => false,
        })
    }
}

/// An account ID that policies do not name.
const STRANGER: &str = "000000000000";
