//! When somebody is asked before something is done, and why.

use std::fmt;

use meshsynth_assembly::words::count;

use crate::judgement::Judgement;

/// When somebody is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Never.
    Never,
    /// When access widens, or data is at risk.
    #[default]
    Access,
    /// When data is at risk.
    DataLoss,
    /// Before every change.
    Always,
}

/// Why somebody is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// How many changes put data at risk.
    pub data: usize,
    /// How many ways open; none where that is not asked for.
    pub ways: Opened,
    /// How many permissions and exposures are new that no way tells; none where that is not asked for.
    pub access: Opened,
}

/// How much opens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// In all.
    pub all: usize,
    /// To everybody.
    pub public: usize,
}

impl Approval {
    /// Why somebody must be asked; none if nobody must be. Access is what the gates `reach`, `public` and `access` of
    /// `meshsynth diff` count.
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
            parts.push(format!("data is at risk in {data} of them"));
        }
        if ways.all > 0 {
            let verb = if ways.all == 1 { "opens" } else { "open" };
            parts.push(format!("{} {verb}{ways}", count(ways.all, "way")));
        }
        if access.all > 0 {
            parts.push(format!("access widens in {}{access}", count(access.all, "place")));
        }
        if parts.is_empty() {
            parts.push("every change requires approval".to_owned());
        }
        out.write_str(&parts.join("; "))
    }
}
