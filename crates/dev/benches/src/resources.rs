//! CloudFormation templates of a few hundred resources each, as `meshsynth diff` compares them without a program.

use std::path::Path;
use std::{fs, io};

use serde_json::{Map, Value, json};

/// The number of resources in one template. CloudFormation allows 500.
const PER_TEMPLATE: usize = 200;

/// The number of resources of one application.
const PER_APPLICATION: usize = 10;

/// Writes templates with N resources in total. In the changed variant, one property of every resource differs.
pub fn write(n_resources: usize, is_changed: bool, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    for first in (0..n_resources).step_by(PER_TEMPLATE) {
        let numbers = first..n_resources.min(first + PER_TEMPLATE);
        let resources: Map<String, Value> = numbers.map(|number| resource(number, is_changed)).collect();
        let template = json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources });
        fs::write(out.join(format!("stack-{}.json", first / PER_TEMPLATE)), format!("{template:#}\n"))?;
    }
    Ok(())
}

/// Returns a resource with its logical ID. Applications change different properties of their resources, in a cycle of
/// three.
fn resource(number: usize, is_changed: bool) -> (String, Value) {
    let app = number / PER_APPLICATION;
    let turn = if is_changed { 1 + app % 3 } else { 0 };
    let is = |wanted: usize| turn == wanted;
    let reference = |kind: &str| json!({ "Ref": format!("{kind}{app}") });
    let arn = |kind: &str| json!({ "Fn::GetAtt": [format!("{kind}{app}"), "Arn"] });
    let (kind, type_name, mut properties) = match number % PER_APPLICATION {
        0 => ("Group", "AWS::EC2::SecurityGroup", {
            let mut rules =
                vec![json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16" })];
            if is(2) {
                rules.push(json!({ "IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "CidrIp": "10.1.0.0/16" }));
            }
            let description = if is(3) { "Clients of an application" } else { "Clients" };
            json!({ "GroupDescription": description, "VpcId": "vpc-0a1b2c3d", "SecurityGroupIngress": rules })
        }),
        1 => ("Role", "AWS::IAM::Role", {
            let mut statements = vec![
                json!({ "Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": arn("Queue") }),
                json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": { "Fn::Sub": format!("${{Bucket{app}.Arn}}/*") } }),
            ];
            if !is(1) && is_changed {
                let action = if is(2) { "s3:PutObject" } else { "dynamodb:GetItem" };
                let resource = json!(format!("arn:aws:s3:::shared-{app}/*"));
                statements.push(json!({ "Effect": "Allow", "Action": action, "Resource": resource }));
            }
            json!({
                "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [
                    { "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" },
                ] },
                "Policies": [{ "PolicyName": "data", "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }],
            })
        }),
        2 => ("Queue", "AWS::SQS::Queue", {
            let name = if is(3) { format!("orders-{app}-v2") } else { format!("orders-{app}") };
            json!({ "QueueName": name, "VisibilityTimeout": if is(2) { 60 } else { 30 }, "SqsManagedSseEnabled": true })
        }),
        3 => ("Bucket", "AWS::S3::Bucket", {
            let name = if is(3) { format!("files-{app}-v2") } else { format!("files-{app}") };
            let status = if is(2) { "Suspended" } else { "Enabled" };
            json!({ "BucketName": name, "VersioningConfiguration": { "Status": status } })
        }),
        4 => ("Logs", "AWS::Logs::LogGroup", {
            let name = if is(3) { format!("/apps/{app}/v2") } else { format!("/apps/{app}") };
            json!({ "LogGroupName": name, "RetentionInDays": if is(2) { 14 } else { 30 } })
        }),
        5 => ("Database", "AWS::RDS::DBInstance", {
            let name = if is(3) { format!("orders-{app}-v2") } else { format!("orders-{app}") };
            json!({
                "DBInstanceIdentifier": name, "Engine": "postgres", "EngineVersion": "16.4", "AllocatedStorage": "100",
                "DBInstanceClass": if is(2) { "db.r8g.large" } else { "db.t4g.medium" }, "MasterUsername": "app",
                "ManageMasterUserPassword": true, "VPCSecurityGroups": [{ "Fn::GetAtt": [format!("Group{app}"), "GroupId"] }],
                "DeletionProtection": true,
            })
        }),
        6 => ("Alarm", "AWS::CloudWatch::Alarm", {
            let name = if is(3) { format!("backlog-{app}-v2") } else { format!("backlog-{app}") };
            json!({
                "AlarmName": name, "Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
                "Dimensions": [{ "Name": "QueueName", "Value": { "Fn::GetAtt": [format!("Queue{app}"), "QueueName"] } }],
                "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 5, "Threshold": if is(2) { 500 } else { 100 },
                "ComparisonOperator": "GreaterThanThreshold",
            })
        }),
        7 => ("Function", "AWS::Lambda::Function", {
            let name = if is(3) { format!("orders-{app}-v2") } else { format!("orders-{app}") };
            json!({
                "FunctionName": name, "Runtime": "python3.13", "Handler": "app.handler", "Role": arn("Role"),
                "Code": { "S3Bucket": "code", "S3Key": format!("orders-{app}.zip") }, "MemorySize": if is(2) { 1024 } else { 512 },
                "Environment": { "Variables": { "QUEUE": reference("Queue"), "BUCKET": reference("Bucket") } },
                "VpcConfig": { "SubnetIds": ["subnet-0a1b2c3d"], "SecurityGroupIds": [{ "Fn::GetAtt": [format!("Group{app}"), "GroupId"] }] },
            })
        }),
        8 => ("Table", "AWS::DynamoDB::Table", {
            let name = if is(3) { format!("orders-{app}-v2") } else { format!("orders-{app}") };
            json!({
                "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
                "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": !is(2) },
            })
        }),
        _ => ("Topic", "AWS::SNS::Topic", {
            let name = if is(3) { format!("orders-{app}-v2") } else { format!("orders-{app}") };
            json!({ "TopicName": name, "DisplayName": if is(2) { "Orders and returns" } else { "Orders" } })
        }),
    };
    properties["Tags"] = json!([{ "Key": "team", "Value": if is(1) { "returns" } else { "orders" } }]);
    (format!("{kind}{app}"), json!({ "Type": type_name, "Properties": properties }))
}
