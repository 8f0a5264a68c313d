//! Stores that are reached over the network: their interfaces, ports and undeclared paths.

use meshsynth_reach::relations::undeclared;
use meshsynth_reach::{Engine, Target, Verdict, World, find};
use serde_json::{Value, json};

use crate::support::world;

/// A function and a store in one VPC. The security group of the store admits the function on a port.
fn with_function(type_name: &str, properties: &Value, more: &Value, port: u16) -> World {
    let mut resources = json!({
        "Vpc": { "Type": "AWS::EC2::VPC", "Properties": { "CidrBlock": "10.0.0.0/16" } },
        "Subnet": { "Type": "AWS::EC2::Subnet", "Properties": { "VpcId": { "Ref": "Vpc" }, "CidrBlock": "10.0.0.0/24" } },
        "Group": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" } } },
        "StoreGroup": { "Type": "AWS::EC2::SecurityGroup", "Properties": { "VpcId": { "Ref": "Vpc" }, "SecurityGroupIngress": [
            { "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "SourceSecurityGroupId": { "Ref": "Group" } }
        ] } },
        "Function": { "Type": "AWS::Lambda::Function", "Properties": { "VpcConfig": {
            "SubnetIds": [{ "Ref": "Subnet" }], "SecurityGroupIds": [{ "Ref": "Group" }]
        } } },
        "Store": { "Type": type_name, "Properties": properties }
    });
    for (id, resource) in more.as_object().into_iter().flatten() {
        resources[id] = resource.clone();
    }
    world(&[("platform.json", &json!({ "Resources": resources }).to_string())])
}

fn subnet_group(type_name: &str) -> Value {
    json!({ "SubnetGroup": { "Type": type_name, "Properties": { "SubnetIds": [{ "Ref": "Subnet" }] } } })
}

/// Returns the decision of the network about a connection from the function to the store.
fn asked(world: &World) -> (Verdict, String) {
    let engine = Engine::new(world);
    let source = find::sources(world, "Function").unwrap().remove(0);
    let target = find::targets(world, "Store", None).unwrap().remove(0);
    let answer = engine.ask(&source, &target);
    let whys: Vec<String> = answer.chain.iter().map(|it| it.why.clone()).collect();
    (answer.verdict, whys.join("; "))
}

#[test]
fn reports_undeclared_paths_to_stores_of_all_services() {
    let (group, subnet) = (json!([{ "Ref": "StoreGroup" }]), json!([{ "Ref": "Subnet" }]));
    let by = json!({ "Ref": "SubnetGroup" });
    let neptune = json!({ "DBSubnetGroupName": by, "VpcSecurityGroupIds": group });
    let redshift = json!({ "ClusterSubnetGroupName": by, "VpcSecurityGroupIds": group });
    let named = json!({ "SubnetGroupName": by, "SecurityGroupIds": group });
    let direct = json!({ "SubnetIds": subnet, "SecurityGroupIds": group });
    let influx = json!({ "VpcSubnetIds": subnet, "VpcSecurityGroupIds": group });
    let files = json!({ "SubnetIds": subnet, "SecurityGroupIds": group, "FileSystemType": "LUSTRE" });
    let nothing = json!({});
    for (type_name, properties, more, port) in [
        ("AWS::Neptune::DBCluster", &neptune, &subnet_group("AWS::Neptune::DBSubnetGroup"), 8182),
        ("AWS::Redshift::Cluster", &redshift, &subnet_group("AWS::Redshift::ClusterSubnetGroup"), 5439),
        ("AWS::MemoryDB::Cluster", &named, &subnet_group("AWS::MemoryDB::SubnetGroup"), 6379),
        ("AWS::DAX::Cluster", &named, &subnet_group("AWS::DAX::SubnetGroup"), 8111),
        ("AWS::FSx::FileSystem", &files, &nothing, 988),
        ("AWS::RedshiftServerless::Workgroup", &direct, &nothing, 5439),
        ("AWS::Timestream::InfluxDBInstance", &influx, &nothing, 8086),
        ("AWS::RDS::DBProxy", &influx, &nothing, 3306),
    ] {
        let stores = |port: u16| {
            let world = with_function(type_name, properties, more, port);
            let engine = Engine::new(&world);
            let found = undeclared(&engine);
            found.iter().map(|it| world.resource(it.store).type_name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(stores(port), [type_name]);
        assert!(stores(22).is_empty(), "{type_name} does not listen on port 22");
    }
}

#[test]
fn ports_depend_on_the_engine() {
    let proxy = |family: &str, port: u16| {
        let properties = json!({ "EngineFamily": family, "VpcSubnetIds": [{ "Ref": "Subnet" }], "VpcSecurityGroupIds": [{ "Ref": "StoreGroup" }] });
        asked(&with_function("AWS::RDS::DBProxy", &properties, &json!({}), port)).0
    };
    assert_eq!((proxy("POSTGRESQL", 5432), proxy("POSTGRESQL", 3306)), (Verdict::Allowed, Verdict::Denied));
    assert_eq!((proxy("MYSQL", 5432), proxy("MYSQL", 3306)), (Verdict::Denied, Verdict::Allowed));
}

#[test]
fn database_instances_have_the_network_interfaces_of_their_cluster() {
    let more = json!({
        "SubnetGroup": { "Type": "AWS::Neptune::DBSubnetGroup", "Properties": { "SubnetIds": [{ "Ref": "Subnet" }] } },
        "Cluster": { "Type": "AWS::Neptune::DBCluster", "Properties": {
            "DBSubnetGroupName": { "Ref": "SubnetGroup" }, "VpcSecurityGroupIds": [{ "Ref": "StoreGroup" }]
        } }
    });
    let instance = json!({ "DBClusterIdentifier": { "Ref": "Cluster" } });
    let verdict = |port| asked(&with_function("AWS::Neptune::DBInstance", &instance, &more, port)).0;
    assert_eq!((verdict(8182), verdict(443)), (Verdict::Allowed, Verdict::Denied));
}

#[test]
fn unmodelled_interfaces_are_unknown() {
    let directory = json!({ "VpcSettings": { "VpcId": { "Ref": "Vpc" }, "SubnetIds": [{ "Ref": "Subnet" }] } });
    let (verdict, why) = asked(&with_function("AWS::DirectoryService::MicrosoftAD", &directory, &json!({}), 389));
    assert_eq!(verdict, Verdict::Unknown);
    assert!(why.contains("are not modelled: the service creates its security group"), "{why}");
}

#[test]
fn unresolved_subnets_of_a_function_are_unknown() {
    let files = json!({ "FileSystemType": "LUSTRE", "SubnetIds": [{ "Ref": "Subnet" }], "SecurityGroupIds": [{ "Ref": "StoreGroup" }] });
    let more = json!({ "Function": { "Type": "AWS::Lambda::Function", "Properties": { "VpcConfig": {
        "SubnetIds": ["subnet-0123456789abcdef0"], "SecurityGroupIds": [{ "Ref": "Group" }]
    } } } });
    let (verdict, why) = asked(&with_function("AWS::FSx::FileSystem", &files, &more, 988));
    assert_eq!(verdict, Verdict::Unknown);
    assert!(why.contains("the subnets of Lambda::Function platform/Function are not in the files"), "{why}");
}

#[test]
fn public_access_is_read_from_the_property() {
    let influx = |public: Value| {
        let properties = json!({
            "PubliclyAccessible": public, "VpcSubnetIds": [{ "Ref": "Subnet" }], "VpcSecurityGroupIds": [{ "Ref": "StoreGroup" }]
        });
        let world = with_function("AWS::Timestream::InfluxDBInstance", &properties, &json!({}), 8086);
        let id = match find::targets(&world, "Store", None).unwrap().remove(0) {
            Target::Resource(id, _) => id,
            other => panic!("{other:?}"),
        };
        meshsynth_reach::network::interface(&world, id).unwrap().is_public
    };
    assert_eq!(influx(json!(true)), Some(true));
    assert_eq!(influx(json!(null)), Some(false));
    assert_eq!(influx(json!({ "Ref": "Unknown" })), None);
}
