//! The resources that a construct has made: found by their type and path, and patched.

use meshsynth::kms::{Key, KeyProps};
use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, Resource, cfn};

fn key(app: &App) -> Key {
    Key::new(&stack(app, "data"), "key", KeyProps::default())
}

#[test]
fn what_a_construct_made_is_found_and_patched() {
    let platform = Platform::synth("shop", |app| {
        Resource::<cfn::kms::Key>::of(&key(app), "resource").patch("RotationPeriodInDays", 180);
    });
    assert_eq!(platform.resource("AWS::KMS::Key").props["RotationPeriodInDays"], 180);
}

#[test]
fn what_it_did_not_make_is_an_error() {
    assert_eq!(codes(|app| drop(Resource::<cfn::kms::Key>::of(&key(app), "nothing"))), ["MS0113"]);
    assert_eq!(codes(|app| drop(Resource::<cfn::kms::Alias>::of(&key(app), "resource"))), ["MS0113"]);
}
