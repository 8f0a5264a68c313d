//! IAM actions: which actions exist, and which of them support resource-level permissions.
//!
//! Source: `crates/facts/schema/literals/actions.txt`, from the data of cfn-lint 1.58; see `crates/facts/schema/README.md`.

use std::sync::{LazyLock, OnceLock};

use wildmatch::WildMatch;

use super::literals::{Verdict, meant};
use meshsynth_model::hash::FastMap;

/// One line per service: its prefix, then its actions. A trailing `-` marks an action without resource-level permissions.
const LIST: &str = include_str!("../schema/literals/actions.txt");

/// Actions that the list lacks, although policies in the AWS documentation use them.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>
const ALSO: [&str; 1] = ["logs:PutLogEventsBatch"];

/// Actions that require the resource `*`, although the list marks them as supporting resource-level permissions.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html>
const ON_EVERYTHING: [&str; 3] =
    ["cloudwatch:GetMetricData", "cloudwatch:PutMetricData", "ec2:GetSecurityGroupsForVpc"];

/// The services by prefix. The list has half a megabyte, so it is scanned only once.
static SERVICES: LazyLock<FastMap<&'static str, Service>> = LazyLock::new(|| {
    let services = LIST.lines().map(|line| {
        let (prefix, names) = line.split_once(' ').unwrap_or((line, ""));
        (prefix, Service { names, actions: OnceLock::new() })
    });
    services.collect()
});

/// The actions of one service.
struct Service {
    /// The actions as the list writes them.
    names: &'static str,
    /// The actions by lower-case name, parsed on first use.
    actions: OnceLock<FastMap<String, Action>>,
}

#[derive(Clone, Copy)]
struct Action {
    has_resource: bool,
}

impl Service {
    /// Returns the service with this prefix, in upper or lower case.
    fn named(prefix: &str) -> Option<&'static Self> {
        SERVICES.get(prefix.to_ascii_lowercase().as_str())
    }

    /// Returns the names of all actions in the order of the list.
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split(' ').map(|name| name.trim_end_matches('-'))
    }

    fn actions(&self) -> &FastMap<String, Action> {
        self.actions.get_or_init(|| {
            let all = self.names.split(' ').map(|marked| {
                let name = marked.trim_end_matches('-');
                (name.to_ascii_lowercase(), Action { has_resource: name.len() == marked.len() })
            });
            all.collect()
        })
    }

    /// Returns the actions that match a name, or a pattern with `*` and `?`. Matching ignores case.
    fn matching(&self, name: &str) -> Vec<Action> {
        let lower = name.to_ascii_lowercase();
        if !lower.contains(['*', '?']) {
            return self.actions().get(&lower).into_iter().copied().collect();
        }
        let pattern = WildMatch::new(&lower);
        self.actions().iter().filter(|(known, _)| pattern.matches(known)).map(|(_, action)| *action).collect()
    }
}

/// Looks up an action such as `sqs:SendMessage`, or a pattern such as `sqs:Get*`.
pub fn action(text: &str) -> Verdict {
    let Some((prefix, name)) = text.split_once(':') else { return Verdict::Unknown };
    if prefix.contains(['*', '?']) || ALSO.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return Verdict::Known;
    }
    let Some(service) = Service::named(prefix) else {
        let near = meant(&prefix.to_ascii_lowercase(), LIST.lines().filter_map(|line| line.split(' ').next()));
        return near.map_or(Verdict::Unknown, |service| Verdict::Near(format!("{service}:{name}")));
    };
    if !service.matching(name).is_empty() {
        return Verdict::Known;
    }
    let stem = name.trim_end_matches('*');
    let near = if stem.contains(['*', '?']) { None } else { meant(stem, service.names()) };
    near.map_or(Verdict::Unknown, |name| Verdict::Near(format!("{prefix}:{name}")))
}

/// Returns whether an action, or at least one action of a pattern, supports resource-level permissions. An action such
/// as `ecr:GetAuthorizationToken` does not, so policies must allow it with the resource `*`. The result for an unknown
/// action is `true`.
pub fn takes_resource(text: &str) -> bool {
    if ON_EVERYTHING.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return false;
    }
    let matching = text.split_once(':').and_then(|(prefix, name)| Some(Service::named(prefix)?.matching(name)));
    matching.is_none_or(|actions| actions.is_empty() || actions.iter().any(|action| action.has_resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_actions_by_service_ignoring_case() {
        for known in [
            "sqs:SendMessage",
            "SQS:sendmessage",
            "s3:Get*",
            "s3:*",
            "kms:ReEncrypt*",
            "*:Get*",
            "logs:PutLogEventsBatch",
        ] {
            assert_eq!(action(known), Verdict::Known, "{known}");
        }
        assert_eq!(action("sqs:SendMesage"), Verdict::Near("sqs:SendMessage".to_owned()));
        assert_eq!(action("dynamodbb:GetItem"), Verdict::Near("dynamodb:GetItem".to_owned()));
        assert_eq!(action("sqs:Teleport"), Verdict::Unknown);
    }

    #[test]
    fn matching_many_wildcards_terminates() {
        assert_eq!(action(&format!("s3:{}z", "*e".repeat(200))), Verdict::Unknown);
        assert_eq!(action("s3:*e*t*e*t*"), Verdict::Known);
    }

    #[test]
    fn some_actions_need_the_resource_wildcard() {
        for on_everything in
            ["ecr:GetAuthorizationToken", "Rekognition:detecttext", "cloudwatch:PutMetricData", "xray:Put*Records"]
        {
            assert!(!takes_resource(on_everything), "{on_everything}");
        }
        for bounded in ["s3:GetObject", "s3:Get*", "sns:Publish", "sqs:Teleport", "teleport:Everything", "*"] {
            assert!(takes_resource(bounded), "{bounded}");
        }
    }
}
