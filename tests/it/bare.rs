//! Bare constructs: they define only their resource, and support relations like other constructs.

use meshsynth::aws::vpc::Tier;
use meshsynth::cfn::dynamodb::table::{AttributeDefinition, AttributeType};
use meshsynth::cfn::lambda::function::Code;
use meshsynth::cfn::ssm::parameter::Type;
use meshsynth::iam::Role;
use meshsynth::testing::{Platform, stack};
use meshsynth::{
    App, Cidr, Stack, acm, aws, backup, cfn, cloudwatch, cognito, dynamodb, ecr, efs, eks, elasticache, elbv2, events,
    intrinsic, kms, lambda, logs, map, msk, rds, route53, s3, secrets, sns, sqs, ssm, stepfunctions, wafv2,
};

/// Returns the resources of a program except a role, as type, logical ID and properties.
fn made(define: impl FnOnce(&App, &Stack, &Role)) -> Vec<(String, String, String)> {
    let platform = Platform::synth("shop", |app| {
        let data = stack(app, "data");
        let role = Role::bare(&data, "role", cfn::iam::Role::new(map![("Version", "2012-10-17")]));
        role.resource().logical_id("Role");
        define(app, &data, &role);
    });
    let template: serde_json::Value =
        serde_json::from_str(&platform.assembly.files["data.template.json"]).expect("it is JSON");
    let all = template["Resources"].as_object().expect("it has resources");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let props = |it: &serde_json::Value| {
        let mut props = it["Properties"].clone();
        // The tags of the stack do not belong to a construct.
        props.as_object_mut().map(|props| props.remove("Tags"));
        props.to_string()
    };
    let rows = all.iter().filter(|(id, _)| *id != "Role");
    rows.map(|(id, it)| (text(&it["Type"]), id.clone(), props(it))).collect()
}

#[test]
fn bare_constructs_define_only_their_resource() {
    let attribute = || AttributeDefinition::new("id", AttributeType::S);
    let found = made(|_, data, role| {
        sqs::Queue::bare(data, "queue", cfn::sqs::Queue::new()).resource().logical_id("Queue");
        sns::Topic::bare(data, "topic", cfn::sns::Topic::new()).resource().logical_id("Topic");
        s3::Bucket::bare(data, "bucket", cfn::s3::Bucket::new()).resource().logical_id("Bucket").retain();
        logs::LogGroup::bare(data, "logs", cfn::logs::LogGroup::new()).resource().logical_id("Logs");
        kms::Key::bare(data, "key", cfn::kms::Key::new()).resource().logical_id("Key").retain();
        ecr::Repository::bare(data, "images", cfn::ecr::Repository::new()).resource().logical_id("Images").retain();
        secrets::Secret::bare(data, "secret", cfn::secretsmanager::Secret::new()).resource().logical_id("Secret");
        let keys = intrinsic::untyped([map![("AttributeName", "id"), ("KeyType", "HASH")]]);
        let table = cfn::dynamodb::Table::new(keys);
        let table = table.attribute_definitions([attribute()]);
        dynamodb::Table::bare(data, "table", table).resource().logical_id("Table").retain();
        let function = cfn::lambda::Function::new(Code::new().zip_file("x"), role.arn());
        lambda::Function::bare(data, "function", function).with_role(role).resource().logical_id("Function");
        let group = cfn::ec2::SecurityGroup::new("a group");
        aws::SecurityGroup::bare(data, "group", group).resource().logical_id("Group");
        let cidr = Cidr::new("10.0.0.0/16");
        let vpc = cfn::ec2::Vpc::new().cidr_block(cidr);
        aws::Vpc::bare(data, "vpc", cidr, vpc).resource().logical_id("Vpc");
        let parameter = cfn::ssm::Parameter::new(Type::String, "1");
        ssm::Parameter::bare(data, "parameter", "/shared/one", parameter).resource().logical_id("Parameter");
    });
    let types: Vec<(&str, &str)> = found.iter().map(|(kind, id, _)| (kind.as_str(), id.as_str())).collect();
    assert_eq!(
        types,
        [
            ("AWS::S3::Bucket", "Bucket"),
            ("AWS::Lambda::Function", "Function"),
            ("AWS::EC2::SecurityGroup", "Group"),
            ("AWS::ECR::Repository", "Images"),
            ("AWS::KMS::Key", "Key"),
            ("AWS::Logs::LogGroup", "Logs"),
            ("AWS::SSM::Parameter", "Parameter"),
            ("AWS::SQS::Queue", "Queue"),
            ("AWS::SecretsManager::Secret", "Secret"),
            ("AWS::DynamoDB::Table", "Table"),
            ("AWS::SNS::Topic", "Topic"),
            ("AWS::EC2::VPC", "Vpc"),
        ]
    );
    let bare = found.iter().filter(|(.., props)| props == "{}" || props == "null").count();
    assert_eq!(bare, 7, "{found:#?}");
}

