//! Small platforms, and what becomes of them.

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Loss, Outcome, lose};
use meshsynth_reach::world::Files;
use serde_json::{Value, json};

/// A template in two zones of a region, with subnets `A` and `B`, and what is added.
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

/// A resource.
pub fn resource(type_name: &str, properties: Value) -> Value {
    json!({ "Type": type_name, "Properties": properties })
}

/// A world of a template and manifests.
pub fn world(template: &Value, manifests: &str) -> World {
    let mut files = Files::default();
    files.add_text("main.json", &template.to_string());
    files.add_text("k8s.yaml", manifests);
    let world = World::of(&files);
    assert!(world.unread.is_empty(), "{:?}", world.unread);
    world
}

/// A world of templates in regions, each a stack by its name; outputs are read by `Fn::GetStackOutput`.
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

/// What becomes of a world without a zone.
pub fn without_zone(world: &World, zone: &str) -> Loss {
    without(world, &Asked { zones: vec![zone.to_owned()], ..Asked::default() })
}

/// What becomes of a world without a region.
pub fn without_region(world: &World, region: &str) -> Loss {
    without(world, &Asked { regions: vec![region.to_owned()], ..Asked::default() })
}

/// What becomes of a world where something is lost.
pub fn without(world: &World, asked: &Asked) -> Loss {
    lose(world, asked, &asked.event(world).unwrap_or_else(|error| panic!("{error:?}")))
}

/// What becomes of one thing, by the end of its name.
#[track_caller]
pub fn outcome(loss: &Loss, kind: Kind, name: &str) -> Outcome {
    let mut found = loss.findings.iter().filter(|it| it.kind == kind && it.name.ends_with(name));
    found.next().unwrap_or_else(|| panic!("no {name} in {:#?}", loss.findings)).outcome()
}
