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
    /// A text attribute, the most common.
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

/// Which attributes an index holds beside its keys: what it does not hold costs no second write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Projection {
    /// All of them.
    #[default]
    All,
    /// None.
    KeysOnly,
    /// These.
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

/// Another order in which a whole table is read: a global secondary index.
#[derive(Clone, Debug)]
pub struct Index {
    /// The name of the index.
    pub name: String,
    /// What its partitions are.
    pub partition_key: Attribute,
    /// How a partition is ordered. None: it is not.
    pub sort_key: Option<Attribute>,
    /// What it holds beside the keys.
    pub projection: Projection,
}

impl Index {
    /// An index whose partitions are not ordered, and that holds all attributes.
    pub fn new(name: &str, partition_key: Attribute) -> Self {
        Self { name: name.to_owned(), partition_key, sort_key: None, projection: Projection::All }
    }

    /// Orders each partition.
    #[must_use]
    pub fn sorted_by(self, attribute: Attribute) -> Self {
        Self { sort_key: Some(attribute), ..self }
    }

    /// Says what it holds beside the keys.
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

    /// What the copy of one region may read of it.
    pub(super) fn of_replica(&self, capacity: Capacity) -> shape::ReplicaGlobalSecondaryIndexSpecification {
        let index = shape::ReplicaGlobalSecondaryIndexSpecification::new(self.name.clone());
        match capacity.reads() {
            Some(reads) => index.read_provisioned_throughput_settings(reads),
            None => index,
        }
    }
}

/// Another order of the items of one partition: a local secondary index, which is made with its table alone.
#[derive(Clone, Debug)]
pub struct LocalIndex {
    /// The name of the index.
    pub name: String,
    /// How a partition is ordered.
    pub sort_key: Attribute,
    /// What it holds beside the keys.
    pub projection: Projection,
}

impl LocalIndex {
    /// An index that holds all attributes.
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

/// Every attribute that is a key somewhere, once. One of two kinds is there twice, for a rule to find.
pub(super) fn definitions<'a>(keys: impl IntoIterator<Item = &'a Attribute>) -> Vec<shape::AttributeDefinition> {
    let mut all: Vec<&Attribute> = Vec::new();
    for attribute in keys {
        if !all.contains(&attribute) {
            all.push(attribute);
        }
    }
    all.into_iter().map(|it| shape::AttributeDefinition::new(it.name(), it.kind())).collect()
}
