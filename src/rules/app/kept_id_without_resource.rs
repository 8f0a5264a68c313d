//! A logical id is kept for a path where there is not a resource.
//!
//! `Stack::logical_ids` keeps the logical ids of a stack that existed before. A row that names nothing is left over from a resource
//! that went, or the resource moved to another path: then it has a logical id of that path, and CloudFormation would replace it.
//!
//! Write the path that the resource has now, within the stack; remove the row where the resource is to go.

#[cfg(test)]
mod tests {
    use crate::cfn::sqs::Queue;
    use crate::testing::{codes, diagnostics, stack};

    #[test]
    fn a_row_without_a_resource_is_an_error() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            data.logical_ids(&[("mails", "Mails"), ("orders", "Orders")]);
            Queue::new().define(&data, "mails");
        }), ["MS0143"]);
    }

    #[test]
    fn a_path_with_two_ids_is_an_error() {
        let found = diagnostics("app", |app| {
            let data = stack(app, "data");
            data.logical_ids(&[("mails", "Mails"), ("mails", "Letters")]);
            Queue::new().define(&data, "mails");
        });
        assert_eq!(found[0].message, "`mails` is given two logical ids: `Mails` and `Letters`");
    }
}
