//! Tests the JSON events: one line of each kind, as in the documentation and its schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use meshsynth_deploy::event::Event;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::judgement::{AccessRow, Row};
use meshsynth_deploy::way_row::WayRow;
use meshsynth_diff::Verdict;
use meshsynth_diff::fate::{Fate, Remains};

fn events() -> Vec<Event> {
    let at = || "data".to_owned();
    let database = Row {
        verdict: Verdict::DataLoss,
        kind: "AWS::RDS::DBInstance".to_owned(),
        name: "orders-db".to_owned(),
        properties: vec!["/Properties/Engine".to_owned()],
        access: false,
        fates: vec![Fate::Replaced(Remains::Nothing)],
    };
    let role = Row {
        verdict: Verdict::InPlace,
        kind: "AWS::IAM::Role".to_owned(),
        name: "orders/role".to_owned(),
        properties: Vec::new(),
        access: true,
        fates: Vec::new(),
    };
    let access =
        AccessRow { widened: true, public: false, text: "`orders` may now read secret `orders-db`".to_owned() };
    let way = WayRow {
        opens: true,
        public: true,
        ways: 1,
        text: "the internet now reaches `orders-db:5432`".to_owned(),
        why: vec!["security group allowed: EC2::SecurityGroup orders-db SecurityGroupIngress[0]".to_owned()],
    };
    let failure = Failure {
        source: "src/main.rs:18:5".to_owned(),
        construct: "orders-db".to_owned(),
        cause: "`OrdersDb` (AWS::RDS::DBInstance), `UPDATE_FAILED`: the quota is reached".to_owned(),
        notes: vec!["rolled back: the stack has the state from before the update".to_owned()],
        ..Failure::new(
            "stack `shop-data` (ap-northeast-1) was not updated: its state is `UPDATE_ROLLBACK_COMPLETE`",
            "fix the cause, then run the command again",
        )
    };
    let reached = |state: &str, reason: &str| Event::Reached {
        at: at(),
        name: "orders-db".to_owned(),
        state: state.to_owned(),
        reason: reason.to_owned(),
    };
    vec![
        Event::Began { at: at() },
        Event::Doing { at: at(), text: "creating a change set".to_owned() },
        Event::Waiting {
            at: "run".to_owned(),
            name: "Deployment `shop/orders`".to_owned(),
            reason: "0 of 2 replicas are ready, 2 have the new template".to_owned(),
            waited: 30,
        },
        Event::TakesOver {
            at: at(),
            name: "stack `legacy-data`".to_owned(),
            from: "the AWS CDK".to_owned(),
            notes: vec!["the tags `team` are kept".to_owned(), "its termination protection is kept".to_owned()],
            back: "aws cloudformation update-stack --region eu-west-1 --cli-input-json file://update-stack.json"
                .to_owned(),
        },
        Event::Changes { at: at(), changes: vec![database, role], ways: vec![way], access: vec![access] },
        Event::Note { at: at(), text: "the change set is no longer valid; creating another".to_owned() },
        reached("UPDATE_IN_PROGRESS", ""),
        reached("UPDATE_FAILED", "the quota is reached"),
        Event::Done { at: "network".to_owned(), text: "no changes".to_owned() },
        Event::Failed { at: at(), failure },
        Event::Failed {
            at: "run".to_owned(),
            failure: Failure::interrupted("interrupted: cluster `run` is partly deployed: 3 of 9 objects are applied"),
        },
        Event::Skipped { at: "services".to_owned(), because: "its dependency `data` did not complete".to_owned() },
    ]
}

/// Returns an index for each kind. A new kind does not compile until it has an example above.
fn kind(event: &Event) -> usize {
    match event {
        Event::Began { .. } => 0,
        Event::Doing { .. } => 1,
        Event::Changes { .. } => 2,
        Event::Reached { .. } => 3,
        Event::Note { .. } => 4,
        Event::Done { .. } => 5,
        Event::Failed { .. } => 6,
        Event::Skipped { .. } => 7,
        Event::Waiting { .. } => 8,
        Event::TakesOver { .. } => 9,
    }
}

/// Checks `docs/deploy-events.jsonl`, which shows every kind. `UPDATE_DOCS=1` writes it. The checks of the book
/// validate it against the schema.
#[test]
fn docs_contain_all_kinds_of_events() {
    let events = events();
    assert_eq!(events.iter().map(kind).collect::<BTreeSet<_>>().len(), 10);
    let lines: String = events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n").collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/deploy-events.jsonl");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &lines).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == lines,
        "docs/deploy-events.jsonl is stale: run `UPDATE_DOCS=1 cargo test -p meshsynth-deploy events`"
    );
}
