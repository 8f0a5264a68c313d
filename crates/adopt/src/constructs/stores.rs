//! Additional arguments of the constructor `bare` for databases and caches.

use meshsynth_model::val::{Bag, Data};

use super::network::{known_text, of_type, reference, target};
use super::resource::{ResourceInput, construct};
use crate::code::{Writer, function};
use crate::tree::{Expr, Literal};

/// Writes the engine of a database instance. Returns `None` if the library does not support the engine, or if the port
/// is unknown.
pub(super) fn database_engine(input: &ResourceInput<'_>) -> Option<Expr> {
    // An instance of a cluster is part of the cluster construct.
    if input.props.get("DBClusterIdentifier").is_some() {
        return None;
    }
    engine(
        input,
        "rds::Engine",
        &[("mariadb", "MariaDb", 3306), ("mysql", "MySql", 3306), ("postgres", "Postgres", 5432)],
    )
}

/// Writes the engine of an Aurora cluster.
pub(super) fn cluster_engine(input: &ResourceInput<'_>) -> Option<Expr> {
    let known = [("aurora-mysql", "MySql", 3306), ("aurora-postgresql", "Postgres", 5432)];
    engine(input, "rds::AuroraEngine", &known)
}

/// Writes the engine of a cache, which is Redis by default.
pub(super) fn cache_engine(input: &ResourceInput<'_>) -> Option<Expr> {
    let word = match input.props.get("Engine") {
        Some(engine) => known_text(input.template, engine)?.to_ascii_lowercase(),
        None => "redis".to_owned(),
    };
    let engine = [("redis", "Redis"), ("valkey", "Valkey")].into_iter().find(|(known, _)| *known == word)?.1;
    has_known_port(input, 6379).then(|| Expr::Path(format!("elasticache::Engine::{engine}").into()))
}

fn engine(input: &ResourceInput<'_>, path: &str, known: &[(&str, &str, u16)]) -> Option<Expr> {
    let word = known_text(input.template, input.props.get("Engine")?)?.to_ascii_lowercase();
    let (_, variant, port) = known.iter().find(|(known, ..)| *known == word)?;
    if !has_known_port(input, *port) {
        return None;
    }
    let version = input.props.get("EngineVersion").and_then(|it| known_text(input.template, it));
    Some(match version {
        Some(version) => Expr::call(format!("{path}::{variant}"), [Expr::text(version).method("into", [])]),
        None => Expr::call(format!("{path}::{}", variant.to_ascii_lowercase()), []),
    })
}

/// Whether the construct can determine the port. It reads literals, and otherwise uses the default port.
fn has_known_port(input: &ResourceInput<'_>, usual: u16) -> bool {
    match input.props.get("Port") {
        None | Some(Data::Int(_)) => true,
        Some(Data::Text(port)) => port.parse::<u16>().is_ok(),
        Some(port) => known_text(input.template, port) == Some(usual.to_string()),
    }
}

/// Returns the security groups of a resource, or of the mount targets of a file system.
fn groups<'a>(input: &ResourceInput<'a>) -> Option<&'a Data> {
    let keys = ["SecurityGroupIds", "SecurityGroups", "VPCSecurityGroups", "VpcSecurityGroupIds"];
    let own = keys.iter().find_map(|key| input.props.get(key));
    let of_brokers = || input.props.get("BrokerNodeGroupInfo")?.at("SecurityGroups");
    let of_mount_target = || {
        let mut targets = of_type(input.template, "AWS::EFS::MountTarget").into_iter();
        targets.find(|(_, it)| reference(it, "FileSystemId") == Some(input.logical_id))?.1.get("SecurityGroups")
    };
    own.or_else(of_brokers).or_else(of_mount_target)
}

/// Adds the number of brokers if a parameter defines it.
pub(super) fn with_brokers(bare: Expr, input: &ResourceInput<'_>) -> Expr {
    let decided = || {
        let number = input.props.get("NumberOfBrokerNodes").filter(|it| function(it).is_some())?;
        known_text(input.template, number)?.parse::<u32>().ok()
    };
    match decided() {
        Some(number) => bare.method("with_brokers", [Expr::Literal(Literal::Int(number.into()))]),
        None => bare,
    }
}

/// Adds the network of the first security group, if both are constructs.
pub(super) fn in_network(bare: Expr, input: &ResourceInput<'_>, writer: &Writer<'_>) -> Expr {
    let network = || {
        let group = groups(input)?.items().first().and_then(target)?;
        let props = input.template.at("Resources")?.as_map()?.get(group)?.at("Properties")?.as_map()?;
        let vpc = construct(writer, reference(props, "VpcId")?, "aws::Vpc")?;
        Some((vpc, construct(writer, group, "aws::SecurityGroup")?))
    };
    match network() {
        Some((vpc, group)) => {
            let arguments = [vpc, group].map(|it| Expr::variable(it).borrowed());
            let with = bare.clone().method("with_network", arguments);
            Expr::either(vpc, Expr::either(group, with, bare.clone()), bare)
        }
        None => bare,
    }
}

/// Adds the attached secret, if it is a construct.
pub(super) fn with_secret(bare: Expr, input: &ResourceInput<'_>, writer: &Writer<'_>) -> Expr {
    let is_attached = |it: &Bag| reference(it, "TargetId") == Some(input.logical_id);
    let attachments = of_type(input.template, "AWS::SecretsManager::SecretTargetAttachment");
    let attachment = attachments.into_iter().find(|(_, it)| is_attached(it));
    match attachment.and_then(|(_, it)| construct(writer, reference(it, "SecretId")?, "secrets::Secret")) {
        Some(secret) => {
            let with = bare.clone().method("with_secret", [Expr::variable(secret).borrowed()]);
            Expr::either(secret, with, bare)
        }
        None => bare,
    }
}
