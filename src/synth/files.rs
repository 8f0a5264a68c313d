//! Where the files of an assembly lie.

use crate::node::Object;
use crate::tree::NodeId;

use super::{Model, TemplateFormat};

/// `<stack>.template.json`, or `.yaml`.
pub(super) fn template_path(model: &Model, stack: NodeId, format: TemplateFormat) -> String {
    let extension = match format {
        TemplateFormat::Json => "json",
        TemplateFormat::Yaml => "yaml",
    };
    format!("{}.template.{extension}", model.path(stack).replace('/', "-"))
}

/// `k8s/<cluster>/<wave>/<namespace>/<kind>-<name>.yaml`, the namespace left out where the kind has none.
pub(super) fn manifest_path(model: &Model, id: NodeId, object: &Object) -> Option<String> {
    let cluster = cluster_folder(model, model.target_of(id)?);
    let kind = object.kind.to_lowercase();
    let (wave, name) = (object.wave.folder(), object.name.as_str());
    Some(match &object.namespace {
        Some(namespace) => ["k8s/", &cluster, "/", wave, "/", namespace, "/", &kind, "-", name, ".yaml"].concat(),
        None => ["k8s/", &cluster, "/", wave, "/", &kind, "-", name, ".yaml"].concat(),
    })
}

/// `helm/<cluster>/<release>.values.yaml`.
pub(super) fn values_path(model: &Model, target: NodeId, release: &str) -> String {
    format!("helm/{}/{release}.values.yaml", cluster_folder(model, target))
}

/// The folder of a cluster: the path of its construct.
pub(super) fn cluster_folder(model: &Model, target: NodeId) -> String {
    let path = model.path(target);
    path.strip_suffix("/target").unwrap_or(path).replace('/', "-")
}
