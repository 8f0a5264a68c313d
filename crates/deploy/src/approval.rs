//! Approvals: when and why a deployment prompts the user.

use std::fmt;

use meshsynth_diff::Verdict;
use meshsynth_model::words::count;

use crate::judgement::{Judgement, Row};

/// The changes that require an approval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// No change requires an approval.
    Never,
    /// Changes that widen access or put data at risk.
    #[default]
    Access,
    /// Changes that put data at risk.
    DataLoss,
    /// Every change.
    Always,
    /// Only changes that take over or delete content of other owners.
    Foreign,
}

/// The maximum number of names in a question.
const NAMED: usize = 12;

/// The reasons for an approval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The number of changes that put data at risk.
    pub data: usize,
    /// The new access paths. Zero if the approval mode ignores access.
    pub ways: Opened,
    /// The new permissions and exposures that are not part of an access path. Zero if the approval mode ignores access.
    pub access: Opened,
    /// The resources and objects whose data is at risk.
    pub at_risk: Vec<String>,
    /// The other resources and objects that are deleted.
    pub deleted: Vec<String>,
    /// The effects on content of other owners, such as a takeover.
    pub foreign: Vec<String>,
}

/// A count of new access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// The total number.
    pub all: usize,
    /// The number that is open to the public.
    pub public: usize,
}

impl Approval {
    /// Returns the reasons for an approval, or `None` if the changes require no approval. Access is counted like in the
    /// gates `reach`, `public` and `access` of `meshsynth diff`.
    pub fn why(self, judgement: &Judgement) -> Option<Why> {
        let name = |row: &Row| format!("{} `{}`", row.kind, row.name);
        let (risky, rest): (Vec<&Row>, Vec<&Row>) = judgement.changes.iter().partition(|row| row.is_data_at_risk());
        let (data, at_risk) = (risky.len(), risky.into_iter().map(name).collect());
        let is_deleted = |row: &&Row| matches!(row.verdict, Verdict::Prune | Verdict::Delete);
        let deleted = rest.into_iter().filter(is_deleted).map(name).collect();
        let foreign = judgement.foreign.clone();
        let opened = |public: bool| judgement.ways.iter().filter(move |it| it.opens && (it.public || !public));
        let ways = Opened { all: opened(false).map(|it| it.ways).sum(), public: opened(true).map(|it| it.ways).sum() };
        let widened = || judgement.access.iter().filter(|access| access.widened);
        let access = Opened { all: widened().count(), public: widened().filter(|access| access.public).count() };
        let is_foreign = !foreign.is_empty();
        let (is_any, is_opened) = (!judgement.changes.is_empty(), ways.all + access.all > 0);
        let why = Why { data, ways, access, at_risk, deleted, foreign };
        match self {
            Approval::Never => None,
            Approval::Foreign => is_foreign.then(|| Why { foreign: why.foreign, ..Why::default() }),
            Approval::DataLoss => {
                let of_data = Why { ways: Opened::default(), access: Opened::default(), ..why };
                (data > 0 || is_foreign).then_some(of_data)
            }
            Approval::Access => (data > 0 || is_opened || is_foreign).then_some(why),
            Approval::Always => (is_any || ways.all > 0 || is_foreign).then_some(why),
        }
    }
}

impl fmt::Display for Opened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.public {
            0 => Ok(()),
            public => write!(out, " ({public} public)"),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data, ways, access, at_risk, deleted, foreign } = self;
        let mut parts = Vec::new();
        if *data > 0 {
            let names = if at_risk.is_empty() { String::new() } else { format!(": {}", listed(at_risk)) };
            parts.push(format!("puts data at risk in {}{names}", count(*data, "change")));
        }
        if !deleted.is_empty() {
            parts.push(format!("deletes {}", listed(deleted)));
        }
        if !foreign.is_empty() {
            parts.push(listed(foreign));
        }
        if ways.all > 0 {
            parts.push(format!("opens {}{ways}", count(ways.all, "new connection")));
        }
        if access.all > 0 {
            parts.push(format!("widens access in {}{access}", count(access.all, "place")));
        }
        if parts.is_empty() {
            parts.push("every change requires approval".to_owned());
        }
        out.write_str(&parts.join("; "))
    }
}

/// Joins names. Omits names above the limit, and counts them.
fn listed(names: &[String]) -> String {
    let text = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
