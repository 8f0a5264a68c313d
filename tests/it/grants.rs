//! The table of all grants, generated from the policy statements that they add.

use std::fs;

use meshsynth::aws::{Vpc, VpcProps};
use meshsynth::iam::{Api, Reach, Role, RoleProps, Trust};
use meshsynth::testing::{Platform, stack};
use meshsynth::{
    Stack, bedrock, cognito, dynamodb, ecr, efs, elasticache, events, kms, lambda, logs, mq, msk, opensearch, rds, s3,
    secrets, sns, sqs, ssm, stepfunctions, xray,
};
use serde_json::Value;

use crate::support::{files, root};

pub type Grant = fn(&Stack, &Vpc, &Role);

/// Every grant of the constructs in `aws`, by its path.
pub const GRANTS: &[(&str, Grant)] = &[
    ("bedrock::Model::grant_invoke", |stack, _, role| {
        let geography = bedrock::Geography::Japan;
        bedrock::Model::inference_profile(stack, "claude", geography, "anthropic.claude-v1:0").grant_invoke(role);
    }),
    ("cognito::UserPool::grant_manage", |stack, _, role| {
        cognito::UserPool::new(stack, "people", cognito::UserPoolProps::default()).grant_manage(role);
    }),
    ("cognito::UserPool::grant_read", |stack, _, role| {
        cognito::UserPool::new(stack, "people", cognito::UserPoolProps::default()).grant_read(role);
    }),
    ("dynamodb::Table::grant_read", |stack, _, role| table(stack).grant_read(role)),
    ("dynamodb::Table::grant_read_write", |stack, _, role| table(stack).grant_read_write(role)),
    ("dynamodb::Table::grant_stream_read", |stack, _, role| table(stack).grant_stream_read(role)),
    ("dynamodb::Table::grant_write", |stack, _, role| table(stack).grant_write(role)),
    ("ecr::Repository::grant_pull", |stack, _, role| {
        ecr::Repository::new(stack, "images", ecr::RepositoryProps::default()).grant_pull(role);
    }),
    ("ecr::Repository::grant_push", |stack, _, role| {
        ecr::Repository::new(stack, "images", ecr::RepositoryProps::default()).grant_push(role);
    }),
    ("efs::AccessPoint::grant_read", |stack, vpc, role| {
        file_system(stack, vpc).add_access_point("photos", Default::default()).grant_read(role);
    }),
    ("efs::AccessPoint::grant_read_write", |stack, vpc, role| {
        file_system(stack, vpc).add_access_point("photos", Default::default()).grant_read_write(role);
    }),
    ("efs::FileSystem::grant_read", |stack, vpc, role| file_system(stack, vpc).grant_read(role)),
    ("efs::FileSystem::grant_read_write", |stack, vpc, role| file_system(stack, vpc).grant_read_write(role)),
    ("elasticache::ReplicationGroup::grant_connect", |stack, vpc, role| {
        elasticache::ReplicationGroup::new(stack, "cache", vpc, Default::default()).grant_connect(role);
    }),
    ("elasticache::Serverless::grant_connect", |stack, vpc, role| {
        elasticache::Serverless::new(stack, "cache", vpc, Default::default()).grant_connect(role);
    }),
    ("events::Bus::grant_put_events", |stack, _, role| {
        events::Bus::new(stack, "shop", events::BusProps::default()).grant_put_events(role);
    }),
    ("kms::Key::grant_decrypt", |stack, _, role| {
        kms::Key::new(stack, "key", kms::KeyProps::default()).grant_decrypt(role);
    }),
    ("kms::Key::grant_encrypt_decrypt", |stack, _, role| {
        kms::Key::new(stack, "key", kms::KeyProps::default()).grant_encrypt_decrypt(role);
    }),
    ("lambda::Function::grant_invoke", |stack, _, role| function(stack).grant_invoke(role)),
    ("lambda::FunctionUrl::grant_invoke_url", |stack, _, role| function(stack).add_url().grant_invoke_url(role)),
    ("logs::LogGroup::grant_write", |stack, _, role| {
        logs::LogGroup::new(stack, "audit", logs::LogGroupProps::default()).grant_write(role);
    }),
    ("msk::Cluster::grant_find_brokers", |stack, vpc, role| kafka(stack, vpc).grant_find_brokers(role)),
    ("msk::Topic::grant_consume", |stack, vpc, role| kafka(stack, vpc).topic("orders").grant_consume(role, "billing")),
    ("msk::Topic::grant_lag", |stack, vpc, role| kafka(stack, vpc).topic("orders").grant_lag(role, "billing")),
    ("msk::Topic::grant_manage", |stack, vpc, role| kafka(stack, vpc).topic("orders").grant_manage(role)),
    ("msk::Topic::grant_produce", |stack, vpc, role| kafka(stack, vpc).topic("orders").grant_produce(role)),
    ("mq::Broker::grant_read_secret", |stack, vpc, role| {
        mq::Broker::new(stack, "broker", vpc, mq::BrokerProps::default()).grant_read_secret(role);
    }),
    ("opensearch::Domain::grant_delete", |stack, vpc, role| domain(stack, vpc).grant_delete(role)),
    ("opensearch::Domain::grant_read", |stack, vpc, role| domain(stack, vpc).grant_read(role)),
    ("opensearch::Domain::grant_write", |stack, vpc, role| domain(stack, vpc).grant_write(role)),
    ("rds::Cluster::grant_connect", |stack, vpc, role| aurora(stack, vpc).grant_connect(role, "app")),
    ("rds::Cluster::grant_read_secret", |stack, vpc, role| aurora(stack, vpc).grant_read_secret(role)),
    ("rds::Database::grant_connect", |stack, vpc, role| {
        rds::Database::new(stack, "db", vpc, rds::DatabaseProps::default()).grant_connect(role, "app");
    }),
    ("rds::Database::grant_read_secret", |stack, vpc, role| {
        rds::Database::new(stack, "db", vpc, rds::DatabaseProps::default()).grant_read_secret(role);
    }),
    ("observability::xray::grant_write", |_, _, role| xray::grant_write(role)),
    ("s3::Bucket::grant_delete", |stack, _, role| bucket(stack).grant_delete(role)),
    ("s3::Bucket::grant_read", |stack, _, role| bucket(stack).grant_read(role)),
    ("s3::Bucket::grant_read_write", |stack, _, role| bucket(stack).grant_read_write(role)),
    ("s3::Bucket::grant_write", |stack, _, role| bucket(stack).grant_write(role)),
    ("secrets::Secret::grant_read", |stack, _, role| {
        secrets::Secret::new(stack, "login", secrets::SecretProps::default()).grant_read(role);
    }),
    ("sns::Topic::grant_publish", |stack, _, role| {
        sns::Topic::new(stack, "alarms", sns::TopicProps::default()).grant_publish(role);
    }),
    ("sqs::Queue::grant_length", |stack, _, role| queue(stack).grant_length(role)),
    ("sqs::Queue::grant_receive", |stack, _, role| queue(stack).grant_receive(role)),
    ("sqs::Queue::grant_send", |stack, _, role| queue(stack).grant_send(role)),
    ("ssm::Parameter::grant_read", |stack, _, role| {
        ssm::Path::new(stack, "config", "orders").add("db", "url").grant_read(role);
    }),
    ("ssm::Path::grant_read", |stack, _, role| {
        let path = ssm::Path::new(stack, "config", "orders");
        path.add("db", "url");
        path.grant_read(role);
    }),
    ("stepfunctions::StateMachine::grant_start", |stack, _, role| machine(stack).grant_start(role)),
    ("stepfunctions::StateMachine::grant_start_sync", |stack, _, role| machine(stack).grant_start_sync(role)),
];

