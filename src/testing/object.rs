//! Kubernetes objects for tests.

use serde_json::Value;

use super::{Platform, at};

/// A Kubernetes object of a platform.
#[derive(Debug)]
pub struct Manifest<'a> {
    /// Its file, such as `k8s/platform-cluster/40-workload/shop/deployment-orders.yaml`.
    pub path: &'a str,
    /// The whole object.
    pub object: &'a Value,
}

impl<'a> Manifest<'a> {
    /// Returns its name.
    pub fn name(&self) -> &'a str {
        at(self.object, "metadata.name").as_str().unwrap_or_default()
    }

    /// Returns its namespace, if its kind has one.
    pub fn namespace(&self) -> Option<&'a str> {
        at(self.object, "metadata.namespace").as_str()
    }

    /// Returns the value at a path, such as `spec.template.spec.containers.0.image`, or `null` if it is absent.
    pub fn get(&self, path: &str) -> &'a Value {
        at(self.object, path)
    }
}

impl Platform {
    /// Returns all objects of a kind, such as `Deployment`, by path.
    pub fn objects(&self, kind: &str) -> Vec<Manifest<'_>> {
        let of_kind = self.objects.iter().filter(|(_, object)| object["kind"] == kind);
        of_kind.map(|(path, object)| Manifest { path, object }).collect()
    }

    /// Returns the objects of a kind with a value at a path: `objects_where("Service", "spec.type", "LoadBalancer")`.
    pub fn objects_where(&self, kind: &str, path: &str, value: impl Into<Value>) -> Vec<Manifest<'_>> {
        let value = value.into();
        self.objects(kind).into_iter().filter(|found| found.get(path) == &value).collect()
    }

    /// Returns the only object of a kind and a name.
    ///
    /// # Panics
    ///
    /// Panics if there is no such object, or several in different namespaces or clusters.
    #[track_caller]
    pub fn object(&self, kind: &str, name: &str) -> Manifest<'_> {
        let mut of_kind = self.objects(kind);
        let names: Vec<&str> = of_kind.iter().map(Manifest::name).collect();
        let n_found = names.iter().filter(|it| **it == name).count();
        assert_eq!(n_found, 1, "expected one {kind} `{name}`; the objects are {names:?}");
        of_kind.remove(names.iter().position(|it| *it == name).expect("it was counted"))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Platform, workload};

    #[test]
    fn finds_objects_by_kind_name_and_value() {
        let platform = Platform::synth("shop", |app| {
            workload(app).env("LEVEL", "info");
        });
        let deployment = platform.object("Deployment", "orders");
        assert_eq!(deployment.namespace(), Some("shop"));
        assert_eq!(deployment.get("spec.template.spec.containers.0.image"), "registry.example/orders:1.4.0");
        assert!(deployment.get("spec.template.spec.containers.1.image").is_null());
        assert_eq!(platform.object("ConfigMap", "orders-config").get("data.LEVEL"), "info");
        assert_eq!(platform.objects_where("HorizontalPodAutoscaler", "spec.minReplicas", 2).len(), 1);
        assert!(platform.objects_where("HorizontalPodAutoscaler", "spec.minReplicas", 3).is_empty());
        assert!(platform.objects("StatefulSet").is_empty());
    }

    #[test]
    fn reads_same_objects_from_data_and_text() {
        let platform = Platform::synth("shop", |app| {
            workload(app);
        });
        let read = Platform::of(platform.assembly.clone());
        assert!(!read.objects.is_empty());
        assert_eq!(read.objects, platform.objects);
        assert_eq!(read.object("Deployment", "orders").namespace(), Some("shop"));
    }

    #[test]
    fn reads_yaml_assembly() {
        let app = crate::App::new("shop");
        workload(&app);
        let platform = Platform::of(app.synth_as(crate::TemplateFormat::Yaml).expect("it synthesizes"));
        assert_eq!(platform.resources("AWS::EC2::VPC").len(), 1);
        assert!(platform.template_text("platform").contains("AWS::EC2::VPC"));
    }
}
