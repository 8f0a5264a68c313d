//! Something is reached by others than the program says.
//!
//! `app.only([&orders], &db)`, or `only` in `[[reach]]` of meshsynth.toml, is asked of the output for the internet, every
//! workload and every role. Roles that are those of the sources count as the sources. The notes are the chain of
//! whoever else gets through.
//!
//! Close a layer of the chain for them, or name them in the rule.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, broken};

    // The command line asks the output; its tests hold both cases.
    #[test]
    fn whoever_else_comes_is_an_error() {
        assert_eq!(broken(Holds::Only, "`web` reaches `data/db`, which is for `orders` only").code, "MS1221");
    }
}
