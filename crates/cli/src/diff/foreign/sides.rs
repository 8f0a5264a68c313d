//! Converts two folders to the sides of a diff.

use std::collections::BTreeMap;
use std::sync::Arc;

use meshsynth_assembly::{Cluster, Manifest, Object, Stack};
use meshsynth_diff::side::{Read, Side};

use super::object::{self, Document};
use super::platform::Platform;
use super::secret;

/// Converts a platform to a side, with the properties of clusters that are only known from the other side.
pub fn side(platform: Platform, app: &str, other: &[Cluster]) -> Side {
    let mut side = Side::empty(platform.label, app);
    // Folders of other tools do not contain the findings of rules.
    side.findings = None;
    (side.bindings, side.graph) = (platform.bindings, platform.graph.into());
    let mut manifest = Manifest { app: app.to_owned(), ..Manifest::default() };
    for template in platform.templates {
        let path = format!("stacks/{}.template.json", template.id);
        let mut document = template.document;
        // A template that is equal on both sides is not shown, so it needs no masking.
        let text = template.text.unwrap_or_else(|| {
            secret::mask_template(&mut document);
            document.to_string()
        });
        side.add(&path, text, document);
        manifest.files.push(path.clone());
        manifest.stacks.push(Stack {
            id: template.id,
            name: template.name,
            account: template.account,
            region: template.region.unwrap_or_default(),
            template: path,
            tags: template.tags,
            needs: template.needs,
            resources: template.resources,
        });
    }
    let mut clusters: BTreeMap<String, Cluster> = BTreeMap::new();
    let known = |id: &str| platform.clusters.iter().chain(other).find(|it| it.id == id).cloned();
    let new = |id: &str| Cluster { id: id.to_owned(), ..known(id).unwrap_or_else(|| Cluster::called(id)) };
    for object in platform.objects {
        let cluster = clusters.entry(object.cluster.clone()).or_insert_with(|| new(&object.cluster));
        let path = path(&object.cluster, &object.key);
        match object.document {
            Document::Known(mut document) => {
                secret::mask(&mut document);
                side.add(&path, document.to_string(), document);
            }
            Document::Text(text, context) => {
                let read = move |text: &str| {
                    let mut document = context.read(text);
                    secret::mask(&mut document);
                    document
                };
                side.add_unread(&path, text, Read(Arc::new(read)));
            }
        }
        manifest.files.push(path.clone());
        let kind = object.key.1;
        cluster.objects.push(Object { path, kind, construct: object.construct, source: object.source });
    }
    for (id, mut release, mut values) in platform.releases {
        secret::mask_values(&mut values);
        let cluster = clusters.entry(id.clone()).or_insert_with(|| new(&id));
        release.values = format!("helm/{id}/{}.{}.values.json", release.namespace, release.name);
        side.add(&release.values, values.to_string(), values);
        manifest.files.push(release.values.clone());
        cluster.releases.push(release);
    }
    manifest.clusters = clusters.into_values().collect();
    side.manifest = manifest;
    side
}

/// Returns a path for an object, independent of its file. Custom resource definitions are in the first wave, and all
/// other objects in the second.
fn path(cluster: &str, (group, kind, namespace, name): &object::Key) -> String {
    let wave = if kind == "CustomResourceDefinition" { "0-kinds" } else { "1-objects" };
    let plain = |text: &str| text.replace('/', ".");
    let file = [group, kind, namespace, name].map(|part| plain(part)).join(",");
    format!("k8s/{}/{wave}/{file}.json", plain(cluster))
}
