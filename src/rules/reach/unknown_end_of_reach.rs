//! A rule about who reaches what names nothing of the platform.
//!
//! An end of a rule in `[[reach]]` of meshsynth.toml is `internet`, a block of addresses, an ARN, or the name of a workload
//! or a resource, as `meshsynth reach` takes it. A rule that names nothing would hold whatever changes.
//!
//! Name what is there, or give the rule the `app` that has it.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/getting-started.html>

#[cfg(test)]
mod tests {
    // The command line asks the output; its tests hold both cases.
    #[test]
    fn a_rule_about_nothing_is_an_error() {
        assert!(crate::reach::nameless("nothing is called `ordrs`").is_error());
    }
}
