//! A list is used as text, or text is used as a list.
//!
//! # What it reports
//!
//! Some attributes are lists, such as the name servers of a hosted zone or the DNS entries of an endpoint. The rule
//! reports a list inside a text, an item or a join of a value that is not a list, and an item index that does not
//! exist. It also reports a list of maps that another stack or a manifest reads.
//!
//! A template or manifest field that requires text but gets a list is reported as `MS0105` or `MS0106`.
//!
//! # Why it matters
//!
//! A list is passed as a list between stacks, regions and accounts, and into lists of manifests and Helm values. It
//! cannot be part of a text, and a text has no items. A list of maps cannot leave its stack, because stack outputs are
//! text.
//!
//! # Fix
//!
//! Use one item (`list.item(0)`), join the items to a text (`list.join(",")`), or set a field that accepts a list.
//! Define the reader of a list of maps in the same stack.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-split.html>

#[cfg(test)]
mod tests {
    use crate::route53::{HostedZone, ZoneProps};
    use crate::testing::{codes, stack};
    use crate::val::{Bag, Data, List};
    use crate::{Resource, Val};

    fn read(value: impl FnOnce(&HostedZone) -> Data) -> Vec<&'static str> {
        codes(|app| {
            let zone = HostedZone::public(&stack(app, "names"), "zone", "shop.example.com", ZoneProps::default());
            let props = Bag::default().with("Type", "String").with("Value", value(&zone));
            Resource::<crate::cfn::Raw>::define(&stack(app, "reader"), "reader", "AWS::SSM::Parameter", props);
        })
    }

    fn mistyped(zone: &HostedZone) -> Val<String> {
        crate::Construct::scope(zone).child("resource").expect("it is there").attr("NameServers")
    }

    #[test]
    fn reports_a_list_instead_of_a_text() {
        assert_eq!(read(|zone| crate::text!["servers: ", mistyped(zone)].into()), ["MS0118"]);
        assert_eq!(read(|zone| mistyped(zone).piece(",", 1).into()), ["MS0118"]);
        assert_eq!(read(|zone| zone.name_servers().into()), ["MS0105"]);
    }

    #[test]
    fn reports_a_list_index_that_does_not_exist() {
        let two: Val<List<String>> = ["a", "b"].into();
        assert_eq!(read(|_| two.item(2).into()), ["MS0118"]);
    }

    #[test]
    fn accepts_a_list_item_and_a_joined_list_as_text() {
        assert_eq!(read(|zone| zone.name_servers().item(0).into()), [""; 0]);
        assert_eq!(read(|zone| crate::text!["servers: ", zone.name_servers().join(" ")].into()), [""; 0]);
    }
}
