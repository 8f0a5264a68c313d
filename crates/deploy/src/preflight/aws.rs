//! Checks the identity and its expiration in each region of a platform, and whether CloudFormation answers there.

use std::collections::BTreeMap;

use super::Finding;
use crate::assembly::Assembly;
use crate::aws::{Aws, Caller};
use crate::bootstrap;
use crate::cloud::{AccountRegion, Cloud, CloudError, Fault};
use crate::failure::{ASSUME_ROLE, of_call};
use crate::plan::Plan;
use crate::time::timestamp;

/// The minimum remaining lifetime of credentials in seconds: one hour. Shorter credentials can expire during a
/// deployment.
const ENOUGH: u64 = 3600;

/// Checks the identity in every location of a platform. `bucket` is the bucket for large templates in every region.
pub async fn identities(aws: &Aws, assembly: &Assembly, plan: &Plan, bucket: Option<&str>, now: u64) -> Vec<Finding> {
    let mut callers: BTreeMap<Caller, Vec<AccountRegion>> = BTreeMap::new();
    let mut refusals: Vec<(CloudError, Vec<AccountRegion>)> = Vec::new();
    for place in places(assembly) {
        match aws.caller(&place).await {
            Ok(caller) => callers.entry(caller).or_default().push(place),
            Err(error) => match refusals.iter_mut().find(|(known, _)| *known == error) {
                Some((_, places)) => places.push(place),
                None => refusals.push((error, vec![place])),
            },
        }
    }
    let app = &assembly.manifest.app;
    let mut out: Vec<Finding> = callers.iter().map(|(caller, places)| known(app, caller, places, now)).collect();
    for (error, places) in &refusals {
        out.push(unknown(app, error, places, !callers.is_empty()));
    }
    let mut answering = Vec::new();
    for place in callers.values().flatten() {
        match region(aws, plan, place, bucket).await {
            Ok(()) => answering.push(place),
            Err(finding) => out.push(finding),
        }
    }
    if !answering.is_empty() {
        out.push(Finding::good("region", format!("`{app}`: CloudFormation answers in {}", regions(&answering))));
    }
    out
}

/// Returns the distinct accounts and regions of stacks and clusters.
fn places(assembly: &Assembly) -> Vec<AccountRegion> {
    let stacks = assembly.manifest.stacks.iter().map(|it| (&it.account, Some(&it.region)));
    let clusters = assembly.manifest.clusters.iter().map(|it| (&it.account, it.region.as_ref()));
    let mut out: Vec<AccountRegion> = stacks
        .chain(clusters)
        .filter_map(|(account, region)| Some(AccountRegion { account: account.clone(), region: region?.clone() }))
        .collect();
    out.sort();
    out.dedup();
    out
}

fn known(app: &str, caller: &Caller, places: &[AccountRegion], now: u64) -> Finding {
    let who = format!("`{app}`: {} in {}", caller.arn, regions(&places.iter().collect::<Vec<_>>()));
    match caller.expires {
        None => Finding::good("aws", who),
        Some(end) if end <= now => Finding::wrong("aws", format!("{who}, expired {}", timestamp(end)), "sign in again"),
        Some(end) if end - now < ENOUGH => Finding::doubtful(
            "aws",
            format!("{who}, for another {} min", (end - now) / 60),
            "sign in again before you deploy, or run the command again after an interruption: it continues",
        ),
        Some(end) => Finding::good("aws", format!("{who}, until {}", timestamp(end))),
    }
}

fn unknown(app: &str, error: &CloudError, places: &[AccountRegion], is_known_elsewhere: bool) -> Finding {
    let places: Vec<&AccountRegion> = places.iter().collect();
    let what = match error.fault {
        Fault::Unreachable | Fault::Throttled => "AWS does not respond in",
        Fault::ClockSkew => "AWS rejects calls in",
        Fault::Endpoint => "AWS cannot be called in",
        Fault::Denied if error.call == ASSUME_ROLE => "the role cannot be assumed in",
        _ => "not signed in for",
    };
    let text = format!("`{app}`: {what} {}: {}", regions(&places), error.text);
    let help = match error.fault {
        Fault::OtherAccount => format!(
            "specify a profile of that account with `AWS_PROFILE`, or a role in it with `role` in `[deploy.{app}]` of \
             meshsynth.toml"
        ),
        Fault::Credentials if is_known_elsewhere => format!(
            "the credentials work in other regions: if this region is not enabled in the account, run `aws account \
             enable-region --region-name {}`",
            places[0].region
        ),
        Fault::Credentials | Fault::NoCredentials => {
            "sign in, for example with `aws sso login`; specify a profile with `AWS_PROFILE`; or set \
             `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
                .to_owned()
        }
        Fault::Unreachable => {
            "check the network, the proxy, `AWS_ENDPOINT_URL`, and the spelling of the region in the program".to_owned()
        }
        Fault::Denied => {
            format!("allow your identity in the trust policy of the role in `[deploy.{app}]`")
        }
        _ => of_call("", error).help,
    };
    Finding::wrong("aws", text, help)
}

/// Checks that CloudFormation answers, and that a bucket exists if a template is too large for an API call.
async fn region(aws: &Aws, plan: &Plan, place: &AccountRegion, bucket: Option<&str>) -> Result<(), Finding> {
    let region = &place.region;
    let stack = aws.stack(place, bootstrap::STACK).await.map_err(|error| {
        let text = format!("`{}`: CloudFormation does not respond in `{region}`: {error}", plan.app);
        Finding::wrong("region", text, of_call("", &error).help)
    })?;
    let has_bucket = bucket.is_some() || stack.is_some_and(|stack| stack.outputs.contains_key(bootstrap::OUTPUT));
    let mut steps = plan.stacks.iter().filter(|step| step.region == *region && step.account == place.account);
    match steps.find(|step| step.by_bucket) {
        Some(step) if !has_bucket => Err(Finding::wrong(
            "region",
            format!(
                "`{}`: the template of `{}` has {} bytes, which exceeds the limit of an API call, and `{region}` has \
                 no bucket for templates",
                plan.app, step.id, step.bytes
            ),
            format!(
                "run `meshsynth bootstrap --region {region}`, or specify a bucket with `bucket` in `[deploy.{}]`",
                plan.app
            ),
        )),
        _ => Ok(()),
    }
}

/// Formats regions in backticks, with the account if one is specified.
fn regions(places: &[&AccountRegion]) -> String {
    let names = places.iter().map(|place| match &place.account {
        Some(account) => format!("`{}` of {account}", place.region),
        None => format!("`{}`", place.region),
    });
    names.collect::<Vec<_>>().join(", ")
}
