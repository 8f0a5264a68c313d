//! List references in each kind of reader: they remain lists.

use meshsynth::testing::{Platform, diagnostics, stack, workload};
use meshsynth::val::{Bag, Data, List};
use meshsynth::{App, Construct, Env, Resource, Stack, Val, cfn};
use serde_json::{Value, json};

use crate::wires::tokyo;

/// Defines a hosted zone, which has a list of name servers.
fn zone(stack: &Stack) -> Resource<cfn::route53::HostedZone> {
    let zone = cfn::route53::HostedZone::new().name("shop.example.com").define(stack, "zone");
    zone.retain();
    zone
}

/// Defines a record set, whose values are a list and whose comment is a text.
fn record(stack: &Stack, key: &'static str, value: impl Into<Data>) {
    let props = Bag::default().with("Name", "a.example.com").with("Type", "NS").with("HostedZoneId", "Z1");
    Resource::<meshsynth::cfn::Raw>::define(stack, "record", "AWS::Route53::RecordSet", props.with(key, value));
}

/// Returns the outputs of the zone's stack, and the value in a record of another stack.
fn across(ours: Env, theirs: Env, key: &'static str, value: fn(Val<List<String>>) -> Data) -> (Value, Value) {
    read(|_| (), ours, theirs, key, value)
}

fn read(
    app: impl FnOnce(&App),
    ours: Env,
    theirs: Env,
    key: &'static str,
    value: fn(Val<List<String>>) -> Data,
) -> (Value, Value) {
    let platform = Platform::synth("app", |it| {
        app(it);
        let zone = zone(&Stack::new(it, "names", ours));
        record(&Stack::new(it, "reader", theirs), key, value(zone.name_servers()));
    });
    let record = platform.resource("AWS::Route53::RecordSet").props[key].clone();
    (platform.template("names")["Outputs"].clone(), record)
}

fn name_servers() -> Value {
    json!({ "Fn::GetAtt": ["Zone13245DEC", "NameServers"] })
}

fn osaka() -> Env {
    Env::new("111122223333", "ap-northeast-3")
}

fn other_account() -> Env {
    Env::new("444455556666", "ap-northeast-1")
}

/// Returns the logical ID and the value of the only output.
fn only(outputs: &Value) -> (&str, &Value) {
    let outputs = outputs.as_object().expect("a map");
    assert_eq!(outputs.len(), 1, "{outputs:?}");
    outputs.iter().next().map(|(name, output)| (name.as_str(), &output["Value"])).expect("it is one")
}

#[test]
fn uses_getatt_for_a_list_within_a_stack() {
    let platform = Platform::synth("app", |app| {
        let stack = Stack::new(app, "names", tokyo());
        record(&stack, "ResourceRecords", zone(&stack).name_servers());
    });
    let read = &platform.resource("AWS::Route53::RecordSet").props["ResourceRecords"];
    assert_eq!(read["Fn::GetAtt"][1], "NameServers");
}

#[test]
fn joins_a_list_in_its_stack_and_splits_it_in_the_reader() {
    let (outputs, read) = across(tokyo(), tokyo(), "ResourceRecords", Data::from);
    let (name, value) = only(&outputs);
    assert_eq!(value["Fn::Join"][0], "||");
    assert_eq!(value["Fn::Join"][1]["Fn::GetAtt"][1], "NameServers");
    assert_eq!(read, json!({ "Fn::Split": ["||", { "Fn::ImportValue": format!("app-names:{name}") }] }));
}

#[test]
fn passes_lists_between_regions_and_accounts() {
    for (theirs, key, wanted) in [
        (osaka(), "Region", "ap-northeast-1"),
        (other_account(), "RoleArn", "arn:aws:iam::111122223333:role/meshsynth-output-reader"),
    ] {
        let (outputs, read) = across(tokyo(), theirs, "ResourceRecords", Data::from);
        let (name, value) = only(&outputs);
        assert_eq!(value["Fn::Join"][0], "||");
        let call = json!({ "StackName": "app-names", "OutputName": name, key: wanted });
        assert_eq!(read, json!({ "Fn::Split": ["||", { "Fn::GetStackOutput": call }] }));
    }
}

#[test]
fn splits_lists_of_weak_references() {
    let weak = |app: &App| {
        app.weak_references();
    };
    let (outputs, read) = self::read(weak, tokyo(), tokyo(), "ResourceRecords", Data::from);
    let call = json!({ "StackName": "app-names", "OutputName": only(&outputs).0 });
    assert_eq!(read, json!({ "Fn::Split": ["||", { "Fn::GetStackOutput": call }] }));
}

#[test]
fn selects_an_item_in_the_stack_of_the_list() {
    for theirs in [tokyo(), osaka(), other_account()] {
        let (outputs, read) = across(tokyo(), theirs, "SetIdentifier", |list| list.item(2).into());
        let (name, value) = only(&outputs);
        assert!(name.ends_with("NameServersItem2"), "{name}");
        assert_eq!(
            (&value["Fn::Select"][0], &value["Fn::Select"][1]["Fn::GetAtt"][1]),
            (&json!(2), &json!("NameServers"))
        );
        assert!(read.get("Fn::Split").is_none() && read.get("Fn::Select").is_none(), "{read}");
    }
}

