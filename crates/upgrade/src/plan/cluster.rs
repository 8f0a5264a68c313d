//! The steps of one cluster: components, control plane and node groups, in the order that the tested ranges require.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use meshsynth_assembly::Cluster;
use meshsynth_facts::versions::calendar::Calendar;
use meshsynth_facts::versions::eks;
use meshsynth_facts::versions::product::product_of;

use super::{Plan, edit};
use crate::component::{Component, Version};
use crate::order::{Axis, Fit, Move};
use crate::statement::{Statement, Unknown};
use crate::step::Step;
use crate::version::{compare, plain};

/// A component of a cluster with its updates.
struct Track<'a> {
    component: &'a Component,
    /// The calendar with the tested ranges.
    calendar: &'static Calendar,
    axis: Axis,
    moves: Vec<Move>,
    is_wanted: bool,
}

impl Plan {
    /// Adds the steps of a cluster.
    pub(super) fn cluster(&mut self, cluster: &Cluster, components: &[Component], goals: &BTreeMap<usize, String>) {
        let own: Vec<usize> =
            (0..components.len()).filter(|at| components[*at].cluster.as_deref() == Some(&cluster.id)).collect();
        let control_plane = own.iter().copied().find(|at| components[*at].product.id == "amazon-eks");
        let version =
            control_plane.and_then(|at| components[at].version.known()).unwrap_or(&cluster.version).to_owned();
        let wanted = control_plane.and_then(|at| goals.get(&at));
        let levels = self.levels(&version, wanted);
        let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
        let (mut tracks, mut untested) = (Vec::new(), Vec::new());
        for at in own.iter().copied().filter(|at| components[*at].product.type_name.is_none()) {
            let component = &components[at];
            match self.track(component, goals.get(&at), &levels) {
                Some(track) => tracks.push(track),
                None => untested.push(component),
            }
        }
        for (at, level) in levels.iter().enumerate() {
            for track in &tracks {
                for step in track.moves.iter().filter(|step| step.level == at) {
                    let step = track.step(step, &levels);
                    self.steps.push(step);
                }
            }
            let (Some(next), Some(control_plane)) = (levels.get(at + 1), control_plane) else { continue };
            let mut step = upgrade(&components[control_plane], level, next);
            for track in &tracks {
                track.judge(at + 1, next, &mut step);
            }
            step.unknowns.extend(untested.iter().map(|component| without_ranges(component, next)));
            self.steps.push(step);
            let groups = own.iter().map(|at| &components[*at]).filter(|it| it.product.id == "eks-nodes");
            self.steps.extend(nodes(&components[control_plane], &groups.collect::<Vec<_>>(), level, next));
        }
    }

    /// Returns the Kubernetes versions from the one in use to the wanted one.
    fn levels(&mut self, version: &str, wanted: Option<&String>) -> Vec<String> {
        let calendar = eks::calendar();
        let only = vec![version.to_owned()];
        let Some(wanted) = wanted else { return only };
        let page = product_of("amazon-eks").page;
        match (eks::minor(version), eks::minor(wanted)) {
            (Some(a), Some(b)) if calendar.release(wanted).is_some() && a < b => {
                (a..=b).map(|minor| format!("1.{minor}")).collect()
            }
            (Some(a), Some(b)) if a > b => {
                let text = format!(
                    "EKS rolls back from {version} to 1.{} only within 7 days of the upgrade; older versions are refused",
                    a - 1
                );
                self.refused.push(Statement::new(text, page, product_of("amazon-eks").date));
                only
            }
            (Some(a), Some(b)) if a == b => {
                self.refused.push(Statement::new(format!("EKS {version} is in use"), calendar.source, calendar.date));
                only
            }
            _ => {
                self.unknowns.push(Unknown {
                    text: format!("EKS {version} to {wanted}: the data does not contain one of the versions"),
                    date: calendar.date.to_owned(),
                    call: product_of("amazon-eks").call.map(str::to_owned),
                    page: page.to_owned(),
                });
                only
            }
        }
    }

