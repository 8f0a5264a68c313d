//! What the engine answers: a verdict, and the chain that decides.

use crate::fixes::fixes;
use crate::link::{Fix, Link, Verdict};

/// What the engine answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who asks, in words.
    pub from: String,
    /// For what, in words.
    pub to: String,
    /// Whether it gets through.
    pub verdict: Verdict,
    /// What decides, from the outside in.
    pub chain: Vec<Link>,
    /// The shortest set of changes that would open it where it is denied, or close it where it is allowed.
    pub fixes: Vec<Fix>,
}

impl Answer {
    /// What links come to, one behind the other.
    pub fn of(from: impl Into<String>, to: impl Into<String>, chain: Vec<Link>) -> Self {
        let ways = vec![chain.clone()];
        Self::of_ways(from, to, chain, &ways)
    }

    /// What the best of several ways comes to.
    pub fn of_ways(from: impl Into<String>, to: impl Into<String>, chain: Vec<Link>, ways: &[Vec<Link>]) -> Self {
        let verdict = chain.iter().fold(Verdict::Allowed, |all, link| all.and(link.verdict));
        let fixes = fixes(verdict, ways);
        Self { from: from.into(), to: to.into(), verdict, chain, fixes }
    }

    /// The links that decide: those that stop it, or all that let it pass.
    pub fn deciding(&self) -> impl Iterator<Item = &Link> {
        self.chain.iter().filter(|link| link.verdict == self.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::link::{Layer, Link, Verdict};

    #[test]
    fn a_chain_is_as_strong_as_its_weakest_link() {
        let link = |verdict| Link::new(Layer::Route, verdict, "");
        let of = |links: &[Verdict]| Answer::of("a", "b", links.iter().map(|it| link(*it)).collect()).verdict;
        assert_eq!(of(&[]), Verdict::Allowed);
        assert_eq!(of(&[Verdict::Allowed, Verdict::Unknown]), Verdict::Unknown);
        assert_eq!(of(&[Verdict::Unknown, Verdict::Denied]), Verdict::Denied);
    }

    #[test]
    fn opening_changes_every_link_that_stops() {
        let link = |layer, verdict| Link::new(layer, verdict, "");
        let chain = vec![
            link(Layer::Route, Verdict::Denied),
            link(Layer::SecurityGroup, Verdict::Allowed),
            link(Layer::Login, Verdict::Denied),
        ];
        let layers: Vec<Layer> = Answer::of("a", "b", chain).fixes.iter().map(|it| it.layer).collect();
        assert_eq!(layers, [Layer::Route, Layer::Login]);
    }
}
