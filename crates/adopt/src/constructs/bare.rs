//! Bare constructs that wrap a single resource.

use meshsynth_model::val::{Bag, Data};

use super::resource::{ConstructCode, ResourceInput};
use super::{clusters, edge, network, stores};
use crate::bare_construct::{Argument, Context, Requirement, bare_construct};
use crate::code::{Named, Writer, attribute, function};
use crate::tree::Expr;

/// Writes a resource as its construct, with the constructor `bare`.
pub(super) fn make(input: &ResourceInput<'_>, writer: &mut Writer<'_>) -> Option<ConstructCode> {
    let construct = bare_construct(input.type_name)?;
    let fits = match construct.requirement {
        Requirement::None => true,
        Requirement::ApplicationLoadBalancer => edge::is_application(input),
        Requirement::DefaultEventBus => edge::is_of_default_bus(input),
    };
    if !fits {
        return None;
    }
    let mut props = input.props.clone();
    let argument = match construct.argument {
        Argument::None => None,
        argument => Some(written_argument(argument, input, &mut props)?),
    };
    let resource = writer.resource(input.type_name, &props)?.expr;
    let arguments = [Expr::Scope, Expr::text(input.id)].into_iter().chain(argument).chain([resource]);
    let bare = Expr::call(format!("{}::bare", construct.path), arguments);
    // Grants require the context. An unreferenced construct has no grants.
    let context = if input.is_needed { construct.context } else { &[] };
    let expr = context.iter().fold(bare, |bare, context| with_context(*context, bare, input, writer));
    Some(ConstructCode { expr, path: construct.path, is_construct: true, within: None })
}

/// Writes the argument of `bare` before the resource, or returns `None` if its value is unknown.
fn written_argument(argument: Argument, input: &ResourceInput<'_>, props: &mut Bag) -> Option<Expr> {
    match argument {
        Argument::None => None,
        Argument::ParameterName => match props.remove("Name") {
            Some(Data::Text(name)) if is_parameter_name(&name) => Some(Expr::text(name.to_string())),
            _ => None,
        },
        Argument::CidrBlock => Some(cidr(network::block(input.template, props.get("CidrBlock")?)?)),
        Argument::TargetPort => edge::target_port(input),
        Argument::Domain => edge::domain(input).map(Expr::text),
        Argument::AuroraEngine => stores::cluster_engine(input),
        Argument::DatabaseEngine => stores::database_engine(input),
        Argument::CacheEngine => stores::cache_engine(input),
    }
}

/// Adds the values that relations of a construct need.
fn with_context(context: Context, bare: Expr, input: &ResourceInput<'_>, writer: &Writer<'_>) -> Expr {
    match context {
        Context::Role(key) => match role(input.props, key, writer) {
            Some(role) => {
                let with_role = bare.clone().method("with_role", [Expr::variable(role).borrowed()]);
                Expr::either(role, with_role, bare)
            }
            None => bare,
        },
        Context::Network => stores::in_network(bare, input, writer),
        Context::Secret => stores::with_secret(bare, input, writer),
        Context::Brokers => stores::with_brokers(bare, input),
        Context::KubernetesCluster => clusters::with_context(bare, input, writer),
    }
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
