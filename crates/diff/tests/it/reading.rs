//! Counts and groups in a report.

use meshsynth_diff::Verdict;
use serde_json::{Value, json};

use crate::scene::{diff, hazards, scene};

fn database(name: &str) -> Value {
    json!({ "Type": "AWS::RDS::DBInstance", "Properties": { "DBName": name } })
}

#[test]
fn groups_hazards_by_help() {
    let data = |names: &[&str]| {
        let outputs = names.iter().map(|name| {
            ((*name).to_owned(), json!({ "Value": { "Ref": "Db" }, "Export": { "Name": format!("shop:{name}") } }))
        });
        json!({ "Resources": { "Db": database("a") }, "Outputs": outputs.collect::<serde_json::Map<_, _>>() })
    };
    let parameter = |name: &str| json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Value": { "Fn::ImportValue": format!("shop:{name}") } } });
    let readers = json!({ "Resources": { "A": parameter("A"), "B": parameter("B") } });
    let other = json!({ "Resources": { "C": parameter("B") } });
    let of =
        |names: &[&str]| scene(vec![("data", data(names)), ("one", readers.clone()), ("two", other.clone())], vec![]);
    let found = diff(&of(&["A", "B"]), &of(&[]));
    let groups = found.hazards_by_help();
    assert_eq!((groups.len(), groups[0].1.len()), (1, 2), "{groups:#?}");
    let text = hazards(&found);
    assert!(text.contains("`shop:A` of stack `data` is removed, but `one` still imports it"), "{text}");
    assert!(text.contains("`shop:B` of stack `data` is removed, but `one`, `two` still import it"), "{text}");
}

#[test]
fn counts_each_restarted_workload_once() {
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
    assert_eq!(database.affected[0].verdict, Verdict::RolloutRestart);
}

#[test]
fn log_group_of_a_store_has_no_impact() {
    let platform = |days: u32| {
        let group = json!({ "Type": "AWS::Logs::LogGroup", "Properties": { "RetentionInDays": days } });
        let mut scene = scene(vec![("data", json!({ "Resources": { "Cache": group } }))], vec![]);
        scene.graph = json!({ "edges": [{ "from": "n/orders", "to": "Cache", "kind": "data", "port": 6379 }] });
        scene
    };
    let found = diff(&platform(30), &platform(7));
    assert_eq!(found.changes[0].verdict, Verdict::DataLoss);
    assert!(found.changes[0].impact.is_empty() && found.picture.edges.is_empty());
}
