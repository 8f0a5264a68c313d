//! The vendor does not test the version of a chart with the Kubernetes version of its cluster.
//!
//! # What it reports
//!
//! The Kubernetes version is outside of the tested range of Istio, KEDA or Karpenter, and another release of the chart is
//! tested with it. The finding is a warning. If no release in the data is tested with the version, the rule has no
//! finding, and `meshsynth upgrade` shows the range.
//!
//! # Why it matters
//!
//! Vendors use interfaces of Kubernetes that newer versions change or remove. Problems with an untested combination are
//! not fixed.
//!
//! # Fix
//!
//! Use the version that the message names. `meshsynth upgrade` orders the steps.
//!
//! Source: <https://keda.sh/docs/latest/operate/cluster/>,
//! <https://istio.io/latest/docs/releases/supported-releases/>, <https://karpenter.sh/docs/upgrading/compatibility/>

use std::cmp::Ordering;

use crate::diag::Diagnostic;
use crate::facts::versions::calendar::Release;
use crate::facts::versions::{order, product};
use crate::node::Kind;
use crate::synth::{Link, Model};

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, release) in model.releases() {
        let is_it = |it: &&product::Product| it.has_chart(&release.repository, &release.chart);
        let Some(product) = product::all().iter().find(is_it) else { continue };
        let kubernetes = model.target_of(id).and_then(|target| match &model.node(target).kind {
            Kind::Target(target) => Some(target.version.as_str()),
            _ => None,
        });
        let (Some(kubernetes), Some(calendar)) = (kubernetes.filter(|it| !it.is_empty()), product.ranges()) else { continue };
        let version = release.version.trim_start_matches('v');
        let Some((low, high)) = calendar.release(version).and_then(|it| it.kubernetes) else { continue };
        if order::is_inside(kubernetes, (low, high)) {
            continue;
        }
        let is_tested = |it: &&Release| it.kubernetes.is_some_and(|range| order::is_inside(kubernetes, range));
        let mut tested: Vec<_> = calendar.releases.iter().filter(is_tested).collect();
        tested.sort_by(|a, b| order::compare(a.cycle, b.cycle));
        // A newer cluster needs a newer release, and an older cluster an older one.
        let is_behind = order::compare(kubernetes, low) != Ordering::Less;
        let wanted = if is_behind { Ordering::Greater } else { Ordering::Less };
        tested.retain(|it| order::compare(it.cycle, version) == wanted);
        let Some(instead) = (if is_behind { tested.first() } else { tested.last() }) else { continue };
        let range = high.map_or_else(|| format!("{low} and newer"), |high| format!("{low} to {high}"));
        let message = format!(
            "{} {version} is tested with Kubernetes {range}, but the cluster has {kubernetes}",
            product.name
        );
        out.push(model.warning(id, "MS0224", message).help(format!("use {} {}", product.name, instead.cycle)));
    }
}

#[cfg(test)]
mod tests {
    use crate::mesh::{Chart, HelmRelease, HelmReleaseProps};
    use crate::testing::{cluster, codes};

    fn karpenter(version: &str) -> Vec<&'static str> {
        let found = codes(|app| {
            let cluster = cluster(app);
            let chart = Chart::new("https://charts.karpenter.example/karpenter", "karpenter", version);
            HelmRelease::new(&cluster, "karpenter", &cluster, chart, HelmReleaseProps::default());
        });
        found.into_iter().filter(|code| *code == "MS0224").collect()
    }

    #[test]
    fn warns_about_a_version_outside_of_the_tested_range() {
        assert_eq!(karpenter("1.5.0"), ["MS0224"]);
    }

    /// KEDA 2.5 has no upper limit, but a downgrade does not make a combination tested.
    #[test]
    fn does_not_suggest_an_older_release_for_a_newer_cluster() {
        let found = codes(|app| {
            let cluster = cluster(app);
            let chart = Chart::new("https://kedacore.github.io/charts", "keda", "2.20.2");
            HelmRelease::new(&cluster, "keda", &cluster, chart, HelmReleaseProps::default());
        });
        assert!(!found.contains(&"MS0224"), "{found:?}");
    }

    #[test]
    fn accepts_a_tested_version() {
        assert_eq!(karpenter("1.14.1"), [""; 0]);
    }
}
