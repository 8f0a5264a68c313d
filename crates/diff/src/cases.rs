//! Facts that the schemas omit: in-place changes that interrupt, and conditional replacements.
//!
//! Each row links to the vendor's page. `D` is
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use std::sync::OnceLock;

use serde_json::Value;

use crate::effect::Verdict;

/// The effect of a property change.
pub struct Case {
    type_name: &'static str,
    property: &'static str,
    verdict: Verdict,
    reason: &'static str,
    page: &'static str,
}

const fn case(
    type_name: &'static str,
    property: &'static str,
    verdict: Verdict,
    reason: &'static str,
    page: &'static str,
) -> Case {
    Case { type_name, property, verdict, reason, page }
}

const RDS: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html";
const RDS_D: &str = "aws-resource-rds-dbinstance.html";
const DB: &str = "AWS::RDS::DBInstance";
const AURORA: &str = "AWS::RDS::DBCluster";
const AURORA_D: &str = "aws-resource-rds-dbcluster.html";
const CACHE: &str = "AWS::ElastiCache::ReplicationGroup";
const CACHE_D: &str = "aws-resource-elasticache-replicationgroup.html";
const MSK: &str = "AWS::MSK::Cluster";
const MSK_D: &str = "https://docs.aws.amazon.com/msk/latest/developerguide/msk-update-cluster-config.html";
const NODES: &str = "AWS::EKS::Nodegroup";
const NODES_D: &str = "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html";
const EC2: &str = "AWS::EC2::Instance";
const EC2_D: &str = "aws-resource-ec2-instance.html";

use Verdict::{InPlace, Interruption, MayReplace, Replace};

