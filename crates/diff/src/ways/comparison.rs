//! Comparison of the answers of two sides to the same questions.

use std::collections::BTreeSet;
use std::thread;

use meshsynth_reach::{Answer, Engine, Pair as Reached, Source, Target, Verdict};

use super::affected::Affected;
use super::ends::{Ask, Ends, Key, question};
use super::fold::Turn;
use super::way;
use super::written::Written;

/// The maximum number of questions that are evaluated one by one.
const MOST: usize = 100_000;

/// The maximum number of workload pairs that are evaluated one by one. More pairs are evaluated in one call.
const MOST_PAIRS: usize = 40_000;

/// Two sides that receive the same questions.
pub struct Comparison<'a> {
    pub engines: &'a [Engine<'a>; 2],
    pub ends: &'a [Ends; 2],
    pub affected: &'a Affected,
    pub written: Written,
}

/// A question, identified by the keys of its source and its target, and the kind of access.
pub type Question<'a> = (&'a Key, &'a Key, &'a Ask);

impl Comparison<'_> {
    /// Returns every question whose answers differ between the sides.
    pub fn turns(&self, notes: &mut Vec<String>) -> Vec<Turn> {
        let mut questions = self.questions();
        if questions.len() > MOST {
            // Queries between two new endpoints are omitted first, because reports only count such paths.
            let is_new = |key: &Key| !self.ends[0].sources.contains_key(key) && !self.ends[0].targets.contains_key(key);
            questions.retain(|(source, target, _)| **source == Key::Internet || !(is_new(source) && is_new(target)));
        }
        if questions.len() > MOST {
            let is_kept = |key: &Key| *key == Key::Internet || self.affected.has_changed(key);
            questions.retain(|(source, target, _)| is_kept(source) || is_kept(target));
            questions.sort_by_key(|(source, ..)| **source != Key::Internet);
            let n_left_out = questions.len().saturating_sub(MOST);
            questions.truncate(MOST);
            notes.push(format!(
                "the change affects the network of all resources: connections between unchanged resources other than \
                 workloads are not compared, nor {n_left_out} other connections; use `meshsynth reach` for these"
            ));
        }
        let verdicts = thread::scope(|scope| {
            let base = scope.spawn(|| self.verdicts(0, &questions));
            let head = self.verdicts(1, &questions);
            [base.join().expect("the engine never panics"), head]
        });
        let [old, new] = verdicts;
        let differs = questions.iter().zip(old.into_iter().zip(new)).filter(|(_, (a, b))| a != b);
        let mut turns: Vec<Turn> = differs.map(|(question, _)| self.turn(*question)).collect();
        for (source, target, ask) in self.all_pairs() {
            turns.push(self.turn((&source, &target, &ask)));
        }
        self.without_echoes(turns)
    }

    fn is_large(&self) -> bool {
        let pods = |side: &Ends| {
            let keys = || side.sources.keys().filter(|it| matches!(it, Key::Workload(..)));
            (keys().count(), keys().filter(|it| self.affected.everything || self.affected.ends.contains(it)).count())
        };
        self.ends.iter().map(pods).any(|(all, touched)| all * touched > MOST_PAIRS)
    }

    fn questions(&self) -> Vec<Question<'_>> {
        let all = |of: fn(&Ends) -> Vec<&Key>| -> BTreeSet<&Key> { self.ends.iter().flat_map(of).collect() };
        let mut sources = all(|it| it.sources.keys().collect());
        if self.ends[0].targets.is_empty() {
            // For a new platform, only external access is reported.
            sources.retain(|key| matches!(key, Key::Internet | Key::Elsewhere(_)));
        }
        let targets = all(|it| it.targets.keys().collect());
        let is_large = self.is_large();
        let mut found = Vec::new();
        for target in targets {
            let asks: BTreeSet<&Ask> =
                self.ends.iter().filter_map(|it| it.targets.get(target)).flat_map(|(_, asks)| asks).collect();
            let is_pod = matches!(target, Key::Workload(..));
            for source in &sources {
                let is_of_pairs = is_large && is_pod && matches!(source, Key::Workload(..));
                if source != &target && !is_of_pairs && self.affected.has(source, target) {
                    found.extend(asks.iter().map(|ask| (*source, target, *ask)));
                }
            }
        }
        found
    }

    fn verdicts(&self, side: usize, questions: &[Question<'_>]) -> Vec<Verdict> {
        questions.iter().map(|it| self.verdict(side, *it).unwrap_or(Verdict::Denied)).collect()
    }

    /// Returns the verdict of a side, or `None` if an endpoint does not exist there.
    pub fn verdict(&self, side: usize, question: Question<'_>) -> Option<Verdict> {
        let (source, target) = self.question(side, question)?;
        Some(self.engines[side].verdict(source, &target))
    }

    /// Returns the answer of a side without fixes, or `None` if an endpoint does not exist there.
    fn explain(&self, side: usize, question: Question<'_>) -> Option<Answer> {
        let (source, target) = self.question(side, question)?;
        Some(self.engines[side].explain(source, &target))
    }

    /// Returns the source and the target on a side, or `None` if an endpoint does not exist there.
    fn question(&self, side: usize, (source, target, ask): Question<'_>) -> Option<(&Source, Target)> {
        let ends = &self.ends[side];
        let source = ends.sources.get(source)?;
        let (target, asks) = ends.targets.get(target)?;
        let target = asks.contains(ask).then(|| question(source, target, ask))??;
        Some((source, target))
    }

    /// Returns the workload pairs that differ, if there are too many for single questions.
    fn all_pairs(&self) -> Vec<(Key, Key, Ask)> {
        if !self.is_large() {
            return Vec::new();
        }
        let pairs = |side: usize| -> BTreeSet<(Key, Key, Ask, Verdict)> {
            let world = self.engines[side].world();
            let keys = self.ends[side].workloads();
            let row = |it: Reached| {
                Some((keys.get(&it.from)?.clone(), keys.get(&it.to)?.clone(), Ask::Port(it.port), it.verdict))
            };
            (0..world.clusters.len()).flat_map(|cluster| self.engines[side].pairs(cluster)).filter_map(row).collect()
        };
        let (old, new) = thread::scope(|scope| {
            let old = scope.spawn(|| pairs(0));
            let new = pairs(1);
            (old.join().expect("the engine never panics"), new)
        });
        let differs: BTreeSet<(Key, Key, Ask)> =
            old.symmetric_difference(&new).map(|(a, b, ask, _)| (a.clone(), b.clone(), ask.clone())).collect();
        differs.into_iter().collect()
    }

    fn turn(&self, question: Question<'_>) -> Turn {
        let answers = [0, 1].map(|side| self.explain(side, question));
        let verdict = |answer: &Option<Answer>| answer.as_ref().map_or(Verdict::Denied, |it| it.verdict);
        let (before, after) = (verdict(&answers[0]), verdict(&answers[1]));
        let (source, target, ask) = question;
        let is_there =
            |side: usize| [self.ends[side].sources.contains_key(source), self.ends[side].targets.contains_key(target)];
        let is_old = |key: &Key| matches!(key, Key::Internet | Key::Elsewhere(_));
        let fresh = match after < before {
            // A path between new endpoints affects no existing source and no existing target.
            true => is_there(0) == [false, false] && !is_old(source),
            false => is_there(1) != [true, true],
        };
        let side = usize::from(self.ends[1].sources.contains_key(source) && self.ends[1].targets.contains_key(target));
        let world = self.engines[side].world();
        let (from, to) = (self.ends[side].say_source(world, source), self.ends[side].say_target(world, target));
        let by = way::deciders(answers[0].as_ref(), answers[1].as_ref());
        let passes = &answers[usize::from(after < before)];
        let rows = passes.iter().flat_map(|it| &it.chain).flat_map(|it| self.written.of_link(it, &to)).collect();
        let (source, target, ask) = (source.clone(), target.clone(), ask.clone());
        Turn { source, target, ask, from, to, before, after, fresh, by, rows, with: None }
    }

    /// Removes redundant turns: a role whose workload gains the same access, and a source that gains public API access.
    fn without_echoes(&self, turns: Vec<Turn>) -> Vec<Turn> {
        let mut heard: BTreeSet<(Key, Key, Ask, bool)> = BTreeSet::new();
        for turn in &turns {
            let Key::Workload(..) = turn.source else { continue };
            for side in [0, 1] {
                let Some(source) = self.ends[side].sources.get(&turn.source) else { continue };
                let engine = &self.engines[side];
                for id in engine.identities().roles(source) {
                    let Some(role) = self.ends[side].of_resource(id).cloned() else { continue };
                    // A source that reaches a store can also log in to it.
                    let asks = [Some(turn.ask.clone()), matches!(turn.ask, Ask::Port(_)).then_some(Ask::Login)];
                    let row = |ask| (role.clone(), turn.target.clone(), ask, turn.opens());
                    heard.extend(asks.into_iter().flatten().map(row));
                }
            }
        }
        let public: BTreeSet<(Key, Ask, bool)> = turns
            .iter()
            .filter(|it| it.source == Key::Internet && matches!(it.ask, Ask::Action(..)))
            .map(|it| (it.target.clone(), it.ask.clone(), it.opens()))
            .collect();
        let is_new = |it: &Turn| {
            !heard.contains(&(it.source.clone(), it.target.clone(), it.ask.clone(), it.opens()))
                && (it.source == Key::Internet || !public.contains(&(it.target.clone(), it.ask.clone(), it.opens())))
        };
        turns.into_iter().filter(is_new).collect()
    }
}
