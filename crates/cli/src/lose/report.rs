//! The simulated failure, the analyzed output, and the results.

use meshsynth_reach::loss::{Asked, Finding, Kind, Loss, Outcome};

/// The simulated failure, the analyzed output, and the results.
#[derive(Debug)]
pub struct Report {
    /// The name of the platform, or the path of the input.
    pub platform: String,
    /// The digest of the input.
    pub digest: String,
    /// The simulated failure.
    pub asked: Asked,
    /// The outcomes of the other components.
    pub loss: Loss,
    /// Whether causes are also shown for unaffected components.
    pub why: bool,
    /// Input that could not be read.
    pub unread: Vec<String>,
}

/// The maximum number of findings with the same outcome and causes that are shown in separate rows.
const MOST_ALIKE: usize = 2;

/// Groups findings with the same outcome and causes, in their order.
pub fn alike<'a>(findings: &[&'a Finding]) -> Vec<Vec<&'a Finding>> {
    let whys = |it: &Finding| it.judgement.causes.iter().map(|cause| cause.why.clone()).collect::<Vec<_>>();
    let mut groups: Vec<(Outcome, Vec<String>, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let (outcome, whys) = (finding.outcome(), whys(finding));
        match groups.iter_mut().find(|it| it.0 == outcome && it.1 == whys) {
            Some(group) => group.2.push(finding),
            None => groups.push((outcome, whys, vec![finding])),
        }
    }
    let split = |(_, _, group): (Outcome, Vec<String>, Vec<&'a Finding>)| match group.len() > MOST_ALIKE {
        true => vec![group],
        false => group.into_iter().map(|it| vec![it]).collect(),
    };
    groups.into_iter().flat_map(split).collect()
}

impl Report {
    /// Returns the title of the report as a question.
    pub fn question(&self) -> String {
        format!("What are the effects of losing {}?", self.loss.lost)
    }

    /// Returns the kinds with findings, and their counts by outcome, worst first.
    pub fn counts(&self) -> Vec<(Kind, Vec<(Outcome, usize)>)> {
        let of = |kind: Kind| {
            let counts = Outcome::ALL.into_iter().rev().map(|it| (it, self.loss.count(kind, it)));
            (kind, counts.filter(|(_, count)| *count > 0).collect::<Vec<_>>())
        };
        Kind::ALL.into_iter().map(of).filter(|(_, counts)| !counts.is_empty()).collect()
    }

    /// Returns a summary of entries, calls, stores and workloads.
    pub fn summary(&self) -> String {
        let wanted = [Kind::Entry, Kind::Call, Kind::Store, Kind::Workload];
        let counts = self.counts().into_iter().filter(|(kind, _)| wanted.contains(kind));
        let words = |(kind, counts): (Kind, Vec<(Outcome, usize)>)| {
            let counts: Vec<String> = counts.iter().map(|(it, count)| format!("{count} {}", it.word())).collect();
            format!("{}: {}", kind.heading(), counts.join(", "))
        };
        counts.map(words).collect::<Vec<_>>().join("; ")
    }
}

/// Removes internal markers around names that AWS generates.
pub fn shown(text: &str) -> String {
    meshsynth_reach::identity::shown(text)
}
