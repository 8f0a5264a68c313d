//! Roles as targets: actions that change, pass or assume them, and trust in clients outside the platform.

use meshsynth_reach::{Engine, Source, Target, Verdict, World};
use serde_json::{Value, json};

use crate::support::assembly;

const ACCOUNT: &str = "111122223333";

fn trust(principal: Value, action: &str, condition: Value) -> Value {
    let statement = json!({ "Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition });
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn by_service() -> Value {
    trust(json!({ "Service": "lambda.amazonaws.com" }), "sts:AssumeRole", json!({}))
}

/// Returns a stack with a powerful role and a role with one statement.
fn stack(statement: Value, trusted: Value) -> World {
    let template = json!({ "Resources": {
        "Admin": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trusted } },
        "Job": { "Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": by_service(),
            "Policies": [{ "PolicyName": "own", "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } }],
        } },
        "Person": { "Type": "AWS::IAM::User", "Properties": {} },
        "Team": { "Type": "AWS::IAM::Group", "Properties": {} },
        "Rights": { "Type": "AWS::IAM::ManagedPolicy", "Properties": { "PolicyDocument": { "Statement": [] } } },
    } });
    assembly(vec![("iam", ACCOUNT, "eu-west-1", template)], Vec::new())
}

fn allow(action: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": "*" })
}

fn id(world: &World, name: &str) -> meshsynth_reach::world::ResourceId {
    world.resources_called(&format!("iam/{name}"))[0]
}

fn ask(world: &World, source: &Source, action: &str, on: &str) -> Verdict {
    Engine::new(world).ask(source, &Target::Action(action.to_owned(), id(world, on))).verdict
}

#[test]
fn iam_actions_on_a_role_need_only_an_identity_policy() {
    let world = stack(allow("iam:*"), by_service());
    let job = Source::Role(id(&world, "Job"));
    for action in [
        "iam:PassRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:UpdateAssumeRolePolicy",
        "iam:TagRole",
    ] {
        assert_eq!(ask(&world, &job, action, "Admin"), Verdict::Allowed, "{action}");
    }
    for (action, on) in [
        ("iam:CreateAccessKey", "Person"),
        ("iam:PutUserPolicy", "Person"),
        ("iam:UpdateLoginProfile", "Person"),
        ("iam:AddUserToGroup", "Team"),
        ("iam:CreatePolicyVersion", "Rights"),
        ("iam:SetDefaultPolicyVersion", "Rights"),
    ] {
        assert_eq!(ask(&world, &job, action, on), Verdict::Allowed, "{action}");
    }
    let world = stack(allow("iam:Get*"), by_service());
    let job = Source::Role(id(&world, "Job"));
    assert_eq!(ask(&world, &job, "iam:PassRole", "Admin"), Verdict::Denied);
}

#[test]
fn pass_role_with_a_service_condition_is_unknown() {
    let mut statement = allow("iam:PassRole");
    statement["Condition"] = json!({ "StringEquals": { "iam:PassedToService": "ec2.amazonaws.com" } });
    let world = stack(statement, by_service());
    assert_eq!(ask(&world, &Source::Role(id(&world, "Job")), "iam:PassRole", "Admin"), Verdict::Unknown);
}

#[test]
fn iam_actions_never_cross_accounts() {
    let world = stack(allow("iam:*"), by_service());
    let stranger = Source::Principal("arn:aws:iam::444455556666:role/other".to_owned());
    assert_eq!(ask(&world, &stranger, "iam:PassRole", "Admin"), Verdict::Denied);
}

#[test]
fn assume_role_needs_trust_and_permission() {
    let root = trust(json!({ "AWS": ACCOUNT }), "sts:AssumeRole", json!({}));
    let world = stack(allow("sts:AssumeRole"), root.clone());
    assert_eq!(ask(&world, &Source::Role(id(&world, "Job")), "sts:AssumeRole", "Admin"), Verdict::Allowed);
    let world = stack(allow("s3:*"), root);
    assert_eq!(ask(&world, &Source::Role(id(&world, "Job")), "sts:AssumeRole", "Admin"), Verdict::Denied);
    let world = stack(allow("sts:*"), by_service());
    assert_eq!(ask(&world, &Source::Role(id(&world, "Job")), "sts:AssumeRole", "Admin"), Verdict::Denied);
}

#[test]
fn trust_in_every_aws_account_allows_the_internet() {
    let everybody = trust(json!({ "AWS": "*" }), "sts:AssumeRole", json!({}));
    let world = stack(allow("s3:*"), everybody);
    assert_eq!(ask(&world, &Source::Internet, "sts:AssumeRole", "Admin"), Verdict::Allowed);
    let organization = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } });
    let world = stack(allow("s3:*"), trust(json!({ "AWS": "*" }), "sts:AssumeRole", organization));
    assert_eq!(ask(&world, &Source::Internet, "sts:AssumeRole", "Admin"), Verdict::Denied);
    let external = json!({ "StringEquals": { "sts:ExternalId": "a" } });
    let world = stack(allow("s3:*"), trust(json!({ "AWS": "*" }), "sts:AssumeRole", external));
    assert_eq!(ask(&world, &Source::Internet, "sts:AssumeRole", "Admin"), Verdict::Unknown);
}

