//! A program reads the stream of a DynamoDB table that has no stream.
//!
//! # What it reports
//!
//! A function or role reads the stream of a table that is defined without `stream`, or the stream of a replica of the
//! table.
//!
//! # Why it matters
//!
//! A table has a stream of its changes only if it is enabled. Each replica has a separate stream in its own region.
//!
//! # Fix
//!
//! Enable the stream in the definition of the table, such as `stream: Some(StreamView::NewImage)`. Read the stream of a
//! replica in the region of the replica.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>

#[cfg(test)]
mod tests {
    use crate::dynamodb::{Attribute, StreamView, Table, TableProps};
    use crate::iam::{Role, RoleProps, Trust};
    use crate::testing::{codes, stack};

    fn read(stream: Option<StreamView>) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "data");
            let table = Table::new(&data, "carts", Attribute::text("id"), TableProps { stream, ..Default::default() });
            let role = Role::new(&data, "reader", Trust::Service("lambda.amazonaws.com"), RoleProps::default());
            table.grant_stream_read(&role);
        })
    }

    #[test]
    fn reports_a_table_without_a_stream() {
        assert_eq!(read(None), ["MS0320"]);
    }

    #[test]
    fn accepts_a_table_with_a_stream() {
        assert_eq!(read(Some(StreamView::NewImage)), [""; 0]);
    }
}
