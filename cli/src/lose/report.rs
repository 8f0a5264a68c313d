//! What was asked, of which output, and what was answered.

use meshsynth_reach::loss::{Asked, Finding, Kind, Loss, Outcome};

/// What was asked, of which output, and what was answered.
#[derive(Debug)]
pub struct Report {
    /// The name of the platform, or the path that was read.
    pub platform: String,
    /// The digest of what was read.
    pub digest: String,
    /// What is lost.
    pub asked: Asked,
    /// What becomes of the rest.
    pub loss: Loss,
    /// Whether what is left is told with what decides.
    pub why: bool,
    /// What could not be read.
    pub unread: Vec<String>,
}

/// Findings that are told in one row: more than these that come to the same by the same causes.
const MOST_ALIKE: usize = 2;

/// Findings with the same outcome and the same causes together, in their order.
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
    /// The question as a sentence.
    pub fn question(&self) -> String {
        format!("What is left without {}?", self.loss.lost)
    }

    /// The kinds of which there is anything, and how much of each comes to what, the worst first.
    pub fn counts(&self) -> Vec<(Kind, Vec<(Outcome, usize)>)> {
        let of = |kind: Kind| {
            let counts = Outcome::ALL.into_iter().rev().map(|it| (it, self.loss.count(kind, it)));
            (kind, counts.filter(|(_, count)| *count > 0).collect::<Vec<_>>())
        };
        Kind::ALL.into_iter().map(of).filter(|(_, counts)| !counts.is_empty()).collect()
    }

    /// The answers in a few words: of entries, calls, stores and workloads.
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

/// A sentence without the marks of names that AWS makes.
pub fn shown(text: &str) -> String {
    meshsynth_reach::identity::shown(text)
}