#[test]
fn each_bare_database_and_load_balancer_defines_only_its_resource() {
    let found = made(|_, data, role| {
        let instance = cfn::rds::DbInstance::new().engine("mysql");
        rds::Database::bare(data, "orders", rds::Engine::mysql(), instance).resource().logical_id("Orders").retain();
        let cluster = cfn::rds::DbCluster::new().engine("aurora-mysql");
        let carts = rds::Cluster::bare(data, "carts", rds::AuroraEngine::mysql(), cluster);
        carts.resource().logical_id("Carts").retain();
        let cache = cfn::elasticache::ReplicationGroup::new("Sessions");
        let cache = elasticache::ReplicationGroup::bare(data, "sessions", elasticache::Engine::Valkey, cache);
        cache.resource().logical_id("Sessions").retain();
        let subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"].map(cfn::ids::SubnetId::new);
        let entry = cfn::elasticloadbalancingv2::LoadBalancer::new().subnets(subnets);
        elbv2::ApplicationLoadBalancer::bare(data, "entry", entry).resource().logical_id("Entry");
        cognito::UserPool::bare(data, "people", cfn::cognito::UserPool::new()).resource().logical_id("People").retain();
        events::Bus::bare(data, "shop", cfn::events::EventBus::new("shop")).resource().logical_id("Shop");
        let steps = r#"{"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}"#;
        let checkout = cfn::stepfunctions::StateMachine::new(role.arn()).definition_string(steps);
        stepfunctions::StateMachine::bare(data, "checkout", checkout).resource().logical_id("Checkout");
        let vault = cfn::backup::BackupVault::new("shop");
        backup::Vault::bare(data, "vault", vault).resource().logical_id("Vault").retain();
        let nodes = cfn::msk::cluster::BrokerNodeGroupInfo::new(["subnet-1", "subnet-2"], "kafka.m7g.large");
        let brokers = cfn::msk::Cluster::new(nodes, "events", "3.9.x.kraft", 2);
        msk::Cluster::bare(data, "events", brokers).resource().logical_id("Events").retain();
        let files = cfn::efs::FileSystem::new();
        efs::FileSystem::bare(data, "media", files).resource().logical_id("Media").retain();
    });
    let ids: Vec<&str> = found.iter().map(|(_, id, _)| id.as_str()).collect();
    let wanted = ["Carts", "Checkout", "Entry", "Events", "Media", "Orders", "People", "Sessions", "Shop", "Vault"];
    assert_eq!(ids, wanted);
}

#[test]
fn each_bare_cluster_and_firewall_defines_only_its_resource() {
    use cfn::wafv2::web_acl::{AllowAction, DefaultAction, Scope, VisibilityConfig};
    let found = made(|_, data, role| {
        let subnets = cfn::eks::cluster::ResourcesVpcConfig::new(["subnet-1", "subnet-2"]);
        let cluster = cfn::eks::Cluster::new(subnets, role.arn()).name("platform").version(eks::DEFAULT_VERSION);
        eks::Cluster::bare(data, "platform", cluster).resource().logical_id("Platform");
        let zone = cfn::route53::HostedZone::new().name("shop.example.com");
        route53::HostedZone::bare(data, "zone", "shop.example.com", zone).resource().logical_id("Zone").retain();
        let certificate = cfn::certificatemanager::Certificate::new("shop.example.com");
        acm::Certificate::bare(data, "certificate", certificate).resource().logical_id("Certificate");
        let allow = DefaultAction::new().allow(AllowAction::new());
        let firewall = cfn::wafv2::WebAcl::new(allow, Scope::Regional, VisibilityConfig::new(true, "firewall", true));
        wafv2::WebAcl::bare(data, "firewall", firewall).resource().logical_id("Firewall");
    });
    let ids: Vec<&str> = found.iter().map(|(_, id, _)| id.as_str()).collect();
    assert_eq!(ids, ["Certificate", "Firewall", "Platform", "Zone"]);
}

