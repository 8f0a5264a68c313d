//! The keys and the indexes of a table.

use super::capacity::Capacity;
use crate::cfn::dynamodb::global_table as shape;

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
    /// Creates a text attribute.
    pub fn text(name: &str) -> Self {
        Attribute::Text(name.to_owned())
    }

    /// Returns the name of the attribute.
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

/// The attributes that an index contains in addition to its keys. A write that changes only other attributes
/// does not write to the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// All attributes.
    #[default]
    All,
    /// Only the keys.
    KeysOnly,
    /// The keys and these attributes.
    Include(Vec<String>),
}

impl Projection {
    fn shape(&self) -> shape::Projection {
        let of = |kind| shape::Projection::new().projection_type(kind);
        match self {
            Self::All => of(shape::ProjectionType::All),
            Self::KeysOnly => of(shape::ProjectionType::KeysOnly),
            Self::Include(names) => of(shape::ProjectionType::Include).non_key_attributes(names),
        }
    }
}

/// A global secondary index, which contains the items of the whole table under another key schema.
#[derive(Clone, Debug)]
pub struct Index {
    /// The name of the index.
    pub name: String,
    /// The partition key.
    pub partition_key: Attribute,
    /// The sort key, or `None` if each partition is unsorted.
    pub sort_key: Option<Attribute>,
    /// The attributes that the index contains in addition to its keys.
    pub projection: Projection,
}

impl Index {
    /// Creates an index that contains all attributes, without a sort key.
    pub fn new(name: &str, partition_key: Attribute) -> Self {
        Self { name: name.to_owned(), partition_key, sort_key: None, projection: Projection::All }
    }

    /// Sets the sort key.
    #[must_use]
    pub fn sorted_by(self, attribute: Attribute) -> Self {
        Self { sort_key: Some(attribute), ..self }
    }

    /// Sets the attributes that the index contains in addition to its keys.
    #[must_use]
    pub fn holding(self, projection: Projection) -> Self {
        Self { projection, ..self }
    }

    pub(super) fn shape(&self, capacity: Capacity) -> shape::GlobalSecondaryIndex {
        let partition = shape::KeySchema::new(self.partition_key.name(), shape::KeyType::Hash);
        let sort = self.sort_key.as_ref().map(|it| shape::KeySchema::new(it.name(), shape::KeyType::Range));
        let keys: Vec<_> = std::iter::once(partition).chain(sort).collect();
        let index = shape::GlobalSecondaryIndex::new(self.name.clone(), keys, self.projection.shape());
        match capacity.writes() {
            Some(writes) => index.write_provisioned_throughput_settings(writes),
            None => index,
        }
    }

    /// Returns the read capacity of the index for the replica of one region.
    pub(super) fn of_replica(&self, capacity: Capacity) -> shape::ReplicaGlobalSecondaryIndexSpecification {
        let index = shape::ReplicaGlobalSecondaryIndexSpecification::new(self.name.clone());
        match capacity.reads() {
            Some(reads) => index.read_provisioned_throughput_settings(reads),
            None => index,
        }
    }
}

/// A local secondary index: another sort key for each partition. It can only be created together with its
/// table.
#[derive(Clone, Debug)]
pub struct LocalIndex {
    /// The name of the index.
    pub name: String,
    /// The sort key.
    pub sort_key: Attribute,
    /// The attributes that the index contains in addition to its keys.
    pub projection: Projection,
}

impl LocalIndex {
    /// Creates an index that contains all attributes.
    pub fn new(name: &str, sort_key: Attribute) -> Self {
        Self { name: name.to_owned(), sort_key, projection: Projection::All }
    }

    pub(super) fn shape(&self, partition_key: &Attribute) -> shape::LocalSecondaryIndex {
        let keys = keys(partition_key, Some(&self.sort_key));
        shape::LocalSecondaryIndex::new(self.name.clone(), keys, self.projection.shape())
    }
}

/// Returns the keys of a table.
pub(super) fn keys(partition: &Attribute, sort: Option<&Attribute>) -> Vec<shape::KeySchemaProperty> {
    let partition = shape::KeySchemaProperty::new(partition.name(), shape::KeyType::Hash);
    let sort = sort.map(|it| shape::KeySchemaProperty::new(it.name(), shape::KeyType::Range));
    std::iter::once(partition).chain(sort).collect()
}

/// Returns each key attribute once. An attribute with two types is listed twice, so that a rule reports it.
pub(super) fn definitions<'a>(keys: impl IntoIterator<Item = &'a Attribute>) -> Vec<shape::AttributeDefinition> {
    let mut all: Vec<&Attribute> = Vec::new();
    for attribute in keys {
        if !all.contains(&attribute) {
            all.push(attribute);
        }
    }
    all.into_iter().map(|it| shape::AttributeDefinition::new(it.name(), it.kind())).collect()
}
