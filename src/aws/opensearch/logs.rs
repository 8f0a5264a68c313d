//! The logs of a domain, and the resource policy that lets the service write them.

use crate::Resource;
use crate::aws::data;
use crate::aws::iam::Statement;
use crate::cfn::logs;
use crate::tree::Scope;
use crate::val::{Bag, Val};

/// The log types of a domain. Only domains with fine-grained access control have the last type.
const LOGS: [(&str, &str); 4] = [
    ("ES_APPLICATION_LOGS", "application"),
    ("INDEX_SLOW_LOGS", "index-slow"),
    ("SEARCH_SLOW_LOGS", "search-slow"),
    ("AUDIT_LOGS", "audit"),
];

/// Defines the log groups. Returns the log options of the domain, and the resource policy on which the domain
/// depends.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>
pub(super) fn define(
    scope: &Scope,
    domain_arn: &Val<String>,
    audit: bool,
    kept: data::Logs<'_>,
) -> (Bag, Resource<logs::ResourcePolicy>) {
    let mut options = Bag::default();
    let mut write = Statement::allow(["logs:CreateLogStream", "logs:PutLogEvents"]);
    for (log, word) in &LOGS[..if audit { 4 } else { 3 }] {
        let name = format!("/aws/OpenSearchService/domains/{}/{word}", data::physical_name(scope, 200));
        let group = data::log_group(scope, &format!("logs-{word}"), Some(name), kept);
        write = write.on(group.arn());
        let option = Bag::default().with("CloudWatchLogsLogGroupArn", group.arn()).with("Enabled", true);
        options.set(*log, option);
    }
    let write = write
        .when("ArnLike", "aws:SourceArn", domain_arn.clone())
        .when("StringEquals", "aws:SourceAccount", scope.account())
        .into_data(Some(Bag::default().with("Service", "es.amazonaws.com")));
    let document = Bag::default().with("Version", "2012-10-17").with("Statement", vec![write]);
    let policy = logs::ResourcePolicy::new(document, data::physical_name(scope, 200)).define(scope, "log-policy");
    (options, policy)
}
