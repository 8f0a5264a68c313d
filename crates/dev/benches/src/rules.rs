//! A hundred company rules of ten shapes, to measure their cost in addition to the built-in rules.

use meshsynth::policy::{EdgeKind, Platform, Report, Rule};

/// The number of rules.
pub const N_RULES: usize = 100;

type Check = fn(&Platform<'_>, &mut Report);

/// Returns ten rules for each shape.
pub fn rules() -> Vec<Rule> {
    let shapes: [Check; 10] =
        [encrypted, deletion, tagged, labelled, images, calls, ports, single_zone, grants, exposed];
    let code = |idx: usize| -> &'static str { format!("BENCH{idx:03}").leak() };
    (0..N_RULES).map(|idx| Rule::new(code(idx), "what a company wants", shapes[idx % shapes.len()])).collect()
}

fn encrypted(platform: &Platform<'_>, report: &mut Report) {
    for database in platform.resources("AWS::RDS::DBInstance").filter(|it| !it.property("StorageEncrypted").is(true)) {
        report.at(&database, "it is not encrypted");
    }
}

fn deletion(platform: &Platform<'_>, report: &mut Report) {
    for database in platform.resources("AWS::RDS::DBInstance").filter(|it| !it.property("DeletionProtection").is(true))
    {
        report.at(&database, "it is not protected");
    }
}

fn tagged(platform: &Platform<'_>, report: &mut Report) {
    for role in platform.resources("AWS::IAM::Role").filter(|it| it.tag("meshsynth:app").is_none()) {
        report.at(&role, "it has no tag");
    }
}

fn labelled(platform: &Platform<'_>, report: &mut Report) {
    for workload in platform.workloads().filter(|it| it.label("app.kubernetes.io/name").is_none()) {
        report.at(&workload, "it has no label");
    }
}

fn images(platform: &Platform<'_>, report: &mut Report) {
    for workload in platform.objects("Deployment") {
        for container in workload.property("spec.template.spec.containers").items() {
            let image = container.get("image");
            if image.as_str().is_some_and(|it| it.starts_with("docker.io/")) {
                report.at(&image, "it is not from our registry");
            }
        }
    }
}

fn calls(platform: &Platform<'_>, report: &mut Report) {
    for workload in platform.objects("Deployment").filter(|it| it.edges_out().count() > 20) {
        report.at(&workload, "it depends on too many");
    }
}

fn ports(platform: &Platform<'_>, report: &mut Report) {
    for edge in platform.edges_of(EdgeKind::Call).filter(|it| it.port().is_some_and(|port| port < 1024)) {
        report.at(&edge, "it calls a privileged port");
    }
}

fn single_zone(platform: &Platform<'_>, report: &mut Report) {
    for edge in platform.edges_of(EdgeKind::Data) {
        let multi_az = edge.to().parts("AWS::RDS::DBInstance").map(|it| it.property("MultiAZ")).next();
        if multi_az.is_some_and(|it| !it.is(true)) {
            report.at(&edge, "it depends on one zone");
        }
    }
}

fn grants(platform: &Platform<'_>, report: &mut Report) {
    for grant in platform.grants().filter(|it| it.arn() == "*" && it.writes() && it.resource().is_some()) {
        report.at(&grant, "it may write everything");
    }
}

fn exposed(platform: &Platform<'_>, report: &mut Report) {
    for (item, _) in platform.exposures().filter(|(it, _)| it.holds_data()) {
        report.at(&item, "the internet reaches it");
    }
}
