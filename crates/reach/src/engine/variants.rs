//! Answers for all values of the parameters that the files do not determine.

use super::Engine;
use super::ways::Ways;
use crate::answer::Answer;
use crate::ends::{Source, Target};
use crate::link::{Layer, Link, Verdict};
use crate::world::World;

impl<'a> Engine<'a> {
    /// Whether conditions depend on values that the files do not determine.
    pub(super) fn has_open_values(&self) -> bool {
        self.world.has_too_many_variants || !self.world.variants.is_empty() || !self.world.incomplete.is_empty()
    }

    /// Returns an unknown answer instead of a denial by a template that can contain further resources.
    fn completed(&self, answer: Answer) -> Answer {
        if answer.verdict != Verdict::Denied {
            return answer;
        }
        let reason = |link: &Link| {
            let at = link.at.as_ref()?;
            Some((at.clone(), self.world.incomplete.get(&at.file)?.clone()))
        };
        let layer = answer.deciding().next().map_or(Layer::Entry, |it| it.layer);
        let found = answer.deciding().find_map(reason);
        match found {
            Some((at, why)) => with(answer, Link::new(layer, Verdict::Unknown, why).by(String::new(), "", &at)),
            None => answer,
        }
    }

    /// Returns the answer that all values have in common, or an unknown answer.
    pub(super) fn for_all_values(
        &self,
        source: &Source,
        target: &Target,
        ways: impl Fn(&Engine<'a>, &Source, &Target) -> Ways,
    ) -> Answer {
        self.completed(self.common(source, target, ways))
    }

    fn common(&self, source: &Source, target: &Target, ways: impl Fn(&Engine<'a>, &Source, &Target) -> Ways) -> Answer {
        let own = self.answer(source, target, &ways(self, source, target));
        if !self.has_open_values() {
            return own;
        }
        if self.world.has_too_many_variants {
            let why = "the result depends on parameters without values, which have too many combinations";
            return with(own, Link::new(Layer::Entry, Verdict::Unknown, why));
        }
        let engines =
            self.variants.get_or_init(|| self.world.variants.iter().map(|it| Engine::new(&it.world)).collect());
        let mut answers: Vec<(&[String], Answer)> = Vec::new();
        for (variant, engine) in self.world.variants.iter().zip(engines) {
            let ends = (source_in(self.world, &variant.world, source), target_in(self.world, &variant.world, target));
            // Parameter values for which the source or the target does not exist are ignored.
            if let (Some(source), Some(target)) = ends {
                let found = ways(engine, &source, &target);
                answers.push((&variant.words, engine.answer(&source, &target, &found)));
            }
        }
        match nearest(&answers) {
            Some(((open_if, open), (closed_if, closed))) => {
                with(open.clone(), depends((open_if, open), (closed_if, closed)))
            }
            None => answers.into_iter().next().map(|it| it.1).filter(|it| it.verdict != own.verdict).unwrap_or(own),
        }
    }
}

/// An answer with the values for which it is correct.
type Valued<'v> = (&'v [String], Answer);

/// Returns the two answers with different verdicts and the most values in common, the more permissive one first.
fn nearest<'a, 'v>(answers: &'a [Valued<'v>]) -> Option<(&'a Valued<'v>, &'a Valued<'v>)> {
    let pairs = answers.iter().flat_map(|a| answers.iter().map(move |b| (a, b)));
    let differing = pairs.filter(|(a, b)| a.1.verdict < b.1.verdict);
    differing.min_by_key(|(a, b)| a.0.iter().zip(b.0).filter(|(a, b)| a != b).count())
}

/// Returns the link that names the values on which the verdict depends.
fn depends(open: (&[String], &Answer), closed: (&[String], &Answer)) -> Link {
    let differing = |of: &[String], other: &[String]| {
        of.iter().zip(other).filter(|(a, b)| a != b).map(|it| it.0.as_str()).collect::<Vec<_>>().join(" and ")
    };
    let (open_if, closed_if) = (differing(open.0, closed.0), differing(closed.0, open.0));
    let deciding = closed.1.deciding().next();
    let because = deciding.map_or_else(String::new, |it| format!(" ({})", it.why));
    let [open, closed] = [open.1.verdict.word(), closed.1.verdict.word()];
    let why = format!("{open} if {open_if}; {closed} if {closed_if}{because}");
    let link = Link::new(deciding.map_or(Layer::Entry, |it| it.layer), Verdict::Unknown, why);
    match deciding.and_then(|it| Some((it, it.at.as_ref()?))) {
        Some((it, at)) => link.by(it.what.clone(), it.field.clone(), at),
        None => link,
    }
}

/// Returns an answer with one more link, which makes it unknown.
fn with(answer: Answer, link: Link) -> Answer {
    let mut chain: Vec<Link> = answer.chain;
    chain.retain(|it| it.verdict != Verdict::Denied);
    chain.push(link);
    Answer::of(answer.from, answer.to, chain)
}

fn source_in(world: &World, variant: &World, source: &Source) -> Option<Source> {
    Some(match source {
        Source::Resource(id) => Source::Resource(variant.counterpart(world, *id)?),
        Source::Role(id) => Source::Role(variant.counterpart(world, *id)?),
        other => other.clone(),
    })
}

fn target_in(world: &World, variant: &World, target: &Target) -> Option<Target> {
    Some(match target {
        Target::Resource(id, port) => Target::Resource(variant.counterpart(world, *id)?, *port),
        Target::Action(action, id) => Target::Action(action.clone(), variant.counterpart(world, *id)?),
        other => other.clone(),
    })
}