#[test]
fn federated_trust_without_subject_allows_the_internet() {
    let github = |condition: Value| {
        let provider = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
        let trusted = trust(json!({ "Federated": provider }), "sts:AssumeRoleWithWebIdentity", condition);
        let world = stack(allow("s3:*"), trusted);
        ask(&world, &Source::Internet, "sts:AssumeRoleWithWebIdentity", "Admin")
    };
    let (aud, sub) = ("token.actions.githubusercontent.com:aud", "token.actions.githubusercontent.com:sub");
    assert_eq!(github(json!({})), Verdict::Allowed);
    assert_eq!(github(json!({ "StringEquals": { aud: "sts.amazonaws.com" } })), Verdict::Allowed);
    assert_eq!(github(json!({ "StringEquals": { aud: "acme" } })), Verdict::Allowed);
    assert_eq!(github(json!({ "StringLike": { sub: "repo:*" } })), Verdict::Allowed);
    assert_eq!(github(json!({ "StringLike": { sub: "repo:acme/*" } })), Verdict::Denied);
    assert_eq!(github(json!({ "StringEquals": { sub: "repo:acme/shop:ref:refs/heads/main" } })), Verdict::Denied);
    let by_owner = json!({ "StringEquals": { "token.actions.githubusercontent.com:repository_owner": "acme" } });
    assert_eq!(github(by_owner), Verdict::Unknown);
}

#[test]
fn unknown_provider_without_subject_condition_is_unknown() {
    let provider = |name: &str, condition: Value| {
        let trusted = trust(json!({ "Federated": name }), "sts:AssumeRoleWithWebIdentity", condition);
        let world = stack(allow("s3:*"), trusted);
        ask(&world, &Source::Internet, "sts:AssumeRoleWithWebIdentity", "Admin")
    };
    let own = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/login.example.com");
    assert_eq!(provider(&own, json!({})), Verdict::Unknown);
    assert_eq!(provider(&own, json!({ "StringEquals": { "login.example.com:sub": "ann" } })), Verdict::Denied);
    let cluster = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1");
    assert_eq!(provider(&cluster, json!({})), Verdict::Denied);
    let pool = json!({ "StringEquals": { "cognito-identity.amazonaws.com:aud": "eu-west-1:0" } });
    assert_eq!(provider("cognito-identity.amazonaws.com", pool), Verdict::Denied);
    assert_eq!(provider("cognito-identity.amazonaws.com", json!({})), Verdict::Allowed);
}

#[test]
fn functions_have_the_credentials_of_their_role() {
    let mut template = json!({ "Resources": {
        "Function": { "Type": "AWS::Lambda::Function", "Properties": { "Role": { "Fn::GetAtt": ["Role", "Arn"] } } },
    } });
    let role = json!({ "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": by_service() } });
    template["Resources"]["Role"] = role;
    let world = assembly(vec![("iam", ACCOUNT, "eu-west-1", template)], Vec::new());
    assert_eq!(ask(&world, &Source::Resource(id(&world, "Function")), "sts:AssumeRole", "Role"), Verdict::Allowed);
}
