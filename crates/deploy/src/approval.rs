//! Approvals: when and why a deployment prompts the user.

use std::fmt;

use meshsynth_model::words::count;

use crate::judgement::Judgement;

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
}

/// The reasons for an approval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// The number of changes that put data at risk.
    pub data: usize,
    /// The new access paths. Zero if the approval mode ignores access.
    pub ways: Opened,
    /// The new permissions and exposures that are not part of an access path. Zero if the approval mode ignores access.
    pub access: Opened,
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
        let data = judgement.changes.iter().filter(|change| change.is_data_at_risk()).count();
        let opened = |public: bool| judgement.ways.iter().filter(move |it| it.opens && (it.public || !public));
        let ways = Opened { all: opened(false).map(|it| it.ways).sum(), public: opened(true).map(|it| it.ways).sum() };
        let widened = || judgement.access.iter().filter(|access| access.widened);
        let access = Opened { all: widened().count(), public: widened().filter(|access| access.public).count() };
        match self {
            Approval::Never => None,
            Approval::DataLoss => (data > 0).then_some(Why { data, ..Why::default() }),
            Approval::Access => (data + ways.all + access.all > 0).then_some(Why { data, ways, access }),
            Approval::Always => (!judgement.changes.is_empty() || ways.all > 0).then_some(Why { data, ways, access }),
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
        let Self { data, ways, access } = *self;
        let mut parts = Vec::new();
        if data > 0 {
            parts.push(format!("puts data at risk in {}", count(data, "change")));
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
