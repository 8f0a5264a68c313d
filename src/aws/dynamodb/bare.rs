//! Bare tables, each defined from a typed resource.

use super::table::Table;
use crate::Resource;
use crate::cfn::dynamodb;
use crate::tree::Construct;
use crate::val::Value;

impl Table {
    /// Defines a bare table in one region. Only the typed resource configures its encryption, recovery and deletion
    /// protection. The table is an `AWS::DynamoDB::Table`. CloudFormation must replace such a table to convert it to a
    /// global table.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::cfn::dynamodb::table::{AttributeDefinition, AttributeType};
    /// # use meshsynth::{App, Env, Stack, cfn, dynamodb, intrinsic, map};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let keys = intrinsic::untyped([map![("AttributeName", "customer"), ("KeyType", "HASH")]]);
    /// let carts = cfn::dynamodb::Table::new(keys)
    ///     .attribute_definitions([AttributeDefinition::new("customer", AttributeType::S)]);
    /// dynamodb::Table::bare(&data, "carts", carts).resource().logical_id("Carts").retain();
    /// ```
    #[track_caller]
    pub fn bare(scope: &impl Construct, id: &str, table: dynamodb::Table) -> Self {
        let scope = scope.scope().construct(id);
        let data = table.clone().into_data();
        let has = |key: &str| data.at(key).is_some();
        let has_indexes = has("GlobalSecondaryIndexes") || has("LocalSecondaryIndexes");
        let has_stream = has("StreamSpecification");
        let table = table.define(&scope, "resource");
        let stream_arn = has_stream.then(|| table.stream_arn());
        Self::of_resource(scope, (table.reference(), table.arn()), stream_arn, has_indexes)
    }

    /// Returns the resource of a table that [`Table::bare`] defined, for example to keep its logical ID, or to set a
    /// property for which the construct has no method.
    #[track_caller]
    pub fn resource(&self) -> Resource<dynamodb::Table> {
        Resource::of(self, "resource")
    }
}
