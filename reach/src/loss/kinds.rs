//! Resource types of data stores, supporting resources and compute services.

/// The types of data stores.
const STORES: [&str; 26] = [
    "AWS::AmazonMQ::Broker",
    "AWS::DAX::Cluster",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::Kinesis::Stream",
    "AWS::MSK::Cluster",
    "AWS::MSK::ServerlessCluster",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::RedshiftServerless::Workgroup",
    "AWS::S3::Bucket",
    "AWS::S3Express::DirectoryBucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
];

/// The types of supporting resources: keys, secrets, images, parameters, certificates, user pools and backups.
const MEANS: [&str; 8] = [
    "AWS::Backup::BackupPlan",
    "AWS::CertificateManager::Certificate",
    "AWS::Cognito::UserPool",
    "AWS::ECR::Repository",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::SSM::Parameter",
    "AWS::SecretsManager::Secret",
];

/// The types of compute services outside of clusters.
const COMPUTES: [&str; 5] = [
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::EC2::Instance",
    "AWS::ECS::Service",
    "AWS::Lambda::Function",
    "AWS::StepFunctions::StateMachine",
];

/// Whether a type is a compute service outside of clusters.
pub fn is_compute(type_name: &str) -> bool {
    COMPUTES.binary_search(&type_name).is_ok()
}

/// Whether a type is a data store.
pub fn is_store(type_name: &str) -> bool {
    STORES.binary_search(&type_name).is_ok()
}

/// Whether a type is a supporting resource.
pub fn is_means(type_name: &str) -> bool {
    MEANS.binary_search(&type_name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{COMPUTES, MEANS, STORES};

    #[test]
    fn types_are_sorted() {
        assert!(STORES.is_sorted() && MEANS.is_sorted() && COMPUTES.is_sorted());
    }
}
