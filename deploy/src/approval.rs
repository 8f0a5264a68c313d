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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Why {
    /// How many changes put data at risk.
    pub data: usize,
    /// How many permissions, routes and exposures are new; none where that is not asked for.
    pub access: usize,
    /// How many of these are open to everybody.
    pub public: usize,
}

impl Approval {
    /// Why somebody must be asked; none if nobody must be.
    pub fn why(self, judgement: &Judgement) -> Option<Why> {
        let data = judgement.changes.iter().filter(|change| change.is_data_at_risk()).count();
        let widened = || judgement.access.iter().filter(|access| access.widened);
        let (access, public) = (widened().count(), widened().filter(|access| access.public).count());
        match self {
            Approval::Never => None,
            Approval::DataLoss => (data > 0).then_some(Why { data, access: 0, public: 0 }),
            Approval::Access => (data + access > 0).then_some(Why { data, access, public }),
            Approval::Always => (!judgement.changes.is_empty()).then_some(Why { data, access, public }),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data, access, public } = *self;
        let mut parts = Vec::new();
        if data > 0 {
            parts.push(format!("data is at risk in {data} of them"));
        }
        if access > 0 {
            let public = if public > 0 { format!(" ({public} public)") } else { String::new() };
            parts.push(format!("access widens in {}{public}", count(access, "place")));
        }
        if parts.is_empty() {
            parts.push("every change requires approval".to_owned());
        }
        out.write_str(&parts.join("; "))
    }
}
