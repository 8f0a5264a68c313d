//! DynamoDB tables.

use super::capacity::Capacity;
use super::index::{self, Attribute, Index, LocalIndex};
use crate::aws::data;
use crate::aws::kms::Key;
use crate::cfn::dynamodb;
use crate::cfn::dynamodb::global_table as shape;
use crate::diagram::DiagramNode;
use crate::node::OnDelete;
use crate::text;
use crate::tree::{Construct, Scope};
use crate::val::Val;

/// A replica of a table in another region. Applications there can read and write it.
#[derive(Clone)]
pub struct Replica {
    /// The region, such as `ap-northeast-3`.
    pub region: String,
    /// The key that encrypts the replica, in the same region.
    pub key: Key,
}

/// The content of the stream records of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamView {
    /// The keys of the item.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both the old and the new item.
    NewAndOldImages,
}

/// Properties of a [`Table`].
#[derive(Clone)]
pub struct TableProps {
    /// The sort key. Default: none, so each partition contains one item.
    pub sort_key: Option<Attribute>,
    /// Global secondary indexes. Default: none.
    pub indexes: Vec<Index>,
    /// Local secondary indexes, which require a `sort_key` and can only be created together with the table. Default:
    /// none.
    pub local_indexes: Vec<LocalIndex>,
    /// The billing mode. Default: by request.
    pub capacity: Capacity,
    /// The content of its change stream. Default: no stream, or the new and the old item if the table has replicas.
    pub stream: Option<StreamView>,
    /// Replicas in other regions. Default: none.
    pub replicas: Vec<Replica>,
    /// The attribute with the expiry time of an item, in seconds since 1970. Default: items do not expire.
    pub expires_at: Option<String>,
    /// The key that encrypts the table in its own region. Default: a separate key.
    pub key: Option<Key>,
    /// The days for which point-in-time recovery is available, from 1 to 35. Default: 35.
    pub recovery_days: u8,
    /// Whether deletion protection is enabled in every region. Default: yes.
    pub deletion_protection: bool,
    /// The deletion policy, which applies when the resource is removed from the stack. Default: the resource is kept.
    pub on_delete: OnDelete,
}

impl Default for TableProps {
    fn default() -> Self {
        Self {
            sort_key: None,
            indexes: Vec::new(),
            local_indexes: Vec::new(),
            capacity: Capacity::OnDemand,
            stream: None,
            replicas: Vec::new(),
            expires_at: None,
            key: None,
            recovery_days: 35,
            deletion_protection: true,
            on_delete: OnDelete::Retain,
        }
    }
}

/// A DynamoDB global table in one or several regions, billed by request or by capacity units that are scaled with the
/// load.
///
/// Each region encrypts the table with its own key and supports point-in-time recovery. If the table has replicas, its
/// stream contains old and new images. If two regions write the same item, the last write wins. The stacks that define
/// the keys of the replicas are deployed before the stack of the table.
///
/// # Diagnostics
///
/// - `MS0319`: the indexes contradict each other or the table.
/// - `MS0320`: a grantee reads the stream, but the table has none.
///
/// # Example
///
/// ```
/// # use meshsynth::{App, Env, Stack, dynamodb};
/// # let app = App::new("shop");
/// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
/// let carts = dynamodb::Table::new(&data, "carts", dynamodb::Attribute::text("customer"), dynamodb::TableProps {
///     indexes: vec![dynamodb::Index::new("by-day", dynamodb::Attribute::text("day"))],
///     stream: Some(dynamodb::StreamView::NewImage),
///     expires_at: Some("expires".into()),
///     ..Default::default()
/// });
/// ```
///
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html>
#[derive(Clone)]
pub struct Table {
    pub(super) scope: Scope,
    name: Val<String>,
    arn: Val<String>,
    pub(super) stream_arn: Option<Val<String>>,
    /// Whether the program defines the table. An imported table is not defined.
    pub(super) is_own: bool,
    /// The encryption key, or `None` if the key of an existing table is unknown.
    pub(super) key: Option<Key>,
    replicas: Vec<(Replica, Scope)>,
    pub(super) has_indexes: bool,
    /// The replica that grants refer to, or `None` for the table in the stack's region.
    pub(super) copy: Option<(String, Scope)>,
}