    /// Returns the updates of a component, or `None` if no data contains its versions.
    fn track<'a>(&mut self, component: &'a Component, goal: Option<&String>, levels: &[&str]) -> Option<Track<'a>> {
        let calendar = component.product.ranges().or_else(|| component.product.calendar())?;
        let Version::Known(version) = &component.version else { return None };
        let axis = Axis::new(calendar, plain(version), component.product.is_one_by_one)?;
        let at = goal.map(|goal| {
            axis.releases.iter().position(|it| calendar.release(plain(goal)).is_some_and(|is| is.cycle == it.cycle))
        });
        if let Some(None) = at {
            self.unknowns.push(Unknown {
                text: format!(
                    "{} {} to {}: the data contains no path to this version",
                    component.title(),
                    version,
                    goal.map_or("", String::as_str)
                ),
                date: calendar.date.to_owned(),
                call: component.product.call.map(str::to_owned),
                page: component.product.page.to_owned(),
            });
        }
        let goal = at.flatten();
        let moves = axis.solve(levels, goal);
        Some(Track { component, calendar, axis, moves, is_wanted: goal.is_some() })
    }
}

impl Track<'_> {
    /// Returns the version of a release as the platform writes it.
    fn version(&self, release: usize) -> String {
        if release == 0 {
            return self.component.version.known().unwrap_or_default().to_owned();
        }
        let cycle = self.axis.releases[release].cycle;
        let of_product = self.component.product.calendar().and_then(|it| it.release(cycle));
        of_product.and_then(|it| it.latest).unwrap_or(cycle).to_owned()
    }

    fn step(&self, update: &Move, levels: &[&str]) -> Step {
        let (name, product) = (self.component.title(), self.component.product);
        let (from, to) = (self.version(update.from), self.version(update.to));
        let mut reasons = Vec::new();
        let next = levels.get(update.level + 1);
        if let Some(next) = next.filter(|next| self.axis.fit(update.from, next) == Fit::Outside) {
            let text = format!(
                "{} {from} is tested with Kubernetes {}, so it is upgraded before {next}",
                product.name,
                self.range(update.from)
            );
            reasons.push(self.statement(text));
        }
        if self.axis.is_one_by_one {
            let text = format!("each minor version of {} is installed in turn", product.name);
            reasons.push(Statement::new(text, product.page, product.date));
        }
        if self.is_wanted && reasons.is_empty() {
            let text = match self.axis.fit(update.to, levels[update.level]) {
                Fit::Tested => {
                    format!(
                        "{to} is tested with Kubernetes {}, which includes {}",
                        self.range(update.to),
                        levels[update.level]
                    )
                }
                _ => format!("it is independent of the Kubernetes versions in the data for {to}"),
            };
            reasons.push(self.statement(text));
        }
        let mut step = Step {
            title: format!("{name} {from} → {to}"),
            product: product.id,
            component: self.component.name.clone(),
            edits: vec![edit(self.component, &to)],
            from,
            to,
            reasons,
            ..Step::default()
        };
        self.judge_release(update.to, levels[update.level], &mut step);
        step
    }

    /// Adds the facts about this component at a Kubernetes version.
    fn judge(&self, level: usize, kubernetes: &str, step: &mut Step) {
        let release = self.moves.iter().rfind(|it| it.level < level).map_or(0, |it| it.to);
        self.judge_release(release, kubernetes, step);
    }

    fn judge_release(&self, release: usize, kubernetes: &str, step: &mut Step) {
        let (product, version) = (self.component.product, self.version(release));
        match self.axis.fit(release, kubernetes) {
            Fit::Tested => {}
            Fit::Outside => {
                let newer = self
                    .axis
                    .releases
                    .iter()
                    .rev()
                    .find(|it| it.kubernetes.is_some_and(|range| crate::version::is_inside(kubernetes, range)));
                let newest = match newer {
                    Some(newer) => format!("{} is", newer.cycle),
                    None => format!("no release up to {} is", self.axis.releases.last().map_or("", |it| it.cycle)),
                };
                let text = format!(
                    "{} {version} is tested with Kubernetes {}, not with {kubernetes}; {newest} tested with it",
                    product.name,
                    self.range(release)
                );
                step.blockers.push(self.statement(text));
            }
            Fit::NoData => step.unknowns.push(Unknown {
                text: format!("{} {version} with Kubernetes {kubernetes}", product.name),
                date: self.calendar.date.to_owned(),
                call: None,
                page: product.page.to_owned(),
            }),
        }
    }

    fn range(&self, release: usize) -> String {
        match self.axis.releases[release].kubernetes {
            Some((low, Some(high))) => format!("{low} to {high}"),
            Some((low, None)) => format!("{low} and newer"),
            None => "unknown versions".to_owned(),
        }
    }

    fn statement(&self, text: String) -> Statement {
        Statement::new(text, self.calendar.source, self.calendar.date)
    }
}

