//! The tables of `tests/tables/iam.txt`, line by line.

use meshsynth_reach::identity::{
    Body, Context, Document, Grant, Known, Policies, Policy, Principal, Request, Truth, decide,
};
use serde_json::{Value, json};

const TABLE: &str = include_str!("../../tables/iam.txt");
const ACCOUNT: &str = "111122223333";
const FAR: &str = "444455556666";

/// Returns the rows of a section, each with its line.
fn rows(section: &str) -> Vec<(usize, Vec<&'static str>)> {
    let lines = TABLE.lines().enumerate().skip_while(|(_, line)| *line != format!("[{section}]")).skip(1);
    let lines = lines.take_while(|(_, line)| !line.starts_with('[')).filter(|(_, line)| line.contains(" | "));
    let rows = lines.filter(|(_, line)| !line.starts_with('#'));
    rows.map(|(at, line)| (at + 1, line.split('|').map(str::trim).collect())).collect()
}

fn check(section: &str, got: impl Fn(&[&str]) -> Truth) -> usize {
    let rows = rows(section);
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(line, cells)| {
            let (wanted, cells) = cells.split_last()?;
            let wanted = match *wanted {
                "yes" | "allowed" => Truth::Yes,
                "no" | "denied" => Truth::No,
                "unknown" => Truth::Unknown,
                other => panic!("line {line}: `{other}` is not an answer"),
            };
            let got = got(cells);
            (got != wanted).then(|| format!("line {line}: {got:?}, not {wanted:?}: {}", cells.join(" | ")))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    rows.len()
}

fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).collect()
}

fn policy(statement: Value) -> Policy<()> {
    let document = json!({ "Version": "2012-10-17", "Statement": [statement] });
    Policy { body: Body::Known(Document::parse(&document).unwrap()), at: () }
}

fn principal(who: &str) -> Principal {
    let (account, who) = who.strip_prefix("far-").map_or((ACCOUNT, who), |who| (FAR, who));
    match who {
        "role" => Principal::role(&format!("arn:aws:iam::{account}:role/app")),
        "user" => Principal::User { account: account.to_owned(), arn: format!("arn:aws:iam::{account}:user/ann") },
        "root" => Principal::Account(account.to_owned()),
        "service" => Principal::Service("logs.amazonaws.com".to_owned()),
        _ => Principal::Anonymous,
    }
}

fn request(who: &str, context: Context) -> Request {
    Request {
        principal: principal(who),
        action: "s3:GetObject".to_owned(),
        resource: "arn:aws:s3:::b/k".to_owned(),
        account: ACCOUNT.to_owned(),
        context,
    }
}

#[test]
fn conditions_match_documentation() {
    let rows = check("condition", |cells| {
        let context = match cells[1] {
            "-" => Context::closed(),
            "?" => Context::default(),
            values => {
                let values = list(values).into_iter().map(str::to_owned).collect();
                Context::closed().knowing("aws:RequestTag/x", Known::Values(values))
            }
        };
        let statement = json!({
            "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { cells[0]: { "aws:RequestTag/x": list(cells[2]) } },
        });
        let policy = policy(statement);
        let policies = Policies { identity: vec![&policy], ..Policies::default() };
        decide(&request("role", context), &policies).truth
    });
    assert!(rows > 80, "{rows}");
}

#[test]
fn elements_match_documentation() {
    check("element", |cells| {
        let (element, asked) = (cells[0], cells[2]);
        let is_who = element.ends_with("Principal");
        let mut statement = json!({ "Effect": if element == "NotPrincipal" { "Deny" } else { "Allow" } });
        statement[if element.ends_with("Action") { element } else { "Action" }] = "*".into();
        statement[if element.ends_with("Resource") { element } else { "Resource" }] = "*".into();
        statement[element] =
            if is_who && cells[1] != "*" { json!({ "AWS": list(cells[1]) }) } else { json!(words(cells[1])) };
        let context = Context::closed().with("aws:username", "ann");
        let mut request = request(if is_who { asked } else { "role" }, context);
        match element.trim_start_matches("Not") {
            "Action" => request.action = asked.to_owned(),
            "Resource" => request.resource = asked.to_owned(),
            _ => {}
        }
        let policy = policy(statement);
        let Body::Known(document) = &policy.body else { return Truth::No };
        document.statements[0].fit(&request, false).truth
    });
}

/// Splits a list of names. A default value in a variable contains a comma, so such a text is not
/// split.
fn words(text: &str) -> Vec<&str> {
    if text.contains("${") { vec![text] } else { list(text) }
}

#[test]
fn combined_policies_match_documentation() {
    let rows = check("logic", |cells| logic(cells[0], cells[1]));
    assert!(rows > 80, "{rows}");
}

fn logic(who: &str, words: &str) -> Truth {
    let account = if who.starts_with("far-") { FAR } else { ACCOUNT };
    let name = |whom: &str| match whom {
        "role" => format!("arn:aws:iam::{account}:role/app"),
        "other" => format!("arn:aws:iam::{account}:role/other"),
        "user" => format!("arn:aws:iam::{account}:user/ann"),
        "session" => format!("arn:aws:sts::{account}:assumed-role/app/pod"),
        _ => format!("arn:aws:iam::{account}:root"),
    };
    let statement = |sign: char, whom: Option<&str>| {
        let mut statement = json!({ "Effect": if sign == '-' { "Deny" } else { "Allow" }, "Resource": "*" });
        statement["Action"] = if sign == '0' { "s3:PutObject" } else { "s3:Get*" }.into();
        match whom {
            None => {}
            Some("" | "*") => statement["Principal"] = "*".into(),
            Some("service") => statement["Principal"] = json!({ "Service": "logs.amazonaws.com" }),
            Some(whom) => match whom.strip_prefix('!') {
                Some(whom) => statement["NotPrincipal"] = json!({ "AWS": name(whom) }),
                None => statement["Principal"] = json!({ "AWS": name(whom) }),
            },
        }
        statement
    };
    let mut parts: Vec<(char, Policy<()>)> = Vec::new();
    let (mut needs_resource, mut grants) = (false, Vec::new());
    for word in words.split_whitespace() {
        let mut letters = word.chars();
        let (part, sign) = (letters.next().unwrap(), letters.next().unwrap_or(' '));
        let whom = letters.as_str();
        match (part, sign) {
            ('K', _) => needs_resource = true,
            ('G', _) => grants.push(Grant {
                grantee: name("role"),
                operations: vec!["GetObject".to_owned()],
                is_constrained: false,
                at: (),
            }),
            (_, '?') => parts.push((part, Policy { body: Body::Unread, at: () })),
            ('R' | 'E', _) => parts.push((part, policy(statement(sign, Some(whom))))),
            _ => parts.push((part, policy(statement(sign, None)))),
        }
    }
    let of = |wanted: char| parts.iter().filter(|it| it.0 == wanted).map(|it| &it.1).collect::<Vec<_>>();
    let policies = Policies {
        identity: of('I'),
        boundary: of('B').first().copied(),
        session: of('S'),
        resource: of('R'),
        needs_resource,
        grants: grants.iter().collect(),
        endpoint: of('E'),
    };
    decide(&request(who, Context::closed()), &policies).truth
}
