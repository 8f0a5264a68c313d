//! The plan: the steps of a deployment, as data.
//!
//! It is a pure function of the assembly, the settings and the record of the last deployment. It contains no templates,
//! values or secrets.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use meshsynth_facts as facts;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::assembly::{Assembly, Cluster, Release, Stack, digest};
use crate::cloud::AccountRegion;
use crate::record::{ClusterRecord, Record};

/// The version of the plan's format.
pub const FORMAT_VERSION: u32 = 1;
/// The maximum size of a template in an API call, in bytes.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>.
const INLINE_BYTES: usize = 51_200;

/// The steps of a deployment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Plan {
    /// The version of this format.
    pub format_version: u32,
    /// The name of the app, including its environment.
    pub app: String,
    /// The digest of the assembly. The plan is valid only for this assembly.
    pub assembly: String,
    /// The stack IDs in rows. A stack starts after its dependencies, so the stacks of one row can run concurrently.
    pub order: Vec<Vec<String>>,
    /// The stacks.
    pub stacks: Vec<StackStep>,
    /// The clusters.
    pub clusters: Vec<ClusterStep>,
    /// The resources of the last deployment that the assembly no longer contains.
    pub gone: Gone,
    /// The regions in order, for a deployment that changes one region at a time. Empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionStep>,
}

/// A step that deploys one region.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct RegionStep {
    /// The name of the region. Empty if all clusters are outside of AWS.
    pub region: String,
    /// The IDs of stacks in other regions that the region depends on. They are deployed first in this step.
    pub ahead: Vec<String>,
    /// The stack IDs of the region.
    pub stacks: Vec<String>,
    /// The cluster IDs of the region.
    pub clusters: Vec<String>,
}

/// A stack and its deployment parameters.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct StackStep {
    /// The path in the program.
    pub id: String,
    /// The name in AWS.
    pub name: String,
    /// The account. `None` means the account of the credentials.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The stacks that must exist before.
    pub needs: Vec<String>,
    /// The path of the template.
    pub template: String,
    /// The digest of the template.
    pub digest: String,
    /// The size of the template in bytes.
    pub bytes: usize,
    /// Whether the template is uploaded to S3, because it is too large for an API call.
    pub by_bucket: bool,
    /// The capabilities that the template needs.
    pub capabilities: Vec<String>,
    /// The template parameters. The value is `true` if a parameter is required.
    pub parameters: BTreeMap<String, bool>,
    /// The logical IDs of stateful resources.
    pub stateful: Vec<String>,
}

/// A cluster with its objects and releases.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ClusterStep {
    /// The name of the folder.
    pub id: String,
    /// The name in AWS.
    pub name: String,
    /// The account. `None` means the account of the credentials.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The stacks that must exist before.
    pub needs: Vec<String>,
    /// The objects by wave, in order.
    pub waves: Vec<Wave>,
    /// The Helm releases, in order. They are deployed after the CRDs and before the configuration.
    pub releases: Vec<ReleaseStep>,
}

/// Objects that are applied together.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Wave {
    /// The name of the folder, such as `40-workloads`.
    pub name: String,
    /// The paths of the manifests.
    pub objects: Vec<String>,
}

/// A Helm release.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ReleaseStep {
    /// The name.
    pub name: String,
    /// The namespace.
    pub namespace: String,
    /// The chart.
    pub chart: String,
    /// The version of the chart.
    pub version: String,
}

/// The parts of the last deployment from this machine that the assembly no longer contains.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Gone {
    /// The stack names. A deployment keeps and reports them, and `destroy --orphans` deletes them.
    pub stacks: Vec<String>,
    /// The objects by cluster. A deployment prunes them.
    pub objects: BTreeMap<String, Vec<String>>,
    /// The Helm releases by cluster. A deployment keeps and reports them.
    pub releases: BTreeMap<String, Vec<String>>,
}

impl StackStep {
    /// Creates the step for a stack outside of the output. Its template comes from AWS.
    pub(crate) fn unplanned(id: String, name: &str, place: &AccountRegion) -> Self {
        Self {
            id,
            name: name.to_owned(),
            account: place.account.clone(),
            region: place.region.clone(),
            needs: Vec::new(),
            template: String::new(),
            digest: String::new(),
            bytes: 0,
            by_bucket: false,
            capabilities: Vec::new(),
            parameters: BTreeMap::new(),
            stateful: Vec::new(),
        }
    }
}

