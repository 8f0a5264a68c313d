//! Resources of the services that no construct uses: defined, referred to and checked like all others.

use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, ssm};
use meshsynth_services::kinesis::{Stream, stream};

#[test]
fn a_resource_of_another_service_is_referred_to_by_its_attributes() {
    let platform = Platform::synth("shop", |app| {
        let clicks = Stream::new().name("clicks").define(&stack(app, "jobs"), "clicks");
        clicks.retain();
        ssm::Path::new(&stack(app, "shop"), "config", "shop").add("clicks", clicks.arn());
    });
    assert_eq!(platform.resource("AWS::Kinesis::Stream").props["Name"], "clicks");
    let parameter = &platform.resource("AWS::SSM::Parameter").props["Value"];
    assert!(parameter["Fn::ImportValue"].as_str().is_some_and(|name| name.ends_with("Arn")), "{parameter}");
}

#[test]
fn its_properties_are_checked() {
    let misspelt = |app: &App| {
        Stream::new().raw("Nmae", "clicks").define(&stack(app, "jobs"), "clicks").retain();
    };
    assert_eq!(codes(misspelt), ["MS0105"]);
    let no_mode = |app: &App| {
        let mode = stream::StreamModeDetails::new(stream::StreamMode::Other("SOMETIMES".to_owned()));
        Stream::new().stream_mode_details(mode).define(&stack(app, "jobs"), "clicks").retain();
    };
    assert_eq!(codes(no_mode), ["MS0105"]);
}
