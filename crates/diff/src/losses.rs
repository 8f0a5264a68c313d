//! Data that a change deletes although the store remains, such as by a shorter retention or a new expiration.
//!
//! Each row links to the vendor's page.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use meshsynth_facts::{self as facts, resources::Retained};
use serde_json::Value;

use crate::change::Edit;
use crate::fact_path;
use crate::fate::Fate;

/// Returns the effect of a shorter retention.
fn expired(of: Retained) -> &'static str {
    match of {
        Retained::Backups => "automated backups older than the new retention are deleted",
        Retained::Snapshots | Retained::ManualSnapshots => "snapshots beyond the new limit are deleted",
        Retained::Records => "records older than the new retention expire",
        Retained::LogEvents => "log events older than the new retention expire",
        Retained::Messages => "messages older than the new retention are deleted",
        Retained::Events => "events older than the new retention expire",
        Retained::Samples => "samples older than the new retention are deleted",
        Retained::PointsInTime => "points in time before the new period cannot be restored",
    }
}

/// Returns the data that the edits of a resource delete in place. Both sides are whole resources.
pub fn find(type_name: &str, before: &Value, after: &Value, edits: &[Edit]) -> Vec<Fate> {
    let (old, new) = (&before["Properties"], &after["Properties"]);
    let mut fates: Vec<Fate> = edits.iter().filter_map(|edit| shorter(type_name, edit)).collect();
    let changed = |pointer: &str| old.pointer(pointer) != new.pointer(pointer);
    let mut goes = |what: &'static str, pointer: &str| {
        let property = pointer[1..].replace('/', ".");
        let (before, after) = (old.pointer(pointer).cloned(), new.pointer(pointer).cloned());
        fates.push(Fate::Expires { what, property, before, after });
    };
    match type_name {
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
        "AWS::S3::Bucket" if changed("/LifecycleConfiguration") && expires_more(old, new) => {
            goes("objects that a rule expires are deleted", "/LifecycleConfiguration");
        }
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => {
            if changed("/TimeToLiveSpecification") && is_true(&new["TimeToLiveSpecification"]["Enabled"]) {
                goes("expired items are deleted", "/TimeToLiveSpecification");
            }
            let recovers =
                |side: &Value| is_true(&side["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]);
            if recovers(old) && !recovers(new) {
                goes("point-in-time recovery is disabled", "/PointInTimeRecoverySpecification");
            }
        }
        // https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
        "AWS::ECR::Repository" if changed("/LifecyclePolicy") && !is_part(new, old) => {
            goes("images that a rule expires are deleted", "/LifecyclePolicy");
        }
        // https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-properties.html
        "AWS::MSK::Topic" if kept_less(&configs(&old["Configs"]), &configs(&new["Configs"])) => {
            goes("records beyond the new retention are deleted", "/Configs");
        }
        "AWS::MSK::Configuration" if kept_less(&server_properties(old), &server_properties(new)) => {
            goes("records beyond the new retention are deleted", "/ServerProperties");
        }
        // https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-lifecycle.html
        "AWS::OpenSearchServerless::LifecyclePolicy" if changed("/Policy") => {
            goes("documents older than the new retention may be deleted", "/Policy");
        }
        _ => {}
    }
    fates.extend(detached(type_name, old, new));
    fates
}

fn shorter(type_name: &str, edit: &Edit) -> Option<Fate> {
    let path = fact_path::plain(&edit.path);
    let row = facts::resource(type_name).retention.iter().find(|row| is_within(row.property, &path))?;
    let rest: Vec<&str> = row.property[path.len()..].split('.').filter(|step| !step.is_empty()).collect();
    let amount = |value: &Option<Value>| match value.as_ref().and_then(|value| leaf(value, &rest)) {
        Some(value) => number(value).map(|n| if n < 0 { i64::MAX } else { n }),
        None => Some(row.unset.unwrap_or(i64::MAX)),
    };
    // `RetentionDays: 0` of an archive means unlimited retention.
    let amount =
        |value| amount(value).map(|n| if n == 0 && type_name == "AWS::Events::Archive" { i64::MAX } else { n });
    let (before, after) = (amount(&edit.before)?, amount(&edit.after)?);
    let what = match row.of {
        Retained::Backups if after == 0 => "all automated backups are deleted",
        of => expired(of),
    };
    let Edit { path, before: old, after: new, .. } = edit.clone();
    (after < before).then_some(Fate::Expires { what, property: path, before: old, after: new })
}

/// Whether a path is the property or one of its parents.
fn is_within(property: &str, path: &str) -> bool {
    property.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn leaf<'a>(value: &'a Value, steps: &[&str]) -> Option<&'a Value> {
    match steps.split_first() {
        None => Some(value),
        Some((step, rest)) => leaf(value.get(*step)?, rest),
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_f64().map(|n| n as i64)).or_else(|| value.as_str()?.trim().parse().ok())
}

fn is_true(value: &Value) -> bool {
    *value == true || value == "true"
}

