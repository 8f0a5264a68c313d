//! Queries with one end, for a reference platform.

use meshsynth_reach::{Engine, Source, Verdict, World, find, survey};

use crate::support::read;

fn allowed(answers: Vec<meshsynth_reach::Answer>, end: impl Fn(&meshsynth_reach::Answer) -> String) -> Vec<String> {
    answers.iter().filter(|it| it.verdict == Verdict::Allowed).map(end).collect()
}

fn service(world: &World, name: &str) -> Source {
    find::sources(world, name).unwrap().remove(0)
}

#[test]
fn only_service_and_role_reach_database() {
    let world = read("genai-demo-production");
    let engine = Engine::new(&world);
    let target = find::targets(&world, "order-db", None).unwrap().remove(0);
    let who = allowed(survey::to(&engine, &target), |it| it.from.clone());
    assert_eq!(who, ["genai-demo/order", "services/genai-demo/order/role"]);
}

#[test]
fn services_reach_only_declared_stores() {
    let world = read("genai-demo-production");
    let engine = Engine::new(&world);
    let what = allowed(survey::from(&engine, &service(&world, "payment")), |it| it.to.clone());
    let stores: Vec<&String> = what.iter().filter(|it| it.starts_with("data/")).collect();
    assert_eq!(stores, ["data/kafka", "data/payment-db"]);
}

#[test]
fn internet_cannot_reach_stores() {
    let world = read("genai-demo-production");
    let engine = Engine::new(&world);
    let what = allowed(survey::from(&engine, &Source::Internet), |it| it.to.clone());
    assert!(!what.iter().any(|it| it.starts_with("data/")), "{what:?}");
}
