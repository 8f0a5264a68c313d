//! How a report reads: what is counted, and what is said once.

use std::collections::BTreeSet;

use super::{Diff, Place, Verdict};

impl Diff {
    /// How many workloads restart: those whose templates change, and those that a change elsewhere reaches.
    pub fn n_restarts(&self) -> usize {
        let own = self.changes.iter().filter(|change| change.verdict == Verdict::RolloutRestart);
        let own = own.map(|change| match &change.place {
            Place::Namespace(_, namespace) if !namespace.is_empty() => {
                format!("{} {namespace}/{}", change.kind, change.name)
            }
            _ => format!("{} {}", change.kind, change.name),
        });
        let reached = self.changes.iter().flat_map(|change| &change.spread);
        let reached = reached.filter(|row| row.verdict == Verdict::RolloutRestart).map(|row| row.name.clone());
        own.chain(reached).collect::<BTreeSet<_>>().len()
    }

    /// Hazards that the same help answers, in the order of the report.
    pub fn hazards_by_help(&self) -> Vec<(&str, Vec<&str>)> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for hazard in &self.hazards {
            match groups.iter_mut().find(|(help, _)| *help == hazard.help) {
                Some((_, texts)) => texts.push(&hazard.text),
                None => groups.push((&hazard.help, vec![&hazard.text])),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::Verdict;
    use crate::scenes::{diff, hazards, scene};

    fn database(name: &str) -> Value {
        json!({ "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": name } })
    }

    #[test]
    fn one_help_answers_all_hazards_that_share_it() {
        let data = |names: &[&str]| {
            let outputs = names.iter().map(|name| {
                ((*name).to_owned(), json!({ "Value": { "Ref": "Db" }, "Export": { "Name": format!("shop:{name}") } }))
            });
            json!({ "Resources": { "Db": database("a") }, "Outputs": outputs.collect::<serde_json::Map<_, _>>() })
        };
        let parameter = |name: &str| json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Value": { "Fn::ImportValue": format!("shop:{name}") } } });
        let readers = json!({ "Resources": { "A": parameter("A"), "B": parameter("B") } });
        let other = json!({ "Resources": { "C": parameter("B") } });
        let of = |names: &[&str]| {
            scene(vec![("data", data(names)), ("one", readers.clone()), ("two", other.clone())], vec![])
        };
        let found = diff(&of(&["A", "B"]), &of(&[]));
        let groups = found.hazards_by_help();
        assert_eq!((groups.len(), groups[0].1.len()), (1, 2), "{groups:#?}");
        let text = hazards(&found);
        assert!(text.contains("`shop:A` of stack `data` goes, while `one` still imports it"), "{text}");
        assert!(text.contains("`shop:B` of stack `data` goes, while `one`, `two` still import it"), "{text}");
    }

    #[test]
    fn workloads_that_restart_are_counted_once_and_told_first() {
        let platform = |name: &str| {
            let data = json!({
                "Resources": { "Db": database(name) },
                "Outputs": { "Host": { "Value": { "Fn::GetAtt": ["Db", "Endpoint.Address"] } } },
            });
            let mut objects = vec![(
                "30-configuration",
                json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "config", "namespace": "n" }, "data": { "HOST": "${host}" } }),
            )];
            for workload in ["a", "b", "c"] {
                let container = json!({ "name": "c", "image": format!("i:{}", if workload == "a" { name } else { "" }),
                    "envFrom": [{ "configMapRef": { "name": "config" } }] });
                let spec = json!({ "template": { "spec": { "containers": [container] } } });
                let metadata = json!({ "name": workload, "namespace": "n" });
                objects.push((
                    "40-workloads",
                    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec }),
                ));
            }
            let mut scene = scene(vec![("data", data)], objects);
            scene.bindings = json!({ "${host}": { "stack": "data", "output": "Host" } });
            scene
        };
        let found = diff(&platform("a"), &platform("b"));
        assert_eq!(found.n_restarts(), 3, "`a` changes and is reached");
        let database = found.changes.iter().find(|change| change.id == "Db").unwrap();
        assert_eq!(database.spread[0].verdict, Verdict::RolloutRestart);
    }

    #[test]
    fn the_logs_of_a_store_are_not_the_store() {
        let platform = |days: u32| {
            let group = json!({ "Type": "AWS::Logs::LogGroup", "Properties": { "RetentionInDays": days } });
            let mut scene = scene(vec![("data", json!({ "Resources": { "Cache": group } }))], vec![]);
            scene.graph = json!({ "edges": [{ "from": "n/orders", "to": "Cache", "kind": "data", "port": 6379 }] });
            scene
        };
        let found = diff(&platform(30), &platform(7));
        assert_eq!(found.changes[0].verdict, Verdict::DataLoss);
        assert!(found.changes[0].reach.is_empty() && found.picture.edges.is_empty());
    }
}
