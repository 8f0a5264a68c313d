//! Sources of constructs in the program, so that a rule finding about a construct names its object.

use meshsynth_adopt::{Estate, Exclusions, Object, Origin, project};
use meshsynth_model::val::{Bag, Data};

fn map(entries: impl IntoIterator<Item = (&'static str, Data)>) -> Data {
    Data::Map(entries.into_iter().fold(Bag::default(), |bag, (key, value)| bag.with(key, value)))
}

fn object(api_version: &str, kind: &str, name: &str, spec: Data) -> Object {
    let metadata = map([("name", Data::from(name)), ("namespace", Data::from("shop"))]);
    let body =
        [("apiVersion", Data::from(api_version)), ("kind", Data::from(kind)), ("metadata", metadata), ("spec", spec)];
    Object { file: "a.yaml".to_owned(), line: 1, namespace: "shop".to_owned(), data: map(body), comments: Vec::new() }
}

fn deployment() -> Object {
    let labels = || map([("app", Data::from("web"))]);
    let container = map([("name", Data::from("web")), ("image", Data::from("web:1"))]);
    let pod = map([("containers", Data::List(vec![container]))]);
    let template = map([("metadata", map([("labels", labels())])), ("spec", pod)]);
    let spec = map([("selector", map([("matchLabels", labels())])), ("template", template)]);
    object("apps/v1", "Deployment", "web", spec)
}

fn places(objects: Vec<Object>) -> Vec<(String, Origin)> {
    let (cluster, version) = ("cluster".to_owned(), "1.36".to_owned());
    let estate = Estate { app: "shop".to_owned(), cluster, version, objects, ..Estate::default() };
    project(&estate, &Exclusions::default()).origins.into_iter().filter(|(path, _)| path.contains("/web/")).collect()
}

#[test]
fn finds_objects_with_and_without_their_namespace() {
    let [(path, Origin::Object(kind, name))] = &places(vec![deployment()])[..] else { panic!("there is one") };
    assert_eq!(
        (path.as_str(), kind.as_str(), name.as_str()),
        ("cluster/shop/web/deployment", "Deployment", "shop/web")
    );
    let mut namespace = object("v1", "Namespace", "shop", map([]));
    namespace.data = map([
        ("apiVersion", Data::from("v1")),
        ("kind", Data::from("Namespace")),
        ("metadata", map([("name", Data::from("shop"))])),
    ]);
    let [(path, _)] = &places(vec![namespace, deployment()])[..] else { panic!("there is one") };
    assert_eq!(path, "cluster/namespaces/shop/web/deployment");
}
