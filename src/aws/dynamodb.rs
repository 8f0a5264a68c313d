//! Tables of Amazon DynamoDB, in one region or several.

use super::data;
use super::iam::{Grantee, Statement};
use super::kms::Key;
use crate::Resource;
use crate::cfn::dynamodb;
use crate::cfn::dynamodb::global_table as shape;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// An attribute that is a key of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A number.
    Number(String),
    /// Bytes.
    Bytes(String),
}

impl Attribute {
    /// A text attribute, the most common.
    pub fn text(name: &str) -> Self {
        Attribute::Text(name.to_owned())
    }

    /// The name of the attribute.
    pub fn name(&self) -> &str {
        match self {
            Attribute::Text(name) | Attribute::Number(name) | Attribute::Bytes(name) => name,
        }
    }

    fn kind(&self) -> shape::AttributeType {
        match self {
            Attribute::Text(_) => shape::AttributeType::S,
            Attribute::Number(_) => shape::AttributeType::N,
            Attribute::Bytes(_) => shape::AttributeType::B,
        }
    }
}

/// Another order in which a table is read; it holds all attributes.
#[derive(Clone, Debug)]
pub struct Index {
    /// The name of the index.
    pub name: String,
    /// What its partitions are.
    pub partition_key: Attribute,
    /// How a partition is ordered. None: it is not.
    pub sort_key: Option<Attribute>,
}

/// Another region that keeps a copy which is read and written there.
#[derive(Clone)]
pub struct Replica {
    /// The region, such as `ap-northeast-3`.
    pub region: String,
    /// The key of that region that encrypts the copy.
    pub key: Key,
}

/// Properties of a [`Table`].
#[derive(Clone)]
pub struct TableProps {
    /// How a partition is ordered. Default: one item in each.
    pub sort_key: Option<Attribute>,
    /// Other orders in which the table is read. Default: none.
    pub indexes: Vec<Index>,
    /// Other regions that keep a copy. Default: none.
    pub replicas: Vec<Replica>,
    /// The attribute that holds the second, since 1970, from which an item may be dropped. Default: items stay.
    pub expires_at: Option<String>,
    /// The key that encrypts the table in its own region. Default: a key of its own.
    pub key: Option<Key>,
    /// The days to any second of which the table can be restored, 1 to 35. Default: 35.
    pub recovery_days: u8,
    /// Whether it refuses to be deleted, in every region. Default: it does.
    pub deletion_protection: bool,
    /// What happens to it when it leaves the stack. Default: it is kept.
    pub on_delete: OnDelete,
}

