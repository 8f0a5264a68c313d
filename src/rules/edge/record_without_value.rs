//! A DNS record has no value.
//!
//! # What it reports
//!
//! The list of values of a record is empty. Lists that are known only at deployment are not checked.
//!
//! # Why it matters
//!
//! Route 53 rejects the record when the stack is deployed. Usually, another part of the program computes the list, such
//! as a list of addresses, and it is empty.
//!
//! # Fix
//!
//! Add at least one value, or remove the record. To forbid all certificate authorities to issue certificates, use
//! `Caa::Nobody`.
//!
//! Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html>

#[cfg(test)]
mod tests {
    use crate::route53::{HostedZone, Record, Target};
    use crate::testing::{codes, stack};

    fn codes_of(target: Target) -> Vec<&'static str> {
        codes(|app| {
            let edge = stack(app, "edge");
            let zone = HostedZone::public(&edge, "zone", "shop.example.com", Default::default());
            Record::new(&edge, "record", &zone, "api.shop.example.com", target, Default::default());
        })
    }

    #[test]
    fn reports_an_empty_list() {
        assert_eq!(codes_of(Target::A(Vec::new())), ["MS0619"]);
        assert_eq!(codes_of(Target::Mx(Vec::new())), ["MS0619"]);
    }

    #[test]
    fn accepts_one_value() {
        assert_eq!(codes_of(Target::A(vec!["192.0.2.7".into()])), [""; 0]);
    }
}