impl Plan {
    /// Creates the plan for an assembly.
    pub fn new(assembly: &Assembly, last: Option<&Record>) -> Result<Self> {
        let manifest = &assembly.manifest;
        let stacks = manifest.stacks.iter().map(|stack| StackStep::new(assembly, stack)).collect::<Result<Vec<_>>>()?;
        let clusters = manifest.clusters.iter().map(ClusterStep::new).collect::<Result<Vec<_>>>()?;
        let known: BTreeSet<&str> = stacks.iter().map(|stack| stack.id.as_str()).collect();
        let of_stacks = stacks.iter().map(|stack| (&stack.id, &stack.needs));
        for (id, needs) in of_stacks.chain(clusters.iter().map(|cluster| (&cluster.id, &cluster.needs))) {
            if let Some(need) = needs.iter().find(|need| !known.contains(need.as_str())) {
                bail!("`{id}` depends on the stack `{need}`, which is not in the assembly");
            }
        }
        let gone = last.map(|last| Gone::new(last, &stacks, &clusters)).unwrap_or_default();
        Ok(Self {
            format_version: FORMAT_VERSION,
            app: manifest.app.clone(),
            assembly: assembly.digest(),
            order: order(&stacks)?,
            stacks,
            clusters,
            gone,
            regions: Vec::new(),
        })
    }

    /// Creates a plan for stacks that belong to no assembly.
    pub(crate) fn of_stacks(app: &str, stacks: Vec<StackStep>) -> Result<Self> {
        let (order, app) = (order(&stacks)?, app.to_owned());
        let (assembly, clusters, gone, regions) = (String::new(), Vec::new(), Gone::default(), Vec::new());
        Ok(Self { format_version: FORMAT_VERSION, app, assembly, order, stacks, clusters, gone, regions })
    }

    /// Reads a saved plan, and checks that it belongs to this assembly.
    pub fn read(text: &str, assembly: &Assembly) -> Result<Self> {
        let value: Value = serde_json::from_str(text)?;
        match value["format_version"].as_u64() {
            Some(version) if version == u64::from(FORMAT_VERSION) => {}
            version => {
                bail!("the plan has format {version:?}, but this meshsynth version supports format {FORMAT_VERSION}")
            }
        }
        let plan: Self = serde_json::from_value(value)?;
        if plan.app != assembly.manifest.app || plan.assembly != assembly.digest() {
            bail!("the plan is for another assembly of `{}`: create a new plan", plan.app);
        }
        // The assembly is the only trusted source, so everything except `gone` and `regions` is derived again. The
        // caller must check that `regions` follows from the assembly.
        let fresh = Self { gone: plan.gone.clone(), regions: plan.regions.clone(), ..Self::new(assembly, None)? };
        if fresh != plan {
            bail!("the plan was edited after its creation: create a new plan");
        }
        Ok(plan)
    }

    /// Returns the record after this plan is complete.
    pub fn record(&self) -> Record {
        let had = |cluster: &ClusterStep| ClusterRecord {
            objects: cluster.waves.iter().flat_map(|wave| wave.objects.iter().cloned()).collect(),
            releases: cluster.releases.iter().map(|release| release.name.clone()).collect(),
        };
        // A removed stack that the deployment keeps remains in the record.
        let gone = self.gone.stacks.iter().cloned();
        Record {
            stacks: self.stacks.iter().map(|stack| stack.name.clone()).chain(gone).collect(),
            places: self.places(),
            clusters: self.clusters.iter().map(|cluster| (cluster.id.clone(), had(cluster))).collect(),
        }
    }

    /// Returns the accounts and regions of the stacks.
    pub fn places(&self) -> BTreeSet<AccountRegion> {
        let place = |step: &StackStep| AccountRegion { account: step.account.clone(), region: step.region.clone() };
        self.stacks.iter().map(place).collect()
    }

    /// Returns the plan as JSON text.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a plan is always written");
        text.push('\n');
        text
    }
}

impl StackStep {
    fn new(assembly: &Assembly, stack: &Stack) -> Result<Self> {
        let text = assembly.template(stack);
        let template = assembly.document(&stack.template)?;
        let parameters = template["Parameters"].as_object().into_iter().flatten();
        Ok(Self {
            id: stack.id.clone(),
            name: stack.name.clone(),
            account: stack.account.clone(),
            region: stack.region.clone(),
            needs: stack.needs.clone(),
            template: stack.template.clone(),
            digest: digest(text),
            bytes: text.len(),
            by_bucket: text.len() > INLINE_BYTES,
            capabilities: capabilities(&template),
            parameters: parameters.map(|(name, it)| (name.clone(), it["Default"].is_null())).collect(),
            stateful: stack.resources.iter().filter(|(_, it)| it.stateful).map(|(id, _)| id.clone()).collect(),
        })
    }
}

impl ClusterStep {
    fn new(cluster: &Cluster) -> Result<Self> {
        let mut waves: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for object in &cluster.objects {
            let mut parts = object.path.split('/').skip(2);
            let (Some(wave), Some(_)) = (parts.next(), parts.next()) else {
                bail!("`{}` does not belong to a wave", object.path);
            };
            waves.entry(wave.to_owned()).or_default().push(object.path.clone());
        }
        Ok(Self {
            id: cluster.id.clone(),
            name: cluster.name.clone(),
            account: cluster.account.clone(),
            region: cluster.region.clone(),
            needs: cluster.needs.clone(),
            waves: waves.into_iter().map(|(name, objects)| Wave { name, objects }).collect(),
            releases: releases(cluster)?,
        })
    }
}

