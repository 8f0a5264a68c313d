//! Nodes for pods: node groups, the nodes of Karpenter and of Auto Mode, and Fargate.
//!
//! Source: <https://docs.aws.amazon.com/eks/latest/userguide/eks-compute.html>.

use serde_json::Value;

use crate::eks;
use crate::world::{At, ResourceId, World};

use super::instances::{Room, allocatable};
use super::places;
use super::pods::ZONE;
use super::site::Site;

/// The lifecycle of the nodes in a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// An Auto Scaling group with a number of nodes.
    Group {
        /// The desired number of nodes.
        desired: u64,
        /// The maximum number of nodes.
        most: u64,
        /// The minimum capacity of each node, or `None` if the type does not determine it.
        each: Option<Room>,
    },
    /// Nodes are created for pending pods, up to an optional limit.
    Made {
        /// The limit.
        limit: Option<Room>,
    },
}

/// A pool of similar nodes.
#[derive(Clone, Debug)]
pub struct Pool {
    /// The name.
    pub name: String,
    /// The resource or object, the field with its subnets, and the source location.
    pub decides: (String, String, At),
    /// The node group, if it is one.
    pub id: Option<ResourceId>,
    /// The lifecycle of its nodes.
    pub sort: Sort,
    /// The zones of its subnets; `None` for each unknown zone.
    pub zones: Vec<Option<String>>,
    /// Whether the pool itself is lost.
    pub is_lost: bool,
    /// The known labels of its nodes.
    labels: Vec<(String, Vec<String>)>,
}

impl Pool {
    /// Whether pods that require labels may run there, as far as the node labels are known.
    pub fn takes(&self, wanted: &[(String, Vec<String>)]) -> bool {
        wanted.iter().all(|(key, values)| {
            let known = self.labels.iter().find(|(it, _)| it == key);
            known.is_none_or(|(_, has)| has.iter().any(|it| values.contains(it)))
        })
    }

    /// Returns the zones in which pods that require labels may run.
    pub fn zones_for(&self, wanted: &[(String, Vec<String>)]) -> Vec<Option<String>> {
        let zone = wanted.iter().find(|(key, _)| key == ZONE);
        let Some((_, values)) = zone else { return self.zones.clone() };
        if self.zones.iter().all(Option::is_none) {
            return values.iter().cloned().map(Some).collect();
        }
        self.zones.iter().filter(|it| it.as_ref().is_none_or(|it| values.contains(it))).cloned().collect()
    }
}

