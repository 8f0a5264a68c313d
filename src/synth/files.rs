//! The file paths of an assembly.

use crate::node::Object;
use crate::tree::NodeId;

use super::{Model, TemplateFormat};

/// Returns `<stack>.template.json` or `.yaml`, and `<stack>-<id>.nested.template.json` for a nested stack.
pub(super) fn template_path(model: &Model, stack: NodeId, format: TemplateFormat) -> String {
    let extension = match format {
        TemplateFormat::Json => "json",
        TemplateFormat::Yaml => "yaml",
    };
    let path = model.path(stack);
    let (path, kind) = match model.stack(stack).nested_in {
        Some(_) => (path.strip_suffix("/template").unwrap_or(path).replace("/template/", "/"), "nested.template"),
        None => (path.to_owned(), "template"),
    };
    format!("{}.{kind}.{extension}", path.replace('/', "-"))
}

/// Returns `k8s/<cluster>/<wave>/<namespace>/<kind>-<name>.yaml`. For cluster-scoped kinds, the path contains no
/// namespace. Two API groups may have kinds with the same name, such as the `Gateway` of Istio and of the Gateway API.
/// If objects of both kinds have the same name, the path of the second object also contains its API group.
pub(super) fn manifest_path(model: &Model, id: NodeId, object: &Object) -> Option<String> {
    let cluster = cluster_folder(model, model.target_of(id)?);
    let mut kind = object.kind.to_lowercase();
    if model.is_shared(&object.kind) && has_namesake(model, id, object) {
        kind = format!("{kind}.{}", group(object));
    }
    let (wave, name) = (object.wave.folder(), object.name.as_str());
    Some(match &object.namespace {
        Some(namespace) => ["k8s/", &cluster, "/", wave, "/", namespace, "/", &kind, "-", name, ".yaml"].concat(),
        None => ["k8s/", &cluster, "/", wave, "/", &kind, "-", name, ".yaml"].concat(),
    })
}

/// Whether an alphabetically preceding API group has an object with the same kind, name, namespace, cluster and wave.
fn has_namesake(model: &Model, id: NodeId, object: &Object) -> bool {
    let place = (model.target_of(id), &object.namespace, &object.name, object.wave);
    model.of_kind(&object.kind).any(|(other_id, other)| {
        (model.target_of(other_id), &other.namespace, &other.name, other.wave) == place && group(other) < group(object)
    })
}

fn group(object: &Object) -> &str {
    object.api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Returns `helm/<cluster>/<release>.values.yaml`.
pub(super) fn values_path(model: &Model, target: NodeId, release: &str) -> String {
    format!("helm/{}/{release}.values.yaml", cluster_folder(model, target))
}

/// Returns the directory of a cluster, which is the path of its construct.
pub(super) fn cluster_folder(model: &Model, target: NodeId) -> String {
    let path = model.path(target);
    path.strip_suffix("/target").unwrap_or(path).replace('/', "-")
}
