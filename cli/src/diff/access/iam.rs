//! IAM policies of roles, trust policies, and policies of keys, buckets, queues and others.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::{Grant, Kind, Names, short};

/// Every statement that a resource holds.
pub fn grants(names: &Names, id: &str, resource: &Value, grants: &mut BTreeSet<Grant>) {
    let properties = &resource["Properties"];
    let at = names.construct(id);
    match resource["Type"].as_str().unwrap_or_default() {
        "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => {
            let who = vec![format!("`{}`", person(&at))];
            trust(names, &at, &properties["AssumeRolePolicyDocument"], grants);
            for policy in items(&properties["Policies"]) {
                statements(names, &at, Some(&who), &policy["PolicyDocument"], grants);
            }
            for arn in items(&properties["ManagedPolicyArns"]) {
                let on =
                    format!("{} has policy `{}`", who[0], short(&names.text(arn)).trim_start_matches("iam policy/"));
                sentence_grant(on, &at, false, grants);
            }
        }
        "AWS::IAM::RolePolicy" | "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
            let roles = items(&properties["Roles"]).into_iter().chain(properties.get("RoleName"));
            let mut who: Vec<String> = roles.map(|role| format!("`{}`", person(&short(&names.text(role))))).collect();
            if who.is_empty() {
                who.push(format!("who has policy `{at}`"));
            }
            statements(names, &at, Some(&who), &properties["PolicyDocument"], grants);
        }
        "AWS::EKS::AccessEntry" => {
            let who = short(&names.text(&properties["PrincipalArn"]));
            for policy in items(&properties["AccessPolicies"]) {
                let scope = policy["AccessScope"]["Type"].as_str().unwrap_or("cluster");
                let policy = names.text(&policy["PolicyArn"]);
                let policy = policy.rsplit('/').next().unwrap_or_default();
                sentence_grant(format!("`{who}` has `{policy}` on the {scope}"), &at, false, grants);
            }
        }
        _ => {
            for value in properties.as_object().into_iter().flat_map(|map| map.values()) {
                statements(names, &at, None, value, grants);
            }
        }
    }
}

fn sentence_grant(on: String, at: &str, denies: bool, grants: &mut BTreeSet<Grant>) {
    let (who, action, when) = (String::new(), String::new(), String::new());
    grants.insert(Grant { who, action, on, when, denies, at: at.to_owned(), kind: Kind::Sentence });
}

/// `order` of `services/genai-demo/order/role`.
fn person(construct: &str) -> String {
    let path = construct.trim_end_matches("/role").trim_end_matches("/policy");
    path.to_owned()
}

/// A policy, whether it is a document or JSON text with references in it.
fn document<'a>(names: &Names, value: &'a Value) -> Option<Cow<'a, Value>> {
    if value["Statement"].is_array() || value["Statement"].is_object() {
        return Some(Cow::Borrowed(value));
    }
    let text = match value {
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Object(map) if map.contains_key("Fn::Sub") || map.contains_key("Fn::Join") => names.text(value).into(),
        _ => return None,
    };
    let document: Value = serde_json::from_str(&text).ok()?;
    (!document["Statement"].is_null()).then_some(Cow::Owned(document))
}

fn statements(names: &Names, at: &str, who: Option<&[String]>, value: &Value, grants: &mut BTreeSet<Grant>) {
    let Some(document) = document(names, value) else { return };
    for statement in items(&document["Statement"]) {
        let denies = statement["Effect"] == "Deny";
        let when = condition(names, &statement["Condition"]);
        let who: Vec<String> = match who {
            Some(who) => who.to_vec(),
            None => principals(names, statement),
        };
        let mut actions: Vec<String> = items(&statement["Action"]).iter().map(|action| names.text(action)).collect();
        actions.extend(items(&statement["NotAction"]).iter().map(|action| format!("all but {}", names.text(action))));
        let mut on: Vec<String> = items(&statement["Resource"]).iter().map(|on| names.text(on)).collect();
        on.extend(items(&statement["NotResource"]).iter().map(|on| format!("all but {}", names.text(on))));
        if on.is_empty() || (on == ["*"] && at_is_subject(statement)) {
            on = vec![at.to_owned()];
        }
        for who in &who {
            for action in &actions {
                for on in &on {
                    let (who, action, on, when) = (who.clone(), action.clone(), on.clone(), when.clone());
                    grants.insert(Grant { who, action, on, when, denies, at: at.to_owned(), kind: Kind::Permission });
                }
            }
        }
    }
}

