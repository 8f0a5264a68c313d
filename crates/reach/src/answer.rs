//! Answers of the engine: a verdict, and the chain of links that decides it.

use crate::fixes::fixes;
use crate::link::{Fix, Link, Verdict};

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The description of the source.
    pub from: String,
    /// The description of the target.
    pub to: String,
    /// Whether the source reaches the target.
    pub verdict: Verdict,
    /// The links that decide, from the outside in.
    pub chain: Vec<Link>,
    /// The shortest set of changes that opens a denied connection or closes an allowed one.
    pub fixes: Vec<Fix>,
}

impl Answer {
    /// Creates the answer for one chain of links.
    pub fn of(from: impl Into<String>, to: impl Into<String>, chain: Vec<Link>) -> Self {
        let ways = vec![chain.clone()];
        Self::of_ways(from, to, chain, &ways)
    }

    /// Creates the answer for the best of several paths.
    pub fn of_ways(from: impl Into<String>, to: impl Into<String>, chain: Vec<Link>, ways: &[Vec<Link>]) -> Self {
        let verdict = chain.iter().fold(Verdict::Allowed, |all, link| all.and(link.verdict));
        let fixes = fixes(verdict, ways);
        Self { from: from.into(), to: to.into(), verdict, chain, fixes }
    }

    /// Returns the deciding links: those that deny, or, for an allowed connection, all links.
    pub fn deciding(&self) -> impl Iterator<Item = &Link> {
        self.chain.iter().filter(|link| link.verdict == self.verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::Answer;
    use crate::link::{Layer, Link, Verdict};

    #[test]
    fn worst_link_decides_the_chain() {
        let link = |verdict| Link::new(Layer::Route, verdict, "");
        let of = |links: &[Verdict]| Answer::of("a", "b", links.iter().map(|it| link(*it)).collect()).verdict;
        assert_eq!(of(&[]), Verdict::Allowed);
        assert_eq!(of(&[Verdict::Allowed, Verdict::Unknown]), Verdict::Unknown);
        assert_eq!(of(&[Verdict::Unknown, Verdict::Denied]), Verdict::Denied);
    }

    #[test]
    fn fixes_include_every_denying_link() {
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