impl Default for TableProps {
    fn default() -> Self {
        Self {
            sort_key: None,
            indexes: Vec::new(),
            replicas: Vec::new(),
            expires_at: None,
            key: None,
            recovery_days: 35,
            deletion_protection: true,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A table that is paid by request: a global table, of one region or of several.
///
/// It is encrypted in each region with a key of that region and can be restored
/// to any second of the last weeks. With replicas, its changes flow as a stream
/// of old and new images, and the last of two writes to one item wins.
/// Stacks with the keys of other regions are deployed before it.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, dynamodb};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let carts = dynamodb::Table::new(&data, "carts", dynamodb::Attribute::text("customer"), dynamodb::TableProps {
///     expires_at: Some("expires".into()),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html>
#[derive(Clone)]
pub struct Table {
    scope: Scope,
    table: Resource<dynamodb::GlobalTable>,
    key: Key,
    replicas: Vec<(Replica, Scope)>,
    has_indexes: bool,
    /// The copy that is meant, where it is not the table of the stack's own region.
    copy: Option<(String, Scope)>,
}

impl Table {
    /// Defines a table whose items lie in partitions by an attribute.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, partition_key: Attribute, props: TableProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key.clone());
        let home = std::iter::once(replica(&props, scope.region(), &key));
        let others = props.replicas.iter().map(|it| replica(&props, it.region.clone(), &it.key));
        let mut table = dynamodb::GlobalTable::new(home.chain(others).collect::<Vec<_>>())
            .table_name(data::physical_name(&scope, 255))
            .billing_mode(shape::BillingMode::PayPerRequest)
            .attribute_definitions(attributes(&partition_key, &props))
            .key_schema(table_keys(&partition_key, props.sort_key.as_ref()))
            .sse_specification(shape::SseSpecification::new(true).sse_type(shape::SseType::Kms));
        if !props.indexes.is_empty() {
            table = table.global_secondary_indexes(props.indexes.iter().map(index).collect::<Vec<_>>());
        }
        if !props.replicas.is_empty() {
            table = table.stream_specification(shape::StreamSpecification::new(shape::StreamViewType::NewAndOldImages));
        }
        if let Some(attribute) = &props.expires_at {
            let expires = shape::TimeToLiveSpecification::new(true).attribute_name(attribute);
            table = table.time_to_live_specification(expires);
        }
        let table = table.define(&scope, "resource");
        table.on_delete(props.on_delete);
        scope.diagram(DiagramNode::new("table").detail("DynamoDB"));
        let copied = |it: Replica| {
            let copy = data::copy(&scope, &it.region, DiagramNode::new("table").detail("DynamoDB"));
            (it, copy)
        };
        let replicas = props.replicas.into_iter().map(copied).collect();
        Self { scope, table, key, replicas, has_indexes: !props.indexes.is_empty(), copy: None }
    }

    /// The name of the table, the same in every region.
    pub fn name(&self) -> Val<String> {
        self.table.reference()
    }

    /// The ARN of the table in its own region, or in that of [`Table::in_region`].
    pub fn arn(&self) -> Val<String> {
        match &self.copy {
            None => self.table.arn(),
            Some((region, _)) => {
                let place = text![":dynamodb:", region.clone(), ":", self.scope.account(), ":table/"];
                text!["arn:", self.scope.partition(), place, self.name()]
            }
        }
    }

    /// The copy in another region, to give grants on; the table itself where that region keeps none.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        match self.replicas.iter().find(|(it, _)| it.region == region) {
            Some((replica, copy)) => {
                Self { key: replica.key.clone(), copy: Some((region.to_owned(), copy.clone())), ..self.clone() }
            }
            None => self.clone(),
        }
    }

    /// Lets the grantee read items, by the table and its indexes.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ);
        self.key.grant_decrypt_by_service(grantee);
    }

    /// Lets the grantee write and delete items.
    #[track_caller]
    pub fn grant_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &WRITE);
        self.key.grant_encrypt_decrypt_by_service(grantee);
    }

    /// Lets the grantee read, write and delete items.
    #[track_caller]
    pub fn grant_read_write(&self, grantee: &impl Grantee) {
        self.grant_read(grantee);
        self.grant_write(grantee);
    }

    #[track_caller]
    fn grant(&self, grantee: &impl Grantee, actions: &[&str]) {
        let role = grantee.role();
        let of = self.copy.as_ref().map_or(&self.scope, |(_, copy)| copy);
        let region = self.copy.as_ref().map_or_else(|| self.scope.region(), |(region, _)| region.clone());
        let statement = |actions: Vec<&str>| Statement::allow(actions).in_region(region.clone());
        role.grant(grantee, of, statement(actions.to_vec()).on(self.arn()));
        let by_index: Vec<_> = actions.iter().copied().filter(|action| BY_INDEX.contains(action)).collect();
        if self.has_indexes && !by_index.is_empty() {
            role.grant(grantee, of, statement(by_index).on(text![self.arn(), "/index/*"]));
        }
    }
}