/// Whether a bucket expires objects that it kept before: a new expiration rule is stricter than every old rule.
fn expires_more(old: &Value, new: &Value) -> bool {
    const DAYS: [&[&str]; 4] = [
        &["ExpirationInDays"],
        &["NoncurrentVersionExpirationInDays"],
        &["NoncurrentVersionExpiration", "NoncurrentDays"],
        &["NoncurrentVersionExpiration", "NewerNoncurrentVersions"],
    ];
    const SCOPE: [&str; 5] = ["Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Filter"];
    let rules = |side: &'_ Value| -> Vec<Value> {
        let rules = side["LifecycleConfiguration"]["Rules"].as_array().cloned().unwrap_or_default();
        rules.into_iter().filter(|rule| rule["Status"] != "Disabled").collect()
    };
    let before = rules(old);
    let is_like = |a: &Value, b: &Value| SCOPE.iter().all(|key| a[*key] == b[*key]) || covers_all(a);
    rules(new).iter().any(|rule| {
        let is_covered = |days: &[&str]| {
            let Some(wanted) = leaf(rule, days).and_then(number) else { return true };
            let is_strict = |other: &&Value| leaf(other, days).and_then(number).is_some_and(|days| days <= wanted);
            before.iter().filter(|other| is_like(other, rule)).any(|other| is_strict(&other))
        };
        let date = &rule["ExpirationDate"];
        let has_date =
            date.is_null() || before.iter().any(|other| is_like(other, rule) && other["ExpirationDate"] == *date);
        !has_date || !DAYS.iter().all(|days| is_covered(days))
    })
}

/// Whether a lifecycle rule applies to all objects of a bucket.
fn covers_all(rule: &Value) -> bool {
    ["TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "Filter"].iter().all(|key| rule[*key].is_null())
        && rule["Prefix"].as_str().is_none_or(str::is_empty)
}

/// Whether all rules of a repository's new policy are also in its old one.
fn is_part(new: &Value, old: &Value) -> bool {
    let rules = |side: &Value| -> Option<Vec<Value>> {
        match &side["LifecyclePolicy"]["LifecyclePolicyText"] {
            Value::Null => Some(Vec::new()),
            Value::String(text) => serde_json::from_str::<Value>(text).ok()?["rules"].as_array().cloned(),
            _ => None,
        }
    };
    matches!((rules(new), rules(old)), (Some(new), Some(old)) if new.iter().all(|rule| old.contains(rule)))
}

/// Kafka settings by name.
type Settings = Vec<(String, String)>;

/// Returns a topic's settings: lines of `name=value` in plain text or base64, or a map.
fn configs(value: &Value) -> Settings {
    match value {
        Value::String(text) => lines(&plain_text(text)),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), setting(value))).collect(),
        _ => Vec::new(),
    }
}

fn server_properties(side: &Value) -> Settings {
    side["ServerProperties"].as_str().map(|text| lines(&plain_text(text))).unwrap_or_default()
}

fn lines(text: &str) -> Settings {
    if let Ok(Value::Object(map)) = serde_json::from_str(text) {
        return map.iter().map(|(name, value)| (name.clone(), setting(value))).collect();
    }
    let pairs = text.split(['\n', ',']).filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

fn setting(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Decodes base64. Returns other text unchanged.
fn plain_text(text: &str) -> String {
    let decoded = BASE64.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.unwrap_or_else(|| text.to_owned())
}

/// Whether a topic keeps less: less time, fewer bytes, or only the last record of each key.
fn kept_less(old: &Settings, new: &Settings) -> bool {
    // By default, Kafka keeps records for seven days (in milliseconds), with no limit in bytes.
    let of = |settings: &Settings, name: &str| -> Option<i64> {
        let found = settings.iter().find(|(known, _)| known == name || *known == format!("log.{name}"))?;
        found.1.parse::<i64>().ok().map(|n| if n < 0 { i64::MAX } else { n })
    };
    let milliseconds = |settings: &Settings| {
        of(settings, "retention.ms")
            .or_else(|| Some(of(settings, "retention.minutes")?.saturating_mul(60_000)))
            .or_else(|| Some(of(settings, "retention.hours")?.saturating_mul(3_600_000)))
            .unwrap_or(604_800_000)
    };
    let bytes = |settings: &Settings| of(settings, "retention.bytes").unwrap_or(i64::MAX);
    let deletes = |settings: &Settings| {
        let policy = settings.iter().find(|(name, _)| name.ends_with("cleanup.policy"));
        policy.is_none_or(|(_, policy)| policy.contains("delete"))
    };
    let compacts = |settings: &Settings| {
        settings.iter().any(|(name, policy)| name.ends_with("cleanup.policy") && policy.contains("compact"))
    };
    let is_shorter = milliseconds(new) < milliseconds(old) || bytes(new) < bytes(old);
    (deletes(new) && (is_shorter || !deletes(old))) || (compacts(new) && !compacts(old))
}

/// Returns a replica that no longer follows its source, or follows another one.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.Promote.html>,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-detaching.html>.
fn detached(type_name: &str, old: &Value, new: &Value) -> Option<Fate> {
    let property = &facts::resource(type_name).follows;
    let gone = property.iter().find(|property| !old[**property].is_null() && old[**property] != new[**property])?;
    Some(Fate::Detached { property: (*gone).to_owned(), has_other: !new[*gone].is_null() })
}
