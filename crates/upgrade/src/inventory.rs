//! Reads the components of a platform and their versions.

use std::collections::BTreeMap;

use meshsynth_assembly::{Cluster, Stack};
use meshsynth_diff::side::{Side, construct};
use meshsynth_facts as facts;
use meshsynth_facts::versions::product::{self, Product};
use serde_json::Value;

use crate::component::{Component, Located, Place, Version};

/// Returns the components of a platform: resources by stack, then charts and images by cluster.
pub fn inventory(side: &Side, located: &Located<'_>) -> Vec<Component> {
    let mut components: Vec<Component> = Vec::new();
    for stack in &side.manifest.stacks {
        for (stack, id, resource) in side.resources_of(stack) {
            for product in products(resource) {
                let Some(component) = of_resource(side, (stack, id, resource), product, located) else { continue };
                let like = |other: &&mut Component| is_same_function(other, &component);
                match components.iter_mut().find(like) {
                    Some(other) => other.count += 1,
                    None => components.push(component),
                }
            }
        }
    }
    for cluster in &side.manifest.clusters {
        let releases = of_releases(cluster);
        let missing = |product: &&Product| !releases.iter().any(|it| it.product.id == product.id);
        let images =
            product::all().iter().filter(missing).filter_map(|product| of_image(side, cluster, product, located));
        let images: Vec<Component> = images.collect();
        components.extend(releases);
        components.extend(images);
    }
    components.sort_by_key(|it| product::all().iter().position(|product| product.id == it.product.id));
    components
}

/// Whether two components are functions with one runtime.
fn is_same_function(one: &Component, other: &Component) -> bool {
    one.product.id == "aws-lambda" && other.product.id == "aws-lambda" && one.version == other.version
}

/// Returns the products whose version a resource contains: a node group has a Kubernetes version and an image.
fn products(resource: &Value) -> impl Iterator<Item = &'static Product> {
    let (type_name, properties) = (resource["Type"].as_str(), &resource["Properties"]);
    product::all().iter().filter(move |product| {
        product.type_name.is_some()
            && product.type_name == type_name
            && product.engine.is_none_or(|engine| properties[product.engine_property()] == engine)
    })
}

fn of_resource(
    side: &Side,
    (stack, id, resource): (&Stack, &str, &Value),
    product: &'static Product,
    located: &Located<'_>,
) -> Option<Component> {
    let type_name = product.type_name?;
    let properties = &resource["Properties"];
    // A member has the version of its cluster.
    if facts::resource(type_name).member.is_some_and(|member| !properties[member].is_null()) {
        return None;
    }
    let property = product.property()?;
    let version = match &properties[property] {
        Value::String(version) => Version::Known(version.clone()),
        Value::Number(version) => Version::Known(version.to_string()),
        Value::Null if matches!(product.id, "aws-lambda" | "amazon-linux") => return None,
        Value::Null => Version::Unknown(format!("`{property}` is not set")),
        _ => Version::Unknown(format!("`{property}` is known only at deployment")),
    };
    let path = format!("Resources.{id}.Properties.{property}");
    let row = stack.resources.get(id).map(|row| row.source.clone()).unwrap_or_default();
    let title = product.title.and_then(|title| properties[title].as_str());
    let mut name = construct(stack, id).to_owned();
    if let Some(title) = title.filter(|title| !name.ends_with(title)) {
        name = format!("{name}/{title}");
    }
    Some(Component {
        product,
        name,
        version,
        cluster: cluster_of(side, stack, id, resource),
        place: Place::Resource { stack: stack.id.clone(), id: id.to_owned(), property },
        source: located(&stack.template, &path).unwrap_or(row),
        count: 1,
    })
}

/// Returns the id of the cluster that a resource is, or that it belongs to.
fn cluster_of(side: &Side, stack: &Stack, id: &str, resource: &Value) -> Option<String> {
    if !resource["Type"].as_str().is_some_and(|name| name.starts_with("AWS::EKS::")) {
        return None;
    }
    let given = &resource["Properties"]["ClusterName"];
    let own = match given {
        Value::Null if resource["Type"] == "AWS::EKS::Cluster" => Some(id),
        Value::Null => return None,
        _ => given["Ref"].as_str(),
    };
    let of_own = || side.template(stack)["Resources"][own?]["Properties"]["Name"].as_str();
    let name = given.as_str().or_else(of_own);
    let clusters = &side.manifest.clusters;
    match clusters.iter().find(|cluster| name.is_some_and(|name| cluster.name == name)) {
        Some(cluster) => Some(cluster.id.clone()),
        // A cluster without a name in the files is the only one.
        None if clusters.len() == 1 => Some(clusters[0].id.clone()),
        None => None,
    }
}

/// Returns the charts of known products. Charts of one product and version are one component.
fn of_releases(cluster: &Cluster) -> Vec<Component> {
    let mut components: BTreeMap<(usize, &str), Component> = BTreeMap::new();
    for release in &cluster.releases {
        let is_it = |product: &Product| product.has_chart(&release.repository, &release.chart);
        let Some(at) = product::all().iter().position(is_it) else { continue };
        let component = components.entry((at, &release.version)).or_insert_with(|| Component {
            product: &product::all()[at],
            name: cluster.id.clone(),
            version: match release.version.as_str() {
                "" => Version::Unknown("the chart has no version".to_owned()),
                version => Version::Known(version.to_owned()),
            },
            cluster: Some(cluster.id.clone()),
            place: Place::Releases { names: Vec::new() },
            source: release.source.clone(),
            count: 1,
        });
        if let Place::Releases { names } = &mut component.place {
            names.push(release.name.clone());
        }
    }
    components.into_values().collect()
}

/// Returns a product whose image runs in a cluster.
fn of_image(side: &Side, cluster: &Cluster, product: &'static Product, located: &Located<'_>) -> Option<Component> {
    for object in &cluster.objects {
        // Most objects are not parsed, because their text does not contain the image.
        let text = side.text(&object.path);
        let Some(wanted) = product.images.iter().find(|image| text.contains(**image)) else { continue };
        let document = side.document(&object.path);
        let Some(kind) = document["kind"].as_str() else { continue };
        let Some(pods) = facts::kind(kind).pods else { continue };
        let pod = pods.split('.').filter(|key| !key.is_empty()).fold(document, |value, key| &value[key]);
        for (at, container) in pod["spec"]["containers"].as_array().into_iter().flatten().enumerate() {
            let image = container["image"].as_str().unwrap_or_default();
            let image = image.split('@').next().unwrap_or_default();
            let Some((name, tag)) = image.rsplit_once(':').filter(|(name, _)| name.ends_with(wanted)) else { continue };
            let position = located(&object.path, &format!("{pods}.spec.containers[{at}].image"));
            return Some(Component {
                product,
                name: cluster.id.clone(),
                version: Version::Known(tag.to_owned()),
                cluster: Some(cluster.id.clone()),
                place: Place::Image { path: object.path.clone(), image: name.to_owned() },
                source: position.unwrap_or_else(|| object.source.clone()),
                count: 1,
            });
        }
    }
    None
}