/// Returns the unknown fact about a component without tested ranges.
fn without_ranges(component: &Component, kubernetes: &str) -> Unknown {
    let version = component.version.known().unwrap_or("of unknown version");
    Unknown {
        text: format!("{} {version} with Kubernetes {kubernetes}", component.product.name),
        date: eks::calendar().date.to_owned(),
        call: component.product.call.map(str::to_owned),
        page: component.product.page.to_owned(),
    }
}

/// Returns the step of a control plane.
fn upgrade(component: &Component, from: &str, to: &str) -> Step {
    let (product, calendar) = (component.product, eks::calendar());
    let about = |text: &str| Statement::new(text, product.page, product_of("amazon-eks").date);
    Step {
        title: format!("{} {from} → {to}", component.title()),
        product: product.id,
        component: component.name.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        reasons: vec![about("EKS upgrades one minor version at a time, and the control plane before the nodes")],
        edits: vec![crate::edit::Edit { old: from.to_owned(), ..edit(component, to) }],
        checks: vec![
            about("`aws eks list-insights` reports no error for the next version"),
            about("EKS rolls back to the previous minor version within 7 days of the upgrade"),
        ],
        unknowns: Vec::from_iter(calendar.release(to).is_none().then(|| Unknown {
            text: format!("the support dates of EKS {to}"),
            date: calendar.date.to_owned(),
            call: product.call.map(str::to_owned),
            page: product.page.to_owned(),
        })),
        ..Step::default()
    }
}

/// Returns the step of the node groups of a cluster, if it has any.
fn nodes(control_plane: &Component, groups: &[&Component], from: &str, to: &str) -> Option<Step> {
    let product = groups.first()?.product;
    let is_older = |group: &&&Component| group.version.known().is_some_and(|it| compare(it, to) == Ordering::Less);
    let edits = groups.iter().filter(is_older).map(|group| edit(group, to)).map(|it| crate::edit::Edit {
        old: from.to_owned(),
        // The version of a node group is not that of its cluster.
        cluster: None,
        ..it
    });
    let unset = groups.iter().filter(|group| group.version.known().is_none());
    let actions = unset.map(|group| {
        let text = format!(
            "`{}` has no `Version`, so CloudFormation keeps its Kubernetes version: run \
             `aws eks update-nodegroup-version`, or set `Version`",
            group.name
        );
        Statement::new(text, product.page, product_of("amazon-eks").date)
    });
    Some(Step {
        title: format!("node groups of {} {from} → {to}", control_plane.name),
        product: product.id,
        component: control_plane.name.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
        reasons: vec![Statement::new(
            "nodes are upgraded after the control plane, and can be at most three minor versions older",
            product.page,
            product.date,
        )],
        edits: edits.collect(),
        actions: actions.collect(),
        checks: vec![Statement::new(
            format!("`kubectl get nodes` reports kubelet v{to} for all nodes"),
            product.page,
            product.date,
        )],
        ..Step::default()
    })
}
