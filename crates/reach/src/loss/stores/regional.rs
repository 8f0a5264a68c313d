//! Data that a service stores in all zones of a region, if the region is lost.

use serde_json::Value;

use crate::world::{Resource, ResourceId};

use super::super::outcome::{Cause, Judgement, Outcome, Stage, Step};
use super::super::places;
use super::super::site::Site;

/// Returns the effects on a resource in a lost region.
pub fn away(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let found = match resource.type_name.as_str() {
        "AWS::S3::Bucket" => bucket(site, id),
        "AWS::EFS::FileSystem" => files(site, resource),
        "AWS::SecretsManager::Secret" => secret(site, id),
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => key(site, id),
        "AWS::ECR::Repository" => images(site, id),
        "AWS::Backup::BackupPlan" => backups(site, resource),
        "AWS::CertificateManager::Certificate" => certificate(site, id),
        _ => None,
    };
    found.unwrap_or_else(|| {
        let why = format!("it is only in {}", site.lost_regions());
        Judgement::new(Outcome::Lost, Cause::new(why).by(resource.title(), "", &resource.at))
    })
}

/// Returns the remaining regions of a list.
fn left<'a>(site: &Site<'_>, list: &'a Value) -> Vec<&'a str> {
    let regions = list.as_array().into_iter().flatten().filter_map(|it| it["Region"].as_str());
    regions.filter(|it| !site.is_region_lost(it)).collect()
}

