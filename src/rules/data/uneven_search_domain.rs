//! An OpenSearch domain has numbers of nodes and zones that do not match.
//!
//! # What it reports
//!
//! The number of nodes is zero or not a multiple of the number of zones, or the network does not have a subnet in each
//! of the 1 to 3 zones.
//!
//! # Why it matters
//!
//! OpenSearch Service distributes nodes evenly over zones, and needs one subnet in each zone. It rejects the domain
//! otherwise.
//!
//! # Fix
//!
//! Change `DomainProps::nodes` or `DomainProps::zones`.
//!
//! Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html>

#[cfg(test)]
mod tests {
    use crate::aws::{Vpc, VpcProps};
    use crate::opensearch::{Domain, DomainProps};
    use crate::testing::{codes, stack};

    fn with(nodes: Option<u32>, zones: usize) -> Vec<&'static str> {
        codes(|app| {
            let data = stack(app, "search");
            let vpc = Vpc::new(&data, "vpc", VpcProps { zones: 2, ..VpcProps::default() });
            Domain::new(&data, "products", &vpc, DomainProps { nodes, zones, ..DomainProps::default() });
        })
    }

    #[test]
    fn reports_an_uneven_node_count_and_missing_zones() {
        assert_eq!(with(Some(3), 2), ["MS0338"]);
        assert_eq!(with(None, 3), ["MS0338"]);
    }

    #[test]
    fn accepts_the_same_number_of_nodes_in_each_zone() {
        assert_eq!(with(Some(4), 2), [""; 0]);
    }
}