impl Gone {
    fn new(last: &Record, stacks: &[StackStep], clusters: &[ClusterStep]) -> Self {
        let names: BTreeSet<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
        let mut gone = Self {
            stacks: last.stacks.iter().filter(|name| !names.contains(name.as_str())).cloned().collect(),
            ..Self::default()
        };
        for (id, had) in &last.clusters {
            let cluster = clusters.iter().find(|cluster| cluster.id == *id);
            let waves = cluster.iter().flat_map(|cluster| &cluster.waves);
            let objects: BTreeSet<&String> = waves.flat_map(|wave| &wave.objects).collect();
            let releases: BTreeSet<&str> =
                cluster.iter().flat_map(|cluster| &cluster.releases).map(|release| release.name.as_str()).collect();
            let absent: Vec<String> = had.objects.iter().filter(|path| !objects.contains(path)).cloned().collect();
            if !absent.is_empty() {
                gone.objects.insert(id.clone(), absent);
            }
            let absent: Vec<String> =
                had.releases.iter().filter(|name| !releases.contains(name.as_str())).cloned().collect();
            if !absent.is_empty() {
                gone.releases.insert(id.clone(), absent);
            }
        }
        gone
    }
}

/// Sorts the stacks into rows by their dependencies.
fn order(stacks: &[StackStep]) -> Result<Vec<Vec<String>>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut rows = Vec::new();
    while done.len() < stacks.len() {
        let is_ready = |stack: &&StackStep| {
            !done.contains(stack.id.as_str()) && stack.needs.iter().all(|need| done.contains(need.as_str()))
        };
        let row: Vec<&str> = stacks.iter().filter(is_ready).map(|stack| stack.id.as_str()).collect();
        if row.is_empty() {
            let waiting = stacks.iter().map(|stack| stack.id.as_str()).filter(|id| !done.contains(id));
            bail!("the stacks `{}` depend on each other in a cycle", waiting.collect::<Vec<_>>().join("`, `"));
        }
        done.extend(&row);
        rows.push(row.into_iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

/// Sorts the releases by their dependencies.
fn releases(cluster: &Cluster) -> Result<Vec<ReleaseStep>> {
    let mut order: Vec<&Release> = Vec::new();
    while order.len() < cluster.releases.len() {
        let next = cluster.releases.iter().find(|release| {
            // Dependencies outside of the releases of this cluster are ignored here.
            let is_open = |other: &&Release| order.iter().all(|done| !std::ptr::eq(*done, *other));
            let is_done = |path: &String| !cluster.releases.iter().filter(is_open).any(|it| it.construct == *path);
            let is_new = order.iter().all(|done| !std::ptr::eq(*done, *release));
            is_new && release.after.iter().all(is_done)
        });
        let Some(release) = next else {
            let open = cluster.releases.iter().filter(|it| order.iter().all(|done| !std::ptr::eq(*done, *it)));
            let open: Vec<String> =
                open.map(|it| format!("`{}` for `{}`", it.construct, it.after.join("`, `"))).collect();
            bail!("the releases of `{}` wait for each other in a cycle: {}", cluster.id, open.join(", "));
        };
        order.push(release);
    }
    let step = |release: &&Release| ReleaseStep {
        name: release.name.clone(),
        namespace: release.namespace.clone(),
        chart: release.chart.clone(),
        version: release.version.clone(),
    };
    Ok(order.iter().map(step).collect())
}

/// Returns only the capabilities that a template needs.
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html>.
fn capabilities(template: &Value) -> Vec<String> {
    const NAMES: [&str; 5] = ["GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName"];
    let resources = || template["Resources"].as_object().into_iter().flatten().map(|(_, resource)| resource);
    let facts = |resource: &Value| facts::resource(resource["Type"].as_str().unwrap_or_default());
    let is_identity = |resource: &Value| {
        let type_name = resource["Type"].as_str().unwrap_or_default();
        facts(resource).needs_capability
            || matches!(type_name, "AWS::IAM::UserToGroupAddition" | "AWS::CloudFormation::Stack")
    };
    let is_named = |resource: &Value| {
        facts(resource).needs_capability && NAMES.iter().any(|name| !resource["Properties"][name].is_null())
    };
    let mut out = Vec::new();
    let text = template.to_string();
    let is_expanded = !template["Transform"].is_null() || text.contains("\"Fn::Transform\"");
    // A macro can add named roles. AWS SAM adds a role for each function, and a loop can generate any resource.
    let has_roles = is_expanded && (template["Transform"] != "AWS::LanguageExtensions" || text.contains("AWS::IAM::"));
    if has_roles || resources().any(is_named) {
        out.push("CAPABILITY_NAMED_IAM".to_owned());
    } else if resources().any(is_identity) {
        out.push("CAPABILITY_IAM".to_owned());
    }
    if is_expanded {
        out.push("CAPABILITY_AUTO_EXPAND".to_owned());
    }
    out
}
