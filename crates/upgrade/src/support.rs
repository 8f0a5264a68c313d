//! The support of a component: its end, the next version, and the tested Kubernetes versions.

use meshsynth_diff::day::Day;
use meshsynth_facts::versions::calendar::Release;
use meshsynth_facts::versions::{lambda, rds};

use crate::component::Component;
use crate::postgres;
use crate::version::{is_inside, numbers};

/// The support of a component on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// The last day of standard support, if the vendor announced it.
    pub until: Option<&'static str>,
    /// The last day of paid extended support.
    pub extended: Option<&'static str>,
    /// The state on the day.
    pub state: State,
    /// The next version of an upgrade.
    pub next: Option<String>,
    /// The Kubernetes versions outside of which the component runs, if it does.
    pub outside: Option<Outside>,
    /// The source and its date. `None` if no calendar contains the product.
    pub source: Option<(&'static str, &'static str)>,
}

/// The state of the support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Supported, and the end is unknown or far.
    Supported,
    /// Supported, but the end is near.
    EndsSoon,
    /// Only paid extended support.
    Extended,
    /// No support.
    Ended,
    /// The data does not contain the version.
    Unknown,
}

/// The vendor does not test a component with the Kubernetes version of its cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// The Kubernetes version of the cluster.
    pub kubernetes: String,
    /// The oldest and the newest tested version.
    pub tested: (&'static str, Option<&'static str>),
}

/// The number of days before the end of support in which the end is near.
pub const SOON: i64 = 90;

impl Support {
    /// Returns the support of a component. `kubernetes` is the version of its cluster.
    pub fn of(component: &Component, kubernetes: Option<&str>, today: Day) -> Self {
        let calendar = component.product.calendar();
        let version = component.calendar_version();
        let release = version.and_then(|version| calendar?.release(version));
        Self {
            until: release.and_then(|it| it.until),
            extended: release.and_then(|it| it.extended),
            state: release.map_or(State::Unknown, |release| state(release, today)),
            next: next(component),
            outside: version.zip(kubernetes).and_then(|(version, kubernetes)| outside(component, version, kubernetes)),
            source: calendar.map(|it| (it.source, it.date)),
        }
    }
}

fn state(release: &Release, today: Day) -> State {
    let days = |day: Option<&str>| Some(today.days_to(Day::parse(day?)?));
    match (days(release.until), days(release.extended)) {
        _ if release.has_ended => State::Ended,
        (None, _) => State::Supported,
        (Some(days), _) if days > SOON => State::Supported,
        (Some(0..), _) => State::EndsSoon,
        (_, Some(0..)) => State::Extended,
        _ => State::Ended,
    }
}

/// Returns the tested range of a component, if the Kubernetes version is outside of it.
fn outside(component: &Component, version: &str, kubernetes: &str) -> Option<Outside> {
    let tested = component.product.ranges()?.release(version)?.kubernetes?;
    (!is_inside(kubernetes, tested)).then(|| Outside { kubernetes: kubernetes.to_owned(), tested })
}

/// Returns the next version: the next minor version if each must be installed, or else the newest one.
fn next(component: &Component) -> Option<String> {
    let version = component.calendar_version()?;
    let product = component.product;
    match product.id {
        "aws-lambda" => match lambda::offer(component.version.known()?) {
            lambda::Offer::Deprecated(_, next) => Some(next.to_owned()),
            _ => None,
        },
        "amazon-rds-postgresql" => {
            let newest = rds::MAJORS.iter().find_map(|major| postgres::newest_target(version, major.number))?;
            (numbers(&newest) > numbers(version)).then_some(newest)
        }
        "amazon-msk" => crate::step::kafka_path(version, None).into_iter().next(),
        _ => {
            let calendar = product.calendar()?;
            let at = calendar.position(version)?;
            let next = if product.is_one_by_one { at.checked_sub(1)? } else { 0 };
            let release = calendar.releases.get(next).filter(|_| next < at)?;
            let has_patch = numbers(version).len() > numbers(release.cycle).len();
            Some(
                release.latest.filter(|_| has_patch && product.type_name.is_none()).unwrap_or(release.cycle).to_owned(),
            )
        }
    }
}
