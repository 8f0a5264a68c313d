//! The permissions of identities.

use wildmatch::WildMatch;

use crate::tree::At;

use super::grants::Row;
use super::index::Place;
use super::item::Item;

/// The actions that an IAM policy allows an identity to perform on one resource.
#[derive(Clone, Copy)]
pub struct Grant<'a> {
    pub(super) place: Place<'a>,
    row: &'a Row,
}

impl<'a> Grant<'a> {
    pub(super) fn of(place: Place<'a>, row: &'a Row) -> Self {
        Self { place, row }
    }

    /// Returns the principal: the workload or service that has the role, or the role itself.
    pub fn principal(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.principal) }
    }

    /// Returns the role, user or group of the policy.
    pub fn identity(&self) -> Item<'a> {
        Item { place: self.place.at(self.row.identity) }
    }

    /// Returns the resource, if it is part of the platform.
    pub fn resource(&self) -> Option<Item<'a>> {
        self.row.resource.map(|id| Item { place: self.place.at(id) })
    }

    /// Returns the resource as written in the policy, such as `*`. Deferred values are written as `${…}`.
    pub fn arn(&self) -> &'a str {
        &self.row.arn
    }

    /// Returns the actions, such as `s3:PutObject`.
    pub fn actions(&self) -> &'a [String] {
        &self.row.actions
    }

    /// Whether it allows an action, including by wildcards.
    pub fn allows(&self, action: &str) -> bool {
        self.row.actions.iter().any(|pattern| matches(pattern, action))
    }

    /// Whether one of the actions may change data. Actions such as `Get…`, `List…` and `Describe…` are read-only.
    pub fn writes(&self) -> bool {
        self.row.actions.iter().any(|action| {
            let verb = action.split_once(':').map_or(action.as_str(), |(_, verb)| verb);
            !READ.iter().any(|read| verb.starts_with(read))
        })
    }

    /// Returns the line of the program that grants the actions, or otherwise the line of the policy.
    pub fn line(&self) -> At {
        self.row.at
    }
}

/// The name prefixes of read-only actions.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
const READ: [&str; 14] = [
    "BatchGet",
    "ConditionCheck",
    "Connect",
    "Decrypt",
    "Describe",
    "Get",
    "Head",
    "List",
    "Query",
    "ReadData",
    "Receive",
    "Scan",
    "Search",
    "Select",
];

/// Returns whether a pattern with `*` and `?` matches an action. Case is ignored.
fn matches(pattern: &str, action: &str) -> bool {
    WildMatch::new_case_insensitive(pattern).matches(action)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_any_action_with_wildcards() {
        for (pattern, action) in [
            ("s3:*", "s3:PutObject"),
            ("*", "s3:PutObject"),
            ("S3:put?bject", "s3:PutObject"),
            ("s3:Put*", "s3:PutObject"),
        ] {
            assert!(matches(pattern, action), "{pattern}");
        }
        assert!(!matches("s3:Get*", "s3:PutObject") && !matches("s3:Put", "s3:PutObject"));
    }

    #[test]
    fn matching_of_many_wildcards_terminates() {
        // A backtracking matcher would try every combination of texts for the wildcards.
        let pattern = format!("s3:{}b", "a*".repeat(60));
        let action = format!("s3:{}", "a".repeat(200));
        assert!(!matches(&pattern, &action));
        assert!(matches(&pattern, &format!("{action}b")));
    }
}
