//! Something is reached that the program says is never reached.
//!
//! `app.never(Internet, &db)`, or `never` in `[[reach]]` of meshsynth.toml, is asked of the output: routes, network ACLs,
//! security groups, network policies, the mesh, trust, permissions, keys and logins together. All of them let the request
//! pass. The notes are the chain, from the outside in, each with its line.
//!
//! Close one layer of the chain, the innermost first. `meshsynth reach --from … --to … --why` shows it again.
//!
//! Source: <https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html>

#[cfg(test)]
mod tests {
    use crate::reach::{Holds, broken};

    // The command line asks the output; its tests hold both cases.
    #[test]
    fn what_is_reached_is_an_error() {
        let found = broken(Holds::Never, "`internet` reaches `data/db`");
        assert!(found.is_error() && found.code == "MS1220");
    }
}
