//! Change cases: before, after, and what happens. The pages are those of the vendors.
//! `T` is <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use std::path::Path;

use serde_json::{Value, json};

use super::side::Side;
use super::tree::{self, Dialect};
use super::verdict::update;
use super::{Diff, Verdict};

use Verdict::{DataLoss, InPlace, Interruption, MayReplace, Replace};

/// Type, property, value before, value after, verdict. A null stands for what is not set.
#[rustfmt::skip]
fn cases() -> Vec<(&'static str, &'static str, Value, Value, Verdict)> {
    vec![
        // T/aws-resource-rds-dbinstance.html
        ("AWS::RDS::DBInstance", "DBInstanceClass", json!("db.m7g.large"), json!("db.m7g.xlarge"), Interruption),
        ("AWS::RDS::DBInstance", "AllocatedStorage", json!("20"), json!("50"), InPlace),
        ("AWS::RDS::DBInstance", "DBName", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBInstance", "KmsKeyId", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBInstance", "StorageEncrypted", json!(false), json!(true), DataLoss),
        ("AWS::RDS::DBInstance", "MasterUsername", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBInstance", "DBInstanceIdentifier", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBInstance", "DBSubnetGroupName", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBInstance", "EngineVersion", json!("17.1"), json!("17.2"), Interruption),
        ("AWS::RDS::DBInstance", "MultiAZ", json!(false), json!(true), InPlace),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", json!(7), json!(14), InPlace),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", json!(7), json!(3), DataLoss),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", json!(7), json!(0), DataLoss),
        ("AWS::RDS::DBInstance", "BackupRetentionPeriod", json!(0), json!(7), Interruption),
        ("AWS::RDS::DBInstance", "DeletionProtection", json!(true), json!(false), InPlace),
        ("AWS::RDS::DBInstance", "DBParameterGroupName", json!("a"), json!("b"), Interruption),
        ("AWS::RDS::DBInstance", "PubliclyAccessible", json!(false), json!(true), InPlace),
        // T/aws-resource-rds-dbcluster.html
        ("AWS::RDS::DBCluster", "EngineVersion", json!("16.1"), json!("16.2"), Interruption),
        ("AWS::RDS::DBCluster", "StorageEncrypted", json!(false), json!(true), DataLoss),
        ("AWS::RDS::DBCluster", "DatabaseName", json!("a"), json!("b"), DataLoss),
        ("AWS::RDS::DBCluster", "BackupRetentionPeriod", json!(14), json!(7), DataLoss),
        // T/aws-resource-rds-dbsubnetgroup.html
        ("AWS::RDS::DBSubnetGroup", "SubnetIds", json!(["a"]), json!(["a", "b"]), InPlace),
        ("AWS::RDS::DBSubnetGroup", "DBSubnetGroupName", json!("a"), json!("b"), Replace),
        // T/aws-resource-rds-dbparametergroup.html
        ("AWS::RDS::DBParameterGroup", "Family", json!("postgres16"), json!("postgres17"), Replace),
        ("AWS::RDS::DBParameterGroup", "Parameters", json!({"a": "1"}), json!({"a": "2"}), InPlace),
        // T/aws-resource-elasticache-replicationgroup.html
        ("AWS::ElastiCache::ReplicationGroup", "CacheNodeType", json!("cache.m7g.large"), json!("cache.m7g.xlarge"), Interruption),
        ("AWS::ElastiCache::ReplicationGroup", "AtRestEncryptionEnabled", json!(false), json!(true), DataLoss),
        ("AWS::ElastiCache::ReplicationGroup", "Port", json!(6379), json!(6380), DataLoss),
        ("AWS::ElastiCache::ReplicationGroup", "EngineVersion", json!("8.1"), json!("8.2"), Interruption),
        ("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", json!(7), json!(1), DataLoss),
        // T/aws-resource-msk-cluster.html
        ("AWS::MSK::Cluster", "NumberOfBrokerNodes", json!(3), json!(6), InPlace),
        ("AWS::MSK::Cluster", "KafkaVersion", json!("3.8.x"), json!("3.9.x"), Interruption),
        ("AWS::MSK::Cluster", "ClusterName", json!("a"), json!("b"), DataLoss),
        ("AWS::MSK::Cluster", "BrokerNodeGroupInfo", json!({"ClientSubnets": ["a"]}), json!({"ClientSubnets": ["b"]}), DataLoss),
        ("AWS::MSK::Cluster", "BrokerNodeGroupInfo", json!({"InstanceType": "a"}), json!({"InstanceType": "b"}), Interruption),
        ("AWS::MSK::Cluster", "BrokerNodeGroupInfo", json!({"ClientSubnets": ["a", "b"]}), json!({"ClientSubnets": ["b", "a"]}), InPlace),
        // T/aws-resource-eks-cluster.html
        ("AWS::EKS::Cluster", "Version", json!("1.34"), json!("1.35"), Interruption),
        ("AWS::EKS::Cluster", "Name", json!("a"), json!("b"), Replace),
        ("AWS::EKS::Cluster", "RoleArn", json!("a"), json!("b"), Replace),
        ("AWS::EKS::Cluster", "Logging", json!({}), json!({"ClusterLogging": {}}), InPlace),
        ("AWS::EKS::Cluster", "KubernetesNetworkConfig", json!({"ServiceIpv4Cidr": "10.1.0.0/16"}), json!({"ServiceIpv4Cidr": "10.2.0.0/16"}), Replace),
        // T/aws-resource-eks-nodegroup.html
        ("AWS::EKS::Nodegroup", "InstanceTypes", json!(["m7g.large"]), json!(["m7g.xlarge"]), Replace),
        ("AWS::EKS::Nodegroup", "Version", json!("1.34"), json!("1.35"), Interruption),
        ("AWS::EKS::Nodegroup", "ScalingConfig", json!({"MaxSize": 3}), json!({"MaxSize": 6}), InPlace),
        ("AWS::EKS::Nodegroup", "CapacityType", json!("ON_DEMAND"), json!("SPOT"), Replace),
        // T/aws-resource-ec2-vpc.html, -subnet, -securitygroup, -instance, -route, -natgateway
        ("AWS::EC2::VPC", "CidrBlock", json!("10.0.0.0/16"), json!("10.1.0.0/16"), Replace),
        ("AWS::EC2::VPC", "EnableDnsHostnames", json!(false), json!(true), InPlace),
        ("AWS::EC2::Subnet", "CidrBlock", json!("10.0.0.0/24"), json!("10.0.1.0/24"), Replace),
        ("AWS::EC2::Subnet", "MapPublicIpOnLaunch", json!(false), json!(true), InPlace),
        ("AWS::EC2::Subnet", "Ipv6CidrBlock", json!("a"), json!("b"), MayReplace),
        ("AWS::EC2::SecurityGroup", "GroupDescription", json!("a"), json!("b"), Replace),
        ("AWS::EC2::SecurityGroup", "SecurityGroupIngress", json!([]), json!([{"IpProtocol": "tcp"}]), InPlace),
        ("AWS::EC2::Instance", "ImageId", json!("a"), json!("b"), Replace),
        ("AWS::EC2::Instance", "InstanceType", json!("m7g.large"), json!("m7g.xlarge"), Interruption),
        ("AWS::EC2::Instance", "Tenancy", json!("default"), json!("host"), MayReplace),
        ("AWS::EC2::NatGateway", "SubnetId", json!("a"), json!("b"), Replace),
        // T/aws-resource-iam-role.html
        ("AWS::IAM::Role", "RoleName", json!("a"), json!("b"), Replace),
        ("AWS::IAM::Role", "Description", json!("a"), json!("b"), InPlace),
        // T/aws-resource-kms-key.html, -alias
        ("AWS::KMS::Key", "EnableKeyRotation", json!(false), json!(true), InPlace),
        ("AWS::KMS::Alias", "AliasName", json!("alias/a"), json!("alias/b"), Replace),
        // T/aws-resource-logs-loggroup.html
        ("AWS::Logs::LogGroup", "RetentionInDays", json!(30), json!(7), DataLoss),
        ("AWS::Logs::LogGroup", "RetentionInDays", json!(7), json!(30), InPlace),
        ("AWS::Logs::LogGroup", "RetentionInDays", json!(null), json!(30), DataLoss),
        ("AWS::Logs::LogGroup", "LogGroupName", json!("a"), json!("b"), DataLoss),
        // T/aws-resource-secretsmanager-secret.html
        ("AWS::SecretsManager::Secret", "Name", json!("a"), json!("b"), DataLoss),
        ("AWS::SecretsManager::Secret", "Description", json!("a"), json!("b"), InPlace),
    ]
}

