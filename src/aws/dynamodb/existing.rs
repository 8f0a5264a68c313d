//! Imports of existing tables.

use super::table::Table;
use crate::aws::existing::{ArnForm, NameForm};
use crate::aws::kms::Key;
use crate::aws::policy::own_arn;
use crate::diagram::DiagramNode;
use crate::text;
use crate::tree::Construct;
use crate::val::{IntoVal, Val};

/// An existing table.
#[derive(Clone)]
pub struct ExistingTable {
    /// Its name.
    pub name: Val<String>,
    /// Its ARN. Default: the ARN of a table with this name in the account and the region of the stack.
    pub arn: Option<Val<String>>,
    /// The ARN of its stream. Default: unknown.
    pub stream_arn: Option<Val<String>>,
    /// The key that encrypts it. Default: a key that AWS owns, which requires no permission.
    pub key: Option<Key>,
    /// Whether grants include its indexes. Default: yes.
    pub has_indexes: bool,
}

impl ExistingTable {
    /// Refers to a table in the account and the region of the stack by its name.
    pub fn named(name: impl IntoVal<String>) -> Self {
        Self { name: name.into_val(), arn: None, stream_arn: None, key: None, has_indexes: true }
    }

    /// Refers to a table by its ARN.
    pub fn arn(arn: impl IntoVal<String>) -> Self {
        let arn = arn.into_val();
        Self { arn: Some(arn.clone()), ..Self::named(arn.piece("/", 1)) }
    }
}

/// The format of a table name.
const NAME: NameForm = NameForm { what: "DynamoDB table", marks: "_.-", longest: 255, example: "acme-carts" };

/// The ARN format of a table.
const FORM: ArnForm = ArnForm {
    what: "DynamoDB table",
    service: "dynamodb",
    resource: "table/",
    example: "arn:aws:dynamodb:eu-west-1:111122223333:table/carts",
};

impl Table {
    /// Refers to an existing table. It supports the same grants as a table that the program defines.
    ///
    /// # Diagnostics
    ///
    /// - `MS0130`, `MS0131`: the imported value is not the ARN of a table, or the table is in another region
    ///   than the stack.
    /// - `MS0318`: a grantee reads the stream, but the ARN of the stream is missing.
    ///
    /// # Example
    ///
    /// ```
    /// # use meshsynth::{App, Env, Stack, dynamodb};
    /// # let app = App::new("shop");
    /// # let data = Stack::new(&app, "data", Env::region("eu-west-1"));
    /// let carts = dynamodb::Table::import(&data, "carts", dynamodb::ExistingTable::named("acme-carts"));
    /// ```
    #[track_caller]
    pub fn import(scope: &impl Construct, id: &str, existing: ExistingTable) -> Self {
        let scope = scope.scope().construct(id);
        scope.diagram(DiagramNode::new("table").detail("DynamoDB, exists already"));
        NAME.check(&scope, &existing.name);
        let name = scope.read_here(existing.name);
        let arn = match existing.arn {
            Some(arn) => {
                FORM.check(&scope, &arn);
                scope.read_here(arn)
            }
            None => own_arn(&scope, "dynamodb", text!["table/", name.clone()]),
        };
        let stream_arn = existing.stream_arn.map(|arn| scope.read_here(arn));
        Self::of_existing(scope, name, arn, stream_arn, existing.key, existing.has_indexes)
    }
}

#[cfg(test)]
mod tests {
    use super::ExistingTable;
    use crate::dynamodb::Table;
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{Platform, codes, stack};
    use crate::{App, Val};

    fn carts(app: &App, existing: ExistingTable) -> (Table, Role) {
        let data = stack(app, "data");
        let role = Role::new(&data, "carts", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
        (Table::import(&data, "table", existing), role)
    }

    #[test]
    fn grants_imported_table_by_arn() {
        let arn = "arn:aws:dynamodb:ap-northeast-1:444455556666:table/carts";
        let platform = Platform::synth("shop", |app| {
            let (table, role) = carts(app, ExistingTable::arn(arn));
            table.grant_read(&role);
            assert_eq!(table.name(), Val::from("carts"));
        });
        assert!(platform.resources("AWS::DynamoDB::GlobalTable").is_empty());
        let policy = platform.resource("AWS::IAM::RolePolicy").props.to_string();
        assert!(policy.contains(arn) && policy.contains("/index/*"), "{policy}");
    }

    #[test]
    fn reports_missing_stream_arn() {
        let read = |existing: ExistingTable| {
            codes(|app| {
                let (table, role) = carts(app, existing);
                table.grant_stream_read(&role);
            })
        };
        assert_eq!(read(ExistingTable::named("carts")), ["MS0318"]);
        let stream = "arn:aws:dynamodb:ap-northeast-1:444455556666:table/carts/stream/2026-01-01T00:00:00.000";
        assert_eq!(read(ExistingTable { stream_arn: Some(stream.into()), ..ExistingTable::named("carts") }), [""; 0]);
    }
}
