//! Resources of services without constructs are defined, referenced and checked like all other resources.

use meshsynth::testing::{Platform, codes, stack};
use meshsynth::{App, facts, map, ssm};
use meshsynth_services::kinesis::{Stream, stream};
use meshsynth_services::serverless::{self, function};

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

#[test]
fn writes_sam_types_without_assumptions_about_generated_resources() {
    let platform = Platform::synth("shop", |app| {
        let jobs = stack(app, "jobs");
        jobs.section("Transform", "AWS::Serverless-2016-10-31");
        let table = serverless::SimpleTable::new()
            .primary_key(serverless::simple_table::PrimaryKey::new("id", "String"))
            .define(&jobs, "table");
        let orders = serverless::Function::new()
            .memory_size(256)
            .runtime(function::Runtime::Python3_13)
            .events([("Get", function::EventSource::new("Api").properties(map![("Path", "/"), ("Method", "get")]))])
            .tags(map![("team", "shop"), ("table", table.reference())])
            .define(&jobs, "orders");
        jobs.output("Arn", orders.attr::<String>("Arn"));
    });
    let orders = platform.resource("AWS::Serverless::Function").props;
    assert_eq!((&orders["MemorySize"], &orders["Events"]["Get"]["Type"]), (&256.into(), &"Api".into()));
    assert!(orders["Tags"]["table"]["Ref"].is_string(), "{orders}");
    for name in
        ["Api", "Application", "Connector", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine"]
    {
        let type_name = format!("AWS::Serverless::{name}");
        assert!(facts::cloudformation(&type_name).is_none(), "{type_name} is not a type of the registry");
    }
}