impl Construct for Table {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
const READ: [&str; 6] = [
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
];
const WRITE: [&str; 5] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

/// What is done to an index.
const BY_INDEX: [&str; 2] = ["dynamodb:Query", "dynamodb:Scan"];

fn replica(props: &TableProps, region: String, key: &Key) -> shape::ReplicaSpecification {
    let recovery = shape::PointInTimeRecoverySpecification::new()
        .point_in_time_recovery_enabled(true)
        .recovery_period_in_days(props.recovery_days);
    shape::ReplicaSpecification::new(region)
        .deletion_protection_enabled(props.deletion_protection)
        .point_in_time_recovery_specification(recovery)
        .sse_specification(shape::ReplicaSseSpecification::new(key.arn()))
}

/// Every attribute that is a key somewhere, once.
fn attributes(partition_key: &Attribute, props: &TableProps) -> Vec<shape::AttributeDefinition> {
    let of_indexes = props.indexes.iter().flat_map(|it| std::iter::once(&it.partition_key).chain(&it.sort_key));
    let mut all: Vec<&Attribute> = Vec::new();
    for attribute in std::iter::once(partition_key).chain(&props.sort_key).chain(of_indexes) {
        if !all.iter().any(|known| known.name() == attribute.name()) {
            all.push(attribute);
        }
    }
    all.into_iter().map(|it| shape::AttributeDefinition::new(it.name(), it.kind())).collect()
}

fn table_keys(partition: &Attribute, sort: Option<&Attribute>) -> Vec<shape::KeySchemaProperty> {
    let partition = shape::KeySchemaProperty::new(partition.name(), shape::KeyType::Hash);
    let sort = sort.map(|it| shape::KeySchemaProperty::new(it.name(), shape::KeyType::Range));
    std::iter::once(partition).chain(sort).collect()
}

fn index(index: &Index) -> shape::GlobalSecondaryIndex {
    let partition = shape::KeySchema::new(index.partition_key.name(), shape::KeyType::Hash);
    let sort = index.sort_key.as_ref().map(|it| shape::KeySchema::new(it.name(), shape::KeyType::Range));
    let keys: Vec<_> = std::iter::once(partition).chain(sort).collect();
    let all = shape::Projection::new().projection_type(shape::ProjectionType::All);
    shape::GlobalSecondaryIndex::new(index.name.clone(), keys, all)
}

#[cfg(test)]
mod tests {
    use super::{Attribute, Index, Replica, Table, TableProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::{Key, KeyProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    fn platform(region_of_reader: &str) -> Platform {
        Platform::synth("shop", |app| {
            let osaka = Stack::new(app, "keys-osaka", Env::new("111122223333", "ap-northeast-3"));
            let key = Key::new(&osaka, "key", KeyProps::default());
            let data = stack(app, "data");
            let by_day = Index { name: "by-day".into(), partition_key: Attribute::text("day"), sort_key: None };
            let props = TableProps {
                sort_key: Some(Attribute::Number("number".into())),
                indexes: vec![by_day],
                replicas: vec![Replica { region: "ap-northeast-3".into(), key }],
                ..Default::default()
            };
            let table = Table::new(&data, "orders", Attribute::text("customer"), props);
            let services = Stack::new(app, "services", Env::new("111122223333", region_of_reader));
            let role = Role::new(&services, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            table.in_region(region_of_reader).grant_read(&role);
        })
    }

    #[test]
    fn every_region_has_its_key_and_can_be_restored() {
        let platform = platform("ap-northeast-1");
        let table = platform.resource("AWS::DynamoDB::GlobalTable");
        let replicas = table.props["Replicas"].as_array().unwrap();
        assert_eq!(replicas.len(), 2);
        for replica in replicas {
            assert_eq!(replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
            assert_eq!(replica["DeletionProtectionEnabled"], true);
        }
        assert!(replicas[0]["SSESpecification"]["KMSMasterKeyId"]["Fn::GetAtt"].is_array());
        let key = &replicas[1]["SSESpecification"]["KMSMasterKeyId"]["Fn::GetStackOutput"];
        assert_eq!(key["Region"], "ap-northeast-3");
        assert_eq!(table.entry["UpdateReplacePolicy"], "Retain");
        assert_eq!(table.props["StreamSpecification"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    }

    #[test]
    fn a_reader_reads_the_copy_of_its_region_by_table_and_index() {
        for (region, other) in [("ap-northeast-1", "ap-northeast-3"), ("ap-northeast-3", "ap-northeast-1")] {
            let platform = platform(region);
            let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
            assert!(policy.contains("/index/*") && policy.contains("kms:Decrypt"), "{policy}");
            assert!(!policy.contains(&format!(":dynamodb:{other}:")), "{policy}");
            assert!(!policy.contains("dynamodb:PutItem"), "{policy}");
        }
    }
}
