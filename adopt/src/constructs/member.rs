//! Resources that are a part of the construct that they refer to: the policy of a bucket, the alias of a key.

use meshsynth_types::val::{Bag, Data};

use super::alone::cidr;
use super::network;
use super::wanted::{Made, Wanted};
use crate::code::{Named, Writer, attribute, function};
use crate::tree::Expr;

/// How a type of resource becomes a call of a construct.
struct Member {
    /// The type of the resource.
    type_name: &'static str,
    /// The property that names the construct.
    of: &'static str,
    /// Whether that is a list with the one name.
    is_listed: bool,
    /// How it is named: `Ref`, or an attribute.
    by: &'static [&'static str],
    /// The construct.
    construct: &'static str,
    /// The method, by its whole path.
    method: &'static str,
    /// The id of the resource below the construct; none where it has that of its own.
    id: Option<&'static str>,
    /// What the method takes after the id.
    takes: Takes,
}

/// What a method takes.
enum Takes {
    /// The values of these properties, all of which are there, and no others.
    Values(&'static [&'static str]),
    /// The document of this property, and no others.
    Document(&'static str),
    /// The value of a property, and the document of another one.
    Named(&'static str, &'static str),
    /// The resource itself, less the name of the construct where it is named by this attribute.
    Resource(&'static str),
    /// The tier and the block of a subnet, and the resource itself.
    Subnet,
    /// The tier of a route table, and the resource itself.
    RouteTable,
}

const MEMBERS: [Member; 11] = [
    Member {
        type_name: "AWS::S3::BucketPolicy",
        of: "Bucket",
        is_listed: false,
        by: &["Ref"],
        construct: "s3::Bucket",
        method: "s3::Bucket::add_policy",
        id: Some("policy"),
        takes: Takes::Document("PolicyDocument"),
    },
    Member {
        type_name: "AWS::SQS::QueuePolicy",
        of: "Queues",
        is_listed: true,
        by: &["Ref"],
        construct: "sqs::Queue",
        method: "sqs::Queue::add_policy",
        id: Some("policy"),
        takes: Takes::Document("PolicyDocument"),
    },
    Member {
        type_name: "AWS::SNS::TopicPolicy",
        of: "Topics",
        is_listed: true,
        by: &["Ref"],
        construct: "sns::Topic",
        method: "sns::Topic::add_policy",
        id: Some("policy"),
        takes: Takes::Document("PolicyDocument"),
    },
    Member {
        type_name: "AWS::SNS::Subscription",
        of: "TopicArn",
        is_listed: false,
        by: &["Ref"],
        construct: "sns::Topic",
        method: "sns::Topic::add_subscription",
        id: None,
        takes: Takes::Values(&["Protocol", "Endpoint"]),
    },
    Member {
        type_name: "AWS::KMS::Alias",
        of: "TargetKeyId",
        is_listed: false,
        by: &["Ref"],
        construct: "kms::Key",
        method: "kms::Key::add_alias",
        id: None,
        takes: Takes::Values(&["AliasName"]),
    },
    Member {
        type_name: "AWS::IAM::RolePolicy",
        of: "RoleName",
        is_listed: false,
        by: &["Ref"],
        construct: "iam::Role",
        method: "iam::Role::add_policy",
        id: None,
        takes: Takes::Named("PolicyName", "PolicyDocument"),
    },
    Member {
        type_name: "AWS::EC2::SecurityGroupIngress",
        of: "GroupId",
        is_listed: false,
        by: &["GroupId", "Ref"],
        construct: "aws::SecurityGroup",
        method: "aws::SecurityGroup::add_ingress",
        id: None,
        takes: Takes::Resource("GroupId"),
    },
    Member {
        type_name: "AWS::Lambda::Permission",
        of: "FunctionName",
        is_listed: false,
        by: &["Ref", "Arn"],
        construct: "lambda::Function",
        method: "lambda::Function::add_permission",
        id: None,
        takes: Takes::Resource(""),
    },
    Member {
        type_name: "AWS::IAM::InstanceProfile",
        of: "Roles",
        is_listed: true,
        by: &["Ref"],
        construct: "iam::Role",
        method: "iam::Role::add_instance_profile",
        id: None,
        takes: Takes::Resource(""),
    },
    Member {
        type_name: "AWS::EC2::Subnet",
        of: "VpcId",
        is_listed: false,
        by: &["Ref"],
        construct: "aws::Vpc",
        method: "aws::Vpc::add_subnet",
        id: None,
        takes: Takes::Subnet,
    },
    Member {
        type_name: "AWS::EC2::RouteTable",
        of: "VpcId",
        is_listed: false,
        by: &["Ref"],
        construct: "aws::Vpc",
        method: "aws::Vpc::add_route_table",
        id: None,
        takes: Takes::RouteTable,
    },
];

/// The resource as a call of the construct that it is a part of.
pub(super) fn make(wanted: &Wanted<'_>, writer: &mut Writer<'_>) -> Option<Made> {
    let member = MEMBERS.iter().find(|it| it.type_name == wanted.type_name)?;
    let (owner, by) = owner(member, wanted.props)?;
    let Some(Named::Construct(variable, construct)) = writer.named.get(&owner) else { return None };
    if construct.path != member.construct {
        return None;
    }
    let variable = variable.clone();
    // A bucket has one policy.
    let id = member.id.unwrap_or(wanted.id).to_owned();
    if !writer.members.insert((owner.clone(), id.clone())) {
        return None;
    }
    let path = writer.types.resource(wanted.type_name)?.path.clone();
    let elsewhere = writer.record(&path, wanted.props)?.expr.method("define", [Expr::Scope, Expr::text(wanted.id)]);
    let mut rest = wanted.props.clone();
    let is_whole = |takes: &Takes| match takes {
        Takes::Resource(known) => by != *known,
        Takes::Subnet | Takes::RouteTable => true,
        _ => false,
    };
    if !is_whole(&member.takes) {
        rest.remove(member.of);
    }
    let arguments = match member.takes {
        Takes::Values(keys) => {
            let values: Option<Vec<Expr>> = keys.iter().map(|key| value(&mut rest, key, writer)).collect();
            values?
        }
        Takes::Document(key) => vec![document(&mut rest, key, writer)?],
        Takes::Named(name, key) => vec![value(&mut rest, name, writer)?, document(&mut rest, key, writer)?],
        Takes::Resource(_) => vec![writer.record(&path, &std::mem::take(&mut rest))?.expr],
        Takes::Subnet => {
            let block = network::block(wanted.template, rest.get("CidrBlock")?)?;
            let tier = network::tier_of_subnet(wanted.template, wanted.logical_id, &rest);
            let resource = writer.record(&path, &std::mem::take(&mut rest))?.expr;
            vec![Expr::Path(tier.into()), cidr(block), resource]
        }
        Takes::RouteTable => {
            let tier = network::tier_of_table(wanted.template, wanted.logical_id);
            vec![Expr::Path(tier.into()), writer.record(&path, &std::mem::take(&mut rest))?.expr]
        }
    };
    if !rest.is_empty() {
        return None;
    }
    let id_first = member.id.is_none().then(|| Expr::text(&id));
    let method = member.method.rsplit("::").next().unwrap_or_default();
    let here = Expr::variable(&variable).method(method, id_first.into_iter().chain(arguments));
    let expr = Expr::either(&variable, here, elsewhere);
    Some(Made { expr, path: member.method, is_construct: false, within: Some((owner, id)) })
}

/// The logical id of the construct that a resource is a part of, and how it is named.
fn owner(member: &Member, props: &Bag) -> Option<(String, String)> {
    let named = props.get(member.of)?;
    let named = match (member.is_listed, named) {
        (true, Data::List(items)) if items.len() == 1 => &items[0],
        (true, _) => return None,
        (false, one) => one,
    };
    let (id, by) = match function(named)? {
        ("Ref", Data::Text(id)) => (id.to_string(), "Ref".to_owned()),
        ("Fn::GetAtt", argument) => {
            let (id, name) = attribute(argument)?;
            (id.to_owned(), name)
        }
        _ => return None,
    };
    member.by.contains(&by.as_str()).then_some((id, by))
}

/// A text, or a function that makes one.
fn value(props: &mut Bag, key: &str, writer: &mut Writer<'_>) -> Option<Expr> {
    let value = props.remove(key)?;
    let is_text = matches!(value, Data::Text(_)) || function(&value).is_some();
    is_text.then(|| writer.data(&value).expr)
}

/// A document as a map.
fn document(props: &mut Bag, key: &str, writer: &mut Writer<'_>) -> Option<Expr> {
    match props.remove(key)? {
        Data::Map(bag) if function(&Data::Map(bag.clone())).is_none() => Some(writer.bag(&bag)),
        _ => None,
    }
}
