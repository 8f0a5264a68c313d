//! A list is used as text, or text is used as a list.
//!
//! Some attributes are lists, such as the name servers of a zone or the DNS
//! entries of an endpoint. A list crosses stacks, regions and accounts as a list,
//! and into the lists of manifests and Helm values. It cannot be a part of a
//! text, and a text has no items. A list of maps never leaves its stack: what a
//! stack hands out is text.
//!
//! Take an item (`list.item(0)`), make a text of all of them
//! (`list.join(",")`), or set a field that takes a list. A field of a template
//! or a manifest that wants a text and is given a list is told by `MS0105` and
//! `MS0106`.
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
    fn a_list_as_a_text_is_an_error() {
        assert_eq!(read(|zone| crate::text!["servers: ", mistyped(zone)].into()), ["MS0118"]);
        assert_eq!(read(|zone| mistyped(zone).piece(",", 1).into()), ["MS0118"]);
        assert_eq!(read(|zone| zone.name_servers().into()), ["MS0105"]);
    }

    #[test]
    fn an_item_that_is_not_there_is_an_error() {
        let two: Val<List<String>> = ["a", "b"].into();
        assert_eq!(read(|_| two.item(2).into()), ["MS0118"]);
    }

    #[test]
    fn an_item_and_a_joined_list_are_texts() {
        assert_eq!(read(|zone| zone.name_servers().item(0).into()), [""; 0]);
        assert_eq!(read(|zone| crate::text!["servers: ", zone.name_servers().join(" ")].into()), [""; 0]);
    }
}
