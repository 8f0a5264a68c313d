use super::{Holds, Interfaces, Ports, computes, resource, resources};

#[test]
fn rows_are_sorted_and_unique() {
    let names: Vec<&str> = resources().map(|row| row.type_name).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "sort the rows by type");
    assert!(names.len() > 400);
}

#[test]
fn reads_columns() {
    let database = resource("AWS::RDS::DBInstance");
    assert_eq!(database.holds, Some(Holds::Database));
    assert_eq!(database.member, Some("DBClusterIdentifier"));
    assert_eq!(database.ports.of("aurora-postgresql"), Some([5432].as_slice()));
    assert_eq!(database.ports.of("mariadb"), Some([3306].as_slice()));
    assert_eq!(resource("AWS::FSx::FileSystem").ports.of("LUSTRE"), Some([988].as_slice()));
    assert_eq!(resource("AWS::EC2::Instance").ports, Ports::Any);
    assert!(matches!(resource("AWS::CloudHSM::Cluster").interfaces, Some(Interfaces::Unmodelled { .. })));
}

#[test]
fn a_type_without_a_row_has_no_facts() {
    let unknown = resource("AWS::New::Thing");
    assert!(unknown.type_name.is_empty() && !unknown.holds_data() && unknown.ports == Ports::Unknown);
}

#[test]
fn lists_types_that_run_code() {
    assert!(computes().contains(&"AWS::Lambda::Function") && !computes().contains(&"AWS::S3::Bucket"));
}
