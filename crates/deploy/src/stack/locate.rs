//! Finds resource identifiers from three sources: the user, the template, and a resource scan.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::Worker;
use super::import::{Candidate, ImportSettings, words};
use crate::cloud::{Cloud, CloudError, Fault, Scan, ScannedResource, ToImport};
use crate::failure::{Failure, of_call};
use crate::time::now;

/// The maximum age of a scan.
const FRESH: Duration = Duration::from_secs(24 * 3600);
/// The maximum number of candidates in a message.
const MOST_NAMED: usize = 8;

impl<C: Cloud> Worker<'_, C> {
    /// Returns the resources to import. Resources that the user did not name are included only if they certainly exist.
    pub(super) async fn located(
        &self,
        settings: &ImportSettings,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<ToImport>, Failure> {
        let is_named = !settings.resources.is_empty();
        let mut wrong = Vec::new();
        let mut asked = serde_json::Map::new();
        let mut out = Vec::new();
        let is_scanned = |it: &Candidate| match &it.identifier {
            Some((_, is_given)) => !is_given && (!is_named || settings.scans),
            None => is_named || it.tag.is_some(),
        };
        let types: BTreeSet<String> = candidates.iter().filter(|it| is_scanned(it)).map(|it| it.kind.clone()).collect();
        let scan = if types.is_empty() { None } else { Some(self.scan_of(settings, &types).await?) };
        for it in candidates {
            let scanned = scan.as_ref().filter(|_| is_scanned(&it));
            let called = format!("`{}` ({})", self.shown(&it.id), it.kind);
            let found = match (&it.identifier, scanned) {
                (Some((identifier, true)), _) if !it.keys.iter().eq(identifier.keys().collect::<BTreeSet<_>>()) => {
                    wrong.push(format!(
                        "{called} is identified by `{}`, but the file specifies {}",
                        it.keys.join("`, `"),
                        words(identifier)
                    ));
                    None
                }
                (Some((identifier, _)), Some(scan)) => {
                    let all = self.scanned(scan, &it.kind, None).await?;
                    let is_there = all.iter().any(|row| row.identifier == *identifier);
                    // Only CloudFormation can find resources of a type that the scan does not cover.
                    let is_seen = scan.types.contains(&it.kind);
                    if is_named && is_seen && !is_there {
                        wrong.push(format!("{called} does not exist in AWS: no resource has {}", words(identifier)));
                    }
                    (is_there || is_named && !is_seen).then(|| identifier.clone())
                }
                (Some((identifier, _)), None) => Some(identifier.clone()),
                (None, Some(scan)) => {
                    let tag = it.tag.as_deref().map(|name| ("Name", name));
                    let all = self.scanned(scan, &it.kind, tag).await?;
                    let free: Vec<&ScannedResource> = all.iter().filter(|row| !row.is_managed).collect();
                    match free.as_slice() {
                        [one] => Some(one.identifier.clone()),
                        [] if !is_named => None,
                        many => {
                            wrong.push(ambiguous(&called, tag, many));
                            let keys: BTreeMap<&str, &str> = it.keys.iter().map(|key| (key.as_str(), "")).collect();
                            asked.insert(it.id.clone(), json!(keys));
                            None
                        }
                    }
                }
                (None, None) => None,
            };
            out.extend(found.map(|identifier| ToImport { id: it.id, kind: it.kind, identifier }));
        }
        wrong.extend(self.taken_twice(&out));
        if wrong.is_empty() {
            return Ok(out);
        }
        let help = match asked.is_empty() {
            true => "correct the identifiers in the program or in the file of `--import-ids`".to_owned(),
            false => {
                format!(
                    "specify the resources with `--import-ids FILE`, and complete: {}",
                    json!({ self.step.id.as_str(): asked })
                )
            }
        };
        let text = format!("{} was not changed: a resource to import was not found", self.called());
        Err(Failure { notes: wrong, ..self.failure(text, help) })
    }

    /// Reports program resources with the same identifier. Only one of them can import the resource.
    fn taken_twice(&self, rows: &[ToImport]) -> Vec<String> {
        let mut first: BTreeMap<_, &ToImport> = BTreeMap::new();
        let mut out = Vec::new();
        for row in rows {
            match first.get(&(&row.kind, &row.identifier)) {
                Some(other) => out.push(format!(
                    "`{}` and `{}` ({}) are both identified by {}",
                    self.shown(&other.id),
                    self.shown(&row.id),
                    row.kind,
                    words(&row.identifier)
                )),
                None => drop(first.insert((&row.kind, &row.identifier), row)),
            }
        }
        out
    }

    /// Returns a scan of some types: a recent scan that covers them, or a new scan.
    async fn scan_of(&self, settings: &ImportSettings, types: &BTreeSet<String>) -> Result<Scan, Failure> {
        let place = self.place();
        let refused = |error: CloudError| {
            of_call(format!("{} was not changed: resources in AWS cannot be scanned", self.called()), &error)
        };
        let latest = self.call(async || self.cloud.latest_scan(&place).await).await.map_err(refused)?;
        let oldest = i64::try_from(now().saturating_sub(FRESH.as_secs()) * 1000).unwrap_or(i64::MAX);
        let is_fit = |scan: &Scan| scan.status == "COMPLETE" && types.iter().all(|it| scan.types.contains(it));
        if let Some(scan) = &latest
            && !settings.scans
            && is_fit(scan)
            && scan.started >= oldest
        {
            let since = crate::time::timestamp(u64::try_from(scan.started).unwrap_or_default() / 1000);
            self.note(format!("using the resource scan of {since}; start a new scan with `--scan`"));
            return Ok(scan.clone());
        }
        let wanted: Vec<String> = types.iter().cloned().collect();
        if settings.looks && !settings.scans {
            let text = format!(
                "the resources that {} would import are unknown: no scan in the last 24 hours included `{}`",
                self.called(),
                wanted.join("`, `")
            );
            let help = "specify the resources with `--import-ids FILE`, or pass `--scan`, which takes several minutes";
            return Err(self.failure(text, help));
        }
        let token = self.token(&format!("scan-{}", &crate::assembly::digest(&wanted.join(","))[..16]));
        let mut id = latest.filter(|scan| scan.status == "IN_PROGRESS").map(|scan| scan.id);
        let mut is_ours = false;
        loop {
            let at_work = match id.take() {
                Some(id) => id,
                None => {
                    self.note(format!(
                        "scanning {} for `{}`: this takes several minutes, and AWS limits the number of scans per day",
                        self.step.region,
                        wanted.join("`, `")
                    ));
                    is_ours = true;
                    match self.call(async || self.cloud.start_scan(&place, &wanted, &token).await).await {
                        Ok(id) => id,
                        // Another process started a scan first.
                        Err(error) if error.fault == Fault::State => {
                            is_ours = false;
                            let latest = self.call(async || self.cloud.latest_scan(&place).await).await;
                            match latest.map_err(refused)? {
                                Some(scan) => scan.id,
                                None => continue,
                            }
                        }
                        Err(error) => return Err(refused(error)),
                    }
                }
            };
            let scan = self.scan_ended(&at_work).await?;
            // The scan of another process can lack some types.
            if is_ours || is_fit(&scan) {
                return Ok(scan);
            }
        }
    }

    async fn scan_ended(&self, id: &str) -> Result<Scan, Failure> {
        let place = self.place();
        loop {
            let scan = self.call(async || self.cloud.scan(&place, id).await).await.map_err(|error| {
                of_call(
                    format!("{} was not changed: the state of the resource scan cannot be read", self.called()),
                    &error,
                )
            })?;
            match scan.status.as_str() {
                "IN_PROGRESS" => {}
                "COMPLETE" => return Ok(scan),
                status => {
                    let text =
                        format!("{} was not changed: the state of the resource scan is `{status}`", self.called());
                    let help = "specify the resources with `--import-ids FILE`, or run the command again";
                    return Err(Failure { cause: scan.reason, ..self.failure(text, help) });
                }
            }
            self.doing("scanning the resources in AWS");
            self.check_stop()?;
            self.stop.sleep(Duration::from_secs(10)).await;
        }
    }

    async fn scanned(
        &self,
        scan: &Scan,
        kind: &str,
        tag: Option<(&str, &str)>,
    ) -> Result<Vec<ScannedResource>, Failure> {
        let place = self.place();
        let found = self.call(async || self.cloud.scanned(&place, &scan.id, kind, tag).await).await;
        found.map_err(|error| {
            of_call(format!("{} was not changed: the resource scan cannot be read", self.called()), &error)
        })
    }
}

/// Explains why the identifier of a resource is ambiguous.
fn ambiguous(called: &str, tag: Option<(&str, &str)>, found: &[&ScannedResource]) -> String {
    let tagged = tag.map_or_else(String::new, |(key, value)| format!(" with the tag `{key}={value}`"));
    let names: Vec<String> = found.iter().take(MOST_NAMED).map(|row| words(&row.identifier)).collect();
    match found.len() {
        0 => format!("{called}: no such resource{tagged} outside a stack was found"),
        n => {
            let more = if n > MOST_NAMED { format!(" and {} more", n - MOST_NAMED) } else { String::new() };
            format!("{called}: {n} such resources{tagged} outside a stack were found: {}{more}", names.join("; "))
        }
    }
}
