//! Resource properties that expose a resource to the internet, or allow access without a login.
//!
//! `D` stands for <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use serde_json::Value;

use super::rule;
use crate::json::{field, flag, items, texts};
use crate::sets::{Cube, Dimension, Extent, Glob, Region, Set, Test, Values};

/// A kind of public exposure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// The resource has a public address.
    PublicAddress,
    /// The load balancer is internet-facing.
    InternetFacing,
    /// The API server of the cluster is reachable from outside the VPC.
    ApiServer,
    /// Requests need no login.
    NoLogin,
    /// Public access is not blocked. The action is the setting that would block it.
    PublicAccessNotBlocked,
    /// An access control list allows public access.
    PublicAccessList,
    /// Instances that are launched in the subnet receive a public address.
    PublicAddressOnLaunch,
    /// A route leads to an internet gateway.
    InternetRoute,
    /// No web ACL filters the requests.
    NotFiltered,
    /// Some rules of a web ACL are not applied. The action is the rule.
    RuleNotApplied,
}

impl Exposure {
    /// Whether the exposure gives access to unknown clients.
    pub fn is_public(self, extent: &Extent) -> bool {
        match self {
            // The subnets decide. An outbound route does not allow inbound access.
            Exposure::InternetRoute => false,
            Exposure::PublicAddress if is_only_possible(extent) => false,
            _ => extent.is_public,
        }
    }
}

const BY_PROPERTY: &str = "property";
const BY_SUBNETS: &str = "subnets";

/// Whether a public address is only possible, because its subnets decide.
pub fn is_only_possible(extent: &Extent) -> bool {
    let subnets = Test::Text(Glob::literal(BY_SUBNETS));
    extent.of(&Dimension::Kind).and_then(Values::tests).is_some_and(|tests| tests.iter().all(|test| **test == subnets))
}

/// The settings of a public access block.
const BLOCKS: [&str; 4] = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

/// The resource types that can be exposed. All other types are ignored.
const TYPES: [&str; 41] = [
    "AWS::AmazonMQ::Broker",
    "AWS::ApiGateway::Method",
    "AWS::ApiGatewayV2::Route",
    "AWS::AppRunner::Service",
    "AWS::AutoScaling::LaunchConfiguration",
    "AWS::CloudFront::Distribution",
    "AWS::Cognito::IdentityPool",
    "AWS::DMS::InstanceProfile",
    "AWS::DMS::ReplicationInstance",
    "AWS::EC2::Instance",
    "AWS::EC2::LaunchTemplate",
    "AWS::EC2::Route",
    "AWS::EC2::Subnet",
    "AWS::ECR::PublicRepository",
    "AWS::ECS::Service",
    "AWS::ECS::TaskSet",
    "AWS::EKS::Cluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::User",
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::Elasticsearch::Domain",
    "AWS::Lambda::Url",
    "AWS::Lightsail::Database",
    "AWS::M2::Environment",
    "AWS::MSK::Cluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBShardGroup",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::S3::AccessPoint",
    "AWS::S3::Bucket",
    "AWS::Timestream::InfluxDBCluster",
    "AWS::Timestream::InfluxDBInstance",
    "AWS::WAFv2::WebACL",
];

/// Whether resources of a type can be exposed.
pub fn can_be_exposed(type_name: &str) -> bool {
    TYPES.contains(&type_name)
}

