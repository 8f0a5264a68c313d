//! Tests orphans: each deployment reports them, and the user can delete them. Stacks of other apps are not orphans.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use aws_credential_types::Credentials;
use meshsynth_deploy::aws::AwsAccess;
use meshsynth_deploy::clusters::ClusterAccess;
use meshsynth_deploy::event::Event;
use meshsynth_deploy::session::Options;
use meshsynth_deploy::{commands, destroy};
use serde_json::json;

use crate::endpoint::Endpoint;
use crate::platform::{Notes, OSAKA, TOKYO, settings};
use crate::world::Kept;

/// A stack: its ID, its region, and the stack whose export it imports.
type Row<'a> = (&'a str, &'a str, Option<&'a str>);

const ALL: [Row<'_>; 4] =
    [("network", TOKYO, None), ("a-topics", TOKYO, None), ("b-orders", TOKYO, Some("a-topics")), ("far", OSAKA, None)];

struct Machine<'a> {
    folder: PathBuf,
    endpoint: &'a Endpoint,
    notes: Notes,
}

impl<'a> Machine<'a> {
    fn new(name: &str, endpoint: &'a Endpoint, stacks: &[Row]) -> Self {
        let folder = std::env::temp_dir().join(format!("meshsynth-orphans-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let machine = Self { folder, endpoint, notes: Notes::default() };
        machine.write(stacks);
        machine
    }

    fn write(&self, stacks: &[Row]) {
        let template = |(id, _, from): &Row| {
            let name = from.map(|from| json!({ "Fn::ImportValue": format!("shop-{from}-Name") }));
            let properties = json!({ "QueueName": name });
            let export = json!({ "Value": "x", "Export": { "Name": format!("shop-{id}-Name") } });
            let resources = json!({ "Queue": { "Type": "AWS::SQS::Queue", "Properties": properties } });
            json!({ "Resources": resources, "Outputs": { "Name": export } }).to_string()
        };
        let files: BTreeMap<String, String> =
            stacks.iter().map(|row| (format!("{}.template.json", row.0), template(row))).collect();
        let row = |(id, region, needs): &Row| {
            json!({
                "id": id, "name": format!("shop-{id}"), "region": region, "needs": needs.iter().collect::<Vec<_>>(),
                "template": format!("{id}.template.json"), "resources": {}
            })
        };
        let manifest = json!({
            "format_version": 1, "app": "shop", "files": files.keys().collect::<Vec<_>>(), "clusters": [],
            "stacks": stacks.iter().map(row).collect::<Vec<_>>()
        });
        fs::create_dir_all(self.folder.join("shop")).unwrap();
        let texts = [("manifest.json", manifest.to_string()), ("bindings.json", "{}".to_owned())];
        let files = files.iter().map(|(path, text)| (path.as_str(), text.clone()));
        for (path, text) in files.chain(texts) {
            fs::write(self.folder.join("shop").join(path), text).unwrap();
        }
    }

    fn options(&self, run: &str) -> Options<'_> {
        Options {
            folder: self.folder.join("shop"),
            output: self.folder.clone(),
            settings: settings(run),
            aws: AwsAccess {
                endpoint: Some(self.endpoint.address.clone()),
                credentials: Some(Credentials::new("AKIDEXAMPLE", "not a secret", None, None, "test")),
                ..AwsAccess::default()
            },
            bucket: None,
            clusters: ClusterAccess::default(),
            who: "ann@laptop".to_owned(),
            refactors: false,
            breaks_lock: false,
            by_region: None,
            watch: &self.notes,
            is_interrupted: || false,
        }
    }

    /// Deploys, and returns the notes about remaining stacks.
    fn deploy(&self, run: &str) -> Vec<String> {
        self.notes.events.borrow_mut().clear();
        let report = commands::deploy(&self.options(run), None).unwrap();
        assert!(report.is_fine(), "{report:#?}");
        self.notes.notes().into_iter().filter(|text| text.contains("still exists in AWS")).collect()
    }

    fn record(&self) -> String {
        fs::read_to_string(self.folder.join(".deploy/shop/record.json")).unwrap()
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn stay(name: &str, region: &str) -> String {
    let help = "delete stacks of earlier outputs with `meshsynth destroy --orphans`";
    format!("stack `{name}` ({region}) is no longer in the output, but still exists in AWS: {help}")
}

fn names(endpoint: &Endpoint) -> Vec<String> {
    endpoint.world.lock().unwrap().stacks.keys().map(|(_, name)| name.clone()).collect()
}

#[test]
fn reports_orphans_until_they_are_deleted() {
    let endpoint = Endpoint::start();
    let laptop = Machine::new("laptop", &endpoint, &ALL);
    assert_eq!(laptop.deploy("run1"), [""; 0]);
    // One stack belongs to another app, and one was not created by meshsynth.
    for (name, app) in [("blog-a", Some("blog")), ("by-hand", None)] {
        let mut kept = Kept::default();
        kept.stack.name = name.to_owned();
        kept.stack.status = "CREATE_COMPLETE".to_owned();
        kept.stack.tags.extend(app.map(|app| ("meshsynth:app".to_owned(), app.to_owned())));
        endpoint.world.lock().unwrap().stacks.insert((TOKYO.to_owned(), name.to_owned()), kept);
    }
    laptop.write(&ALL[..1]);
    let here = [stay("shop-a-topics", TOKYO), stay("shop-b-orders", TOKYO)];
    let all = [here.to_vec(), vec![stay("shop-far", OSAKA)]].concat();
    assert_eq!(laptop.deploy("run2"), all);
    assert_eq!(laptop.deploy("run3"), all, "also the next time, where no stack is in that region any more");
    // Another machine knows only the regions of its output.
    let runner = Machine::new("runner", &endpoint, &ALL[..1]);
    assert_eq!(runner.deploy("run4"), here);
    let standing = commands::states(&laptop.options("run5")).unwrap();
    let ids: Vec<&str> = standing.orphans.found.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["a-topics", "b-orders", "far"]);
    // Importing stacks are deleted before exporting stacks.
    laptop.notes.events.borrow_mut().clear();
    let (report, _) = destroy::orphans(&laptop.options("run6"), standing.orphans.found).unwrap();
    assert!(report.is_fine(), "{report:#?}");
    let begun: Vec<String> = laptop
        .notes
        .events
        .borrow()
        .iter()
        .filter_map(|event| if let Event::Began { at } = event { Some(at.clone()) } else { None })
        .collect();
    assert_eq!(begun, ["b-orders", "a-topics", "far"]);
    assert_eq!(names(&endpoint), ["blog-a", "by-hand", "shop-network"]);
    assert_eq!(laptop.deploy("run7"), [""; 0]);
    assert!(!laptop.record().contains("shop-far") && !laptop.record().contains(OSAKA), "{}", laptop.record());
}

#[test]
fn export_name_inside_another_name_is_not_an_import() {
    let endpoint = Endpoint::start();
    // `shop-a-Name` is a part of `shop-a-Name-2-Name`, but there is no reverse import.
    let all = [("network", TOKYO, None), ("a", TOKYO, Some("a-Name-2")), ("a-Name-2", TOKYO, None)];
    let machine = Machine::new("names", &endpoint, &all);
    machine.deploy("run1");
    machine.write(&ALL[..1]);
    let found = commands::orphans(&machine.options("run2")).unwrap().found;
    let (report, _) = destroy::orphans(&machine.options("run3"), found).unwrap();
    assert_eq!(report.done, ["a", "a-Name-2"]);
}

#[test]
fn reports_old_stack_after_region_change() {
    let endpoint = Endpoint::start();
    let machine = Machine::new("moved", &endpoint, &[("data", OSAKA, None)]);
    machine.deploy("run1");
    machine.write(&[("data", TOKYO, None)]);
    assert_eq!(machine.deploy("run2"), [stay("shop-data", OSAKA)]);
    let found = commands::orphans(&machine.options("run3")).unwrap().found;
    assert_eq!(found[0].id, "shop-data.ap-northeast-3", "its path is that of another stack now");
    let (report, _) = destroy::orphans(&machine.options("run4"), found).unwrap();
    assert!(report.is_fine(), "{report:#?}");
    let keys: Vec<String> = endpoint.world.lock().unwrap().stacks.keys().map(|(region, _)| region.clone()).collect();
    assert_eq!(keys, [TOKYO]);
}

#[test]
fn destroy_reports_remaining_stacks() {
    let endpoint = Endpoint::start();
    let machine = Machine::new("destroy", &endpoint, &ALL);
    machine.deploy("run1");
    machine.write(&ALL[..2]);
    let (report, _) = destroy::destroy(&machine.options("run2")).unwrap();
    assert!(report.is_fine(), "{report:#?}");
    assert_eq!(names(&endpoint), ["shop-b-orders", "shop-far"]);
    let told = |text: &String| text.contains("still exists in AWS");
    let notes: Vec<String> = machine.notes.notes().into_iter().filter(told).collect();
    assert_eq!(notes, [stay("shop-b-orders", TOKYO), stay("shop-far", OSAKA)]);
    assert!(machine.record().contains("shop-far"), "they stay known: {}", machine.record());
}

#[test]
fn keeps_record_without_permission_to_list_stacks() {
    let endpoint = Endpoint::start();
    let machine = Machine::new("forbidden", &endpoint, &ALL);
    machine.deploy("run1");
    machine.write(&ALL[..1]);
    endpoint.world.lock().unwrap().hides_stacks = true;
    assert_eq!(machine.deploy("run2"), [""; 0]);
    let notes = machine.notes.notes();
    for region in [TOKYO, OSAKA] {
        let text = format!("stacks in {region} that are no longer in the platform: ");
        assert!(notes.iter().any(|note| note.starts_with(&format!("not read: {text}"))), "{notes:#?}");
    }
    assert!(machine.record().contains("shop-far") && machine.record().contains(OSAKA), "{}", machine.record());
    endpoint.world.lock().unwrap().hides_stacks = false;
    assert_eq!(machine.deploy("run3").len(), 3);
}
