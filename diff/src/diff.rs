//! The comparison of two sides: the passes, in their order, and what they come to.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use anyhow::Result;
use meshsynth::diag::Diagnostic;
use meshsynth_assembly::Exception;
use meshsynth_assembly::graph::Graph;
use meshsynth_assembly::verdict::Verdict;

use crate::access;
use crate::change::{Access, Change, Hazard, Section};
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

/// What a deployment of the new side would do.
#[derive(Debug, Default)]
pub struct Diff {
    /// The name of the app, its environment included.
    pub app: String,
    /// What is compared, and with what.
    pub base: String,
    /// The new side.
    pub head: String,
    /// AWS by stack, Kubernetes by cluster and namespace, Helm by cluster.
    pub changes: Vec<Change>,
    /// What the change lets reach what, and what it cuts off.
    pub ways: Vec<Way>,
    /// The workloads that are called otherwise.
    pub renamed: Vec<Renamed>,
    /// Who may do more or less than before, by the statements of policies.
    pub access: Vec<Access>,
    /// What stops or endangers a deployment.
    pub hazards: Vec<Hazard>,
    /// What somebody should know about the sides.
    pub notes: Vec<String>,
    /// What could not be read, so that nothing is known about its changes.
    pub unread: Vec<String>,
    /// The services that feel the changes, and what lies between.
    pub picture: Graph,
    /// The stacks and clusters that change, by region.
    pub regions: BTreeMap<String, BTreeSet<String>>,
    /// What goes, beside what is there.
    pub removals: Vec<Removal>,
    /// What rules find on both sides.
    pub findings: Findings,
    /// What the program of the new side lets pass.
    pub exceptions: Vec<Exception>,
}

/// The old side, as far as it is read.
pub enum Old {
    /// Its files, as they are written.
    Texts(Texts),
    /// Its documents.
    Side(Box<Side>),
}

impl Diff {
    /// Compares an assembly with an old side. Nothing is parsed where they are the same, byte by byte.
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

    /// What two assemblies that are the same come to.
    pub fn nothing(app: String, base: String, head: String) -> Self {
        Self { app, base, head, ..Self::default() }
    }

    /// Compares two platforms of one app.
    pub fn new(base: &Side, head: &Side) -> Result<Self> {
        let pair = Pair::new(base, head)?;
        let (mut changes, hazards, picture, mut access, worlds) = thread::scope(|scope| {
            let access = scope.spawn(|| (access::compare(&pair), Worlds::of(&pair)));
            let mut changes = resources::compare(&pair);
            propagation::follow(&pair, &mut changes);
            changes.extend(objects::compare(&pair));
            changes.extend(plain::compare(&pair));
            propagation::into_manifests(head, &mut changes);
            let hazards = hazard::find(&pair, &changes);
            let picture = impact::follow(&head.graph, &mut changes);
            let (access, worlds) = access.join().expect("comparing access never panics");
            (changes, hazards, picture, access, worlds)
        });
        let Ways { ways, renamed, notes } =
            worlds.map_or_else(Ways::default, |worlds| ways::compare(&pair, &worlds, &changes, &mut access));
        for change in &mut changes {
            change.affected.sort_by(|a, b| (b.verdict, &a.name).cmp(&(a.verdict, &b.name)));
        }
        access::mark(&mut access, &changes, &base.graph);
        serving::mark(&mut changes);
        protection::mark(&pair, &mut changes);
        let removals = removal::count(base, &changes);
        let regions = regions(base, head, &changes);
        changes
            .sort_by(|a, b| (&a.section, b.verdict, &a.kind, &a.name).cmp(&(&b.section, a.verdict, &b.kind, &b.name)));
        Ok(Self {
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
        })
    }

    /// Whether nothing would happen, as far as anybody can tell: what is unread may change.
    pub fn is_empty(&self) -> bool {
        self.is_quiet() && self.unread.is_empty()
    }

    /// Whether nothing of what was compared changes.
    pub fn is_quiet(&self) -> bool {
        self.changes.is_empty() && self.ways.is_empty() && self.access.is_empty() && self.hazards.is_empty()
    }

    /// The rules about what reaches what that the new side breaks and the old side does not.
    pub fn broken_ways(&self) -> Vec<&Diagnostic> {
        self.findings.broken_ways()
    }

    /// The changes with each verdict, the gravest first.
    pub fn counts(&self) -> Vec<(Verdict, usize)> {
        let mut counts = BTreeMap::new();
        for change in &self.changes {
            *counts.entry(change.verdict).or_default() += 1;
        }
        counts.into_iter().rev().collect()
    }
}

/// Where something changes. A stack that moves changes both of its regions; a cluster outside of AWS has none.
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