fn domain(stack: &Stack, vpc: &Vpc) -> opensearch::Domain {
    opensearch::Domain::new(stack, "search", vpc, opensearch::DomainProps::default())
}

fn machine(stack: &Stack) -> stepfunctions::StateMachine {
    let steps = stepfunctions::State::succeed("done").into();
    stepfunctions::StateMachine::new(stack, "checkout", steps, stepfunctions::StateMachineProps::default())
}

fn table(stack: &Stack) -> dynamodb::Table {
    let day = dynamodb::Attribute::text("day");
    let indexes = vec![dynamodb::Index::new("by-day", day)];
    let stream = Some(dynamodb::StreamView::NewImage);
    let props = dynamodb::TableProps { indexes, stream, ..Default::default() };
    dynamodb::Table::new(stack, "table", dynamodb::Attribute::text("id"), props)
}

fn bucket(stack: &Stack) -> s3::Bucket {
    s3::Bucket::new(stack, "bucket", s3::BucketProps::default())
}

fn queue(stack: &Stack) -> sqs::Queue {
    sqs::Queue::new(stack, "queue", sqs::QueueProps::default())
}

fn function(stack: &Stack) -> lambda::Function {
    let images = ecr::Repository::new(stack, "images", ecr::RepositoryProps::default());
    lambda::Function::new(stack, "mailer", lambda::Code::image(&images, "1.0.0"), lambda::FunctionProps::default())
}

