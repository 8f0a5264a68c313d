//! Resources of the services that no construct uses: defined, referred to and checked like all others.

use meshsynth::cfn::ids::RoleArn;
use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, ssm};
use meshsynth_services::scheduler::{Schedule, ScheduleGroup, schedule};

#[test]
fn a_resource_of_another_service_is_referred_to_by_its_attributes() {
    let platform = Platform::synth("shop", |app| {
        let group = ScheduleGroup::new().name("nightly").define(&stack(app, "jobs"), "nightly");
        ssm::Path::new(&stack(app, "shop"), "config", "shop").add("group", group.arn());
    });
    assert_eq!(platform.resource("AWS::Scheduler::ScheduleGroup").props["Name"], "nightly");
    let parameter = &platform.resource("AWS::SSM::Parameter").props["Value"];
    assert!(parameter["Fn::ImportValue"].as_str().is_some_and(|name| name.ends_with("Arn")), "{parameter}");
}

#[test]
fn its_properties_are_checked() {
    let misspelt = |app: &App| {
        ScheduleGroup::new().raw("Nmae", "nightly").define(&stack(app, "jobs"), "nightly");
    };
    assert_eq!(codes(misspelt), ["MS0105"]);
    let no_window = |app: &App| {
        let mode = schedule::FlexibleTimeWindowMode::Other("SOMETIMES".to_owned());
        let window = schedule::FlexibleTimeWindow::new(mode);
        let role = RoleArn::new("arn:aws:iam::111122223333:role/run");
        let target = schedule::Target::new("arn:aws:sqs:eu-west-1:111122223333:jobs", role);
        Schedule::new(window, "rate(1 day)", target).define(&stack(app, "jobs"), "daily");
    };
    assert_eq!(codes(no_window), ["MS0105"]);
}
