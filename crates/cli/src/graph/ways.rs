//! The paths that the engine finds between boxes, as data of the page.

use std::collections::BTreeMap;

use meshsynth_reach::{Answer, Engine, Source, Target, Verdict, World, survey};
use serde_json::{Value, json};

use super::picture::Picture;

/// The maximum number of queries for a page. For larger platforms, users run `meshsynth reach`.
const MOST: usize = 20_000;

/// The name of all sources outside of the platform.
const INTERNET: &str = "internet";

/// Returns every allowed or unknown path from a box or the internet to a box, with its chain. Returns null if there are
/// too many queries.
pub fn ways(world: &World, picture: &Picture) -> Value {
    let engine = Engine::new(world);
    let boxes = Boxes::new(picture);
    let workloads = world.workload_ids().filter_map(|id| Some((boxes.of(&world.object_of(id).at.construct)?, id)));
    let workloads = workloads.map(|(at, id)| (at.to_owned(), Source::Workload(id)));
    let sources: Vec<(String, Source)> =
        [(INTERNET.to_owned(), Source::Internet)].into_iter().chain(workloads).collect();
    let targets: Vec<(String, Target)> = survey::targets(&engine)
        .into_iter()
        .filter_map(|target| {
            let path = match &target {
                Target::Workload(id, _) => world.object_of(*id).at.construct.clone(),
                Target::Resource(id, _) | Target::Action(_, id) => world.resource(*id).name(),
                Target::Address(..) => return None,
            };
            Some((boxes.of(&path)?.to_owned(), target))
        })
        .collect();
    if sources.len() * targets.len() > MOST {
        return Value::Null;
    }
    let mut links = Links::default();
    let mut found = Vec::new();
    for (from, source) in &sources {
        for (to, target) in targets.iter().filter(|(to, _)| to != from) {
            let answer = engine.ask(source, target);
            if answer.verdict != Verdict::Denied {
                found.push(json!({
                    "from": from, "to": to, "a": answer.from, "b": answer.to,
                    "verdict": answer.verdict.word(), "links": links.of(&answer),
                }));
            }
        }
    }
    json!({ "links": links.all, "ways": found })
}

/// The boxes by the paths of their constructs.
struct Boxes<'a> {
    by_path: BTreeMap<&'a str, &'a str>,
}

impl<'a> Boxes<'a> {
    fn new(picture: &'a Picture) -> Self {
        let own = picture.boxes.iter().filter(|it| !it.is_list).map(|it| (it.id.as_str(), it.id.as_str()));
        let parts = picture.boxes.iter().flat_map(|it| it.parts.iter().map(|part| (part.id.as_str(), it.id.as_str())));
        // If an item has a separate box, that box overrides a box that lists the item.
        Self { by_path: parts.chain(own).collect() }
    }

    /// Returns the box of the nearest enclosing construct.
    fn of(&self, path: &str) -> Option<&'a str> {
        let mut path = path;
        loop {
            if let Some(found) = self.by_path.get(path) {
                return Some(found);
            }
            path = path.rsplit_once('/')?.0;
        }
    }
}

/// The distinct links of chains.
#[derive(Default)]
struct Links {
    all: Vec<Value>,
    places: BTreeMap<String, usize>,
}

impl Links {
    fn of(&mut self, answer: &Answer) -> Vec<usize> {
        let mut places = Vec::new();
        for link in &answer.chain {
            let what = [link.what.as_str(), link.field.as_str()].join(" ");
            let value = json!({
                "layer": link.layer.words(),
                "verdict": link.verdict.word(),
                "why": meshsynth_reach::identity::shown(&link.why),
                "what": what.trim(),
                "at": link.at.as_ref().map(ToString::to_string).unwrap_or_default(),
            });
            let next = self.all.len();
            let place = *self.places.entry(value.to_string()).or_insert(next);
            if place == next {
                self.all.push(value);
            }
            places.push(place);
        }
        places
    }
}
