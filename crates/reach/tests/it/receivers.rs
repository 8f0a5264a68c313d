//! Security groups that are passed to resources whose rules are not in the files.

use meshsynth_reach::{Engine, Verdict, find};
use serde_json::{Value, json};

use crate::support::world;

/// Returns the verdict for a public instance whose group has no rule, and which another resource receives.
fn verdict(receiver: Value, files: &[(&str, Value)]) -> Verdict {
    let template = json!({ "Resources": {
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } },
        "Gateway": { "Type": "AWS::EC2::InternetGateway" },
        "Table": { "Type": "AWS::EC2::RouteTable", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "Association": { "Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": { "SubnetId": { "Ref": "Subnet" }, "RouteTableId": { "Ref": "Table" } } },
        "Route": { "Type": "AWS::EC2::Route", "Properties": { "RouteTableId": { "Ref": "Table" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "Gateway" } } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" }, "GroupDescription": "x" } },
        "Instance": { "Type": "AWS::EC2::Instance", "Properties": {
            "NetworkInterfaces": [{ "DeviceIndex": "0", "SubnetId": { "Ref": "Subnet" }, "AssociatePublicIpAddress": true, "GroupSet": [{ "Ref": "Group" }] }],
        } },
        "Receiver": receiver,
    } });
    let texts: Vec<(&str, String)> = files.iter().map(|(name, file)| (*name, file.to_string())).collect();
    let mut all = vec![("shop.json", template.to_string())];
    all.extend(texts);
    let all: Vec<(&str, &str)> = all.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let world = world(&all);
    let target = if files.is_empty() { "Instance:22" } else { "shop/Instance:22" };
    let (source, target) = (find::sources(&world, "internet").unwrap(), find::targets(&world, target, None).unwrap());
    Engine::new(&world).ask(&source[0], &target[0]).verdict
}

fn nested(parameters: Value) -> Value {
    json!({ "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "https://a.example/b", "Parameters": parameters } })
}

#[test]
fn groups_of_unread_resources_may_have_more_rules() {
    let group = || json!({ "Fn::GetAtt": ["Group", "GroupId"] });
    assert_eq!(verdict(nested(json!({ "Group": { "Ref": "Group" } })), &[]), Verdict::Unknown);
    assert_eq!(
        verdict(json!({ "Type": "Custom::Opener", "Properties": { "Groups": [group()] } }), &[]),
        Verdict::Unknown
    );
    assert_eq!(
        verdict(json!({ "Type": "My::Team::Rules::MODULE", "Properties": { "Group": group() } }), &[]),
        Verdict::Unknown
    );
    assert_eq!(verdict(nested(json!({ "Subnet": { "Ref": "Subnet" } })), &[]), Verdict::Denied);
    assert_eq!(verdict(json!({ "Type": "AWS::SQS::Queue" }), &[]), Verdict::Denied);
}

/// The rules of a nested template that is among the files are read.
#[test]
fn rules_of_read_nested_templates_decide() {
    let child = |block: &str| {
        json!({
            "Parameters": { "Group": { "Type": "AWS::EC2::SecurityGroup::Id" } },
            "Resources": { "Rule": { "Type": "AWS::EC2::SecurityGroupIngress", "Properties": {
                "GroupId": { "Ref": "Group" }, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": block } } },
        })
    };
    let receiver = || nested(json!({ "Group": { "Ref": "Group" } }));
    assert_eq!(verdict(receiver(), &[("child.json", child("0.0.0.0/0"))]), Verdict::Unknown);
    assert_eq!(verdict(receiver(), &[("child.json", child("10.0.0.0/8"))]), Verdict::Denied);
}
