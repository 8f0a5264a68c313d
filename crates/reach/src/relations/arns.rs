//! The ARNs of stores, indexed by prefix.

use std::collections::BTreeSet;

use crate::identity::{is_like, is_open};

/// The ARNs of one service, each with the position of its store.
#[derive(Default)]
pub struct Arns {
    /// ARNs without parts that a deployment fills in, sorted.
    literal: Vec<(String, usize)>,
    /// The lengths of the literal ARNs.
    lengths: BTreeSet<usize>,
    /// ARNs with parts that a deployment fills in.
    open: Vec<(String, usize)>,
}

/// The number of parts of an ARN.
const PARTS: usize = 6;

impl Arns {
    /// Adds an ARN.
    pub fn insert(&mut self, arn: String, at: usize) {
        if is_open(&arn) || arn.splitn(PARTS, ':').count() < PARTS {
            self.open.push((arn, at));
        } else {
            self.lengths.insert(arn.len());
            self.literal.push((arn, at));
        }
    }

    /// Sorts the added ARNs.
    pub fn sort(&mut self) {
        self.literal.sort_unstable();
    }

    /// Returns the positions of the ARNs that a pattern with this prefix may match. See
    /// [`is_like`].
    pub fn like(&self, begin: &str) -> Vec<usize> {
        let is_like = |it: &&(String, usize)| is_like(begin, &it.0);
        let mut found: Vec<usize> = self.open.iter().filter(is_like).map(|it| it.1).collect();
        if is_open(begin) || begin.splitn(PARTS, ':').count() < PARTS {
            found.extend(self.literal.iter().filter(is_like).map(|it| it.1));
            return found;
        }
        found.extend(self.from(begin).take_while(|it| it.0.starts_with(begin)).map(|it| it.1));
        // The pattern may also begin with a whole ARN.
        for part in self.lengths.range(..begin.len()).filter_map(|length| begin.get(..*length)) {
            found.extend(self.from(part).take_while(|it| it.0 == part).map(|it| it.1));
        }
        found
    }

    fn from(&self, begin: &str) -> impl Iterator<Item = &(String, usize)> {
        let first = self.literal.partition_point(|it| it.0.as_str() < begin);
        self.literal[first..].iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_agrees_with_pairwise_comparison() {
        let names = ["a", "a/b", "a/b/c", "b", "", "a:b", "\u{1}", "a\u{1}"];
        let before = [
            "arn:aws:ssm:eu-west-1:1:",
            "arn:aws:ssm:eu-west-1:2:",
            "arn:aws:ssm::1:",
            "arn:aws:ssm:\u{1}:1:",
            "arn:aws",
        ];
        let all: Vec<String> =
            before.iter().flat_map(|before| names.iter().map(move |name| format!("{before}{name}"))).collect();
        let mut arns = Arns::default();
        all.iter().enumerate().for_each(|(at, arn)| arns.insert(arn.clone(), at));
        arns.sort();
        for begin in &all {
            let mut found = arns.like(begin);
            found.sort_unstable();
            let compared: Vec<usize> = (0..all.len()).filter(|at| is_like(begin, &all[*at])).collect();
            assert_eq!(found, compared, "{begin:?}");
        }
    }
}
