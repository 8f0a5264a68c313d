//! Differences for other values of parameters.
//!
//! A comparison uses the defaults of parameters. A resource whose condition is false by default is in neither side, so
//! its changes would be invisible. Both sides are therefore compared again for each value that the conditions of a
//! changed resource distinguish. The result contains only the differences that the defaults do not have.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use meshsynth_assembly::Stack;
use meshsynth_template::{
    Assumed, Budget, Choice, Keys, Template, Values, assigned, choices, combinations, conditions_of, keys_of, words,
};
use serde_json::Value;

use crate::change::{Change, Edit};
use crate::resolve::{environment, evaluator};
use crate::side::{Pair, Side};

/// Both sides with assumed values.
pub struct Assumption {
    /// The values, such as "`Env` is `prod`".
    pub condition: String,
    /// The old side.
    pub base: Side,
    /// The new side.
    pub head: Side,
}

/// The maximum number of combinations of values for one resource.
const MOST_COMBINATIONS: usize = 512;
/// The maximum number of comparisons.
const MOST_COMPARISONS: usize = 64;

/// Returns both sides with the values that differ from the defaults. The second result lists the stacks that cannot be
/// compared completely.
pub fn assumptions(base: &Side, head: &Side) -> Result<(Vec<Assumption>, Vec<String>)> {
    let pair = Pair::new(base, head)?;
    let mut stacks: BTreeMap<Values, BTreeSet<String>> = BTreeMap::new();
    let mut unread = Vec::new();
    for id in changed_stacks(&pair) {
        match Sides::of(base, head, id).values() {
            Ok(all) => all.into_iter().for_each(|values| _ = stacks.entry(values).or_default().insert(id.to_owned())),
            Err(resource) => unread.push(too_many(&format!("resource `{resource}` of stack `{id}`"))),
        }
    }
    let mut ordered: Vec<(Values, BTreeSet<String>)> = stacks.into_iter().collect();
    ordered.sort_by_key(|(values, _)| values.len());
    if ordered.len() > MOST_COMPARISONS {
        let left: BTreeSet<&String> = ordered[MOST_COMPARISONS..].iter().flat_map(|(_, ids)| ids).collect();
        unread.extend(left.into_iter().map(|id| too_many(&format!("stack `{id}`"))));
        ordered.truncate(MOST_COMPARISONS);
    }
    let assumption = |(values, ids): (Values, BTreeSet<String>)| {
        let template =
            [head, base].into_iter().find_map(|it| it.stack(ids.first()?).map(|at| it.document(&at.template)));
        Assumption {
            condition: words(&values, Template::new(template.unwrap_or(&Value::Null))).join(" and "),
            base: assume(&with_old_stacks(base, head, &ids), &values, &ids),
            head: assume(head, &values, &ids),
        }
    };
    Ok((ordered.into_iter().map(assumption).collect(), unread))
}

fn too_many(what: &str) -> String {
    format!("{what}: the conditions depend on too many combinations of parameter values")
}

/// Returns the changed stacks of both sides that have conditions or mappings.
fn changed_stacks<'a>(pair: &'a Pair<'a>) -> BTreeSet<&'a str> {
    let stacks = [pair.base, pair.head].into_iter().flat_map(|side| pair.stacks(side).map(move |it| (side, it)));
    let is_conditional = |(side, stack): &(&Side, &Stack)| {
        let document = side.document(&stack.template);
        document["Parameters"].is_object() && (document["Conditions"].is_object() || document["Mappings"].is_object())
            || document["Conditions"].is_object()
    };
    stacks.filter(is_conditional).map(|(_, stack)| stack.id.as_str()).collect()
}

/// Returns the new side with the old state of some stacks. All other parts are equal, so they are not compared again.
fn with_old_stacks(base: &Side, head: &Side, ids: &BTreeSet<String>) -> Side {
    let mut side = head.shared();
    side.manifest.stacks.retain(|stack| !ids.contains(&stack.id));
    for stack in base.manifest.stacks.iter().filter(|stack| ids.contains(&stack.id)) {
        let template = &stack.template;
        side.add(template, base.text(template).to_owned(), base.document(template).clone());
        side.manifest.stacks.push(stack.clone());
    }
    side.label.clone_from(&base.label);
    side
}

/// Returns a side whose stacks have other values.
fn assume(side: &Side, values: &Values, ids: &BTreeSet<String>) -> Side {
    let mut assumed = side.shared();
    for stack in side.manifest.stacks.iter().filter(|stack| ids.contains(&stack.id)) {
        let (environment, budget) = (environment(stack), Budget::default());
        let document = assigned(&evaluator(side.document(&stack.template), &environment, values, &budget));
        assumed.fill(&stack.template, document);
    }
    assumed
}

/// Whether known changes include a change with its effects.
pub fn includes(known: &[Change], change: &Change) -> bool {
    let is_same = |it: &&Change| {
        (&it.section, &it.kind, &it.name, &it.id) == (&change.section, &change.kind, &change.name, &change.id)
    };
    known.iter().filter(is_same).any(|it| {
        let has_effects = it.verdict >= change.verdict
            && change.data.iter().all(|fate| it.data.contains(fate))
            && change.lacks.iter().all(|lack| it.lacks.contains(lack))
            && (change.interrupts.is_none() || it.interrupts.is_some());
        has_effects && (is_undecided(it) || change.edits.iter().all(|edit| it.edits.contains(edit)))
    })
}

