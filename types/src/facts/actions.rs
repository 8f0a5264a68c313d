//! Actions of IAM: which there are, and which take a resource.
//!
//! Source: `types/schema/literals/actions.txt`, from the data of cfn-lint 1.58; see `types/schema/README.md`.

use super::literals::{Verdict, meant};

/// A line per service: its prefix, then its actions. A `-` is behind an action that takes no resource.
const LIST: &str = include_str!("../../schema/literals/actions.txt");

/// Actions that policies in the documentation of AWS name and the list lacks.
///
/// Source: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html>
const ALSO: [&str; 1] = ["logs:PutLogEventsBatch"];

/// Actions that the list has with a resource, and whose use needs every one.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html>
const ON_EVERYTHING: [&str; 3] =
    ["cloudwatch:GetMetricData", "cloudwatch:PutMetricData", "ec2:GetSecurityGroupsForVpc"];

/// The actions of a service, by its prefix in lower case: each with whether it takes a resource.
fn of_service(prefix: &str) -> Option<impl Iterator<Item = (&'static str, bool)> + Clone + use<>> {
    let names = LIST.lines().find_map(|line| line.strip_prefix(prefix)?.strip_prefix(' '))?;
    Some(names.split(' ').map(|name| (name.trim_end_matches('-'), !name.ends_with('-'))))
}

/// What is known of an action such as `sqs:SendMessage`, or of a pattern such as `sqs:Get*`.
pub fn action(text: &str) -> Verdict {
    let Some((service, name)) = text.split_once(':') else { return Verdict::Unknown };
    let lower = service.to_ascii_lowercase();
    if service.contains(['*', '?']) || ALSO.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return Verdict::Known;
    }
    let Some(known) = of_service(&lower) else {
        let near = meant(&lower, LIST.lines().filter_map(|line| line.split(' ').next()));
        return near.map_or(Verdict::Unknown, |service| Verdict::Near(format!("{service}:{name}")));
    };
    if known.clone().any(|(known, _)| fits(name, known)) {
        return Verdict::Known;
    }
    let stem = name.trim_end_matches('*');
    let near = if stem.contains(['*', '?']) { None } else { meant(stem, known.map(|(known, _)| known)) };
    near.map_or(Verdict::Unknown, |name| Verdict::Near(format!("{service}:{name}")))
}

/// Whether the resources of an action can be listed, or of some action of a pattern. `ecr:GetAuthorizationToken` takes none: a
/// policy can only name every resource. Of an action that is not known it is taken that they can.
pub fn takes_resource(text: &str) -> bool {
    if ON_EVERYTHING.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return false;
    }
    let of = text.split_once(':').and_then(|(service, name)| Some((of_service(&service.to_ascii_lowercase())?, name)));
    let Some((known, name)) = of else { return true };
    let mut fitting = known.filter(|(known, _)| fits(name, known)).peekable();
    fitting.peek().is_none() || fitting.any(|(_, takes)| takes)
}

/// Whether a name or a pattern is that of an action. Upper and lower case mean nothing.
fn fits(name: &str, known: &str) -> bool {
    match name.contains(['*', '?']) {
        true => matches(&name.to_ascii_lowercase(), &known.to_ascii_lowercase()),
        false => known.eq_ignore_ascii_case(name),
    }
}

/// Whether a pattern with `*` and `?` fits a text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|idx| text.is_char_boundary(idx) && matches(&pattern[1..], &text[idx..])),
        Some(c) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|it| c == '?' || it == c) && matches(&pattern[c.len_utf8()..], rest.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_known_by_service_and_case_means_nothing() {
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
    fn some_actions_take_no_resource() {
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
