//! Access to the resources of a construct by type and path, and patches of them.

use meshsynth::kms::{Key, KeyProps};
use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, Resource, cfn};

fn key(app: &App) -> Key {
    Key::new(&stack(app, "data"), "key", KeyProps::default())
}

#[test]
fn finds_and_patches_resources_of_a_construct() {
    let platform = Platform::synth("shop", |app| {
        Resource::<cfn::kms::Key>::of(&key(app), "resource").patch("RotationPeriodInDays", 180);
    });
    assert_eq!(platform.resource("AWS::KMS::Key").props["RotationPeriodInDays"], 180);
}

#[test]
fn reports_resources_of_other_constructs() {
    assert_eq!(codes(|app| drop(Resource::<cfn::kms::Key>::of(&key(app), "nothing"))), ["MS0113"]);
    assert_eq!(codes(|app| drop(Resource::<cfn::kms::Alias>::of(&key(app), "resource"))), ["MS0113"]);
}
