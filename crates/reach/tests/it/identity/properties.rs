//! Compares the engine with the second evaluator over small universes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use meshsynth_reach::identity::{Body, Context, Document, Known, Policies, Policy, Principal, Request, Truth, decide};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

use super::naive::{self, Asked, Attached};

const ROLES: [&str; 2] = ["arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:role/app"];
const ACTIONS: [&str; 3] = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"];
const RESOURCES: [&str; 3] = ["arn:aws:s3:::a/k", "arn:aws:s3:::b/k", "arn:aws:s3:::b/kk"];
const KEYS: [&str; 2] = ["aws:RequestTag/team", "aws:TagKeys"];
const VALUES: [&str; 4] = ["red", "redder", "blue", "7"];

fn property<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(strategy, test) {
        panic!("{error}");
    }
}

fn some(of: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(select(of), 1..3)
}

fn conditions() -> impl Strategy<Value = Value> {
    let operators = select(
        &[
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIfExists",
            "StringNotLikeIfExists",
            "ForAllValues:StringEquals",
            "ForAnyValue:StringLike",
            "ForAllValues:StringNotLike",
            "ForAnyValue:StringNotEquals",
            "ForAnyValue:StringEqualsIfExists",
            "NumericLessThan",
            "Null",
        ][..],
    );
    let one =
        (operators, select(&KEYS[..]), some(&["red", "r*", "*", "blue", "?"])).prop_map(|(operator, key, values)| {
            let values = match operator {
                "Null" => vec![if values.len() > 1 { "true" } else { "false" }],
                "NumericLessThan" => vec!["8"],
                _ => values,
            };
            (operator, key, values)
        });
    proptest::collection::vec(one, 0..3).prop_map(|all| {
        let mut condition = json!({});
        for (operator, key, values) in all {
            condition[operator][key] = json!(values);
        }
        condition
    })
}

fn statement(with_principal: bool) -> impl Strategy<Value = Value> {
    let actions = some(&["s3:*", "s3:getobject", "*", "s3:Put*", "sqs:SendMessage", "s3:?etObject"]);
    let resources = some(&["*", "arn:aws:s3:::a/*", "arn:aws:s3:::b/k", "arn:aws:s3:::?/k*"]);
    let names = some(&["*", "111122223333", "arn:aws:iam::444455556666:root", ROLES[0], ROLES[1]]);
    let flags = (prop::bool::weighted(0.3), prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (flags, actions, resources, names, conditions()).prop_map(
        move |((denies, not_action, not_resource), actions, resources, names, condition)| {
            let mut statement = json!({ "Effect": if denies { "Deny" } else { "Allow" }, "Condition": condition });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(actions);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resources);
            if with_principal {
                statement["Principal"] = json!({ "AWS": names });
            }
            statement
        },
    )
}

fn document(with_principal: bool) -> impl Strategy<Value = Value> {
    let statements = proptest::collection::vec(statement(with_principal), 1..4);
    statements.prop_map(|statements| json!({ "Version": "2012-10-17", "Statement": statements }))
}

fn attached() -> impl Strategy<Value = Attached> {
    let parts = (
        proptest::collection::vec(document(false), 0..3),
        proptest::option::of(document(false)),
        proptest::collection::vec(document(true), 0..2),
        prop::bool::ANY,
    );
    parts.prop_map(|(identity, boundary, resource, needs_resource)| Attached {
        identity,
        boundary,
        resource,
        needs_resource,
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let keys = proptest::collection::btree_map(
        select(&KEYS[..]).prop_map(str::to_owned),
        proptest::collection::vec(select(&VALUES[..]).prop_map(str::to_owned), 1..3),
        0..3,
    );
    (select(&ROLES[..]), select(&ACTIONS[..]), select(&RESOURCES[..]), keys).prop_map(
        |(role, action, resource, keys)| Asked {
            role: role.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            owner: "111122223333".to_owned(),
            keys,
        },
    )
}

fn policy(document: &Value) -> Policy<()> {
    Policy { body: Body::Known(Document::parse(document).unwrap()), at: () }
}

fn engine(asked: &Asked, attached: &Attached, context: Context) -> Truth {
    let of = |documents: &[Value]| documents.iter().map(policy).collect::<Vec<_>>();
    let (identity, resource) = (of(&attached.identity), of(&attached.resource));
    let boundary = attached.boundary.as_ref().map(policy);
    let request = Request {
        principal: Principal::role(&asked.role),
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        account: asked.owner.clone(),
        context,
    };
    let policies = Policies {
        identity: identity.iter().collect(),
        boundary: boundary.as_ref(),
        resource: resource.iter().collect(),
        needs_resource: attached.needs_resource,
        ..Policies::default()
    };
    decide(&request, &policies).truth
}

fn known(keys: &BTreeMap<String, Vec<String>>) -> Context {
    keys.iter().fold(Context::closed(), |context, (key, values)| context.knowing(key, Known::Values(values.clone())))
}

#[test]
fn known_requests_agree_with_a_separate_evaluator() {
    property(4000, &(asked(), attached()), |(asked, attached)| {
        let wanted = naive::allows(&asked, &attached);
        prop_assert_eq!(engine(&asked, &attached, known(&asked.keys)), Truth::from(wanted));
        Ok(())
    });
}

/// A result with an unknown key must be correct for every value of the key.
#[test]
fn unknown_keys_change_results_only_to_unknown() {
    property(1500, &(asked(), attached(), select(&KEYS[..])), |(asked, attached, key)| {
        let said = engine(&asked, &attached, known(&asked.keys).knowing(key, Known::Unknown));
        let mut completions: Vec<Option<Vec<&str>>> = VALUES.iter().map(|it| Some(vec![*it])).collect();
        completions.extend([None, Some(vec!["red", "blue"]), Some(vec!["7", "other"])]);
        for values in completions {
            let mut asked = asked.clone();
            asked.keys.remove(key);
            if let Some(values) = values {
                asked.keys.insert(key.to_owned(), values.into_iter().map(str::to_owned).collect());
            }
            let is = Truth::from(naive::allows(&asked, &attached));
            prop_assert!(said == Truth::Unknown || said == is, "said {said:?}, is {is:?} with {:?}", asked.keys);
        }
        Ok(())
    });
}