impl Table {
    /// Defines a table with the given partition key.
    #[track_caller]
    pub fn new(scope: &impl Construct, id: &str, partition_key: Attribute, props: TableProps) -> Self {
        let scope = scope.scope().construct(id);
        let key = data::key_or_own(&scope, props.key.clone());
        let home = std::iter::once(replica(&props, scope.region(), &key));
        let others = props.replicas.iter().map(|it| replica(&props, it.region.clone(), &it.key));
        let mut table = dynamodb::GlobalTable::new(home.chain(others).collect::<Vec<_>>())
            .table_name(data::physical_name(&scope, 255))
            .billing_mode(props.capacity.mode())
            .attribute_definitions(index::definitions(key_attributes(&partition_key, &props)))
            .key_schema(index::keys(&partition_key, props.sort_key.as_ref()))
            .sse_specification(shape::SseSpecification::new(true).sse_type(shape::SseType::Kms));
        if !props.indexes.is_empty() {
            table = table
                .global_secondary_indexes(props.indexes.iter().map(|it| it.shape(props.capacity)).collect::<Vec<_>>());
        }
        if !props.local_indexes.is_empty() {
            let local = props.local_indexes.iter().map(|it| it.shape(&partition_key));
            table = table.local_secondary_indexes(local.collect::<Vec<_>>());
        }
        if let Some(writes) = props.capacity.writes() {
            table = table.write_provisioned_throughput_settings(writes);
        }
        // Replication requires a stream with new and old images.
        let stream = if props.replicas.is_empty() { props.stream } else { Some(StreamView::NewAndOldImages) };
        if let Some(view) = stream {
            table = table.stream_specification(shape::StreamSpecification::new(view.shape()));
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
        let has_indexes = !props.indexes.is_empty() || !props.local_indexes.is_empty();
        let replicas = props.replicas.into_iter().map(copied).collect();
        let (name, arn) = (table.reference(), table.arn());
        let stream_arn = stream.map(|_| table.stream_arn());
        Self { scope, name, arn, stream_arn, is_own: true, key: Some(key), replicas, has_indexes, copy: None }
    }

    /// Creates the handle of a bare table from its name and its ARN.
    pub(super) fn of_resource(
        scope: Scope,
        (name, arn): (Val<String>, Val<String>),
        stream_arn: Option<Val<String>>,
        has_indexes: bool,
    ) -> Self {
        scope.diagram(DiagramNode::new("table").detail("DynamoDB"));
        Self { scope, name, arn, stream_arn, is_own: true, key: None, replicas: Vec::new(), has_indexes, copy: None }
    }

    /// Creates the handle of an existing table.
    pub(super) fn of_existing(
        scope: Scope,
        name: Val<String>,
        arn: Val<String>,
        stream_arn: Option<Val<String>>,
        key: Option<Key>,
        has_indexes: bool,
    ) -> Self {
        Self { scope, name, arn, stream_arn, is_own: false, key, replicas: Vec::new(), has_indexes, copy: None }
    }

    /// Returns the name of the table. Its replicas have the same name.
    pub fn name(&self) -> Val<String> {
        self.name.clone()
    }

    /// Returns the ARN of the table in its own region, or in the region that [`Table::in_region`] selects.
    pub fn arn(&self) -> Val<String> {
        match &self.copy {
            None => self.arn.clone(),
            Some((region, _)) => {
                let place = text![":dynamodb:", region.clone(), ":", self.scope.account(), ":table/"];
                text!["arn:", self.scope.partition(), place, self.name()]
            }
        }
    }

    /// Selects the replica of another region, for example for grants. Without a replica in that region, it returns the
    /// table itself.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        match self.replicas.iter().find(|(it, _)| it.region == region) {
            Some((replica, copy)) => Self {
                key: Some(replica.key.clone()),
                copy: Some((region.to_owned(), copy.clone())),
                stream_arn: None,
                ..self.clone()
            },
            None => self.clone(),
        }
    }

    /// Returns the ARN of the change stream in the table's own region, or `None` if the table has no stream.
    pub fn stream_arn(&self) -> Option<Val<String>> {
        self.stream_arn.clone()
    }
}

impl Construct for Table {
    fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn replica(props: &TableProps, region: String, key: &Key) -> shape::ReplicaSpecification {
    let recovery = shape::PointInTimeRecoverySpecification::new()
        .point_in_time_recovery_enabled(true)
        .recovery_period_in_days(props.recovery_days);
    let mut replica = shape::ReplicaSpecification::new(region)
        .deletion_protection_enabled(props.deletion_protection)
        .point_in_time_recovery_specification(recovery)
        .sse_specification(shape::ReplicaSseSpecification::new(key.arn()));
    if let Some(reads) = props.capacity.reads() {
        replica = replica.read_provisioned_throughput_settings(reads);
        if !props.indexes.is_empty() {
            let indexes = props.indexes.iter().map(|it| it.of_replica(props.capacity));
            replica = replica.global_secondary_indexes(indexes.collect::<Vec<_>>());
        }
    }
    replica
}

impl StreamView {
    fn shape(self) -> shape::StreamViewType {
        match self {
            Self::KeysOnly => shape::StreamViewType::KeysOnly,
            Self::NewImage => shape::StreamViewType::NewImage,
            Self::OldImage => shape::StreamViewType::OldImage,
            Self::NewAndOldImages => shape::StreamViewType::NewAndOldImages,
        }
    }
}

/// Returns every key attribute of the table and its indexes.
fn key_attributes<'a>(partition_key: &'a Attribute, props: &'a TableProps) -> impl Iterator<Item = &'a Attribute> {
    let of_indexes = props.indexes.iter().flat_map(|it| std::iter::once(&it.partition_key).chain(&it.sort_key));
    let of_local = props.local_indexes.iter().map(|it| &it.sort_key);
    std::iter::once(partition_key).chain(&props.sort_key).chain(of_indexes).chain(of_local)
}

#[cfg(test)]
mod tests {
    use super::{Replica, StreamView, Table, TableProps};
    use crate::dynamodb::{Attribute, Capacity, Index, LocalIndex, Projection, Scaling};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::kms::{Key, KeyProps};
    use crate::testing::{Platform, stack};
    use crate::{Env, Stack};

