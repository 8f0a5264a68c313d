//! Manifests of N services in one mesh, each with its routes, rules and scaler, as input of `meshsynth check`.

use meshsynth::val::{Bag, Data};
use meshsynth::{At, Contents, Manifest, World};

/// The number of services in one namespace.
const PER_NAMESPACE: usize = 20;

/// Checks the manifests, and returns the number of diagnostics, which is 0 for valid manifests.
pub fn judge(n_services: usize) -> usize {
    let mut contents = Contents {
        cluster: "bench".to_owned(),
        version: "1.36".to_owned(),
        namespace: "default".to_owned(),
        ..Contents::default()
    };
    for idx in 0..n_services {
        let namespace = format!("team-{}", idx / PER_NAMESPACE);
        contents.manifests.extend(service(&namespace, &format!("service-{idx}")));
    }
    meshsynth::check(vec![contents], World::Open).len()
}

fn service(namespace: &str, name: &str) -> Vec<Manifest> {
    let define = |api_version: &'static str, kind: &'static str, spec: Bag| {
        let metadata = map([("name", name.into()), ("namespace", namespace.into())]);
        let body = map([
            ("apiVersion", api_version.into()),
            ("kind", kind.into()),
            ("metadata", metadata),
            ("spec", spec.into()),
        ]);
        Manifest::new(body.0, At::caller()).expect("it is a manifest")
    };
    let labels = || map([("app", name.into()), ("version", "v1".into())]);
    let port = || map([("name", "http".into()), ("containerPort", 8080.into())]);
    let image = format!("registry.example/{name}:1.0.0");
    let container = || map([("name", name.into()), ("image", image.as_str().into()), ("ports", list([port()]))]);
    let template =
        map([("metadata", map([("labels", labels())])), ("spec", map([("containers", list([container()]))]))]);
    let selector = map([("matchLabels", labels())]);
    let service_port = map([("name", "http".into()), ("port", 8080.into())]);
    let subset = map([("name", "v1".into()), ("labels", map([("version", "v1".into())]))]);
    let destination = map([("host", name.into()), ("subset", "v1".into())]);
    let route = map([("route", list([map([("destination", destination)])]))]);
    let target = map([("name", name.into())]);
    let trigger = map([
        ("type", "prometheus".into()),
        (
            "metadata",
            map([("serverAddress", "http://p:9090".into()), ("query", "up".into()), ("threshold", "5".into())]),
        ),
    ]);
    vec![
        define("v1", "Service", bag([("selector", map([("app", name.into())])), ("ports", list([service_port]))])),
        define("apps/v1", "Deployment", bag([("selector", selector), ("template", template)])),
        define("networking.istio.io/v1", "DestinationRule", bag([("host", name.into()), ("subsets", list([subset]))])),
        define(
            "networking.istio.io/v1",
            "VirtualService",
            bag([("hosts", list([name.into()])), ("http", list([route]))]),
        ),
        define("keda.sh/v1alpha1", "ScaledObject", bag([("scaleTargetRef", target), ("triggers", list([trigger]))])),
    ]
}

/// A value that converts from several types.
struct Any(Data);

impl From<&str> for Any {
    fn from(text: &str) -> Self {
        Any(Data::from(text.to_owned()))
    }
}

impl From<i32> for Any {
    fn from(number: i32) -> Self {
        Any(Data::from(number))
    }
}

impl From<Bag> for Any {
    fn from(bag: Bag) -> Self {
        Any(Data::Map(bag))
    }
}

fn bag<const N: usize>(entries: [(&'static str, Any); N]) -> Bag {
    entries.into_iter().map(|(key, value)| (key, value.0)).collect()
}

fn map<const N: usize>(entries: [(&'static str, Any); N]) -> Any {
    Any(Data::Map(bag(entries)))
}

fn list<const N: usize>(items: [Any; N]) -> Any {
    Any(Data::List(items.into_iter().map(|item| item.0).collect()))
}