/// Returns the exposures of a resource. A new resource (or, on the old side, a deleted one) has the AWS defaults for
/// new resources. For it, a missing login or web ACL is not reported.
pub fn exposures(type_name: &str, properties: &Value, is_new: bool) -> Vec<(Exposure, Region)> {
    if !can_be_exposed(type_name) {
        return Vec::new();
    }
    let on = |path: &str| flag(at(properties, path)) == Some(true);
    let not_off = |path: &str| flag(at(properties, path)) != Some(false);
    let is = |path: &str, wanted: &str| at(properties, path) == wanted;
    let mut found = Vec::new();
    let mut say = |exposure, holds: bool| {
        if holds {
            found.push((exposure, Region::all()));
        }
    };
    match type_name {
        // D aws-resource-redshift-cluster.html: the default is false.
        "AWS::AmazonMQ::Broker"
        | "AWS::DMS::InstanceProfile"
        | "AWS::Lightsail::Database"
        | "AWS::M2::Environment"
        | "AWS::Neptune::DBInstance"
        | "AWS::RDS::DBShardGroup"
        | "AWS::Redshift::Cluster"
        | "AWS::RedshiftServerless::Workgroup"
        | "AWS::Timestream::InfluxDBCluster"
        | "AWS::Timestream::InfluxDBInstance" => {
            say(Exposure::PublicAddress, on("PubliclyAccessible"));
        }
        // D aws-resource-dms-replicationinstance.html: the default is true.
        "AWS::DMS::ReplicationInstance" => say(Exposure::PublicAddress, not_off("PubliclyAccessible")),
        "AWS::MSK::Cluster" => {
            let access = "BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type";
            say(Exposure::PublicAddress, is(access, "SERVICE_PROVIDED_EIPS"));
            say(Exposure::NoLogin, on("ClientAuthentication.Unauthenticated.Enabled"));
        }
        "AWS::OpenSearchService::Domain" | "AWS::Elasticsearch::Domain" => {
            say(Exposure::PublicAddress, items(at(properties, "VPCOptions.SubnetIds")).is_empty());
        }
        "AWS::AppRunner::Service" => {
            say(Exposure::PublicAddress, not_off("NetworkConfiguration.IngressConfiguration.IsPubliclyAccessible"));
        }
        "AWS::ECS::Service" => {
            say(Exposure::PublicAddress, is("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", "ENABLED"));
        }
        "AWS::ECS::TaskSet" => {
            say(Exposure::PublicAddress, is("NetworkConfiguration.AwsVpcConfiguration.AssignPublicIp", "ENABLED"));
        }
        "AWS::AutoScaling::LaunchConfiguration" => {
            say(Exposure::PublicAddressOnLaunch, on("AssociatePublicIpAddress"));
        }
        "AWS::EC2::Instance" => {
            let interfaces = items(&properties["NetworkInterfaces"]);
            let is_public = |it: &Value| flag(&it["AssociatePublicIpAddress"]) == Some(true);
            say(Exposure::PublicAddress, interfaces.iter().any(is_public));
        }
        "AWS::EC2::LaunchTemplate" => {
            let interfaces = items(at(properties, "LaunchTemplateData.NetworkInterfaces"));
            let is_public = |it: &Value| flag(&it["AssociatePublicIpAddress"]) == Some(true);
            say(Exposure::PublicAddressOnLaunch, interfaces.iter().any(is_public));
        }
        "AWS::EC2::Subnet" => say(Exposure::PublicAddressOnLaunch, on("MapPublicIpOnLaunch")),
        "AWS::EC2::Route" => {
            let is_all = |key: &str, all: &str| field(properties, key) == all;
            let is_wide = is_all("DestinationCidrBlock", "0.0.0.0/0") || is_all("DestinationIpv6CidrBlock", "::/0");
            say(Exposure::InternetRoute, is_wide && properties.get("GatewayId").is_some());
        }
        // D aws-resource-elasticloadbalancingv2-loadbalancer.html: the default is internet-facing.
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::ElasticLoadBalancing::LoadBalancer" => {
            say(Exposure::InternetFacing, !is("Scheme", "internal"));
        }
        "AWS::Lambda::Url" => say(Exposure::NoLogin, is("AuthType", "NONE")),
        "AWS::ApiGateway::Method" => {
            let is_preflight = is("HttpMethod", "OPTIONS");
            say(Exposure::NoLogin, is("AuthorizationType", "NONE") && !on("ApiKeyRequired") && !is_preflight);
        }
        // D aws-resource-apigatewayv2-route.html: the default is NONE.
        "AWS::ApiGatewayV2::Route" => {
            say(Exposure::NoLogin, texts(&properties["AuthorizationType"]).iter().all(|it| it == "NONE"));
        }
        "AWS::Cognito::IdentityPool" => say(Exposure::NoLogin, on("AllowUnauthenticatedIdentities")),
        "AWS::ECR::PublicRepository" => say(Exposure::NoLogin, true),
        "AWS::ElastiCache::User" => {
            say(Exposure::NoLogin, on("NoPasswordRequired") || is("AuthenticationMode.Type", "no-password-required"));
        }
        // D aws-resource-memorydb-cluster.html: this access control list allows every user.
        "AWS::MemoryDB::Cluster" => say(Exposure::NoLogin, is("ACLName", "open-access")),
        "AWS::ElastiCache::ReplicationGroup" => {
            let has_login = !items(&properties["UserGroupIds"]).is_empty() || properties.get("AuthToken").is_some();
            say(Exposure::NoLogin, !is_new && !has_login);
        }
        "AWS::ElasticLoadBalancingV2::Listener" | "AWS::ElasticLoadBalancingV2::ListenerRule" => {
            let actions = items(&properties["Actions"]).iter().chain(items(&properties["DefaultActions"]));
            let has_login = actions.clone().any(|it| LOGINS.contains(&field(it, "Type")));
            say(Exposure::NoLogin, !is_new && !has_login);
        }
        "AWS::CloudFront::Distribution" if !is_new => {
            let config = &properties["DistributionConfig"];
            let behaviors = items(&config["CacheBehaviors"]).iter().chain([&config["DefaultCacheBehavior"]]);
            let is_signed = |it: &Value| {
                let signers = items(&it["TrustedKeyGroups"]).iter().chain(items(&it["TrustedSigners"]));
                signers.count() > 0
            };
            say(Exposure::NoLogin, !behaviors.clone().any(is_signed));
            let is_open = texts(&config["WebACLId"]).iter().all(String::is_empty);
            // A filter is recorded, because a resource without a record is not filtered.
            found.push((Exposure::NotFiltered, if is_open { Region::all() } else { Region::none() }));
        }
        _ => {}
    }
    match type_name {
        "AWS::WAFv2::WebACL" if !is_new => found.push((Exposure::RuleNotApplied, not_applied(properties))),
        "AWS::EKS::Cluster" if not_off("ResourcesVpcConfig.EndpointPublicAccess") => {
            found.push((Exposure::ApiServer, api_server(&properties["ResourcesVpcConfig"]["PublicAccessCidrs"])));
        }
        // D aws-resource-rds-dbinstance.html: without the property, the subnets decide.
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" if not_off("PubliclyAccessible") => {
            let causes: &[&str] = match (on("PubliclyAccessible"), is_new) {
                (true, _) => &[BY_PROPERTY, BY_SUBNETS],
                (false, false) => &[BY_SUBNETS],
                (false, true) => &[],
            };
            let cube = Cube::new().with(Dimension::Kind, Set::literals(causes.iter().copied()));
            found.push((Exposure::PublicAddress, cube.into()));
        }
        "AWS::S3::Bucket" | "AWS::S3::AccessPoint" => {
            let key = "PublicAccessBlockConfiguration";
            found.push((Exposure::PublicAccessNotBlocked, not_blocked(properties.get(key), is_new)));
            found.push((Exposure::PublicAccessList, access_list(field(properties, "AccessControl"))));
        }
        _ => {}
    }
    found
}

