//! Tests stack refactors from unsuitable states and templates.

use meshsynth_deploy::stack::Settings;
use serde_json::{Value, json};

use crate::fake::calls;
use crate::platform::{Notes, TOKYO, settings};
use crate::refactor::{deploy, deployed, physical, split, whole};
use crate::states::set;

#[tokio::test(start_paused = true)]
async fn requires_repair_of_failed_stack_before_refactor() {
    for status in ["ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED"] {
        let fake = deployed(21).await;
        let mut left = crate::world::Kept::default();
        left.stack.id = "stack-left".to_owned();
        left.stack.name = "shop-queues".to_owned();
        left.stack.status = status.to_owned();
        left.stack.tags.insert("meshsynth:app".to_owned(), "shop".to_owned());
        fake.world.borrow_mut().stacks.insert((TOKYO.to_owned(), "shop-queues".to_owned()), left);
        let failure = deploy(&fake, &split(), &settings("run1"), &Notes::default()).await.unwrap_err();
        assert_eq!(
            failure.text,
            format!("stack `shop-queues` (ap-northeast-1) cannot be refactored in the state `{status}`")
        );
        assert_eq!(failure.help, "deploy without `--refactor` first, which repairs it");
        assert!(!calls(&fake).contains_key("CreateStackRefactor"));
    }
}

#[tokio::test(start_paused = true)]
async fn reports_text_properties_as_change() {
    let fake = deployed(22).await;
    set(&fake, "shop-data", |kept| {
        let mut template: Value = serde_json::from_str(&kept.template).unwrap();
        template["Resources"]["Cache"]["Properties"]["Tags"] = json!([{ "Key": "team", "Value": "data" }]);
        kept.template = template.to_string();
    });
    let mut assembly = split();
    let mut data: Value = serde_json::from_str(&assembly.files["data.template.json"]).unwrap();
    data["Resources"]["Cache"]["Properties"] = json!("none");
    assembly.files.insert("data.template.json".to_owned(), data.to_string());
    let failure = deploy(&fake, &assembly, &settings("run1"), &Notes::default()).await.unwrap_err();
    assert!(failure.notes.contains(&"`Cache` of the stack `shop-data` also changes".to_owned()), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn deletes_emptied_stack_with_missing_destination() {
    let fake = deployed(23).await;
    set(&fake, "shop-data", |kept| {
        // An earlier run moved the resources to a stack that was deleted since.
        let handle = json!({
            "Type": "AWS::CloudFormation::WaitConditionHandle", "Metadata": { "MovedTo": ["shop-gone"] }
        });
        kept.template = json!({ "Resources": { "MeshsynthEmptied": handle } }).to_string();
        kept.resources.clear();
        kept.stack.protected = true;
    });
    let mut assembly = whole();
    assembly.manifest.stacks[0].name = "shop-store".to_owned();
    let (notes, first) = (Notes::default(), Settings { protect: None, ..settings("run1") });
    assert!(deploy(&fake, &assembly, &first, &notes).await.unwrap().is_fine());
    assert!(
        notes.notes().iter().any(|it| it.starts_with("the stack `shop-gone` does not exist")),
        "{:?}",
        notes.notes()
    );
    assert!(physical(&fake).keys().all(|it| it.starts_with("shop-store/")), "{:?}", physical(&fake));
}
