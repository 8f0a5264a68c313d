//! The stream of a table is read, and the table has none.
//!
//! A table has a stream of its changes if it was asked to, and one for each
//! region: who reads the stream of a copy reads it in the region of the copy.
//!
//! Say what the stream shows where the table is defined, such as
//! `stream: Some(StreamView::NewImage)`.
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
    fn a_table_without_a_stream_is_an_error() {
        assert_eq!(read(None), ["MS0320"]);
    }

    #[test]
    fn a_table_with_a_stream_is_fine() {
        assert_eq!(read(Some(StreamView::NewImage)), [""; 0]);
    }
}
