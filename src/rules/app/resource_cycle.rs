//! Resources of a CloudFormation template depend on each other in a cycle, so none of them can be created first.
//!
//! A reference counts as a dependency, and so does `DependsOn`. CloudFormation refuses the template.
//!
//! Remove one of the references, or move it into a resource of its own: two security groups that allow each other have
//! their rules as `AWS::EC2::SecurityGroupIngress`.
//!
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html#troubleshooting-errors-dependency-error>

#[cfg(test)]
mod tests {
    use crate::rules::testing::templates::fields;

    #[test]
    fn resources_that_wait_for_each_other_are_an_error() {
        let text = r#"{ "Resources": {
            "A": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Fn::Sub": "${B}" } } },
            "B": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "C" } } },
            "C": { "Type": "AWS::SNS::Topic", "DependsOn": ["A"] }
        } }"#;
        assert_eq!(fields(text), ["MS0122 Properties.Value"]);
        assert_eq!(fields(&text.replace(", \"DependsOn\": [\"A\"]", "")), [""; 0]);
    }

    #[test]
    fn a_resource_that_refers_to_itself_is_an_error() {
        let text = r#"{ "Resources": {
            "A": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": { "Ref": "A" } } }
        } }"#;
        assert_eq!(fields(text), ["MS0122 Properties.Value"]);
    }
}
