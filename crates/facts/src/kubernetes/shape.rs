//! The schema of objects, in each version that serves their kind.

use std::sync::OnceLock;

use serde_json::json;

use super::{definitions, kubernetes, lines};
use crate::json::Json;
use crate::shape::{Dialect, Shape};
use crate::versions::served;
use meshsynth_model::hash::FastMap;

/// Returns the schema of all fields except `apiVersion` and `kind`, or `None` if the kind is unknown in this version.
/// If a version has the fields of another version but different limits, the schema contains the limits of this version.
///
/// ```
/// use meshsynth_facts::kubernetes_shape;
///
/// assert!(kubernetes_shape("gateway.networking.k8s.io/v1alpha2", "TCPRoute").is_some());
/// assert!(kubernetes_shape("gateway.networking.k8s.io/v1alpha2", "TLSRoute").is_none());
/// ```
pub fn kubernetes_shape(api_version: &str, kind: &str) -> Option<&'static Shape> {
    let limited = limited().get(kind).into_iter().flatten().find(|(version, _)| version == api_version);
    match limited {
        Some((_, shape)) => Some(shape),
        None => kubernetes(&served::schema(api_version, kind), kind).map(|facts| &facts.shape),
    }
}

/// Returns the versions of kinds whose limits differ from the limits of the generated type, each with its own shape.
fn limited() -> &'static FastMap<&'static str, Vec<(String, Shape)>> {
    static LIMITED: OnceLock<FastMap<&'static str, Vec<(String, Shape)>>> = OnceLock::new();
    LIMITED.get_or_init(|| {
        let mut limited: FastMap<_, Vec<_>> = FastMap::default();
        for (group, kinds, version, limits) in served::limits() {
            for kind in *kinds {
                let own = format!("{group}/{version}");
                let shape = with_limits(&served::schema(&own, kind), kind, limits);
                limited.entry(*kind).or_default().push((own, shape));
            }
        }
        limited
    })
}

/// Returns the shape of a kind with other limits. Each limit consists of a JSON pointer into the schema and a value.
fn with_limits(api_version: &str, kind: &str, limits: &[(&str, u32)]) -> Shape {
    let line = lines().kinds.get(&(api_version, kind)).expect("a test verifies that limited values have a type");
    let facts = Json::parse(line.text);
    let definitions = definitions(facts.at("schema"));
    let mut schema = facts.at("schema").to_value();
    for (at, limit) in limits {
        *schema.pointer_mut(at).expect("a test verifies that schemas contain the limits") = json!(limit);
    }
    Shape::of(&Json::from(&schema), &definitions, Dialect::Kubernetes)
}

#[cfg(test)]
mod tests {
    use super::kubernetes_shape;
    use meshsynth_model::val::{Bag, Data};

    fn problems(version: &str, kind: &str, n_rules: usize) -> Vec<String> {
        let backend = Bag::default().with("name", "orders").with("port", 5432);
        let rule = Bag::default().with("backendRefs", vec![Data::Map(backend)]);
        let spec = Bag::default().with("rules", vec![Data::Map(rule); n_rules]);
        let shape = kubernetes_shape(&format!("gateway.networking.k8s.io/{version}"), kind).unwrap();
        shape.check_bag(&Bag::default().with("spec", spec)).into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn enforces_limits_of_each_version() {
        for kind in ["TCPRoute", "UDPRoute"] {
            assert_eq!(problems("v1", kind, 1), [""; 0]);
            assert_eq!(problems("v1", kind, 2), ["spec.rules"]);
            assert_eq!(problems("v1alpha2", kind, 16), [""; 0]);
            assert_eq!(problems("v1alpha2", kind, 17), ["spec.rules"]);
            assert_eq!(problems("v1alpha2", kind, 0), ["spec.rules"]);
        }
    }

    #[test]
    fn older_versions_have_the_fields_of_the_generated_type() {
        let spec = Bag::default().with("rulez", 1);
        let shape = kubernetes_shape("gateway.networking.k8s.io/v1alpha2", "TCPRoute").unwrap();
        let problems = shape.check_bag(&Bag::default().with("spec", spec));
        assert_eq!(problems.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["spec.rulez"]);
    }
}
