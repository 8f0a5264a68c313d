//! Tests of functions: permissions, callers and failure destinations.

use super::*;
use crate::aws::{Vpc, VpcProps};
use crate::iam::{Role, RoleProps, Trust};
use crate::msk;
use crate::sqs::{Queue, QueueProps};
use crate::testing::{Platform, stack};
use crate::tree::Construct;
use crate::{App, Stack, dynamodb, ecr};

fn function(run: &Stack, props: FunctionProps) -> Function {
    let images = ecr::Repository::new(run, "images", ecr::RepositoryProps::default());
    Function::new(run, "mailer", Code::image(&images, "1.0.0"), props)
}

fn with(define: impl FnOnce(&Function, &Stack)) -> Platform {
    Platform::synth("shop", |app: &App| {
        let run = stack(app, "run");
        define(&function(&run, FunctionProps::default()), &run);
    })
}

#[test]
fn vpc_function_uses_private_subnets() {
    let platform = Platform::synth("shop", |app| {
        let run = stack(app, "run");
        let vpc = Vpc::new(&run, "vpc", VpcProps::default());
        function(&run, FunctionProps { vpc: Some(vpc), ..Default::default() });
    });
    let placed = &platform.resource("AWS::Lambda::Function").props["VpcConfig"];
    assert_eq!(placed["SubnetIds"].as_array().map(Vec::len), Some(3));
    assert_eq!(placed["SecurityGroupIds"].as_array().map(Vec::len), Some(1));
    let roles = platform.resources("AWS::IAM::Role");
    let role = roles.iter().find(|it| it.logical_id.starts_with("MailerRole")).expect("its role").props.to_string();
    assert!(role.contains("AWSLambdaENIManagementAccess"), "{role}");
}

#[test]
fn event_source_depends_on_read_permission() {
    let platform = with(|function, run| {
        let mails = Queue::new(run, "mails", QueueProps::default());
        function.add_queue_source(&mails, QueueSource { concurrency: Some(4), ..Default::default() });
    });
    let mapping = platform.resource("AWS::Lambda::EventSourceMapping");
    assert!(mapping.entry["DependsOn"].to_string().contains("MailerRolePolicy"), "{}", mapping.entry);
    assert_eq!(mapping.props["FunctionResponseTypes"][0], "ReportBatchItemFailures");
    assert_eq!(mapping.props["ScalingConfig"]["MaximumConcurrency"], 4);
    let policies = platform.resources("AWS::IAM::RolePolicy");
    assert!(policies.iter().any(|it| it.props.to_string().contains("sqs:ReceiveMessage")));
}

#[test]
fn opens_cluster_security_group_for_kafka_pollers() {
    let platform = with(|function, run| {
        let vpc = Vpc::new(run, "vpc", VpcProps::default());
        let events = msk::Cluster::new(run, "events", &vpc, msk::ClusterProps::default());
        function.add_kafka_source(&events.topic("orders"), KafkaSource { from_start: true, ..Default::default() });
    });
    let mapping = platform.resource("AWS::Lambda::EventSourceMapping").props;
    assert_eq!((&mapping["Topics"][0], &mapping["StartingPosition"]), (&"orders".into(), &"TRIM_HORIZON".into()));
    assert_eq!(mapping["AmazonManagedKafkaEventSourceConfig"]["ConsumerGroupId"], "run-mailer");
    assert_eq!(platform.resources("AWS::EC2::SecurityGroupEgress").len(), 2);
}

#[test]
fn failure_queue_has_no_dead_letter_queue() {
    let platform = with(|_, _| {});
    let queue = platform.resource("AWS::SQS::Queue").props;
    assert!(queue["RedrivePolicy"].is_null() && queue["MessageRetentionPeriod"] == 1_209_600, "{queue}");
    assert!(platform.resource("AWS::SQS::QueuePolicy").props.to_string().contains("aws:SecureTransport"));
}

#[test]
fn sends_failed_stream_batches_to_queue() {
    let platform = with(|function, run| {
        let failures = Queue::new(run, "lost", QueueProps::default());
        let props = dynamodb::TableProps { stream: Some(dynamodb::StreamView::NewImage), ..Default::default() };
        let table = dynamodb::Table::new(run, "orders", dynamodb::Attribute::text("id"), props);
        let filters = vec![crate::val::Data::from(crate::val::Bag::default().with("eventName", vec!["INSERT"]))];
        let source = StreamSource { failures: Some(failures), filters, ..Default::default() };
        function.add_stream_source(&table, source);
    });
    let mapping = platform.resource("AWS::Lambda::EventSourceMapping").props;
    assert!(mapping["DestinationConfig"]["OnFailure"]["Destination"].is_object());
    assert_eq!(mapping["FilterCriteria"]["Filters"][0]["Pattern"], r#"{"eventName":["INSERT"]}"#);
}

#[test]
fn service_permission_is_limited_to_source_arn() {
    let platform = with(|function, run| {
        let queue = Queue::new(run, "mails", QueueProps::default());
        for _ in 0..2 {
            function.allow_service(
                &queue,
                "events.amazonaws.com",
                "arn:aws:events:eu-west-1:111122223333:rule/nightly",
            );
        }
    });
    let permission = platform.resource("AWS::Lambda::Permission").props;
    assert_eq!(permission["Principal"], "events.amazonaws.com");
    assert!(permission["SourceArn"].is_string() && permission["SourceAccount"].is_null());
}

#[test]
fn grants_invocation_of_imported_function() {
    let platform = Platform::synth("shop", |app| {
        let run = stack(app, "run");
        let arn = "arn:aws:lambda:ap-northeast-1:111122223333:function:mailer";
        let function = Function::import(&run, "mailer", ExistingFunction::arn(arn));
        let role = Role::new(&run, "caller", Trust::Service("ec2.amazonaws.com"), RoleProps::default());
        function.grant_invoke(&role);
        run.output("Name", function.name());
        assert_eq!(function.scope().id(), "mailer");
    });
    assert!(platform.resources("AWS::Lambda::Function").is_empty());
    assert_eq!(platform.template("run")["Outputs"]["Name"]["Value"], "mailer");
    let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
    assert!(policy.contains("function:mailer:*"), "{policy}");
}

#[test]
fn service_permission_of_foreign_function_is_owner_task() {
    let platform = Platform::synth("shop", |app| {
        let run = stack(app, "run");
        let arn = "arn:aws:lambda:ap-northeast-1:444455556666:function:mailer";
        let function = Function::import(&run, "mailer", ExistingFunction::arn(arn));
        let rule = "arn:aws:events:ap-northeast-1:111122223333:rule/nightly";
        let source = Queue::new(&run, "mails", QueueProps::default());
        assert!(function.allow_service(&source, "events.amazonaws.com", rule).is_none());
    });
    assert!(platform.resources("AWS::Lambda::Permission").is_empty());
    assert!(platform.assembly.files["owners.json"].contains("events.amazonaws.com"));
}

#[test]
fn topic_subscription_adds_permission() {
    let platform = with(|function, run| {
        crate::sns::Topic::new(run, "orders", Default::default()).subscribe(function);
    });
    assert_eq!(platform.resource("AWS::SNS::Subscription").props["Protocol"], "lambda");
    assert!(platform.resource("AWS::Lambda::Permission").props["SourceArn"].is_object());
}
