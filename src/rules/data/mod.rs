//! Rules for databases, caches, backups and parameters.

use super::Rule;

rules! {
    "MS0304" unsupported_postgres_version => model;
    "MS0305" postgres_extended_support => model;
    "MS0306" invalid_database_storage => model;
    "MS0307" invalid_maintenance_window => model;
    "MS0308" invalid_cache_availability => model in "aws::elasticache::replication_group";
    "MS0309" unsupported_cache_version => model;
    "MS0310" data_without_retention => platform;
    "MS0311" invalid_parameter_name => model;
    "MS0314" invalid_global_datastore_member => model;
    "MS0316" unsupported_mysql_version => model;
    "MS0317" mysql_extended_support => model;
    "MS0318" incomplete_import in "aws::existing";
    "MS0319" invalid_table_index => model;
    "MS0320" stream_not_enabled in "aws::dynamodb::grants";
    "MS0321" file_system_without_subnets in "aws::efs::file_system";
    "MS0338" uneven_search_domain in "aws::opensearch::domain";
    "MS0339" broker_without_zones in "aws::mq::broker";
    "MS0340" unknown_instance_class => model;
    "MS0341" unsupported_broker_version => model;
    "MS0342" unsupported_search_version => model;
    "MS0704" backup_without_resources => model;
    "MS0705" backup_deleted_in_cold_storage => model;
}