const CASES: &[Case] = &[
    case(DB, "DBInstanceClass", Interruption, "the instance restarts; with MultiAZ it fails over", RDS),
    case(
        DB,
        "EngineVersion",
        Interruption,
        "the engine is upgraded; the database is unavailable during the upgrade",
        RDS,
    ),
    case(DB, "DBParameterGroupName", Interruption, "the new parameter group requires a reboot", RDS_D),
    case(DB, "BackupRetentionPeriod", Interruption, "to or from 0 causes an outage", RDS_D),
    case(DB, "CACertificateIdentifier", Interruption, "engines that cannot rotate in place restart", RDS),
    case(DB, "MultiAZ", InPlace, "the standby is created while the instance runs; latency rises during that time", RDS),
    case(DB, "AutoMinorVersionUpgrade", InPlace, "it restarts only at the next minor version upgrade", RDS),
    case(DB, "PreferredMaintenanceWindow", InPlace, "pending maintenance may start in the new window", RDS),
    case(DB, "PerformanceInsightsKMSKeyId", InPlace, "the database is not changed", RDS),
    case(DB, "StorageType", Interruption, "to or from magnetic storage causes an outage", RDS),
    case(DB, "Engine", MayReplace, "a different engine requires a new database", RDS_D),
    case(DB, "DBSnapshotIdentifier", Replace, "the database is created from the snapshot", RDS_D),
    case(DB, "AvailabilityZone", MayReplace, "an instance cannot move to another zone", RDS_D),
    case(
        AURORA,
        "EngineVersion",
        Interruption,
        "the engine is upgraded; the cluster is unavailable during the upgrade",
        AURORA_D,
    ),
    case(AURORA, "Engine", MayReplace, "a different engine requires a new cluster", AURORA_D),
    case(AURORA, "Port", Interruption, "the cluster restarts, and clients must use the new port", AURORA_D),
    case(CACHE, "CacheNodeType", Interruption, "nodes are replaced; the primary fails over", CACHE_D),
    case(CACHE, "EngineVersion", Interruption, "nodes are upgraded; the primary fails over", CACHE_D),
    case(CACHE, "AutomaticFailoverEnabled", InPlace, "the nodes are not replaced", CACHE_D),
    case(CACHE, "AuthToken", Interruption, "clients that use the old token lose access when it is removed", CACHE_D),
    case(
        CACHE,
        "NodeGroupConfiguration",
        MayReplace,
        "shards are added in place; other changes replace the layout",
        CACHE_D,
    ),
    case(MSK, "BrokerNodeGroupInfo.InstanceType", Interruption, "brokers restart one by one", MSK_D),
    case(MSK, "KafkaVersion", Interruption, "brokers restart one by one", MSK_D),
    case(MSK, "ConfigurationInfo", Interruption, "brokers restart one by one", MSK_D),
    case(MSK, "ClientAuthentication", Interruption, "brokers restart one by one", MSK_D),
    case(NODES, "Version", Interruption, "nodes are replaced one by one; pods are evicted", NODES_D),
    case(NODES, "ReleaseVersion", Interruption, "nodes are replaced one by one; pods are evicted", NODES_D),
    case(NODES, "LaunchTemplate", Interruption, "nodes are replaced one by one; pods are evicted", NODES_D),
    case(
        "AWS::EKS::Cluster",
        "Version",
        Interruption,
        "the control plane is upgraded; EKS rolls back only within 7 days; check for removed Kubernetes APIs",
        "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html",
    ),
    case(
        EC2,
        "InstanceType",
        Interruption,
        "an EBS-backed instance stops and starts; other instances are replaced",
        EC2_D,
    ),
    case(EC2, "UserData", Interruption, "an EBS-backed instance stops and starts; other instances are replaced", EC2_D),
    case(EC2, "EbsOptimized", Interruption, "an EBS-backed instance stops and starts", EC2_D),
    case(EC2, "SecurityGroupIds", InPlace, "security groups of an instance in a VPC change in place", EC2_D),
    case(
        "AWS::DynamoDB::Table",
        "KeySchema",
        Replace,
        "the key of a table cannot change",
        "aws-resource-dynamodb-table.html",
    ),
    case(
        "AWS::AmazonMQ::Broker",
        "HostInstanceType",
        Interruption,
        "the broker restarts",
        "aws-resource-amazonmq-broker.html",
    ),
    case(
        "AWS::EC2::Volume",
        "AvailabilityZone",
        Replace,
        "a volume cannot move to another zone, and CloudFormation rejects the change",
        "aws-resource-ec2-volume.html",
    ),
    case(
        "AWS::Route53::RecordSet",
        "Name",
        Replace,
        "a different name requires a new record",
        "aws-resource-route53-recordset.html",
    ),
    case(
        "AWS::CertificateManager::Certificate",
        "ValidationMethod",
        Replace,
        "the validation method of a certificate cannot change",
        "aws-resource-certificatemanager-certificate.html",
    ),
    case(
        "AWS::RDS::DBParameterGroup",
        "Parameters",
        InPlace,
        "static parameters take effect after a reboot",
        "aws-resource-rds-dbparametergroup.html",
    ),
    case(
        "AWS::EC2::Subnet",
        "Ipv6CidrBlock",
        MayReplace,
        "adding a block happens in place; changing a block replaces it",
        "aws-resource-ec2-subnet.html",
    ),
];

/// Whether the vendor's documentation states a replacement that the schema omits.
pub fn is_documented(type_name: &str, path: &str) -> bool {
    static DOCUMENTED: OnceLock<Value> = OnceLock::new();
    let documented = DOCUMENTED
        .get_or_init(|| serde_json::from_str(include_str!("documented.json")).expect("a test parses this JSON file"));
    let first = path.split('.').next().unwrap_or_default();
    ["replace", "mayReplace"].iter().any(|word| {
        documented[word][type_name].as_array().is_some_and(|properties| properties.iter().any(|it| it == first))
    })
}

impl Case {
    /// Returns the most specific row for a property.
    pub fn find(type_name: &str, path: &str) -> Option<&'static Case> {
        let fits = |case: &&Case| {
            case.type_name == type_name
                && path.strip_prefix(case.property).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        CASES.iter().filter(fits).max_by_key(|case| case.property.len())
    }

    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    pub fn reason(&self) -> String {
        format!("`{}`: {}", self.property, self.reason)
    }

    /// Returns the URL of the vendor's page.
    pub fn link(&self) -> String {
        if self.page.starts_with("https:") {
            return self.page.to_owned();
        }
        format!("https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/{}", self.page)
    }
}
