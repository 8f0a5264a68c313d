//! A search domain has nodes and zones that do not go together.
//!
//! OpenSearch spreads nodes evenly: their number is a multiple of the zones.
//! It takes one subnet in each zone, so the network must have as many.
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
    fn three_nodes_in_two_zones_and_a_zone_that_is_not_there_are_errors() {
        assert_eq!(with(Some(3), 2), ["MS0338"]);
        assert_eq!(with(None, 3), ["MS0338"]);
    }

    #[test]
    fn as_many_in_each_zone_are_fine() {
        assert_eq!(with(Some(4), 2), [""; 0]);
    }
}
