//! Resources of a CloudFormation template depend on each other in a cycle.
//!
//! # What it reports
//!
//! A resource refers to itself, or a chain of references leads back to the first resource. References and `DependsOn`
//! count as dependencies. The notes show each step of the cycle.
//!
//! # Why it matters
//!
//! None of the resources can be created first, so CloudFormation rejects the template.
//!
//! # Fix
//!
//! Remove one of the references, or move it into a separate resource. For example, define the rules of two security
//! groups that allow each other as `AWS::EC2::SecurityGroupIngress`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependency-error>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::fields;

    #[test]
    fn reports_resources_that_wait_for_each_other() {
        let text = r#"{ "Resources": {
            "A": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Fn::Sub": "${B}" } } },
            "B": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "C" } } },
            "C": { "Type": "AWS::SNS::Topic", "DependsOn": ["A"] }
        } }"#;
        assert_eq!(fields(text), ["MS0122 Properties.Value"]);
        assert_eq!(fields(&text.replace(", \"DependsOn\": [\"A\"]", "")), [""; 0]);
    }

    #[test]
    fn reports_a_resource_that_refers_to_itself() {
        let text = r#"{ "Resources": {
            "A": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "A" } } }
        } }"#;
        assert_eq!(fields(text), ["MS0122 Properties.Value"]);
    }
}
