//! An automaton for all patterns of an axis. It computes which patterns can match the same text.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::bits::Bits;
use super::glob::{Glob, Token};

/// A character that no pattern contains.
const OTHER: char = '\u{10FFFE}';
/// If the automaton has more states, one example text for each pattern is used instead.
const MOST_STATES: usize = 20_000;

/// The possible positions in the patterns: the index of the pattern and of its next token.
type State = Vec<(u32, u32)>;

/// Returns every set of patterns that match a common text that no other pattern matches.
pub fn signatures(globs: &[Glob]) -> Vec<Bits> {
    let start = start(globs);
    let mut seen: HashSet<State> = HashSet::from([start.clone()]);
    let mut queue = VecDeque::from([start]);
    let mut found = BTreeSet::new();
    while let Some(state) = queue.pop_front() {
        found.insert(accepted(globs, &state));
        if seen.len() > MOST_STATES {
            continue;
        }
        for c in alphabet(globs, &state) {
            let next = step(globs, &state, c);
            if !seen.contains(&next) {
                seen.insert(next.clone());
                queue.push_back(next);
            }
        }
    }
    if seen.len() > MOST_STATES {
        found.extend(globs.iter().map(|glob| signature(globs, &example(glob))));
    }
    found.into_iter().collect()
}

/// Returns the patterns that match a text that no pattern contains.
pub fn stranger(globs: &[Glob]) -> Bits {
    signature(globs, &[OTHER; 64])
}

fn signature(globs: &[Glob], text: &[char]) -> Bits {
    accepted(globs, &text.iter().fold(start(globs), |state, c| step(globs, &state, *c)))
}

/// Returns a text that a pattern matches.
fn example(glob: &Glob) -> Vec<char> {
    let char = |token: &Token| if let Token::Char(c) = token { *c } else { OTHER };
    glob.tokens.iter().map(char).collect()
}

fn start(globs: &[Glob]) -> State {
    let mut state = State::new();
    (0..).zip(globs).for_each(|(glob, it)| enter(it, glob, 0, &mut state));
    state
}

/// Adds a position, and the positions that are reachable from it without input.
fn enter(it: &Glob, glob: u32, at: u32, state: &mut State) {
    state.push((glob, at));
    if matches!(it.tokens.get(at as usize), Some(Token::Many | Token::RestOfSegment)) {
        enter(it, glob, at + 1, state);
    }
}

fn accepted(globs: &[Glob], state: &State) -> Bits {
    let mut bits = Bits::none(globs.len());
    for (glob, at) in state {
        if globs[*glob as usize].tokens.len() == *at as usize {
            bits.insert(*glob as usize);
        }
    }
    bits
}

fn alphabet(globs: &[Glob], state: &State) -> BTreeSet<char> {
    let mut chars = BTreeSet::from([OTHER]);
    for (glob, at) in state {
        let glob = &globs[*glob as usize];
        match glob.tokens.get(*at as usize) {
            Some(Token::Char(c)) if glob.ignores_case => chars.extend([*c, c.to_ascii_uppercase()]),
            Some(Token::Char(c)) => chars.extend([*c]),
            Some(Token::InSegment | Token::RestOfSegment) => chars.extend(['/']),
            _ => {}
        }
    }
    chars
}

fn step(globs: &[Glob], state: &State, c: char) -> State {
    let mut next = State::new();
    for (glob, at) in state {
        let it = &globs[*glob as usize];
        let Some(token) = it.tokens.get(*at as usize) else { continue };
        let is_past = match token {
            Token::Char(wanted) => *wanted == c || (it.ignores_case && *wanted == c.to_ascii_lowercase()),
            Token::One => true,
            Token::InSegment => c != '/',
            Token::Many | Token::RestOfSegment => false,
        };
        let stays = matches!(token, Token::Many) || (matches!(token, Token::RestOfSegment) && c != '/');
        if is_past {
            enter(it, *glob, at + 1, &mut next);
        }
        if stays {
            enter(it, *glob, *at, &mut next);
        }
    }
    next.sort_unstable();
    next.dedup();
    next
}

#[cfg(test)]
mod tests {
    use super::{Glob, signatures};

    fn cells(patterns: &[&str]) -> Vec<String> {
        let globs: Vec<Glob> = patterns.iter().map(|it| Glob::wildcard(it)).collect();
        let name = |bits: &super::Bits| bits.iter().map(|at| patterns[at]).collect::<Vec<_>>().join(" ");
        signatures(&globs).iter().map(name).collect()
    }

    #[test]
    fn only_possible_combinations_of_patterns_are_cells() {
        assert_eq!(cells(&["a*", "a", "a?*"]).len(), 3, "nothing, `a`, and what is longer");
        assert_eq!(cells(&["s3:*", "s3:Get*", "ec2:*"]).len(), 4);
        assert_eq!(cells(&["a*", "*b"]).len(), 4);
    }

    #[test]
    fn segments_end_at_slashes() {
        let globs = [Glob::path_template("/a/{*}"), Glob::star("/a/*"), Glob::literal("/a/b/c")];
        assert!(signatures(&globs).iter().all(|bits| !(bits.has(0) && bits.has(2))));
    }
}
