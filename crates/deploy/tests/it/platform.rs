//! Assemblies in memory, and functions that deploy them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::PathBuf;

use meshsynth_deploy::approval::Approval;
use meshsynth_deploy::assembly::{Assembly, Manifest};
use meshsynth_deploy::event::Event;
use meshsynth_deploy::executor::{Executor, NoClusters, Report};
use meshsynth_deploy::gate::Gate;
use meshsynth_deploy::plan::Plan;
use meshsynth_deploy::stack::Settings;
use meshsynth_deploy::stop::Stop;
use meshsynth_deploy::watch::{Answer, Question, Watch};
use serde_json::{Value, json};

use crate::fake::Fake;

pub const TOKYO: &str = "ap-northeast-1";
pub const OSAKA: &str = "ap-northeast-3";

/// Records all events and questions, and gives a configured answer.
pub struct Notes {
    pub events: RefCell<Vec<Event>>,
    pub asked: RefCell<Vec<Question>>,
    pub answer: Cell<Answer>,
}

impl Default for Notes {
    fn default() -> Self {
        Self { events: RefCell::default(), asked: RefCell::default(), answer: Cell::new(Answer::Yes) }
    }
}

impl Watch for Notes {
    fn say(&self, event: &Event) {
        self.events.borrow_mut().push(event.clone());
    }

    fn ask(&self, question: &Question) -> Answer {
        self.asked.borrow_mut().push(question.clone());
        self.answer.get()
    }
}

impl Notes {
    /// Returns the notes, one line each.
    pub fn notes(&self) -> Vec<String> {
        let events = self.events.borrow();
        events
            .iter()
            .filter_map(|it| if let Event::Note { text, .. } = it { Some(text.clone()) } else { None })
            .collect()
    }
}

/// Returns a platform of stacks: ID, region, dependencies, and logical IDs of the resources.
pub fn platform(stacks: &[(&str, &str, &[&str], &[&str])]) -> Assembly {
    let resource = |id: &&str| {
        let row = json!({
            "type": type_of(id),
            "construct": format!("{}/resource", id.to_lowercase()),
            "source": format!("src/main.rs:{}:5", 10 + id.len()),
            "stateful": id.contains("Db"),
        });
        ((*id).to_owned(), row)
    };
    let row = |(id, region, needs, resources): &(&str, &str, &[&str], &[&str])| {
        json!({
            "id": id,
            "name": format!("shop-{id}"),
            "region": region,
            "needs": needs,
            "tags": {},
            "template": format!("{id}.template.json"),
            "resources": resources.iter().map(resource).collect::<BTreeMap<_, _>>(),
        })
    };
    let files: BTreeMap<String, String> =
        stacks.iter().map(|it| (format!("{}.template.json", it.0), template(it.3, 1))).collect();
    let manifest = json!({
        "app": "shop",
        "stacks": stacks.iter().map(row).collect::<Vec<_>>(),
        "clusters": [],
        "files": files.keys().collect::<Vec<_>>(),
    });
    let manifest: Manifest = serde_json::from_value(manifest).unwrap();
    Assembly { folder: PathBuf::from("synth.out/shop"), manifest, files, bindings: BTreeMap::new() }
}

/// Returns the resource type of a logical ID.
fn type_of(id: &str) -> &'static str {
    if id.contains("Db") { "AWS::RDS::DBInstance" } else { "AWS::SQS::Queue" }
}

/// Returns a template with queues and databases. `version` changes their properties.
pub fn template(resources: &[&str], version: u32) -> String {
    let queue = |id: &&str| {
        let mut it = json!({ "Type": type_of(id), "Properties": { "VisibilityTimeout": version } });
        if id.contains("Kept") {
            it["DeletionPolicy"] = json!("Retain");
        }
        ((*id).to_owned(), it)
    };
    let resources: BTreeMap<String, Value> = resources.iter().map(queue).collect();
    json!({ "Resources": resources, "Outputs": { "Name": { "Value": "x" } } }).to_string()
}

/// Returns two stacks: `network`, and `data` that depends on it.
pub fn shop() -> Assembly {
    platform(&[("network", TOKYO, &[], &["Vpc"]), ("data", TOKYO, &["network"], &["Cache", "OrdersDb", "Queue"])])
}

pub fn settings(run: &str) -> Settings {
    Settings { run: run.to_owned(), approval: Approval::Never, protect: Some(false), ..Settings::default() }
}

pub async fn deploy_with(fake: &Fake, assembly: &Assembly, settings: &Settings, notes: &Notes) -> Report {
    deploy_until(fake, assembly, settings, notes, &Stop::default()).await
}

pub async fn deploy_until(fake: &Fake, assembly: &Assembly, settings: &Settings, notes: &Notes, stop: &Stop) -> Report {
    let plan = Plan::new(assembly, None).unwrap();
    let gate = Gate::open();
    let executor = Executor {
        cloud: fake,
        clusters: &NoClusters,
        assembly,
        plan: &plan,
        settings,
        watch: notes,
        stop,
        gate: &gate,
        max_concurrent: 10,
    };
    executor.deploy().await
}

pub async fn deploy(fake: &Fake, assembly: &Assembly) -> (Report, Notes) {
    let notes = Notes::default();
    let report = deploy_with(fake, assembly, &settings("run1"), &notes).await;
    (report, notes)
}

/// Returns the text of the only failure in a report.
#[track_caller]
pub fn failure(report: &Report) -> String {
    assert_eq!(report.failed.len(), 1, "{report:#?}");
    report.failed[0].1.to_string()
}

/// Returns the status of each stack.
pub fn states(fake: &Fake) -> Vec<String> {
    let world = fake.world.borrow();
    world.stacks.iter().map(|((region, name), kept)| format!("{region} {name} {}", kept.stack.status)).collect()
}
