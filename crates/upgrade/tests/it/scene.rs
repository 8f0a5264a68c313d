//! Small platforms.

use meshsynth_diff::side::Side;
use meshsynth_upgrade::{Plan, Request, Step};
use serde_json::{Value, json};

/// A platform with one template, one cluster `main`, and charts.
pub struct Scene {
    pub resources: Value,
    pub objects: Vec<Value>,
    /// Charts: name, repository, version.
    pub charts: Vec<(&'static str, &'static str, &'static str)>,
}

impl Scene {
    /// Creates a platform with an EKS cluster of this version.
    pub fn eks(version: &str) -> Self {
        let cluster = json!({ "Type": "AWS::EKS::Cluster", "Properties": { "Name": "main", "Version": version } });
        Self { resources: json!({ "Cluster": cluster }), objects: Vec::new(), charts: Vec::new() }
    }

    /// Creates a platform with one resource.
    pub fn resource(id: &str, type_name: &str, properties: &Value) -> Self {
        let resources = json!({ id: { "Type": type_name, "Properties": properties } });
        Self { resources, objects: Vec::new(), charts: Vec::new() }
    }

    pub fn chart(mut self, name: &'static str, repository: &'static str, version: &'static str) -> Self {
        self.charts.push((name, repository, version));
        self
    }

    pub fn with(mut self, id: &str, type_name: &str, properties: &Value) -> Self {
        self.resources[id] = json!({ "Type": type_name, "Properties": properties });
        self
    }

    pub fn object(mut self, object: Value) -> Self {
        self.objects.push(object);
        self
    }

    pub fn side(&self) -> Side {
        let rows = self.resources.as_object().unwrap().keys();
        let rows: serde_json::Map<String, Value> =
            rows.map(|id| (id.clone(), json!({ "source": format!("src/{id}.rs:1:1") }))).collect();
        let releases = self.charts.iter().map(|(name, repository, version)| {
            let source = format!("src/{name}.rs:1:1");
            json!({ "name": name, "chart": name, "repository": repository, "version": version, "values": "values.yaml", "source": source })
        });
        let objects =
            (0..self.objects.len()).map(|at| json!({ "path": format!("{at}.yaml"), "source": format!("{at}.yaml:1") }));
        let manifest = json!({
            "app": "shop", "files": [],
            "stacks": [{ "id": "run", "name": "run", "account": null, "region": "eu-west-1", "template": "run.json", "resources": rows }],
            "clusters": [{
                "id": "main", "name": "main", "region": null,
                "objects": objects.collect::<Vec<_>>(), "releases": releases.collect::<Vec<_>>(),
            }],
        });
        let mut side = Side::empty(String::new(), "shop");
        side.manifest = serde_json::from_value(manifest).unwrap();
        let template = json!({ "Resources": self.resources });
        side.add("run.json", template.to_string(), template);
        side.add("values.yaml", String::new(), json!({}));
        for (at, object) in self.objects.iter().enumerate() {
            side.add(&format!("{at}.yaml"), object.to_string(), object.clone());
        }
        side
    }

    pub fn plan(&self, to: &[&str]) -> Plan {
        let requests: Vec<Request> = to.iter().map(|text| Request::parse(text).unwrap()).collect();
        Plan::new(&self.side(), &|_, _| None, &requests).unwrap()
    }
}

/// Returns the titles of all steps.
pub fn titles(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.title.as_str()).collect()
}

/// Returns the step with a title that contains a text.
pub fn step<'a>(plan: &'a Plan, text: &str) -> &'a Step {
    plan.steps.iter().find(|step| step.title.contains(text)).unwrap_or_else(|| panic!("{text}: {:?}", titles(plan)))
}