/// Returns the effects on a table with replicas. Each replica accepts reads and writes.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html>.
pub fn global_table(site: &Site<'_>, id: ResourceId) -> Judgement {
    let resource = site.resource(id);
    let replicas = resource.property("Replicas");
    let left = left(site, replicas);
    let all = replicas.as_array().map_or(0, Vec::len);
    match (left.as_slice(), all) {
        ([], 1..) => {
            let why = format!("it has replicas only in {}", site.lost_regions());
            Judgement::new(Outcome::Lost, Cause::field(resource, "Replicas", why))
        }
        (left, all) if left.len() < all => {
            let why = format!("the replica in {} accepts reads and writes", left.join(", "));
            Judgement::new(Outcome::FailsOver, Cause::field(resource, "Replicas", why))
        }
        _ => Judgement::untouched(),
    }
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html>.
fn bucket(site: &Site<'_>, id: ResourceId) -> Option<Judgement> {
    let resource = site.resource(id);
    let rules = resource.property("ReplicationConfiguration.Rules").as_array()?;
    let enabled = || rules.iter().enumerate().filter(|(_, rule)| rule["Status"] != "Disabled");
    let known = enabled().find_map(|(idx, rule)| {
        let to = site.world.named_by(&rule["Destination"]["Bucket"])?;
        (!site.is_away(to)).then_some((idx, to))
    });
    let Some((rule, to)) = known else {
        let (idx, _) = enabled().find(|(_, rule)| site.world.named_by(&rule["Destination"]["Bucket"]).is_none())?;
        let why = "copies are in a bucket whose region is not in the files";
        let field = format!("ReplicationConfiguration.Rules[{idx}]");
        return Some(Judgement::new(Outcome::Unknown, Cause::field(resource, field, why)));
    };
    let field = format!("ReplicationConfiguration.Rules[{rule}]");
    let points = site.world.of_type("AWS::S3::MultiRegionAccessPoint").iter();
    let has_both = |it: &&&ResourceId| {
        let buckets = site.resource(***it).property("Regions").as_array().into_iter().flatten();
        let named: Vec<_> = buckets.filter_map(|it| site.world.named_by(&it["Bucket"])).collect();
        named.contains(&id) && named.contains(&to)
    };
    let (region, other) = (places::region(site.world, to), site.resource(to).name());
    if let Some(point) = points.collect::<Vec<_>>().iter().find(|it| has_both(it)) {
        let why = format!("the Multi-Region Access Point routes to {other} in {region}, which has copies");
        return Some(Judgement::new(Outcome::FailsOver, Cause::field(site.resource(**point), "Regions", why)));
    }
    let why = format!("{other} in {region} has copies of its objects, but clients use the name of one bucket");
    Some(Judgement::new(Outcome::ByHand, Cause::field(resource, field, why)).step(Step::new(
        Stage::Data,
        format!("configure clients of {} to use {other} in {region}", resource.name()),
        "",
    )))
}

/// Source: <https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html>.
fn files(site: &Site<'_>, resource: &Resource) -> Option<Judgement> {
    let to = left(site, resource.property("ReplicationConfiguration.Destinations"));
    let region = to.first()?;
    let why = format!("a copy is in {region}; it is writable after the replication is deleted");
    let cause = Cause::field(resource, "ReplicationConfiguration.Destinations", why);
    Some(Judgement::new(Outcome::ByHand, cause).step(Step::new(
        Stage::Data,
        format!("end the replication of {}, and mount the copy in {region}", resource.name()),
        format!(
            "aws efs delete-replication-configuration --region {region} --source-file-system-id <FileSystemId of {}>",
            resource.name()
        ),
    )))
}

/// Source: <https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html>.
fn secret(site: &Site<'_>, id: ResourceId) -> Option<Judgement> {
    let resource = site.resource(id);
    let region = *left(site, resource.property("ReplicaRegions")).first()?;
    let why = format!("the replica in {region} is readable; to change it, promote it to a standalone secret");
    Some(Judgement::new(Outcome::Left, Cause::field(resource, "ReplicaRegions", why)))
}

/// Source: <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html>.
fn key(site: &Site<'_>, id: ResourceId) -> Option<Judgement> {
    let resource = site.resource(id);
    let of = |it: ResourceId| match site.resource(it).type_name.as_str() {
        "AWS::KMS::Key" => Some(it),
        _ => site.world.named_by(site.resource(it).property("PrimaryKeyArn")),
    };
    let all = site.world.of_type("AWS::KMS::Key").iter().chain(site.world.of_type("AWS::KMS::ReplicaKey"));
    let other = all.copied().find(|it| *it != id && of(*it).is_some() && of(*it) == of(id) && !site.is_away(*it))?;
    let why =
        format!("{} in {} decrypts the same data", site.resource(other).name(), places::region(site.world, other));
    let field = if resource.type_name == "AWS::KMS::Key" { "MultiRegion" } else { "PrimaryKeyArn" };
    Some(Judgement::new(Outcome::Left, Cause::field(resource, field, why)))
}

/// Returns the effects on a distribution certificate. All edge locations have a copy; its region
/// only stores it.
fn certificate(site: &Site<'_>, id: ResourceId) -> Option<Judgement> {
    let is_of = |it: &&ResourceId| {
        let certificate = site.resource(**it).property("DistributionConfig.ViewerCertificate.AcmCertificateArn");
        site.world.named_by(certificate) == Some(id)
    };
    let all = site.world.of_type("AWS::CloudFront::Distribution");
    let of = site.resource(*all.iter().find(is_of)?);
    let why = format!("{} continues to use it at the edges, but it cannot be changed or renewed", of.name());
    Some(Judgement::new(Outcome::Left, Cause::field(of, "DistributionConfig.ViewerCertificate.AcmCertificateArn", why)))
}

/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html>.
fn images(site: &Site<'_>, id: ResourceId) -> Option<Judgement> {
    let resource = site.resource(id);
    let own = places::region(site.world, id);
    for rule in site.world.of_type("AWS::ECR::ReplicationConfiguration") {
        let of = site.resource(*rule);
        if places::region(site.world, *rule) != own {
            continue;
        }
        for (idx, rule) in of.property("ReplicationConfiguration.Rules").as_array().into_iter().flatten().enumerate() {
            let regions = left(site, &rule["Destinations"]);
            let filters = rule["RepositoryFilters"].as_array().cloned().unwrap_or_default();
            let name = resource.property("RepositoryName").as_str().unwrap_or_default();
            let is_meant = filters.is_empty()
                || filters.iter().any(|it| name.starts_with(it["Filter"].as_str().unwrap_or_default()));
            if let (Some(region), true) = (regions.first(), is_meant) {
                let why = format!("its images are copied to {region}");
                let field = format!("ReplicationConfiguration.Rules[{idx}]");
                return Some(Judgement::new(Outcome::Left, Cause::field(of, field, why)));
            }
        }
    }
    let name = resource.property("RepositoryName").as_str().filter(|it| !it.contains("${"))?;
    let mut others = site.world.of_type("AWS::ECR::Repository").iter().copied();
    let other =
        others.find(|it| *it != id && site.resource(*it).property("RepositoryName") == name && !site.is_away(*it))?;
    let region = places::region(site.world, other);
    let why = format!(
        "a repository of the same name is in {region}, but the files do not specify whether images are pushed there"
    );
    Some(Judgement::new(Outcome::Unknown, Cause::field(site.resource(other), "RepositoryName", why)).step(Step::new(
        Stage::Means,
        format!("list the images of `{name}` in {region}"),
        format!("aws ecr describe-images --region {region} --repository-name {name}"),
    )))
}

/// Source: <https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html>.
fn backups(site: &Site<'_>, resource: &Resource) -> Option<Judgement> {
    let rules = resource.property("BackupPlan.BackupPlanRule").as_array()?;
    for (idx, rule) in rules.iter().enumerate() {
        for copy in rule["CopyActions"].as_array().into_iter().flatten() {
            let vault = &copy["DestinationBackupVaultArn"];
            let named = site.world.named_by(vault).map(|it| places::region(site.world, it));
            let written = || vault.as_str()?.split(':').nth(3).map(str::to_owned);
            let field = format!("BackupPlan.BackupPlanRule[{idx}].CopyActions");
            match named.filter(|it| !it.is_empty()).or_else(written) {
                Some(region) if site.is_region_lost(&region) => {}
                Some(region) if !region.is_empty() && !region.contains("${") => {
                    let why = format!("copies of the backups are in {region}");
                    return Some(Judgement::new(Outcome::Left, Cause::field(resource, field, why)));
                }
                _ => {
                    let why = "backups are copied to a vault whose region is not in the files";
                    return Some(Judgement::new(Outcome::Unknown, Cause::field(resource, field, why)));
                }
            }
        }
    }
    let why = format!("the backups are only in {}: no rule copies them to another region", site.lost_regions());
    Some(Judgement::new(Outcome::Lost, Cause::field(resource, "BackupPlan.BackupPlanRule", why)))
}
