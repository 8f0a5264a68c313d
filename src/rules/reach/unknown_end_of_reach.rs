//! An access rule names a source or destination that the platform does not contain.
//!
//! # What it reports
//!
//! A source or destination in `[[reach]]` of meshsynth.toml is `internet`, a CIDR block, an ARN, or the name of a
//! workload or resource, as in `meshsynth reach`. The rule reports a name that matches nothing in the output.
//!
//! # Why it matters
//!
//! An access rule without a match would never fail, whatever changes.
//!
//! # Fix
//!
//! Correct the name, or set `app` of the rule to the app that contains it.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/getting-started.html>

#[cfg(test)]
mod tests {
    // The command line evaluates the output; its tests contain both cases.
    #[test]
    fn reports_a_requirement_with_an_unknown_component() {
        assert!(crate::reach::unresolved_endpoint("nothing is called `ordrs`").is_error());
    }
}
