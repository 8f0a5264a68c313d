//! Grants to read and write a table and to read its stream.

use std::panic::Location;

use super::table::Table;
use crate::aws::existing;
use crate::aws::iam::{Grantee, Statement};
use crate::diag::Diagnostic;
use crate::text;

impl Table {
    /// Lets the grantee read the change stream in the table's own region.
    #[track_caller]
    pub fn grant_stream_read(&self, grantee: &impl Grantee) {
        let Some(stream) = self.stream_arn() else { return self.report_no_stream() };
        grantee.role().grant(grantee, &self.scope, Statement::allow(STREAM).on(stream));
        if let Some(key) = &self.key {
            key.grant_decrypt_by_service(grantee);
        }
    }

    #[track_caller]
    fn report_no_stream(&self) {
        if !self.is_own {
            return existing::incomplete(&self.scope, "stream_arn");
        }
        let (message, help) = match &self.copy {
            None => (
                "a consumer reads the stream of a table that has no stream",
                "set `stream: Some(StreamView::NewImage)` of the table",
            ),
            Some(_) => ("a consumer reads the stream of a table copy", "read the stream in the region of the table"),
        };
        let at = self.scope.user_line(Location::caller());
        self.scope.report(Diagnostic::error("MS0320", message).help(help).at(at));
    }

    /// Lets the grantee read items from the table and its indexes.
    #[track_caller]
    pub fn grant_read(&self, grantee: &impl Grantee) {
        self.grant(grantee, &READ);
        if let Some(key) = &self.key {
            key.grant_decrypt_by_service(grantee);
        }
    }

    /// Lets the grantee write and delete items.
    #[track_caller]
    pub fn grant_write(&self, grantee: &impl Grantee) {
        self.grant(grantee, &WRITE);
        if let Some(key) = &self.key {
            key.grant_encrypt_decrypt_by_service(grantee);
        }
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

/// The actions on a stream.
const STREAM: [&str; 3] = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];

/// The actions on an index.
const BY_INDEX: [&str; 2] = ["dynamodb:Query", "dynamodb:Scan"];
