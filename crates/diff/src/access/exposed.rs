//! Descriptions of public exposure and of EKS access entries.

use meshsynth_access::network::{Exposure, is_only_possible};
use meshsynth_access::sets::{Dimension, Extent};

use super::phrases::{quoted, values};
use super::traffic;

/// Describes an exposure that begins or ends.
pub(super) fn words(exposure: Exposure, at: &str, extent: &Extent, widened: bool) -> String {
    let actions = || values(extent.of(&Dimension::Action), &quoted, "everything");
    let is = |yes: &str, no: &str| format!("`{at}` {}", if widened { yes } else { no });
    match exposure {
        Exposure::PublicAddress if is_only_possible(extent) => {
            is("may get a public address, depending on its subnets", "no longer gets a public address in any subnet")
        }
        Exposure::PublicAddress => is("has a public address", "no longer has a public address"),
        Exposure::InternetFacing => is("is internet-facing", "is no longer internet-facing"),
        Exposure::ApiServer => {
            let peer = traffic::peer(extent);
            let verb = if widened { "now allows connections from" } else { "no longer allows connections from" };
            format!("the API server of `{at}` {verb} {peer}")
        }
        Exposure::NoLogin => is(
            "accepts requests without authentication",
            "no longer accepts requests without \
             authentication",
        ),
        Exposure::PublicAccessNotBlocked => {
            let verb = if widened { "no longer blocks" } else { "now blocks" };
            format!("`{at}` {verb} public access: {}", actions())
        }
        Exposure::PublicAccessList => {
            format!("anyone {} {} on `{at}`", if widened { "may now" } else { "may no longer" }, actions())
        }
        Exposure::PublicAddressOnLaunch => {
            let verb = if widened { "now get" } else { "no longer get" };
            format!("instances in `{at}` {verb} public addresses")
        }
        Exposure::NotFiltered => {
            is("accepts requests without web ACL inspection", "accepts only requests that a web ACL inspects")
        }
        Exposure::RuleNotApplied => {
            let verb = if widened { "no longer applies" } else { "now applies" };
            format!("web ACL `{at}` {verb} {}", actions())
        }
        Exposure::InternetRoute => is("now routes to the internet", "no longer routes to the internet"),
    }
}

/// Describes what an EKS access entry grants: an access policy or a Kubernetes group.
pub(super) fn entry(who: &str, cluster: &str, extent: &Extent, widened: bool) -> String {
    let has = if widened { "now has" } else { "no longer has" };
    if let Some(groups) = extent.of(&Dimension::Principal).filter(|it| it.tests().is_some()) {
        return format!("`{who}` {has} group {} of `{cluster}`", values(Some(groups), &quoted, "any"));
    }
    let policy = values(extent.of(&Dimension::Resource), &quoted, "every policy");
    let on = match extent.of(&Dimension::Namespace) {
        Some(namespaces) => format!("namespace {}", values(Some(namespaces), &quoted, "any")),
        None => "the cluster".to_owned(),
    };
    format!("`{who}` {has} {policy} on {on}")
}