fn file_system(stack: &Stack, vpc: &Vpc) -> efs::FileSystem {
    efs::FileSystem::new(stack, "media", vpc, efs::FileSystemProps::default())
}

fn kafka(stack: &Stack, vpc: &Vpc) -> msk::Cluster {
    msk::Cluster::new(stack, "events", vpc, msk::ClusterProps::default())
}

fn aurora(stack: &Stack, vpc: &Vpc) -> rds::Cluster {
    rds::Cluster::new(stack, "db", vpc, rds::ClusterProps::default())
}

/// `docs/grants.md` is generated from the grants. Run with `UPDATE_DOCS=1` to write it.
#[test]
fn the_catalogue_of_grants_is_up_to_date() {
    let mut text = String::from(
        "# Grants\n\n\
         The table lists the actions and resources that each grant adds to the policy of the grantee. A name in `<>` is known only after \
         the resource is created. A row without a name belongs to the grant above it, such as the permission for the encryption key. A test \
         compares each action with the list of IAM actions in cfn-lint.\n\n\
         A grant to pods also opens the network path: the endpoint of the service in the VPC, and the egress of the network policy. In a \
         mesh that allows only known hosts (`OutboundTraffic::RegistryOnly`), it also adds a `ServiceEntry` for each host, and the host to \
         the `Sidecar`. [Decision 37](decisions/0037-a-grant-opens-the-network-path.md) states the reasons.\n\n\
         - **endpoint**: an interface endpoint in the VPC. The network policy opens port 443 to the subnets of the endpoint.\n\
         - **gateway**: a gateway endpoint in the VPC. The network policy opens port 443 to public addresses, because the service keeps its \
         public addresses.\n\
         - **NAT**: a NAT gateway. The network policy opens port 443 to public addresses. A VPC without a NAT gateway reports `MS0612`. \
         Services of another region use this path, and with `endpoints_by_grant: false`, all services do.\n\
         - **in the VPC**: `allow_from` of the construct opens the path.\n\
         - **by the service**: the service calls KMS on behalf of the grantee, so the grantee needs no network path to KMS.\n\n\
         In an existing VPC, a grant defines no endpoint. A service that is not in `ExistingVpc::endpoints` reports `MS0611`, unless \
         `has_nat` is set. The network policy then opens port 443 to the address block of the VPC and to public addresses.\n\n\
         Between two accounts, the policy of the role is not sufficient. A grant also changes the policy of the queue, topic, bucket, key, \
         secret, repository, function or bus, or adds a task for its owner to `owners.json`. A resource type without such a policy reports \
         `MS0221` ([decision 41](decisions/0041-cross-account-grants-change-both-policies.md)).\n\n\
         A test generates the table: `UPDATE_DOCS=1 cargo test --test it catalogue`.\n\n\
         | grant | actions | resources | path in a VPC of the program | path in an existing VPC |\n\
         |---|---|---|---|---|\n",
    );
    for (name, grant) in GRANTS {
        for (idx, (actions, resources)) in statements(*grant).into_iter().enumerate() {
            let (ours, existing) = ways(name, &actions);
            let name = if idx == 0 { format!("`{name}`") } else { String::new() };
            text += &format!("| {name} | {actions} | {resources} | {ours} | {existing} |\n");
        }
    }
    let path = root().join("docs/grants.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).expect("the docs are writable");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "docs/grants.md is stale: run `UPDATE_DOCS=1 cargo test --test it catalogue`");
}

/// Returns the network path of a grantee to the service, in a VPC of the program and in an imported VPC.
fn ways(grant: &str, actions: &str) -> (String, String) {
    let mut ways: Vec<(String, String)> = Vec::new();
    for action in actions.split(' ').map(|it| it.trim_matches('`')) {
        let api = Api::of(action).unwrap_or_else(|| panic!("{grant}: `{action}` is in no row of `iam::APIS`"));
        let way = match api.reach {
            _ if api.prefix == "kms:" && !grant.starts_with("kms::") => {
                ("by the service".into(), "by the service".into())
            }
            Reach::Gateway(word) => (format!("gateway `{word}`"), format!("`{word}`, or `MS0611`")),
            Reach::Interface(words) => {
                let all = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ");
                (format!("endpoint {all}"), format!("{all}, or `MS0611`"))
            }
            Reach::Public | Reach::Global => ("NAT".into(), "NAT, or `MS0612`".into()),
            Reach::InVpc => ("in the VPC".into(), "in the VPC".into()),
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let (ours, existing): (Vec<_>, Vec<_>) = ways.into_iter().unzip();
    (ours.join(", "), existing.join(", "))
}

#[test]
fn granted_actions_have_a_network_path() {
    for (name, grant) in GRANTS {
        statements(*grant).iter().for_each(|(actions, _)| drop(ways(name, actions)));
    }
}

#[test]
fn every_grant_in_the_source_is_in_the_catalogue() {
    let mut missing = Vec::new();
    for path in files(&root().join("src/aws"), &["rs"]) {
        let below = path.strip_prefix(root().join("src/aws")).expect("it lies there").with_extension("");
        let service = below.iter().next().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a source file is text");
        for rest in text.split("pub fn grant_").skip(1) {
            let method = rest.split(['(', '<']).next().unwrap_or_default();
            let (start, end) = (format!("{service}::"), format!("::grant_{method}"));
            if !GRANTS.iter().any(|(name, _)| name.starts_with(&start) && name.ends_with(&end)) {
                missing.push(format!("{service}: grant_{method}"));
            }
        }
    }
    assert!(missing.is_empty(), "add them to the table: {missing:?}");
}

#[test]
fn no_grant_is_wider_than_its_source_allows() {
    // Actions without resource-level permissions: tokens, addresses of a cluster, traces.
    let known = ["ecr:GetAuthorizationToken", "kafka:GetBootstrapBrokers", "xray:"];
    for (name, grant) in GRANTS {
        for (actions, resources) in statements(*grant) {
            let is_known = known.iter().any(|known| actions.starts_with(&format!("`{known}")));
            assert!(resources != "`*`" || is_known, "{name}: {actions} on everything");
            assert!(!actions.contains('*'), "{name}: {actions}");
        }
    }
}

/// Returns the actions and resources of each statement that a grant adds, in Markdown.
fn statements(grant: Grant) -> Vec<(String, String)> {
    let platform = Platform::synth("shop", |app| {
        let stack = stack(app, "data");
        let vpc = Vpc::new(&stack, "vpc", VpcProps::default());
        let role = Role::new(&stack, "grantee", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
        grant(&stack, &vpc, &role);
    });
    let policies = platform.resources("AWS::IAM::RolePolicy");
    let policy = policies.iter().find(|it| it.logical_id.starts_with("Grantee")).expect("a grant writes a policy");
    let statements = policy.props["PolicyDocument"]["Statement"].as_array().expect("a list");
    let row = |statement: &Value| {
        let code = |value: &Value| {
            let items: Vec<_> = value.as_array().expect("a list").iter().map(plain).collect();
            items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(" ")
        };
        (code(&statement["Action"]), code(&statement["Resource"]))
    };
    statements.iter().map(row).collect()
}

/// Formats a value for readers. Values that are known only at deployment are in `<>`.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace("${AWS::Partition}", "aws"),
        Value::Object(map) => match map.iter().next() {
            Some((name, Value::Array(parts))) if name == "Fn::Sub" => {
                let mut text = plain(&parts[0]);
                for (variable, value) in parts[1].as_object().into_iter().flatten() {
                    text = text.replace(&format!("${{{variable}}}"), &plain(value));
                }
                angled(&text)
            }
            Some((name, text)) if name == "Fn::Sub" => angled(&plain(text)),
            Some((name, Value::Array(parts))) if name == "Fn::GetAtt" => {
                format!("<{} of {}>", plain(&parts[1]), construct(&plain(&parts[0])))
            }
            Some((name, id)) if name == "Ref" => format!("<{}>", construct(&plain(id))),
            _ => "<cluster>/<id>".to_owned(),
        },
        _ => String::new(),
    }
}

/// Converts `${Table1234ABCD.Arn}` to `<Arn of Table>`.
fn angled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (inner, after) = after.split_once('}').unwrap_or((after, ""));
        out += before;
        out += &match inner.split_once('.') {
            Some((id, attribute)) => format!("<{attribute} of {}>", construct(id)),
            None => format!("<{}>", construct(inner)),
        };
        rest = after;
    }
    out + rest
}

/// Returns a logical ID without its hash.
fn construct(id: &str) -> &str {
    &id[..id.len().saturating_sub(8)]
}