/// Load balancer actions that authenticate a client.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html>.
const LOGINS: [&str; 3] = ["authenticate-cognito", "authenticate-oidc", "jwt-validation"];

/// Returns the rules that a web ACL lacks or only counts. An allow rule does not block any client.
///
/// D aws-properties-wafv2-webacl-rule.html.
fn not_applied(acl: &Value) -> Region {
    let is_applied = |rule: &&Value| {
        let is_counted = rule["Action"].get("Count").is_some() || rule["OverrideAction"].get("Count").is_some();
        !is_counted && rule["Action"].get("Allow").is_none()
    };
    let mut names: Vec<&str> = items(&acl["Rules"]).iter().filter(is_applied).map(|it| field(it, "Name")).collect();
    if acl["DefaultAction"].get("Block").is_some() {
        names.push("DefaultAction");
    }
    Cube::new().with(Dimension::Action, Set::literals(names).complement()).into()
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, key| &value[key])
}

/// D aws-properties-eks-cluster-resourcesvpcconfig.html: the default is all addresses.
fn api_server(blocks: &Value) -> Region {
    Cube::new().with(Dimension::Peer, rule::sources(&texts(blocks))).into()
}

/// Returns the settings that do not block public access. New buckets block it by default. Removing the
/// public access block of an existing bucket removes the protection.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
fn not_blocked(block: Option<&Value>, is_new: bool) -> Region {
    let allowed = |key: &str, certainty: &str| -> Cube {
        Cube::new()
            .with(Dimension::Action, Set::literal(key))
            .with(Dimension::Opaque(certainty.to_owned()), Set::literal("yes"))
    };
    BLOCKS
        .iter()
        .flat_map(|key| match block {
            Some(block) if flag(&block[*key]) == Some(true) => Vec::new(),
            Some(_) => vec![allowed(key, "explicit"), allowed(key, "default")],
            None if is_new => Vec::new(),
            None => vec![allowed(key, "default")],
        })
        .collect()
}

/// Returns the actions that a canned ACL allows publicly.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>.
fn access_list(name: &str) -> Region {
    let actions: &[&str] = match name {
        "PublicRead" | "AuthenticatedRead" => &["s3:ListBucket"],
        "PublicReadWrite" => &["s3:ListBucket", "s3:PutObject"],
        _ => &[],
    };
    actions.iter().map(|action| Cube::new().with(Dimension::Action, Set::literal(action))).collect()
}
