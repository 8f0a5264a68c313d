//! A function connects to a resource in a VPC but is not in a VPC.
//!
//! # What it reports
//!
//! A relation opens a connection from a function without `FunctionProps::vpc` to a database, broker, cache or other
//! endpoint in a VPC.
//!
//! # Why it matters
//!
//! By default, a function runs in a network of Lambda. It can reach resources in a VPC only through network interfaces
//! in that VPC. Without them, every connection times out.
//!
//! # Fix
//!
//! Set `FunctionProps::vpc`. A function in a VPC reaches the internet through its NAT gateway, and AWS services through
//! the NAT gateway or through endpoints.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::lambda::{Code, Function, FunctionProps};
    use crate::rds::{Database, DatabaseProps};
    use crate::testing::{codes, stack};
    use crate::{App, ecr};

    fn connects(app: &App, is_inside: bool) {
        let data = stack(app, "data");
        let vpc = Vpc::new(&data, "vpc", VpcProps::default());
        let images = ecr::Repository::new(&data, "mailer", ecr::RepositoryProps::default());
        let props = FunctionProps { vpc: is_inside.then(|| vpc.clone()), ..FunctionProps::default() };
        let function = Function::new(&data, "mailer-function", Code::image(&images, "1.0.0"), props);
        Database::new(&data, "db", &vpc, DatabaseProps::default()).allow_from(&function);
    }

    #[test]
    fn reports_database_access_of_a_function_without_a_vpc() {
        assert_eq!(codes(|app| connects(app, false)), ["MS0330"]);
    }

    #[test]
    fn accepts_a_function_in_the_network() {
        assert_eq!(codes(|app| connects(app, true)), [""; 0]);
    }
}
