//! Constructs that are arguments of other constructs can be imported, or are listed here with the reason why not.

use std::collections::BTreeSet;
use std::path::Path;

use meshsynth_reference::source::{Kind, Library, Type};

/// Constructs that are arguments of other constructs but have no `import`, each with the reason.
const NOT_IMPORTED: &[(&str, &str)] = &[
    ("aws::vpc::TransitGateway", "its owner attaches the VPCs and defines the routes"),
    ("backup::Vault", "a plan stores its backups in a vault of its own stack"),
    ("cloudfront::OriginHeader", "it is defined for one distribution, together with its secret"),
    ("codebuild::Project", "a pipeline runs projects of its own stack"),
    ("mesh::Container", "a part of a pod"),
    ("mesh::Gateway", "only the owner of a gateway adds routes to it"),
    ("mesh::IngressGateway", "it is a part of the mesh installation"),
    ("mesh::Istio", "a program that uses a mesh installs it; a service of another mesh is a `Callee`"),
    ("mesh::Load", "a scaling setting"),
    ("mesh::PodProps", "properties of pods"),
    ("mesh::Release", "a deployment setting"),
    ("mesh::Trigger", "a scaling setting"),
    ("mesh::Version", "a part of a workload"),
    ("mesh::Volume", "a part of a pod"),
    ("mesh::Waypoint", "a part of a namespace"),
    ("mesh::Workload", "a workload of another owner is a `Callee`"),
    ("mesh::addons::Jaeger", "it keeps traces in memory, for the platform that installs it"),
    ("mesh::addons::Karpenter", "its nodes need the role and the queue that are installed with it"),
    ("mesh::addons::NodeClass", "it is a part of Karpenter"),
    ("mesh::addons::Prometheus", "the objects that it reads have labels of its release"),
];

fn is_imported(it: &Type) -> bool {
    it.methods.iter().any(|method| !method.has_receiver && method.name.starts_with("import"))
}

#[test]
fn constructs_used_as_arguments_can_be_imported() {
    let library = Library::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."));
    let mut taken = BTreeSet::new();
    for it in &library.types {
        let mut take = |module: &[String], text: &str| {
            let others = library.all_named(module, text).into_iter().filter(|other| library.is_construct(other));
            taken.extend(others.filter(|other| other.number != it.number).map(|other| other.number));
        };
        if library.is_construct(it) {
            let params = it.methods.iter().flat_map(|method| method.params.iter().map(move |param| (method, param)));
            params.for_each(|(method, (_, text))| take(&method.module, text));
        }
        if let (Kind::Struct(fields), true) = (&it.kind, it.name.ends_with("Props")) {
            fields.iter().for_each(|field| take(&it.module, &field.type_));
        }
    }
    let lacking: BTreeSet<String> = library
        .constructs()
        .into_iter()
        .filter(|it| taken.contains(&it.number) && !is_imported(it))
        .map(|it| library.name(it))
        .collect();
    let known: BTreeSet<String> = NOT_IMPORTED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(lacking, known, "add an `import`, or add the reason to `NOT_IMPORTED`");
}
