//! The relations of programs are compared with their own output, which has no findings.

use std::fs;

use meshsynth::aws::vpc::{ExistingSubnet, ExistingVpc, Tier, Vpc};
use meshsynth::dynamodb::{Attribute, StreamView, Table, TableProps};
use meshsynth::eks::{Cluster, ExistingCluster, Identity};
use meshsynth::lambda::{Code, Function, FunctionProps, StreamSource};
use meshsynth::mesh::{Namespace, NamespaceProps, Workload, WorkloadProps};
use meshsynth::sqs::{Queue, QueueProps};
use meshsynth::{App, Cidr, Construct as _, Env, Stack, ecr};

use crate::project::Project;

/// Synthesizes a program, and returns the findings about the relations in its output.
fn findings(case: &str, define: impl Fn(&App)) -> String {
    let app = App::new("fleet");
    define(&app);
    let assembly = app.synth().unwrap_or_else(|errors| panic!("{errors:?}"));
    let project = Project::new(case, "exit 1");
    for (name, text) in &assembly.files {
        project.write(&format!("out/{name}"), text);
    }
    let output = project.command(&["reach", "--check", "--assembly", "out"]).output().unwrap();
    assert!(fs::exists(project.root.join("out/manifest.json")).unwrap());
    String::from_utf8(output.stderr).unwrap()
}

const CLEAN: &str = "checked out: 0 rules\n";

/// Defines the same service with its own queue in an existing cluster of a region. The imports are in the stack, or
/// outside of stacks.
fn service(app: &App, region: &str, identity: Identity, issuer: &str, is_outside: bool) {
    let stack = Stack::new(app, &format!("service-{region}"), Env::region(region));
    let imports = if is_outside { app.scope().construct(region) } else { stack.scope().construct("imports") };
    let subnets = [("subnet-0a1b2c3d4e5f60711", "a"), ("subnet-0a1b2c3d4e5f60712", "b")]
        .map(|(id, zone)| ExistingSubnet::new(Tier::Private, id, Cidr::new("10.0.0.0/20"), format!("{region}{zone}")));
    let vpc = ExistingVpc::new("vpc-0a1b2c3d4e5f60718", Cidr::new("10.0.0.0/16"), subnets);
    let vpc = Vpc::import(&imports, "vpc", vpc);
    let provider = format!("arn:aws:iam::111122223333:oidc-provider/oidc.eks.{region}.amazonaws.com/id/{issuer}");
    let existing = ExistingCluster::new("platform", "1.34", &provider, "sg-0123456789abcdef0", &vpc);
    let add_ons = vec!["eks-pod-identity-agent".to_owned()];
    let cluster = Cluster::import(&imports, "platform", ExistingCluster { identity, add_ons, ..existing });
    let namespace = Namespace::new(&stack, "ingest", &cluster, NamespaceProps::default());
    let orders = Workload::new(&namespace, "reader", "registry.example/reader:1.0", WorkloadProps::default());
    let queue = Queue::new(&stack, "positions", QueueProps::default());
    queue.grant_receive(&orders);
}

#[test]
fn clusters_of_two_regions_are_different() {
    for (name, identity) in [("irsa", Identity::Irsa), ("pod-identity", Identity::PodIdentity)] {
        for is_outside in [false, true] {
            let text = findings(&format!("regions-{name}-{is_outside}"), |app| {
                service(app, "eu-west-1", identity, "AAAAD539D4633E53DE1B71", is_outside);
                service(app, "eu-central-1", identity, "BBBBD539D4633E53DE1B71", is_outside);
            });
            assert_eq!(text, CLEAN, "{name}, imports outside of stacks: {is_outside}");
        }
    }
}

#[test]
fn stream_to_function_with_defaults_is_clean() {
    let text = findings("stream", |app| {
        let stack = Stack::new(app, "data", Env::region("eu-west-1"));
        let images = ecr::Repository::new(&stack, "images", ecr::RepositoryProps::default());
        let props = TableProps { stream: Some(StreamView::NewImage), ..TableProps::default() };
        let table = Table::new(&stack, "orders", Attribute::text("id"), props);
        let mailer = Function::new(&stack, "mailer", Code::image(&images, "1.0"), FunctionProps::default());
        mailer.add_stream_source(&table, StreamSource::default());
    });
    assert_eq!(text, CLEAN);
}