#[test]
fn every_case_has_its_verdict() {
    let mut wrong = Vec::new();
    for (type_name, property, before, after, wanted) in cases() {
        let of = |value: &Value| if value.is_null() { json!({}) } else { json!({ property: value }) };
        let edits = tree::compare(&of(&before), &of(&after), Dialect::CloudFormation);
        let judged = update(type_name, false, &json!({ "Properties": of(&before) }), &edits);
        if judged.verdict != wanted {
            wrong.push(format!(
                "{type_name} {property} {before} → {after}: {}, wanted {}",
                judged.verdict.word(),
                wanted.word()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_assembly_does_not_differ_from_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shop");
    let read = || Side::read(&folder, String::new()).unwrap();
    assert!(Diff::new(&read(), &read()).unwrap().is_empty());
}

#[test]
fn whatever_leaf_is_changed_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shop");
    let base = Side::read(&folder, String::new()).unwrap();
    for path in base.paths() {
        for pointer in leaves(base.document(&path), String::new()) {
            if ["/kind", "/apiVersion", "/metadata/name", "/metadata/namespace"].contains(&pointer.as_str()) {
                continue;
            }
            let mut head = Side::read(&folder, String::new()).unwrap();
            let mut document = head.document(&path).clone();
            *document.pointer_mut(&pointer).unwrap() = json!("other");
            head.set(&path, document);
            let diff = Diff::new(&base, &head).unwrap();
            assert!(!diff.changes.is_empty(), "{path} {pointer}");
        }
    }
}

fn leaves(value: &Value, at: String) -> Vec<String> {
    match value {
        Value::Object(map) => map.iter().flat_map(|(key, value)| leaves(value, format!("{at}/{key}"))).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(idx, item)| leaves(item, format!("{at}/{idx}"))).collect()
        }
        _ => vec![at],
    }
}
