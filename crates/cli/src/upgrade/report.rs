//! The report of `upgrade`: the table of components, the steps, and the sources of all statements.

use meshsynth_diff::day::Day;
use meshsynth_diff::side::Side;
use meshsynth_upgrade::{Applies, Component, Note, Outside, Plan, State, Statement, Step, Support, Version};

/// The result of a run.
pub struct Report<'a> {
    /// The name of the platform.
    pub platform: String,
    /// The components.
    pub components: Vec<Component>,
    /// The platform.
    pub side: &'a Side,
    /// The steps.
    pub plan: Plan,
    /// Whether the user requested versions.
    pub has_requests: bool,
    /// The only step to show.
    pub step: Option<usize>,
    /// Whether to show notes that do not concern the platform.
    pub all: bool,
    /// The files that could not be read.
    pub unread: &'a [String],
    /// The date of the report.
    pub today: Day,
}

/// A row of the table.
pub struct Row<'a> {
    /// The component.
    pub component: &'a Component,
    /// Its support.
    pub support: Support,
}

impl Report<'_> {
    /// Returns the rows of the table.
    pub fn rows(&self) -> Vec<Row<'_>> {
        let row =
            |component| Row { component, support: Support::of(component, self.kubernetes(component), self.today) };
        self.components.iter().map(row).collect()
    }

    /// Returns the Kubernetes version of a component's cluster.
    fn kubernetes<'s>(&'s self, component: &'s Component) -> Option<&'s str> {
        let id = component.cluster.as_deref()?;
        let of = |it: &&Component| it.product.id == "amazon-eks" && it.cluster.as_deref() == Some(id);
        let version = self.components.iter().find(of).and_then(|it| it.version.known());
        let of_manifest = || self.side.manifest.clusters.iter().find(|it| it.id == id).map(|it| it.version.as_str());
        version.or_else(of_manifest).filter(|version| !version.is_empty())
    }

    /// Returns the shown steps with their numbers.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        let steps = self.plan.steps.iter().enumerate().map(|(at, step)| (at + 1, step));
        steps.filter(|(n, _)| self.step.is_none_or(|only| only == *n))
    }

    /// Whether a note is shown.
    pub fn is_shown(&self, note: &Note) -> bool {
        self.all || !matches!(note.applies, Applies::Absent(_))
    }

    /// Whether a step has a blocker, the vendor refuses a request, the data does not contain one, or a part of the
    /// platform was not read.
    pub fn is_blocked(&self) -> bool {
        let is_blocking = |note: &Note| note.is_blocker && matches!(note.applies, Applies::Here(_));
        let is_blocked = |step: &Step| !step.blockers.is_empty() || step.notes.iter().any(is_blocking);
        let is_incomplete = self.has_requests && !self.unread.is_empty();
        is_incomplete
            || !self.plan.refused.is_empty()
            || !self.plan.unknowns.is_empty()
            || self.plan.steps.iter().any(is_blocked)
    }
}

impl Row<'_> {
    /// Returns the version in use.
    pub fn version(&self) -> &str {
        match &self.component.version {
            Version::Known(version) => version,
            Version::Unknown(_) => "unknown",
        }
    }

    /// Returns the end of the support.
    pub fn until(&self) -> String {
        let support = &self.support;
        match (support.state, support.until, support.source) {
            (State::Unknown, _, Some((_, date))) => format!("unknown as of {date}"),
            (State::Unknown, ..) => "no data".to_owned(),
            (State::Extended, Some(until), _) => format!("{until}, extended"),
            (State::Ended, Some(until), _) => format!("{until}, ended"),
            (State::Ended, None, _) => "ended".to_owned(),
            (_, Some(until), _) => until.to_owned(),
            (_, None, _) => "not announced".to_owned(),
        }
    }

    /// Returns the next version, or `–`.
    pub fn next(&self) -> &str {
        self.support.next.as_deref().unwrap_or("–")
    }

    /// Returns a remark about the tested range or an unknown version.
    pub fn remark(&self) -> Option<String> {
        if let Version::Unknown(why) = &self.component.version {
            return Some(why.clone());
        }
        let Outside { kubernetes, tested: (low, high) } = self.support.outside.as_ref()?;
        let tested = high.map_or_else(|| format!("{low} and newer"), |high| format!("{low} to {high}"));
        Some(format!("tested with Kubernetes {tested}, not with {kubernetes}"))
    }
}

/// The sources of a report, in the order of their first use.
#[derive(Default)]
pub struct Sources(Vec<(String, String)>);

impl Sources {
    /// Returns the number of a source.
    pub fn number(&mut self, source: &str, date: &str) -> usize {
        let key = (source.to_owned(), date.to_owned());
        let at = self.0.iter().position(|known| *known == key).unwrap_or_else(|| {
            self.0.push(key);
            self.0.len() - 1
        });
        at + 1
    }

    /// Returns the number of the source of a statement.
    pub fn of(&mut self, statement: &Statement) -> usize {
        self.number(&statement.source, &statement.date)
    }

    /// Returns all sources and their dates.
    pub fn all(&self) -> &[(String, String)] {
        &self.0
    }
}