/// Returns the node pools of a cluster.
pub fn pools(site: &Site<'_>, at: usize) -> Vec<Pool> {
    let world = site.world;
    let cluster = &world.clusters[at];
    let resource = eks::resource_of(world, cluster);
    let mut pools = Vec::new();
    let is_of = |id: ResourceId| {
        let name = world.resource(id).property("ClusterName");
        let owner = eks::named(world, name, id);
        let place = world.place(id);
        let is_near = eks::agree(&place.account, &cluster.account) && eks::agree(&place.region, &cluster.region);
        match resource {
            Some(_) => owner == resource,
            None => owner.is_none() && !cluster.name.is_empty() && name == cluster.name.as_str() && is_near,
        }
    };
    for id in world.of_type("AWS::EKS::Nodegroup") {
        if is_of(*id) {
            pools.push(group(site, *id));
        }
    }
    for id in world.of_type("AWS::EKS::FargateProfile") {
        let profile = site.resource(*id);
        if is_of(*id) {
            let subnets = profile.property("Subnets").as_array().cloned().unwrap_or_default();
            pools.push(Pool {
                name: profile.name(),
                decides: (profile.title(), "Subnets".to_owned(), profile.at.clone()),
                id: None,
                sort: Sort::Made { limit: None },
                zones: zones(world, &subnets),
                is_lost: false,
                labels: Vec::new(),
            });
        }
    }
    let own = resource.map(|it| site.resource(it));
    let cluster_subnets = own.map(|it| places::subnets(world, it).0).unwrap_or_default();
    if let Some(own) = own.filter(|it| it.property("ComputeConfig.Enabled") == true)
        && own.property("ComputeConfig.NodePools").as_array().is_some_and(|it| !it.is_empty())
    {
        pools.push(Pool {
            name: format!("{}, Auto Mode", own.name()),
            decides: (own.title(), "ResourcesVpcConfig.SubnetIds".to_owned(), own.at.clone()),
            id: None,
            sort: Sort::Made { limit: None },
            zones: zones(world, &cluster_subnets),
            is_lost: false,
            labels: Vec::new(),
        });
    }
    for object in cluster.objects.iter().filter(|it| it.kind == "NodePool" && it.group.starts_with("karpenter.")) {
        let spec = &object.document["spec"];
        // Most pods do not tolerate the taints, so this pool is not counted.
        if spec["template"]["spec"]["taints"].as_array().is_some_and(|it| !it.is_empty()) {
            continue;
        }
        let title = format!("NodePool {}", object.name);
        let class = &spec["template"]["spec"]["nodeClassRef"]["name"];
        let classes = cluster.objects.iter().filter(|it| it.kind == "EC2NodeClass" || it.kind == "NodeClass");
        let class = classes.into_iter().find(|it| class == it.name.as_str());
        let terms = class.and_then(|it| it.document["spec"]["subnetSelectorTerms"].as_array().cloned());
        let named: Vec<Value> = terms.unwrap_or_default().iter().map(|it| it["id"].clone()).collect();
        // Terms that select by tags may select the subnets of the cluster or different ones. The
        // files do not determine this.
        let zones_of =
            if named.iter().all(Value::is_string) && !named.is_empty() { zones(world, &named) } else { vec![None] };
        let requirements = spec["template"]["spec"]["requirements"].as_array().into_iter().flatten();
        let texts = |it: &Value| {
            it.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let labels: Vec<(String, Vec<String>)> = requirements
            .filter(|it| it["operator"] == "In")
            .map(|it| (it["key"].as_str().unwrap_or_default().to_owned(), texts(&it["values"])))
            .collect();
        let zones = match labels.iter().find(|(key, _)| key == ZONE) {
            Some((_, values)) if zones_of.iter().all(Option::is_none) => values.iter().cloned().map(Some).collect(),
            Some((_, values)) => {
                zones_of.into_iter().filter(|it| it.as_ref().is_none_or(|it| values.contains(it))).collect()
            }
            None => zones_of,
        };
        let limits = &spec["limits"];
        let limit = limits.as_object().filter(|it| !it.is_empty()).map(|_| Room {
            millicores: if limits["cpu"].is_null() {
                u64::MAX / 4
            } else {
                super::quantity::millicores(&limits["cpu"])
            },
            mib: if limits["memory"].is_null() { u64::MAX / 4 } else { super::quantity::mib(&limits["memory"]) },
        });
        pools.push(Pool {
            name: title.clone(),
            decides: (title, "spec.limits".to_owned(), object.at.clone()),
            id: None,
            sort: Sort::Made { limit },
            zones,
            is_lost: false,
            labels,
        });
    }
    pools
}

fn zones(world: &World, subnets: &[Value]) -> Vec<Option<String>> {
    subnets.iter().map(|it| places::zone(world, it)).collect()
}

fn group(site: &Site<'_>, id: ResourceId) -> Pool {
    let resource = site.resource(id);
    let scaling = |field: &str| resource.property("ScalingConfig")[field].as_u64();
    let types = resource.property("InstanceTypes").as_array().cloned().unwrap_or_default();
    let template = site.world.named_by(resource.property("LaunchTemplate.Id"));
    let of_template = template.map(|it| site.resource(it).property("LaunchTemplateData.InstanceType").clone());
    let types: Vec<Value> =
        if types.is_empty() { of_template.filter(Value::is_string).into_iter().collect() } else { types };
    // The default instance type of EKS.
    let types = if types.is_empty() { vec![Value::from("t3.medium")] } else { types };
    let rooms: Option<Vec<Room>> = types.iter().map(|it| allocatable(it.as_str()?)).collect();
    let each = rooms.and_then(|all| {
        all.into_iter().reduce(|a, b| Room { millicores: a.millicores.min(b.millicores), mib: a.mib.min(b.mib) })
    });
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut labels: Vec<(String, Vec<String>)> = resource
        .property("Labels")
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), vec![text(value)]))
        .collect();
    let capacity = resource.property("CapacityType").as_str().unwrap_or("ON_DEMAND");
    labels.push(("eks.amazonaws.com/capacityType".to_owned(), vec![capacity.to_owned()]));
    if let Some(name) = resource.property("NodegroupName").as_str() {
        labels.push(("eks.amazonaws.com/nodegroup".to_owned(), vec![name.to_owned()]));
    }
    let ami = resource.property("AmiType").as_str().unwrap_or_default();
    let architecture = if ami.contains("ARM_64") {
        Some("arm64")
    } else if ami.contains("x86_64") {
        Some("amd64")
    } else {
        None
    };
    labels.extend(architecture.map(|it| ("kubernetes.io/arch".to_owned(), vec![it.to_owned()])));
    let (subnets, field) = places::subnets(site.world, resource);
    let desired = scaling("DesiredSize").or_else(|| scaling("MinSize")).unwrap_or(2);
    Pool {
        name: resource.name(),
        decides: (resource.title(), field, resource.at.clone()),
        id: Some(id),
        sort: Sort::Group { desired, most: scaling("MaxSize").unwrap_or(2).max(desired), each },
        zones: zones(site.world, &subnets),
        is_lost: site.event.node_groups.contains(&id),
        labels,
    }
}