/// Whether a change compares values as written, because the defaults do not decide a condition.
fn is_undecided(change: &Change) -> bool {
    let has_choice = |value: &Option<Value>| {
        let mut conditions = BTreeSet::new();
        value.iter().for_each(|it| conditions_of(it, &mut conditions));
        !conditions.is_empty()
    };
    change
        .edits
        .iter()
        .any(|edit: &Edit| edit.path.contains("Fn::If") || has_choice(&edit.before) || has_choice(&edit.after))
}

/// Both sides of one stack.
struct Sides<'a> {
    /// The templates that exist, with their stacks.
    templates: Vec<(&'a Value, &'a Stack)>,
    /// The resources that differ, and all resources if a section that they use differs.
    changed: BTreeSet<&'a String>,
}

impl<'a> Sides<'a> {
    fn of(base: &'a Side, head: &'a Side, id: &str) -> Self {
        let side = |side: &'a Side| side.stack(id).map(|stack| (side.document(&stack.template), stack));
        let (old, new) = (side(base), side(head));
        let section = |side: &Option<(&'a Value, &'a Stack)>, name: &str| side.map_or(&Value::Null, |it| &it.0[name]);
        let is_same = |name: &str| section(&old, name) == section(&new, name);
        let are_values_same = ["Parameters", "Conditions", "Mappings"].iter().all(|it| is_same(it));
        let (before, after) = (section(&old, "Resources"), section(&new, "Resources"));
        let ids = [before, after].into_iter().flat_map(|it| it.as_object().into_iter().flatten()).map(|(id, _)| id);
        let changed = ids.filter(|id| !are_values_same || before.get(*id) != after.get(*id)).collect();
        Self { templates: old.into_iter().chain(new).collect(), changed }
    }

    /// Returns the values to compare, without the defaults. The error is a resource with too many combinations.
    fn values(&self) -> Result<BTreeSet<Values>, String> {
        let mut all = BTreeSet::new();
        for id in &self.changed {
            all.extend(self.values_of(id).ok_or_else(|| (*id).clone())?);
        }
        Ok(all)
    }

    /// Returns the values that one resource distinguishes, or `None` if there are too many.
    fn values_of(&self, id: &str) -> Option<BTreeSet<Values>> {
        let (mut conditions, mut keys) = (BTreeSet::new(), Keys::new());
        for (template, _) in &self.templates {
            conditions_of(&template["Resources"][id], &mut conditions);
            keys_of(&template["Resources"][id], &mut keys);
        }
        if conditions.is_empty() && keys.is_empty() {
            return Some(BTreeSet::new());
        }
        let mut merged: Vec<Choice> = Vec::new();
        let none = Values::new();
        for (template, stack) in &self.templates {
            let (environment, budget) = (environment(stack), Budget::default());
            let evaluator = evaluator(template, &environment, &none, &budget);
            let is_open = |name: &str| !environment.pseudo.contains_key(name);
            for choice in choices(&evaluator, &conditions, &keys, is_open) {
                match merged.iter_mut().find(|it| it.name == choice.name) {
                    Some(known) => {
                        let new = choice.values.into_iter().filter(|it| !known.values.contains(it)).collect::<Vec<_>>();
                        known.values.extend(new);
                    }
                    None => merged.push(choice),
                }
            }
        }
        // The values with the fewest differences from the defaults represent all values with the same result.
        let mut candidates: Vec<Values> = combinations(&merged, MOST_COMBINATIONS)?;
        candidates
            .iter_mut()
            .for_each(|values| values.retain(|name, assumed| !self.is_default(name, assumed, &merged)));
        candidates.sort_by_key(Values::len);
        let mut results = BTreeSet::from([self.results(&none, &conditions, &keys)]);
        let is_new = |values: &Values| results.insert(self.results(values, &conditions, &keys));
        Some(candidates.into_iter().filter(is_new).collect())
    }

    /// Returns the results of conditions and the keys of mappings for some values.
    fn results(&self, values: &Values, conditions: &BTreeSet<String>, keys: &Keys) -> Results {
        let each = self.templates.iter().flat_map(|(template, stack)| {
            let (environment, budget) = (environment(stack), Budget::default());
            let evaluator = evaluator(template, &environment, values, &budget);
            conditions
                .iter()
                .map(|name| {
                    budget.reset();
                    evaluator.condition(name)
                })
                .collect::<Vec<_>>()
        });
        (each.collect(), keys.keys().map(|name| values.get(name).cloned()).collect())
    }

    /// Whether a parameter has an assumed value by default on both sides.
    fn is_default(&self, name: &str, assumed: &Assumed, choices: &[Choice]) -> bool {
        let is_default = |(template, stack): &(&Value, &Stack)| {
            let parameter = Template::new(template).parameter(name);
            let default = parameter.and_then(meshsynth_template::Parameter::default);
            let is_listed = |default: &String| {
                let own = choices.iter().filter(|it| it.name == name).flat_map(|it| &it.values);
                own.into_iter().any(|it| *it == Assumed::Value(default.clone()))
            };
            match assumed {
                Assumed::Value(value) => default.as_ref() == Some(value),
                Assumed::Other => default.as_ref().is_some_and(|it| !is_listed(it)),
                Assumed::Holds(holds) => {
                    let (environment, none, budget) = (environment(stack), Values::new(), Budget::default());
                    evaluator(template, &environment, &none, &budget).condition(name) == Some(*holds)
                }
            }
        };
        self.templates.iter().all(is_default)
    }
}

/// The results of conditions, and the keys of mappings.
type Results = (Vec<Option<bool>>, Vec<Option<Assumed>>);
