//! Small platforms and their losses.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Loss, Outcome, lose};
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

/// Returns a template with the subnets `A` and `B` in two zones of a region, and additions.
pub fn template(more: Value) -> Value {
    let subnet = |zone: &str| json!({ "Type": "AWS::EC2::Subnet", "Properties": { "AvailabilityZone": zone, "VpcId": "vpc-1" } });
    let group =
        |type_name: &str| json!({ "Type": type_name, "Properties": { "SubnetIds": [{ "Ref": "A" }, { "Ref": "B" }] } });
    let mut resources = json!({
        "A": subnet("eu-west-1a"),
        "B": subnet("eu-west-1b"),
        "Databases": group("AWS::RDS::DBSubnetGroup"),
        "Caches": group("AWS::ElastiCache::SubnetGroup"),
    });
    for (name, resource) in more.as_object().unwrap() {
        resources[name] = resource.clone();
    }
    json!({ "Resources": resources })
}

/// Returns a resource.
pub fn resource(type_name: &str, properties: Value) -> Value {
    json!({ "Type": type_name, "Properties": properties })
}

/// Returns the world of a template and manifests.
pub fn world(template: &Value, manifests: &str) -> World {
    let mut files = Files::default();
    files.add_text("main.json", &template.to_string());
    files.add_text("k8s.yaml", manifests);
    let world = World::of(&files);
    assert!(world.unread.is_empty(), "{:?}", world.unread);
    world
}

/// Returns the world of stacks in several regions. Outputs are read with `Fn::GetStackOutput`.
pub fn regions(stacks: &[(&str, &str, Value)]) -> World {
    let mut files = Files::default();
    let mut rows = Vec::new();
    for (name, region, template) in stacks {
        let file = format!("{name}.template.json");
        files.add_text(&file, &template.to_string());
        rows.push(json!({ "id": name, "name": name, "region": region, "template": file }));
    }
    files.manifest = json!({ "stacks": rows, "files": [] });
    World::of(&files)
}

/// Returns the effects of losing a zone.
pub fn without_zone(world: &World, zone: &str) -> Loss {
    without(world, &Asked { zones: vec![zone.to_owned()], ..Asked::default() })
}

/// Returns the effects of losing a region.
pub fn without_region(world: &World, region: &str) -> Loss {
    without(world, &Asked { regions: vec![region.to_owned()], ..Asked::default() })
}

/// Returns the effects of a loss.
pub fn without(world: &World, asked: &Asked) -> Loss {
    lose(world, asked, &asked.event(world).unwrap_or_else(|error| panic!("{error:?}")))
}

/// Returns the outcome of one finding, selected by the end of its name.
#[track_caller]
pub fn outcome(loss: &Loss, kind: Kind, name: &str) -> Outcome {
    let mut found = loss.findings.iter().filter(|it| it.kind == kind && it.name.ends_with(name));
    found.next().unwrap_or_else(|| panic!("no {name} in {:#?}", loss.findings)).outcome()
}
