//! The comparison of two sides: the passes in their order, and the result.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use anyhow::Result;
use meshsynth_assembly::Exception;
use meshsynth_assembly::graph::Graph;
use meshsynth_model::diag::Diagnostic;

use crate::access;
use crate::ambiguous;
use crate::change::{Access, Change, Hazard, Section};
use crate::conditional::{self, Assumption};
use crate::effect::Verdict;
use crate::findings::Findings;
use crate::hazard;
use crate::impact;
use crate::objects;
use crate::plain;
use crate::propagation;
use crate::protection;
use crate::removal::{self, Removal};
use crate::resources;
use crate::serving;
use crate::side::{self, Pair, Side};
use crate::texts::Texts;
use crate::ways::{self, Renamed, Way, Ways, Worlds};

/// The effects of deploying the new side.
#[derive(Debug, Default)]
pub struct Diff {
    /// The name of the app, including its environment.
    pub app: String,
    /// The label of the old side.
    pub base: String,
    /// The label of the new side.
    pub head: String,
    /// The changes: AWS by stack, Kubernetes by cluster and namespace, Helm by cluster.
    pub changes: Vec<Change>,
    /// The network and permission paths that open or close.
    pub ways: Vec<Way>,
    /// The renamed workloads.
    pub renamed: Vec<Renamed>,
    /// The differences in access, according to policy statements.
    pub access: Vec<Access>,
    /// The causes that stop or endanger a deployment.
    pub hazards: Vec<Hazard>,
    /// Remarks about the sides.
    pub notes: Vec<String>,
    /// The inputs that could not be read, so their changes are unknown.
    pub unread: Vec<String>,
    /// The affected services and the nodes between them.
    pub picture: Graph,
    /// The changed stacks and clusters, by region.
    pub regions: BTreeMap<String, BTreeSet<String>>,
    /// The removals, with the total numbers of resources.
    pub removals: Vec<Removal>,
    /// The rule findings of both sides.
    pub findings: Findings,
    /// The exceptions of the new side's program.
    pub exceptions: Vec<Exception>,
    /// The further differences for other values of parameters.
    pub conditional: Vec<Conditional>,
}

/// The further differences for some values of parameters.
#[derive(Debug)]
pub struct Conditional {
    /// The values, such as "`Env` is `prod`".
    pub condition: String,
    /// The differences that neither the defaults nor fewer other values have.
    pub diff: Diff,
}

/// The old side, either unparsed or parsed.
pub enum Old {
    /// The unparsed files.
    Texts(Texts),
    /// The parsed documents.
    Side(Box<Side>),
}

impl Diff {
    /// Compares an assembly with an old side. Identical sides are not parsed.
    pub fn of(old: Old, head: Texts) -> Result<Self> {
        let read = |texts: Texts| {
            let label = texts.label.clone();
            Side::new(texts).map_err(|error| side::unreadable(&label, &error))
        };
        match old {
            Old::Texts(old) if old.is_like(&head) => {
                let findings = Findings { base: old.findings(), head: head.findings() };
                Ok(Self { findings, ..Self::nothing(head.app, old.label, head.label) })
            }
            Old::Texts(old) => {
                let (base, head) = thread::scope(|scope| {
                    let base = scope.spawn(|| read(old));
                    let head = read(head);
                    (base.join().expect("reading manifests never panics"), head)
                });
                Self::new(&base?, &head?)
            }
            Old::Side(base) => Self::new(&base, &read(head)?),
        }
    }

    /// Returns the result for two identical assemblies.
    pub fn nothing(app: String, base: String, head: String) -> Self {
        Self { app, base, head, ..Self::default() }
    }

    /// Compares two platforms of one app, by default and for other values of parameters.
    pub fn new(base: &Side, head: &Side) -> Result<Self> {
        let mut diff = Self::by_default(base, head)?;
        let (assumptions, unread) = conditional::assumptions(base, head)?;
        diff.unread.extend(unread);
        for Assumption { condition, base, head } in assumptions {
            let mut more = Self::by_default(&base, &head)?;
            more.retain_unknown(&diff);
            if !more.is_quiet() {
                more.app = format!("{}, if {}", diff.app, condition.replace('`', ""));
                diff.conditional.push(Conditional { condition, diff: more });
            }
        }
        Ok(diff)
    }

    /// Removes the differences that another diff has by default or for other values of parameters.
    fn retain_unknown(&mut self, other: &Self) {
        let known = || other.conditional.iter().map(|it| &it.diff).chain([other]);
        self.changes.retain(|it| it.kind != "template" && !known().any(|of| conditional::includes(&of.changes, it)));
        self.access.retain(|it| !known().any(|of| of.access.contains(it)));
        self.ways.retain(|it| !known().any(|of| of.ways.contains(it)));
        self.hazards.retain(|it| !known().any(|of| of.hazards.contains(it)));
        for removal in &mut self.removals {
            removal.names.retain(|name| self.changes.iter().any(|it| it.gone && it.name == *name));
        }
        self.removals.retain(|it| !it.names.is_empty());
        (self.notes, self.unread, self.exceptions) = (Vec::new(), Vec::new(), Vec::new());
        self.renamed.clear();
    }