#[test]
fn adds_service_grants_to_the_existing_policy() {
    let found = made(|_, data, _| {
        let topic = sns::Topic::bare(data, "topic", cfn::sns::Topic::new());
        let with = sqs::Queue::bare(data, "with", cfn::sqs::Queue::new());
        with.add_policy(map![("Version", "2012-10-17"), ("Statement", vec![map![("Sid", "Own")]])]);
        let without = sqs::Queue::bare(data, "without", cfn::sqs::Queue::new());
        topic.subscribe(&with);
        topic.subscribe(&without);
    });
    let policies: Vec<&String> =
        found.iter().filter(|(kind, ..)| kind == "AWS::SQS::QueuePolicy").map(|(.., props)| props).collect();
    assert_eq!(policies.len(), 2, "{found:#?}");
    assert!(policies.iter().all(|props| props.contains("sns.amazonaws.com")), "{policies:?}");
    assert_eq!(policies.iter().filter(|props| props.contains("Own")).count(), 1, "{policies:?}");
}

#[test]
fn uses_one_bucket_policy_that_refers_to_the_bucket_name() {
    let found = made(|_, data, _| {
        let logs = s3::Bucket::bare(data, "logs", cfn::s3::Bucket::new().bucket_name("shop-logs"));
        logs.resource().retain();
        let policy = map![("Version", "2012-10-17"), ("Statement", vec![map![("Sid", "Own")]])];
        logs.add_policy_with(cfn::s3::BucketPolicy::new("shop-logs", policy));
        logs.allow_service_to_write("delivery.logs.amazonaws.com", "edge", []);
    });
    let policies: Vec<&String> =
        found.iter().filter(|(kind, ..)| kind == "AWS::S3::BucketPolicy").map(|(.., props)| props).collect();
    assert_eq!(policies.len(), 1, "{found:#?}");
    assert!(policies[0].contains("Own") && policies[0].contains("delivery.logs"), "{policies:?}");
}

#[test]
fn allows_an_alarm_to_notify_a_bare_topic() {
    let found = made(|_, data, _| {
        let topic = sns::Topic::bare(data, "topic", cfn::sns::Topic::new());
        let comparison = cfn::cloudwatch::alarm::ComparisonOperator::GreaterThanThreshold;
        let alarm = cfn::cloudwatch::Alarm::new().comparison_operator(comparison).evaluation_periods(1);
        let alarm = alarm.namespace("Shop").metric_name("Unpaid").threshold(1);
        cloudwatch::Alarm::bare(data, "unpaid", alarm).notify(&topic);
    });
    let policy = found.iter().find(|(kind, ..)| kind == "AWS::SNS::TopicPolicy").expect("the topic has a policy");
    assert!(policy.2.contains("cloudwatch.amazonaws.com"), "{policy:?}");
}

#[test]
fn bare_vpc_contains_only_explicitly_added_subnets() {
    let found = made(|_, data, _| {
        let cidr = Cidr::new("10.0.0.0/16");
        let mut vpc = aws::Vpc::bare(data, "vpc", cidr, cfn::ec2::Vpc::new().cidr_block(cidr));
        let table = cfn::ec2::RouteTable::new(vpc.id());
        vpc.add_route_table("private", Tier::Private, table).logical_id("PrivateRoutes");
        for (id, block) in [("a", "10.0.1.0/24"), ("b", "10.0.2.0/24")] {
            let cidr = Cidr::new(block);
            let subnet = cfn::ec2::Subnet::new(vpc.id()).cidr_block(cidr);
            vpc.add_subnet(id, Tier::Private, cidr, subnet);
        }
        assert_eq!((vpc.n_zones(), vpc.subnet_ids(Tier::Private).len()), (2, 2));
        assert_eq!((vpc.route_tables(Tier::Private).len(), vpc.subnets(Tier::Public).len()), (1, 0));
    });
    assert_eq!(found.len(), 4, "{found:#?}");
}
