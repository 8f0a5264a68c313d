//! A stack uses 80 % or more of a quota of CloudFormation.
//!
//! One stack takes 500 resources, 200 outputs, 60 dynamic references to
//! secrets, and a template of 1,000,000 bytes. Past a limit the stack cannot be
//! deployed, and splitting it then is harder than now.
//!
//! Move whole constructs into another `Stack`; references follow them. A
//! resource that is deployed already is moved by a stack refactor, since a new
//! stack would create it anew.

#[cfg(test)]
mod tests {
    use crate::rules::testing::programs::queues;

    #[test]
    fn four_fifths_of_the_resources_are_a_warning() {
        assert_eq!(queues(400), ["MS0109"]);
    }

    #[test]
    fn fewer_are_fine() {
        assert_eq!(queues(399), [""; 0]);
    }
}