    fn platform(region_of_reader: &str) -> Platform {
        Platform::synth("shop", |app| {
            let osaka = Stack::new(app, "keys-osaka", Env::new("111122223333", "ap-northeast-3"));
            let key = Key::new(&osaka, "key", KeyProps::default());
            let data = stack(app, "data");
            let by_day = Index::new("by-day", Attribute::text("day"));
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
    fn every_region_has_a_key_and_point_in_time_recovery() {
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
    fn replica_grant_includes_indexes_in_the_replica_region() {
        for (region, other) in [("ap-northeast-1", "ap-northeast-3"), ("ap-northeast-3", "ap-northeast-1")] {
            let platform = platform(region);
            let policy = platform.resource("AWS::IAM::RolePolicy").props["PolicyDocument"].to_string();
            assert!(policy.contains("/index/*") && policy.contains("kms:Decrypt"), "{policy}");
            assert!(!policy.contains(&format!(":dynamodb:{other}:")), "{policy}");
            assert!(!policy.contains("dynamodb:PutItem"), "{policy}");
        }
    }
    #[test]
    fn indexes_have_the_scaling_limits_of_their_table() {
        let platform = Platform::synth("shop", |app| {
            let capacity = Capacity::Provisioned { read: Scaling::between(5, 50), write: Scaling::between(1, 10) };
            let by_day = Index::new("by-day", Attribute::text("day")).holding(Projection::KeysOnly);
            let props = TableProps { capacity, indexes: vec![by_day], ..Default::default() };
            Table::new(&stack(app, "data"), "orders", Attribute::text("customer"), props);
        });
        let table = platform.resource("AWS::DynamoDB::GlobalTable").props;
        assert_eq!(table["BillingMode"], "PROVISIONED");
        let writes = |of: &serde_json::Value| {
            of["WriteProvisionedThroughputSettings"]["WriteCapacityAutoScalingSettings"]["MaxCapacity"].clone()
        };
        let index = &table["GlobalSecondaryIndexes"][0];
        assert_eq!((writes(table), writes(index)), (10.into(), 10.into()));
        assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
        let reads = |of: &serde_json::Value| {
            of["ReadProvisionedThroughputSettings"]["ReadCapacityAutoScalingSettings"]["MinCapacity"].clone()
        };
        let replica = &table["Replicas"][0];
        assert_eq!((reads(replica), reads(&replica["GlobalSecondaryIndexes"][0])), (5.into(), 5.into()));
    }

    #[test]
    fn stream_grant_allows_decryption_with_the_table_key() {
        let platform = Platform::synth("shop", |app| {
            let data = stack(app, "data");
            let props = TableProps { stream: Some(StreamView::NewImage), ..Default::default() };
            let table = Table::new(&data, "orders", Attribute::text("customer"), props);
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            table.grant_stream_read(&role);
        });
        let table = platform.resource("AWS::DynamoDB::GlobalTable").props;
        assert_eq!(table["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains("StreamArn") && policy.contains("kms:Decrypt"), "{policy}");
        assert!(!policy.contains("dynamodb:GetItem"), "{policy}");
    }

    #[test]
    fn local_index_uses_the_table_partition_key() {
        let platform = Platform::synth("shop", |app| {
            let by_total = LocalIndex::new("by-total", Attribute::Number("total".into()));
            let sort_key = Some(Attribute::text("day"));
            let props = TableProps { sort_key, local_indexes: vec![by_total], ..Default::default() };
            Table::new(&stack(app, "data"), "orders", Attribute::text("customer"), props);
        });
        let table = platform.resource("AWS::DynamoDB::GlobalTable").props;
        assert_eq!(table["LocalSecondaryIndexes"][0]["KeySchema"][0]["AttributeName"], "customer");
        assert_eq!(table["AttributeDefinitions"].as_array().map(Vec::len), Some(3));
    }
}
