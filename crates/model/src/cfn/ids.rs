//! Identifiers of AWS resources, as separate types.

crate::typed_ids! {
    /// The ARN of a certificate in AWS Certificate Manager.
    CertificateArn,
    /// The id of a machine image.
    ImageId,
    /// The id of a security group.
    SecurityGroupId,
    /// The id of a subnet.
    SubnetId,
    /// The id of a VPC.
    VpcId,
    /// The ARN of an IAM role.
    RoleArn,
    /// The ARN of a KMS key.
    KeyArn,
    /// The ARN of a Lambda function.
    FunctionArn,
    /// The name of a log group.
    LogGroupName,
    /// The id of a hosted zone.
    HostedZoneId,
    /// The name of a bucket.
    BucketName,
    /// The ARN of an SNS topic.
    TopicArn,
    /// The ARN of an SQS queue.
    QueueArn,
}
