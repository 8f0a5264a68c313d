//! Quotas in the output of other tools: templates with unknown regions do not share a quota.

use serde_json::Value;

use crate::folders::Place;

const VPC: &str = "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n";

fn hazards(place: &Place) -> Vec<String> {
    let (_, report) = place.diff(&["--format", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let all = report[0]["hazards"].as_array().unwrap().iter();
    all.map(|it| it["text"].as_str().unwrap().to_owned()).filter(|it| it.contains("quota")).collect()
}

#[test]
fn templates_of_unknown_regions_do_not_share_a_quota() {
    let place = Place::new("quotas-apart");
    place.write("old/network-0.yaml", VPC);
    for n in 0..7 {
        place.write(&format!("new/network-{n}.yaml"), VPC);
    }
    assert_eq!(hazards(&place), [""; 0]);
}

#[test]
fn reports_template_that_exceeds_quota() {
    let place = Place::new("quotas-together");
    let more: String = (0..5).map(|n| VPC.replace("Resources:\n", "").replace("Vpc:", &format!("Vpc{n}:"))).collect();
    place.write("old/network.yaml", VPC).write("new/network.yaml", &(VPC.to_owned() + &more));
    let wanted = "stack `network` has 6 `AWS::EC2::VPC` after the change, but the default quota is 5";
    assert_eq!(hazards(&place), [wanted]);
}
