//! Something is not reached that the program says is always reached.
//!
//! `app.always(&orders, &payments)`, or `always` in `[[reach]]` of meshsynth.toml, is asked of the output. The notes are
//! the layers that stop the request, each with its line.
//!
//! Open each of these layers: `allow_from`, `calls` and `grant_*` open all that belong to a relation at once.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, broken};

    // The command line asks the output; its tests hold both cases.
    #[test]
    fn what_is_stopped_is_an_error() {
        assert_eq!(broken(Holds::Always, "`orders` does not reach `payments`").code, "MS1222");
    }
}
