//! Bare constructs that wrap a single resource.

use meshsynth_model::val::{Bag, Data};

use super::wanted::{Made, Wanted};
use super::{clusters, edge, network, stores};
use crate::around::alone;
use crate::code::{Named, Writer, attribute, function};
use crate::tree::Expr;

/// Writes a resource as its construct, with the constructor `bare`.
pub(super) fn make(wanted: &Wanted<'_>, writer: &mut Writer<'_>) -> Option<Made> {
    let construct = alone(wanted.type_name)?;
    let mut props = wanted.props.clone();
    let (mut first, mut then): (Option<Expr>, Option<String>) = (None, None);
    match construct.path {
        "ssm::Parameter" => {
            let Some(Data::Text(name)) = props.remove("Name") else { return None };
            if !is_parameter_name(&name) {
                return None;
            }
            first = Some(Expr::text(name.to_string()));
        }
        "aws::Vpc" => first = Some(cidr(network::block(wanted.template, props.get("CidrBlock")?)?)),
        "elbv2::ApplicationLoadBalancer" if !edge::is_application(wanted) => return None,
        "events::Rule" if !edge::is_of_default_bus(wanted) => return None,
        "elbv2::TargetGroup" => first = Some(edge::target_port(wanted)?),
        "route53::HostedZone" => first = Some(Expr::text(edge::domain(wanted)?)),
        "rds::Cluster" => first = Some(stores::cluster_engine(wanted)?),
        "rds::Database" => first = Some(stores::database_engine(wanted)?),
        "elasticache::ReplicationGroup" => first = Some(stores::cache_engine(wanted)?),
        // Grants require the role. An unreferenced construct has no grants.
        "codebuild::Project" if wanted.is_needed => then = role(&props, "ServiceRole", writer).map(str::to_owned),
        "lambda::Function" if wanted.is_needed => then = role(&props, "Role", writer).map(str::to_owned),
        "stepfunctions::StateMachine" if wanted.is_needed => then = role(&props, "RoleArn", writer).map(str::to_owned),
        _ => {}
    }
    let resource = writer.resource(wanted.type_name, &props)?.expr;
    let arguments = [Expr::Scope, Expr::text(wanted.id)].into_iter().chain(first).chain([resource]);
    let bare = Expr::call(format!("{}::bare", construct.path), arguments);
    let bare = match construct.path {
        _ if !wanted.is_needed => bare,
        "rds::Cluster" | "rds::Database" => {
            stores::with_secret(stores::in_network(bare, wanted, writer), wanted, writer)
        }
        "eks::Cluster" => clusters::told(bare, wanted, writer),
        "msk::Cluster" => stores::in_network(stores::with_brokers(bare, wanted), wanted, writer),
        "efs::FileSystem" | "elasticache::ReplicationGroup" | "elbv2::ApplicationLoadBalancer" => {
            stores::in_network(bare, wanted, writer)
        }
        _ => bare,
    };
    let expr = match then {
        Some(role) => {
            let with_role = bare.clone().method("with_role", [Expr::variable(&role).borrowed()]);
            Expr::either(&role, with_role, bare)
        }
        None => bare,
    };
    Some(Made { expr, path: construct.path, is_construct: true, within: None })
}

/// Writes a CIDR block.
pub(super) fn cidr(block: String) -> Expr {
    Expr::call("Cidr::new", [Expr::text(block)])
}

/// Returns the variable of the role in a property, if the role is a construct.
fn role<'a>(props: &Bag, key: &str, writer: &'a Writer<'_>) -> Option<&'a str> {
    let (id, name) = match function(props.get(key)?)? {
        ("Fn::GetAtt", argument) => attribute(argument)?,
        _ => return None,
    };
    let Some(Named::Construct(variable, construct)) = writer.named.get(id) else { return None };
    let is_role = name == "Arn" && construct.path == "iam::Role";
    is_role.then_some(variable)
}

/// Whether `ssm::Parameter` accepts a name.
fn is_parameter_name(name: &str) -> bool {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    !name.is_empty() && name.chars().all(is_valid) && (!name.contains('/') || name.starts_with('/'))
}