    /// Compares two platforms of one app with the defaults of parameters.
    pub(crate) fn by_default(base: &Side, head: &Side) -> Result<Self> {
        let pair = Pair::new(base, head)?;
        let ids = ambiguous::logical_ids(&pair);
        if ids.is_empty() {
            return Ok(Self::of_pair(&pair));
        }
        let (base, head) = (ambiguous::named_apart(base, &ids), ambiguous::named_apart(head, &ids));
        Ok(Self::of_pair(&Pair::new(&base, &head)?))
    }

    fn of_pair(pair: &Pair) -> Self {
        let Pair { base, head, .. } = pair;
        let (mut changes, hazards, picture, mut access, worlds) = thread::scope(|scope| {
            let access = scope.spawn(|| (access::compare(pair), Worlds::of(pair)));
            let mut changes = resources::compare(pair);
            propagation::follow(pair, &mut changes);
            changes.extend(objects::compare(pair));
            changes.extend(plain::compare(pair));
            propagation::into_manifests(head, &mut changes);
            let hazards = hazard::find(pair, &changes);
            let picture = impact::follow(&head.graph, &mut changes);
            let (access, worlds) = access.join().expect("comparing access never panics");
            (changes, hazards, picture, access, worlds)
        });
        let Ways { ways, renamed, notes } =
            worlds.map_or_else(Ways::default, |worlds| ways::compare(pair, &worlds, &changes, &mut access));
        for change in &mut changes {
            change.affected.sort_by(|a, b| (b.verdict, &a.name).cmp(&(a.verdict, &b.name)));
        }
        access::mark(&mut access, &changes, &base.graph);
        serving::mark(&mut changes);
        protection::mark(pair, &mut changes);
        let removals = removal::count(base, &changes);
        let regions = regions(base, head, &changes);
        changes
            .sort_by(|a, b| (&a.section, b.verdict, &a.kind, &a.name).cmp(&(&b.section, a.verdict, &b.kind, &b.name)));
        Self {
            app: head.manifest.app.clone(),
            base: base.label.clone(),
            head: head.label.clone(),
            changes,
            ways,
            renamed,
            access,
            hazards,
            notes: base.notes.iter().chain(&notes).cloned().collect(),
            unread: base.unread.clone(),
            picture,
            regions,
            removals,
            findings: Findings { base: base.findings.clone(), head: head.findings.clone() },
            exceptions: head.manifest.exceptions.clone(),
            conditional: Vec::new(),
        }
    }

    /// Whether the diff contains no change. Unread inputs may contain changes, so they count.
    pub fn is_empty(&self) -> bool {
        self.is_quiet() && self.unread.is_empty()
    }

    /// Whether the compared inputs contain no change.
    pub fn is_quiet(&self) -> bool {
        self.changes.is_empty()
            && self.ways.is_empty()
            && self.access.is_empty()
            && self.hazards.is_empty()
            && self.conditional.is_empty()
    }

    /// Returns the reachability rules that the new side violates and the old side does not.
    pub fn broken_ways(&self) -> Vec<&Diagnostic> {
        self.findings.broken_ways()
    }

    /// Returns the name of a change. If another place has a change of the same kind and name, the name contains the
    /// place.
    pub fn title(&self, change: &Change) -> String {
        let is_other = |other: &&Change| {
            (&other.kind, &other.name) == (&change.kind, &change.name) && other.section != change.section
        };
        if !self.changes.iter().any(|other| is_other(&other)) {
            return change.name.clone();
        }
        match &change.section {
            Section::Stack(stack) => format!("{stack}/{}", change.name),
            Section::Namespace(cluster, namespace) if namespace.is_empty() => format!("{cluster}/{}", change.name),
            Section::Namespace(cluster, namespace) => format!("{cluster}/{namespace}/{}", change.name),
            Section::Helm(cluster) => format!("{cluster}/{}", change.name),
            Section::Files => change.name.clone(),
        }
    }

    /// Returns the number of changes for each verdict, the most severe first.
    pub fn counts(&self) -> Vec<(Verdict, usize)> {
        let mut counts = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.verdict).or_default() += 1;
        }
        counts.into_iter().rev().collect()
    }
}

/// Returns the changed places by region. A stack that moves changes both regions. A cluster outside of AWS has no
/// region.
fn regions(base: &Side, head: &Side, changes: &[Change]) -> BTreeMap<String, BTreeSet<String>> {
    let mut regions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let places: BTreeSet<(bool, &str)> = changes
        .iter()
        .filter_map(|change| match &change.section {
            Section::Stack(id) => Some((true, id.as_str())),
            Section::Namespace(cluster, _) | Section::Helm(cluster) => Some((false, cluster.as_str())),
            Section::Files => None,
        })
        .collect();
    for (is_stack, id) in places {
        for side in [base, head] {
            let region = match is_stack {
                true => side.stack(id).map(|stack| &stack.region),
                false => side.manifest.clusters.iter().find(|it| it.id == id).and_then(|it| it.region.as_ref()),
            };
            if let Some(region) = region {
                regions.entry(region.clone()).or_default().insert(id.to_owned());
            }
        }
    }
    regions
}
