//! The examples of `meshsynth explain`, which `explained_types.rs` writes.

#[test]
fn aws_rds_dbproxy() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let properties = cfn::rds::DbProxy::new(
        "db-proxy-name",
        cfn::rds::db_proxy::EngineFamily::Mysql,
        cfn::ids::RoleArn::new("role-arn"),
        ["vpc-subnet-ids"],
    );
    let resource = properties.define(&stack, "db-proxy");
}

#[test]
fn aws_sqs_queue() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = cfn::sqs::Queue::new().tags([cfn::sqs::queue::Tag::new("key", "value")]).define(&stack, "queue");
    resource.retain();
}

#[test]
fn aws_sqs_queuepolicy() {
    use meshsynth::{App, Env, Stack, cfn, map};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = cfn::sqs::QueuePolicy::new(map![("Key", "value")], ["queues"]).define(&stack, "queue-policy");
}

#[test]
fn aws_dynamodb_table() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = cfn::dynamodb::Table::new(cfn::dynamodb::table::TableKeySchema::new()).define(&stack, "table");
    resource.retain();
}

#[test]
fn aws_ec2_securitygroup() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = cfn::ec2::SecurityGroup::new("group-description").define(&stack, "security-group");
}

#[test]
fn aws_elasticloadbalancingv2_listenerrule() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let properties = cfn::elasticloadbalancingv2::ListenerRule::new(
        [cfn::elasticloadbalancingv2::listener_rule::Action::new(
            cfn::elasticloadbalancingv2::listener_rule::Type::AuthenticateCognito,
        )],
        [cfn::elasticloadbalancingv2::listener_rule::RuleCondition::new()],
        1,
    );
    let resource = properties.define(&stack, "listener-rule");
}

#[test]
fn aws_cloudfront_distribution() {
    use meshsynth::{App, Env, Stack, cfn};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = cfn::cloudfront::Distribution::new(cfn::cloudfront::distribution::DistributionConfig::new(
        cfn::cloudfront::distribution::DefaultCacheBehavior::new(
            "target-origin-id",
            cfn::cloudfront::distribution::ViewerProtocolPolicy::AllowAll,
        ),
        true,
    ))
        .define(&stack, "distribution");
}

#[test]
fn aws_kinesis_stream() {
    use meshsynth::{App, Env, Stack};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = meshsynth_services::kinesis::Stream::new()
        .tags([meshsynth_services::kinesis::stream::Tag::new("key", "value")])
        .define(&stack, "stream");
    resource.retain();
}

#[test]
fn aws_serverless_function() {
    use meshsynth::{App, Env, Stack};

    let app = App::new("shop");
    let stack = Stack::new(&app, "data", Env::region("eu-west-1"));
    let resource = meshsynth_services::serverless::Function::new().description("description").define(&stack, "function");
}

#[test]
fn apps_v1_deployment() {
    use meshsynth::{App, KubernetesCluster, kube};

    let app = App::new("shop");
    let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    kube::apps::Deployment::new()
        .spec(kube::apps::DeploymentSpec::new(kube::meta::LabelSelector::new(), kube::core::PodTemplateSpec::new()))
        .define(&cluster, "deployment", "deployment")
        .in_namespace("shop");
}

#[test]
fn v1_configmap() {
    use meshsynth::{App, KubernetesCluster, kube};

    let app = App::new("shop");
    let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    kube::core::ConfigMap::new()
        .data([("key", "data")])
        .define(&cluster, "config-map", "config-map")
        .in_namespace("shop");
}

#[test]
fn v1_namespace() {
    use meshsynth::{App, KubernetesCluster, kube};

    let app = App::new("shop");
    let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    kube::core::Namespace::new().spec(kube::core::NamespaceSpec::new()).define(&cluster, "namespace", "namespace");
}

#[test]
fn kube_istio_virtualservice() {
    use meshsynth::{App, KubernetesCluster, kube};

    let app = App::new("shop");
    let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    kube::istio::VirtualService::new()
        .spec(kube::istio::virtual_service::Spec::new())
        .define(&cluster, "virtual-service", "virtual-service")
        .in_namespace("shop");
}

#[test]
fn kube_gateway_httproute() {
    use meshsynth::{App, KubernetesCluster, kube};

    let app = App::new("shop");
    let cluster = KubernetesCluster::new(&app, "production", "production", "1.36");
    kube::gateway::HttpRoute::new(kube::gateway::http_route::Spec::new())
        .define(&cluster, "http-route", "http-route")
        .in_namespace("shop");
}

#[test]
fn cfn_rds_db_proxy_authformat() {
    use meshsynth::cfn;

    let value = cfn::rds::db_proxy::AuthFormat::new().description("description");
}

#[test]
fn cfn_rds_db_proxy_enginefamily() {
    use meshsynth::cfn;

    let value = cfn::rds::db_proxy::EngineFamily::Mysql;
}
