//! An environment variable of a container is set twice.
//!
//! # What it reports
//!
//! The rule reports:
//!
//! - a variable name that occurs twice in `env`
//! - a variable of `env` with the same name as a key of a `ConfigMap` in `envFrom`, unless `envFrom` has a prefix
//! - two entries of an `ExternalSecret` with the same key
//!
//! # Why it matters
//!
//! A variable of `env` silently hides the variable with the same name from `envFrom`. The API server rejects a list
//! that contains a name twice. Entries of an `ExternalSecret` with the same key overwrite each other.
//!
//! # Fix
//!
//! Set the variable once, with `env` or with `env_secret`, or rename one of them.
//!
//! Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/>

use std::collections::BTreeSet;

use crate::hash::FastMap;
use crate::diag::Diagnostic;
use crate::synth::{Link, Model};
use crate::val::{Bag, Data};
use crate::rules::index::pods::{self, Place, called};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    let configs: FastMap<(Place<'_>, &str), &Bag> = model
        .of_kind("ConfigMap")
        .filter_map(|(id, it)| Some(((pods::place(model, id, it), it.name.as_str()), it.body.get("data")?.as_map()?)))
        .collect();
    let help = "remove one definition, or rename one of them";
    for pods in pods::all(model) {
        let place = pods::place(model, pods.id, pods.object);
        for (path, container) in pods.numbered() {
            let brought = items(container.get("envFrom"))
                .filter(|source| source.at("prefix").is_none())
                .filter_map(|source| configs.get(&(place, source.at("configMapRef.name")?.as_str()?)))
                .flat_map(|data| data.iter().map(|(key, _)| key));
            let set = items(container.get("env")).filter_map(|it| it.at("name")?.as_str());
            for name in twice(brought.chain(set)) {
                let message = format!("{} sets the variable `{name}` twice", called(pods.object));
                let is_named = |it: &Data| it.at("name").and_then(Data::as_str) == Some(name);
                let last = items(container.get("env")).enumerate().filter(|(_, it)| is_named(it)).last();
                let field = last.map_or("envFrom".to_owned(), |(idx, _)| format!("env[{idx}].name"));
                out.push(model.error(pods.id, "MS0414", message).field(format!("{path}.{field}")).help(help));
            }
        }
    }
    for (id, object) in model.of_kind("ExternalSecret") {
        for key in twice(items(object.body.at("spec.data")).filter_map(|it| it.at("secretKey")?.as_str())) {
            let message = format!("{} sets the key `{key}` twice", called(object));
            out.push(model.error(id, "MS0414", message).help(help));
        }
    }
}

fn items(list: Option<&Data>) -> impl Iterator<Item = &Data> {
    list.map(Data::items).unwrap_or_default().iter()
}

/// Returns the names that occur more than once, sorted.
fn twice<'a>(names: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::rules::testing::pods::{codes_of, orders};

    fn codes(config: &str, env: Value) -> Vec<&'static str> {
        let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "config" }, "data": { config: "a" } });
        let source = json!([{ "configMapRef": { "name": "config" } }]);
        let container = json!({ "name": "orders", "image": "orders:1.0.0", "envFrom": source, "env": env });
        codes_of([map, orders(json!({ "containers": [container] }))])
    }

    #[test]
    fn reports_a_variable_in_the_map_and_in_a_container_list() {
        assert_eq!(codes("LEVEL", json!([{ "name": "LEVEL", "value": "b" }])), ["MS0414"]);
    }

    #[test]
    fn reports_a_variable_that_a_container_list_repeats() {
        let env = json!([{ "name": "LEVEL", "value": "b" }, { "name": "LEVEL", "value": "c" }]);
        assert_eq!(codes("OTHER", env), ["MS0414"]);
    }

    #[test]
    fn accepts_two_variables() {
        assert_eq!(codes("OTHER", json!([{ "name": "LEVEL", "value": "b" }])), [""; 0]);
    }
}
