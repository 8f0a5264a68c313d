//! A platform of N services, each with the resources of a `genai-demo` service.

use meshsynth::{App, Assembly, Env, Stack, TemplateFormat, aws, ecr, eks, mesh, rds, ssm, text};

/// The number of services in one stack, which is far below the limit of 500 resources in CloudFormation.
const PER_STACK: usize = 15;

/// Compiles the platform.
pub fn compile(n_services: usize) -> Assembly {
    let app = App::new("bench");
    define(&app, n_services);
    app.synth_last(TemplateFormat::Json).expect("the platform is right")
}

/// Defines the services of the platform and their stacks.
pub fn define(app: &App, n_services: usize) {
    let env = || Env::new("111122223333", "ap-northeast-1");
    let network = Stack::new(app, "network", env());
    let vpc = aws::Vpc::new(&network, "vpc", aws::VpcProps::default());
    let platform = Stack::new(app, "cluster", env());
    let cluster = eks::Cluster::new(&platform, "cluster", &vpc, eks::ClusterProps::default());
    let mut before: Option<mesh::Workload> = None;
    for first in (0..n_services).step_by(PER_STACK) {
        let number = first / PER_STACK;
        let data = Stack::new(app, &format!("data-{number}"), env());
        let services = Stack::new(app, &format!("services-{number}"), env());
        let name = format!("team-{number}");
        let namespace = mesh::Namespace::new(&services, &name, &cluster, mesh::NamespaceProps::default());
        for idx in first..n_services.min(first + PER_STACK) {
            let service = service(&data, &vpc, &namespace, idx);
            if let Some(before) = &before {
                service.calls(before);
            }
            before = Some(service);
        }
    }
}

/// Defines a service with a role, a database, a repository, parameters, a deployment and an autoscaler.
fn service(data: &Stack, vpc: &aws::Vpc, namespace: &mesh::Namespace, idx: usize) -> mesh::Workload {
    let name = format!("service-{idx}");
    let database = rds::Database::new(data, &format!("{name}-db"), vpc, rds::DatabaseProps::default());
    let repository = ecr::Repository::new(data, &name, ecr::RepositoryProps::default());
    let url = text!["postgresql://", database.address(), ":5432/app"];
    let key = format!("{name}/database/url");
    let parameter = ssm::Parameter::new(data, &format!("{name}-url"), &key, url, ssm::ParameterProps::default());
    let workload = mesh::Workload::new(namespace, &name, repository.image("1.0.0"), mesh::WorkloadProps::default());
    database.allow_from(&workload);
    parameter.grant_read(&workload);
    workload.env("DB_HOST", database.address());
    workload
}
