//! A logical ID is kept for a path that has no resource.
//!
//! # What it reports
//!
//! `Stack::logical_ids` keeps the logical IDs of an existing stack. The rule reports an entry whose path has no
//! resource, and a second entry for the same path.
//!
//! # Why it matters
//!
//! Either the resource was removed and the entry is obsolete, or the resource moved to another path. A moved resource
//! gets a new logical ID from its new path, and CloudFormation would replace it.
//!
//! # Fix
//!
//! Write the current path of the resource, relative to the stack. Remove the entry if the resource is to be deleted.
//! For a duplicate path, keep the entry with the deployed ID.

#[cfg(test)]
mod tests {
    use crate::cfn::sqs::Queue;
    use crate::testing::{codes, diagnostics, stack};

    #[test]
    fn reports_an_entry_without_a_resource() {
        assert_eq!(codes(|app| {
            let data = stack(app, "data");
            data.logical_ids(&[("mails", "Mails"), ("orders", "Orders")]);
            Queue::new().define(&data, "mails");
        }), ["MS0143"]);
    }

    #[test]
    fn reports_a_path_with_two_ids() {
        let found = diagnostics("app", |app| {
            let data = stack(app, "data");
            data.logical_ids(&[("mails", "Mails"), ("mails", "Letters")]);
            Queue::new().define(&data, "mails");
        });
        assert_eq!(found[0].message, "the table of logical ids has two rows for `mails`: `Mails` and `Letters`");
    }
}
