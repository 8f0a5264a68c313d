//! Reference platforms after the loss of each zone, region and workload.
//!
//! `UPDATE_SNAPSHOTS=1` writes the expected answers. Review them before a commit.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use meshsynth_reach::World;
use meshsynth_reach::loss::{Asked, Kind, Loss, Outcome, lose, regions, zones};

use crate::support::read;

const PLATFORMS: [&str; 7] = [
    "ambient-shop",
    "cross-region-mesh",
    "ecommerce",
    "genai-demo-production",
    "global-data",
    "multicluster-mesh",
    "retail-production",
];

fn without(world: &World, asked: &Asked) -> Loss {
    let event = asked.event(world).unwrap_or_else(|error| panic!("{error:?}"));
    lose(world, asked, &event)
}

/// Summarizes the effects: affected parts with their causes, and the number of parts with each
/// outcome.
fn told(world: &World, asked: &Asked) -> String {
    let loss = without(world, asked);
    let mut out = format!("== without {}\n", loss.lost);
    for kind in Kind::ALL {
        for finding in loss.of(kind) {
            let is_told = finding.outcome() != Outcome::Left || !finding.judgement.causes.is_empty();
            if is_told {
                let _ = writeln!(out, "{:10} {:9} {}", finding.outcome().word(), kind.word(), finding.name);
                for cause in &finding.judgement.causes {
                    // Line numbers change with every edit of a platform, so only the file is kept.
                    let at = cause.at.as_ref().map(ToString::to_string).unwrap_or_default();
                    let at = at
                        .split(':')
                        .next()
                        .filter(|it| !it.is_empty())
                        .map(|it| format!(" at {it}"))
                        .unwrap_or_default();
                    let by = if cause.what.is_empty() {
                        String::new()
                    } else {
                        format!(" [{} {}{at}]", cause.what, cause.field)
                    };
                    let _ = writeln!(out, "           - {}{by}", cause.why);
                }
            }
        }
        let left = loss
            .findings
            .iter()
            .filter(|it| it.kind == kind && it.outcome() == Outcome::Left && it.judgement.causes.is_empty())
            .count();
        if left > 0 {
            let _ = writeln!(out, "left       {:9} {left} more", kind.word());
        }
    }
    for (idx, step) in loss.steps.iter().enumerate() {
        let _ = writeln!(out, "{}. {}: {}", idx + 1, step.stage.words(), step.text);
        if !step.command.is_empty() {
            let _ = writeln!(out, "   {}", step.command);
        }
    }
    out.push('\n');
    out
}

#[test]
fn reference_platform_losses_match_reviewed_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loss");
    let mut wrong = Vec::new();
    for platform in PLATFORMS {
        let world = read(platform);
        let zone = |it: String| Asked { zones: vec![it], ..Asked::default() };
        let region = |it: String| Asked { regions: vec![it], ..Asked::default() };
        let workload = |it: String| Asked { workloads: vec![it], ..Asked::default() };
        let workloads: BTreeSet<String> = world.workload_ids().map(|id| world.workload(id).title()).collect();
        let all = zones(&world).into_iter().map(zone).chain(regions(&world).into_iter().map(region));
        let all = all.chain(workloads.into_iter().map(workload));
        let cluster = |it: String| Asked { clusters: vec![it], ..Asked::default() };
        let clusters = world.clusters.iter().map(|it| it.id.clone()).filter(|_| world.clusters.len() > 1);
        // The network of `retail` already exists, so the files do not contain its zones.
        let guessed = (platform == "retail-production").then(|| zone("eu-central-1a".to_owned()));
        let all = guessed.into_iter().chain(all).chain(clusters.map(cluster));
        let text: String = all.map(|asked| told(&world, &asked)).collect();
        let file = folder.join(format!("{platform}.txt"));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&file, &text).unwrap();
        }
        if fs::read_to_string(&file).unwrap_or_default() != text {
            wrong.push(platform);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}: with UPDATE_SNAPSHOTS=1 they are written again; then read them");
}