/// In a policy of a key or a bucket, `*` is the thing itself.
fn at_is_subject(statement: &Value) -> bool {
    !statement["Principal"].is_null() || !statement["NotPrincipal"].is_null()
}

fn trust(names: &Names, at: &str, value: &Value, grants: &mut BTreeSet<Grant>) {
    let Some(document) = document(names, value) else { return };
    for statement in items(&document["Statement"]) {
        let when = condition(names, &statement["Condition"]);
        for who in principals(names, statement) {
            grants.insert(Grant {
                who,
                action: items(&statement["Action"])
                    .iter()
                    .map(|action| names.text(action))
                    .collect::<Vec<_>>()
                    .join(", "),
                on: at.to_owned(),
                when: when.clone(),
                denies: statement["Effect"] == "Deny",
                at: at.to_owned(),
                kind: Kind::Trust,
            });
        }
    }
}

fn principals(names: &Names, statement: &Value) -> Vec<String> {
    let one = |value: &Value| match names.text(value).as_str() {
        "*" => "everybody".to_owned(),
        text if text.ends_with(":root") => {
            // The colons of a pseudo parameter are none of the ARN's.
            let arn = text.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", "");
            match arn.split(':').nth(4) {
                Some("") => "the account of the stack".to_owned(),
                account => format!("account `{}`", account.unwrap_or(text)),
            }
        }
        text => format!("`{}`", short(text)),
    };
    let but = items(&statement["NotPrincipal"]);
    if !but.is_empty() {
        return vec![format!("everybody but {}", but.iter().map(|value| one(value)).collect::<Vec<_>>().join(", "))];
    }
    match &statement["Principal"] {
        Value::Object(map) if !map.keys().any(|key| key.starts_with("Fn::") || key == "Ref") => {
            map.values().flat_map(items).map(one).collect()
        }
        Value::Null => Vec::new(),
        other => vec![one(other)],
    }
}

fn condition(names: &Names, value: &Value) -> String {
    let Some(map) = value.as_object() else { return String::new() };
    let mut parts = Vec::new();
    for (operator, tests) in map {
        for (key, wanted) in tests.as_object().into_iter().flatten() {
            let mut wanted: Vec<String> = items(wanted).iter().map(|value| names.text(value)).collect();
            wanted.sort();
            parts.push(format!("`{key}` {operator} `{}`", wanted.join("`, `")));
        }
    }
    parts.join(" and ")
}

/// What somebody may now do, or no longer.
pub fn sentence(who: &str, actions: &BTreeSet<String>, on: &str, is_new: bool, denies: bool) -> String {
    let modal = match (is_new, denies) {
        (true, false) => "may now",
        (false, false) => "may no longer",
        (true, true) => "is now forbidden to",
        (false, true) => "is no longer forbidden to",
    };
    let thing = topic(on).map_or_else(|| format!("`{}`", short(on)), |topic| format!("topic `{topic}`"));
    let verbs: BTreeSet<String> = actions.iter().map(|action| verb(action, on)).collect();
    let verbs: Vec<String> = verbs.into_iter().collect();
    let preposition = if verbs.iter().any(|verb| verb.starts_with('`')) { " on" } else { "" };
    format!("{who} {modal} {}{preposition} {thing}", verbs.join(", "))
}

/// `payments` of the ARN of a Kafka topic.
fn topic(on: &str) -> Option<&str> {
    let (_, rest) = on.split_once(":topic/")?;
    rest.rsplit('/').next()
}

fn verb(action: &str, on: &str) -> String {
    match action {
        "kafka-cluster:WriteData" if topic(on).is_some() => "write",
        "kafka-cluster:ReadData" if topic(on).is_some() => "read",
        "kafka-cluster:DescribeTopic" => "describe",
        "kafka-cluster:Connect" => "connect to",
        "rds-db:connect" => "log in to",
        "secretsmanager:GetSecretValue" => "read secret",
        "ssm:GetParameter" | "ssm:GetParameters" => "read parameter",
        "ssm:GetParametersByPath" => "list parameters below",
        "kms:Decrypt" => "decrypt with",
        "kms:Encrypt" => "encrypt with",
        "elasticache:Connect" => "connect to",
        "sqs:SendMessage" => "send to",
        "sqs:ReceiveMessage" => "receive from",
        "sns:Publish" => "publish to",
        "s3:GetObject" => "read objects of",
        "s3:PutObject" => "write objects of",
        "s3:DeleteObject" => "delete objects of",
        "sts:AssumeRole" => "take on",
        "*" => "do everything with",
        other => return format!("`{other}`"),
    }
    .to_owned()
}

/// A list, whether it is written as one or as its only item.
pub(super) fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}
