//! The plan: ordered steps with their effects, notes and unknown facts.

mod cluster;
mod store;

use std::collections::BTreeMap;
use std::thread;

use anyhow::Result;
use meshsynth_diff::side::Side;

use crate::component::{Component, Located};
use crate::edit::Edit;
use crate::effect;
use crate::inventory::inventory;
use crate::notes;
use crate::request::Request;
use crate::statement::{Applies, Statement, Unknown};
use crate::step::Step;

/// The steps to the wanted versions.
#[derive(Debug, Default)]
pub struct Plan {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The requests that the vendor refuses, or that need no step.
    pub refused: Vec<Statement>,
    /// The requests without data.
    pub unknowns: Vec<Unknown>,
}

impl Plan {
    /// Plans the steps to the wanted versions.
    ///
    /// # Errors
    ///
    /// If the platform has no component of a request, or a file cannot be parsed.
    pub fn new(side: &Side, located: &Located<'_>, requests: &[Request]) -> Result<Self> {
        let components = inventory(side, located);
        let mut goals: BTreeMap<usize, String> = BTreeMap::new();
        for request in requests {
            for at in request.components(&components)? {
                goals.insert(at, request.version.clone());
            }
        }
        let mut plan = Self::default();
        for cluster in &side.manifest.clusters {
            plan.cluster(cluster, &components, &goals);
        }
        for (at, goal) in &goals {
            if components[*at].cluster.is_none() {
                plan.store(side, &components[*at], goal);
            }
        }
        plan.compare(side)?;
        Ok(plan)
    }

    /// Applies the edits of each step to the platform after the previous step, and compares both.
    fn compare(&mut self, side: &Side) -> Result<()> {
        let mut sides = vec![side.shared()];
        for step in &self.steps {
            let after = effect::apply(&sides[sides.len() - 1], &step.edits);
            sides.push(after);
        }
        // The comparisons are independent, and each takes most of the time of the command.
        thread::scope(|scope| {
            let compared: Vec<_> = (self.steps.iter().zip(sides.windows(2)))
                .map(|(step, pair)| {
                    (!step.edits.is_empty()).then(|| scope.spawn(|| effect::compare(&pair[0], &pair[1])))
                })
                .collect();
            for (at, (step, compared)) in self.steps.iter_mut().zip(compared).enumerate() {
                if let Some(compared) = compared {
                    (step.effects, step.hazards) = compared.join().expect("comparing platforms never panics")?;
                }
                step.notes = notes::of(&sides[at + 1], step);
            }
            Ok(())
        })
    }

    /// Returns the number of notes that do not concern the platform.
    pub fn n_absent(&self) -> usize {
        let notes = self.steps.iter().flat_map(|step| &step.notes);
        notes.filter(|note| matches!(note.applies, Applies::Absent(_))).count()
    }
}

/// Returns the edit of a component's version.
fn edit(component: &Component, new: &str) -> Edit {
    use crate::component::Place;
    let old = component.version.known().unwrap_or_default();
    let new = if old.starts_with('v') && !new.starts_with('v') { format!("v{new}") } else { new.to_owned() };
    Edit {
        place: component.place.clone(),
        cluster: component.cluster.clone(),
        source: component.source.clone(),
        property: match &component.place {
            Place::Resource { property, .. } => (*property).to_owned(),
            Place::Releases { names } => format!("chart version of {}", names.join(", ")),
            Place::Image { image, .. } => image.clone(),
        },
        old: old.to_owned(),
        new,
    }
}