#[test]
fn reads_a_joined_list_as_text() {
    let (outputs, read) = across(tokyo(), osaka(), "Comment", |list| list.join(",").into());
    assert_eq!(only(&outputs).1["Fn::Join"][0], ",");
    assert!(read.get("Fn::GetStackOutput").is_some(), "{read}");
}

#[test]
fn defines_an_output_for_each_form_of_a_list() {
    let platform = Platform::synth("app", |app| {
        let zone = zone(&Stack::new(app, "names", tokyo()));
        let reader = Stack::new(app, "reader", osaka());
        let all = Data::from(zone.name_servers());
        let texts = [zone.name_servers().item(0), zone.name_servers().join(","), zone.name_servers().join(" ")];
        let props = Bag::default().with("Name", "a.example.com").with("Type", "NS").with("HostedZoneId", "Z1");
        Resource::<meshsynth::cfn::Raw>::define(
            &reader,
            "record",
            "AWS::Route53::RecordSet",
            props.with("ResourceRecords", all),
        );
        for (idx, text) in texts.into_iter().enumerate() {
            let props = Bag::default().with("Type", "String").with("Value", text);
            Resource::<meshsynth::cfn::Raw>::define(&reader, &format!("text-{idx}"), "AWS::SSM::Parameter", props);
        }
    });
    assert_eq!(platform.template("names")["Outputs"].as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn treats_an_unknown_attribute_as_the_requested_list() {
    let platform = Platform::synth("app", |app| {
        let index = cfn::Raw::new("AWS::Search::Index").define(&Stack::new(app, "search", tokyo()), "index");
        let hosts: Val<List<String>> = index.attr("Hosts");
        record(&Stack::new(app, "reader", osaka()), "ResourceRecords", hosts);
    });
    assert_eq!(only(&platform.template("search")["Outputs"]).1["Fn::Join"][0], "||");
}

#[test]
fn joins_lists_in_outputs_with_commas() {
    let platform = Platform::synth("app", |app| {
        let stack = Stack::new(app, "names", tokyo());
        stack.output("Servers", zone(&stack).name_servers());
        stack.output("Known", ["a", "b"]);
    });
    let outputs = &platform.template("names")["Outputs"];
    assert_eq!(outputs["Servers"]["Value"]["Fn::Join"][0], ",");
    assert_eq!(outputs["Known"]["Value"], "a,b");
}

/// Returns a custom object that reads a list, and its entry in the bindings.
fn in_manifest(value: fn(Val<List<String>>) -> Data) -> (Value, Value) {
    let platform = Platform::synth("app", |app| {
        let servers = zone(&stack(app, "names")).name_servers();
        let orders = workload(app);
        orders.deployment().patch("spec.template.spec.dnsConfig.nameservers", value(servers));
    });
    let bindings: Value = serde_json::from_str(&platform.assembly.files["bindings.json"]).expect("it is JSON");
    let row = bindings.as_object().and_then(|rows| rows.iter().find(|(name, _)| name.starts_with("${names/")));
    let read = platform.object("Deployment", "orders").get("spec.template.spec.dnsConfig.nameservers").clone();
    (read, row.map_or(Value::Null, |(name, row)| json!({ name: row })))
}

#[test]
fn uses_one_placeholder_for_a_list_in_a_manifest() {
    let (read, binding) = in_manifest(Data::from);
    assert_eq!(read, json!(["${names/zone.NameServers[]}"]));
    assert_eq!(binding["${names/zone.NameServers[]}"]["separator"], "||");
    assert_eq!(binding["${names/zone.NameServers[]}"]["stack"], "names");
}

#[test]
fn uses_a_separate_placeholder_for_an_item() {
    let (read, binding) = in_manifest(|list| Data::from(vec![list.item(1)]));
    assert_eq!(read, json!(["${names/zone.NameServers[1]}"]));
    assert!(binding["${names/zone.NameServers[1]}"].get("separator").is_none(), "{binding}");
}

#[test]
fn reports_a_list_in_a_text_field_of_a_manifest() {
    let found = diagnostics("app", |app| {
        let servers = zone(&stack(app, "names")).name_servers();
        workload(app).deployment().patch("spec.template.spec.hostname", Data::from(servers));
    });
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].code, "MS0106");
    assert!(found[0].message.contains("expected text, found a list"), "{}", found[0].message);
    assert!(found[0].help.as_deref().is_some_and(|help| help.contains("join")), "{found:?}");
}

#[test]
fn keeps_a_list_in_a_document() {
    let platform = Platform::synth("app", |app| {
        let servers = zone(&Stack::new(app, "names", tokyo())).name_servers();
        let orders = workload(app);
        orders.env("SERVERS", servers.join(","));
        let _ = orders.scope();
    });
    assert!(platform.manifest("configmap-orders-config").contains("SERVERS: ${names/zone.NameServers[joined ,]}"));
}

#[test]
fn does_not_split_a_list_within_its_stack() {
    let platform = Platform::synth("app", |app| {
        let stack = Stack::new(app, "names", tokyo());
        let servers = zone(&stack).name_servers();
        record(&stack, "SetIdentifier", servers.item(0));
    });
    let read = &platform.resource("AWS::Route53::RecordSet").props["SetIdentifier"];
    assert_eq!(read["Fn::Select"][0], 0);
    assert_eq!(read["Fn::Select"][1]["Fn::GetAtt"][1], name_servers()["Fn::GetAtt"][1]);
}
