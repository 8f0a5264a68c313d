//! Random templates: results for all values of parameters agree with an independent evaluator.

use std::collections::BTreeMap;

use meshsynth_template::{Assumed, Budget, Dependent, Evaluator, Mode, Outcome, Residual, Template, Values};
use serde_json::{Value, json};

use crate::naive::{self, Given};

/// A generator of numbers with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// The values of parameters. No literal of a template is `z`, so it represents all other values.
const TEXTS: [&str; 4] = ["a", "b", "c", "z"];
const NAMES: [&str; 3] = ["P0", "P1", "P2"];
const CONDITIONS: [&str; 3] = ["C0", "C1", "C2"];

fn condition(random: &mut Random, at: usize, depth: usize) -> Value {
    match random.below(if depth > 2 { 2 } else { 6 }) {
        0 => json!({ "Fn::Equals": [{ "Ref": random.of(&NAMES) }, random.of(&TEXTS[..3])] }),
        1 if at > 0 => json!({ "Condition": CONDITIONS[random.below(at)] }),
        1 | 2 => json!({ "Fn::Equals": [random.of(&TEXTS[..3]), { "Ref": random.of(&NAMES) }] }),
        3 => json!({ "Fn::Not": [condition(random, at, depth + 1)] }),
        kind => {
            let operands: Vec<Value> = (0..2).map(|_| condition(random, at, depth + 1)).collect();
            json!({ (if kind == 4 { "Fn::And" } else { "Fn::Or" }): operands })
        }
    }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 3 { 2 } else { 9 }) {
        0 => random.of(&TEXTS).into(),
        1 => random.below(9).into(),
        2 | 3 => json!({ "Fn::If": [random.of(&CONDITIONS), value(random, depth + 1), value(random, depth + 1)] }),
        4 => json!({ "Fn::If": [random.of(&CONDITIONS), value(random, depth + 1), { "Ref": "AWS::NoValue" }] }),
        5 => json!({ "Fn::Join": ["-", [random.of(&TEXTS), { "Fn::If": [random.of(&CONDITIONS), "x", "y"] }]] }),
        6 => json!([value(random, depth + 1), value(random, depth + 1)]),
        7 => json!({ "K": value(random, depth + 1), "L": value(random, depth + 1) }),
        _ => {
            let key = json!({ "Ref": random.of(&NAMES) });
            json!({ "Fn::FindInMap": ["M", key, "v", { "DefaultValue": value(random, depth + 1) }] })
        }
    }
}

fn template(random: &mut Random) -> Value {
    let mut document = json!({
        "Parameters": {}, "Conditions": {}, "Mappings": { "M": { "a": { "v": "first" }, "b": { "v": ["second"] } } },
    });
    for name in NAMES {
        let mut parameter = json!({ "Type": "String" });
        match random.below(3) {
            0 => parameter["AllowedValues"] = json!(&TEXTS[random.below(2)..=1 + random.below(3)]),
            1 => parameter["Default"] = random.of(&TEXTS).into(),
            _ => {}
        }
        document["Parameters"][name] = parameter;
    }
    for (at, name) in CONDITIONS.iter().enumerate() {
        document["Conditions"][*name] = condition(random, at, 0);
    }
    document
}

/// Returns all complete sets of parameter values.
fn all_given(document: &Value) -> Vec<Given> {
    let mut all = vec![Given::new()];
    for name in NAMES {
        let allowed = document["Parameters"][name]["AllowedValues"].as_array();
        let texts: Vec<String> = match allowed {
            Some(allowed) => allowed.iter().map(|it| it.as_str().unwrap().to_owned()).collect(),
            None => TEXTS.iter().map(|it| (*it).to_owned()).collect(),
        };
        let with = |given: &Given| -> Vec<Given> {
            texts.iter().map(|it| given.clone().into_iter().chain([(name.to_owned(), it.clone())]).collect()).collect()
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// Whether a case applies to complete values.
fn fits(case: &Values, all: &[&Values], given: &Given) -> bool {
    case.iter().all(|(name, assumed)| match assumed {
        Assumed::Value(value) => given[name] == *value,
        Assumed::Other => {
            let listed = |it: &&Values| it.get(name) == Some(&Assumed::Value(given[name].clone()));
            !all.iter().any(listed)
        }
        Assumed::Holds(_) => false,
    })
}

#[test]
fn dependent_results_agree_with_an_independent_evaluator() {
    let mut random = Random(20_261_125);
    let (mut n_known, mut n_dependent) = (0, 0);
    for number in 0..4_000 {
        let document = template(&mut random);
        let of = value(&mut random, 0);
        let (environment, values, budget) = (Residual::default(), Values::new(), Budget::default());
        let template = Template::new(&document);
        let evaluator =
            Evaluator { template, environment: &environment, values: &values, budget: &budget, mode: Mode::Show };
        let found = Dependent::of(&evaluator, &of);
        let all: Vec<&Values> = found.cases.iter().map(|it| &it.values).collect();
        n_dependent += usize::from(all.len() > 1);
        for given in all_given(&document) {
            let fitting: Vec<_> = found.cases.iter().filter(|it| fits(&it.values, &all, &given)).collect();
            let [case] = fitting.as_slice() else { panic!("case {number}: {given:?} has {fitting:#?}") };
            let expected = naive::value(&document, &given, &of);
            match &case.outcome {
                Outcome::Known(known) => {
                    n_known += 1;
                    assert_eq!(*known, expected, "case {number}: {document}\n{of}\n{given:?}");
                }
                Outcome::Absent => assert!(expected.is_null(), "case {number}: {document}\n{of}\n{given:?}"),
                Outcome::Unknown(unknown) => {
                    // A parameter with another value selects no known key of a mapping.
                    let is_mapped = of.to_string().contains("Fn::FindInMap");
                    assert!(is_mapped, "case {number}: {unknown}\n{document}\n{of}");
                }
            }
        }
    }
    assert!(n_known > 50_000 && n_dependent > 1_000, "{n_known} known results, {n_dependent} dependent results");
}

#[test]
fn conditions_agree_with_an_independent_evaluator() {
    let mut random = Random(7);
    for number in 0..2_000 {
        let document = template(&mut random);
        for given in all_given(&document) {
            let values: Values =
                given.iter().map(|(name, value)| (name.clone(), Assumed::Value(value.clone()))).collect();
            let (environment, budget) = (Residual::default(), Budget::default());
            let template = Template::new(&document);
            let evaluator =
                Evaluator { template, environment: &environment, values: &values, budget: &budget, mode: Mode::Show };
            let found: BTreeMap<&str, Option<bool>> =
                CONDITIONS.iter().map(|name| (*name, evaluator.condition(name))).collect();
            for (name, found) in found {
                let expected = naive::holds(&document, &given, &json!({ "Condition": name }));
                assert_eq!(found, Some(expected), "case {number}: `{name}` of {document} for {given:?}");
            }
        }
    }
}
