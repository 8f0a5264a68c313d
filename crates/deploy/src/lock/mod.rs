//! The lock across machines: an object in a bucket, which is written only if it did not change since it was read.
//!
//! The owner renews the object every minute. If the object is not renewed for ten minutes, the next run takes it over.

mod holder;
mod lease;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use self::holder::parsed;
use self::lease::RENEWED_EVERY;
use crate::cloud::{AccountRegion, BucketObject, Cloud, CloudError, Fault};
use crate::event::Event;
use crate::failure::{Failure, Kind, of_call};
use crate::retryable::Retryable;
use crate::watch::Watch;

pub use holder::{Holder, holder, key};
pub use lease::{LEASE_TTL, Lease};

/// The time limit for the retries of one call.
const RETRY_TIMEOUT: Duration = Duration::from_secs(120);
/// The time limit for a lock check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// The location of a lock object.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LockLocation {
    /// The account and region.
    pub place: AccountRegion,
    /// The bucket.
    pub bucket: String,
}

/// The lock of an app. It consists of one object for each bucket.
pub struct Lock<'a, C> {
    cloud: &'a C,
    app: &'a str,
    holder: Holder,
    /// The locked locations with their object versions.
    held: RefCell<Vec<(LockLocation, String)>>,
    /// The last note about a previous owner.
    told: RefCell<String>,
    lease: Lease,
}

/// A request to acquire a lock.
pub struct LockRequest<'a> {
    /// The new owner.
    pub holder: Holder,
    /// The tokens of runs that are known to have ended.
    pub earlier: &'a [String],
    /// Whether to take the lock from its current owner.
    pub breaks: bool,
    /// The time of the last renewal.
    pub lease: Lease,
    /// The versions that the last run from this folder left after its release. If a version is unchanged, the lock is
    /// free.
    pub free: BTreeMap<LockLocation, String>,
}

/// The result of a release.
#[derive(Clone, Debug, PartialEq)]
pub enum Released {
    /// The lock is free, in these versions.
    Free(BTreeMap<LockLocation, String>),
    /// Another run had the lock.
    Lost(Failure),
    /// The result is unknown. The lock expires.
    Unknown,
}

/// The reason for the loss of a lock.
enum Loss {
    To(Holder),
    Gone,
    Unheard,
}

impl<'a, C: Cloud> Lock<'a, C> {
    /// Acquires the lock in all locations, in a fixed order. The failure contains the owner and the acquisition time.
    pub async fn take(
        cloud: &'a C,
        app: &'a str,
        locations: &[LockLocation],
        request: &LockRequest<'_>,
        watch: &dyn Watch,
    ) -> Result<Self, Failure> {
        let lock = Self {
            cloud,
            app,
            holder: request.holder.clone(),
            held: RefCell::default(),
            told: RefCell::default(),
            lease: request.lease.clone(),
        };
        let mut locations = locations.to_vec();
        locations.sort();
        for location in locations {
            match lock.take_one(&location, request, watch).await {
                Ok(version) => lock.held.borrow_mut().push((location, version)),
                Err(failure) => {
                    lock.release().await;
                    return Err(failure);
                }
            }
        }
        if !lock.held.borrow().is_empty() {
            lock.lease.renew();
        }
        Ok(lock)
    }

    async fn take_one(
        &self,
        location: &LockLocation,
        request: &LockRequest<'_>,
        watch: &dyn Watch,
    ) -> Result<String, Failure> {
        if let Some(version) = request.free.get(location)
            && let Ok(version) = self.write(location, &self.holder, Some(version)).await
        {
            return Ok(version);
        }
        let begin = Instant::now();
        let mut first = None;
        loop {
            let error = match self.read(location).await {
                Ok(None) => match self.write(location, &self.holder, None).await {
                    Ok(version) => return Ok(version),
                    Err(error) => error,
                },
                Ok(Some(object)) => {
                    let found = holder(&object);
                    // The object belongs to this run, whose earlier response was lost.
                    if self.is_mine(&object) {
                        return Ok(object.version);
                    }
                    // Only the first owner is overridden. A lock of another run that overrode it first is respected.
                    let token = found.as_ref().map(|it| it.token.clone()).unwrap_or_default();
                    let breaks = request.breaks && *first.get_or_insert(token.clone()) == token;
                    let note =
                        found.map(|found| self.take_over(&found, &object, location, request, breaks)).transpose()?;
                    match self.write(location, &self.holder, Some(&object.version)).await {
                        Ok(version) => {
                            // Report each owner once, even if it has several locations.
                            if let Some(text) = note.filter(|text| self.told.replace(text.clone()) != *text) {
                                watch.say(&Event::Note { at: self.app.to_owned(), text });
                            }
                            return Ok(version);
                        }
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            // Another run wrote the object first, or the result is unknown. Read it again.
            if !(error.is_transient() || error.fault == Fault::State) || begin.elapsed() > RETRY_TIMEOUT {
                let text = format!(
                    "the lock of `{}` cannot be acquired in the bucket `{}` ({})",
                    self.app, location.bucket, location.place.region
                );
                return Err(of_call(text, &error));
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Returns a note with the reason why the lock can be taken over, or a failure if it cannot.
    fn take_over(
        &self,
        found: &Holder,
        object: &BucketObject,
        location: &LockLocation,
        request: &LockRequest<'_>,
        breaks: bool,
    ) -> Result<String, Failure> {
        let called = format!("{} since {}", found.who, found.since);
        if request.earlier.contains(&found.token) {
            return Ok(format!(
                "this run takes over the lock of an earlier run on this machine, {called}, because that run has ended"
            ));
        }
        if object.age > LEASE_TTL {
            let minutes = object.age.as_secs() / 60;
            return Ok(format!(
                "this run takes over the lock of {called}, which was not renewed for {minutes} minutes"
            ));
        }
        if breaks {
            return Ok(format!("this run takes over the lock of {called}, because of `--break-lock`"));
        }
        let help = format!(
            "wait until that run ends, then run the command again; if that run was aborted, its lock expires after {} \
             minutes, or pass `--break-lock`",
            LEASE_TTL.as_secs() / 60
        );
        let mut failure = Failure::new(format!("another process deploys `{}`: {called}", self.app), help);
        failure.kind = Kind::Locked;
        failure.cause = format!(
            "it was last renewed {} s ago, in the bucket `{}` ({})",
            object.age.as_secs(),
            location.bucket,
            location.place.region
        );
        Err(failure)
    }

    /// Renews the lock until it is lost. Returns the reason for the loss.
    pub async fn keep(&self) -> Failure {
        let mut heard = Instant::now();
        loop {
            let since = heard.elapsed();
            tokio::time::sleep(if since < RENEWED_EVERY { RENEWED_EVERY } else { RENEWED_EVERY / 6 }).await;
            let mut is_renewed = true;
            let count = self.held.borrow().len();
            for idx in 0..count {
                let (location, version) = self.held.borrow()[idx].clone();
                match self.write(&location, &self.holder, Some(&version)).await {
                    Ok(version) => self.held.borrow_mut()[idx].1 = version,
                    Err(error) if error.fault == Fault::State => match self.read(&location).await {
                        Ok(Some(object)) if self.is_mine(&object) => self.held.borrow_mut()[idx].1 = object.version,
                        Ok(object) => return self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To)),
                        Err(_) => is_renewed = false,
                    },
                    Err(_) => is_renewed = false,
                }
            }
            if is_renewed && count > 0 {
                self.lease.renew();
            }
            if is_renewed {
                heard = Instant::now();
            } else if heard.elapsed() + RENEWED_EVERY > LEASE_TTL {
                return self.lost(Loss::Unheard);
            }
        }
    }

    /// Checks that this run has the lock in all locations. The failure names the current owner.
    pub async fn check(&self) -> Result<(), Failure> {
        let count = self.held.borrow().len();
        for idx in 0..count {
            let (location, _) = self.held.borrow()[idx].clone();
            match tokio::time::timeout(CHECK_TIMEOUT, self.read(&location)).await {
                Ok(Ok(Some(object))) if self.is_mine(&object) => {}
                Ok(Ok(object)) => return Err(self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To))),
                // The result is unknown. The lock remains valid until another run can take it over.
                _ if self.lease.is_late() => return Err(self.lost(Loss::Unheard)),
                _ => {}
            }
        }
        Ok(())
    }

    fn lost(&self, loss: Loss) -> Failure {
        let app = self.app;
        let text = match loss {
            Loss::To(by) => format!("another run took over the lock of `{app}`: {} since {}", by.who, by.since),
            Loss::Gone => format!("another run took over the lock of `{app}` and released it"),
            Loss::Unheard => {
                format!("the lock of `{app}` could not be renewed for {} minutes", LEASE_TTL.as_secs() / 60)
            }
        };
        let help = "no further operation was started: check `meshsynth status`, then run the command again";
        Failure { kind: Kind::LockLost, ..Failure::new(text, help) }
    }

    /// Releases the lock. Returns the owner if another run had it.
    pub async fn release(&self) -> Released {
        let (mut free, mut lost, mut is_known) = (BTreeMap::new(), None, true);
        for (location, version) in self.held.take() {
            match self.release_one(&location, version).await {
                Ok(Some(version)) => drop(free.insert(location, version)),
                Ok(None) => is_known = false,
                Err(failure) => lost = Some(failure),
            }
        }
        match lost {
            Some(failure) => Released::Lost(failure),
            None if is_known => Released::Free(free),
            None => Released::Unknown,
        }
    }

    /// Returns the version of the released object, or `None` if it is unknown. Fails if another run had the lock.
    async fn release_one(&self, location: &LockLocation, mut version: String) -> Result<Option<String>, Failure> {
        let over = Holder { is_over: true, ..self.holder.clone() };
        for _ in 0..5 {
            match self.write(location, &over, Some(&version)).await {
                Ok(version) => return Ok(Some(version)),
                Err(error) if error.fault == Fault::State => match self.read(location).await {
                    // This run wrote the object, but did not receive the version.
                    Ok(Some(object)) if self.is_mine(&object) => version = object.version,
                    Ok(Some(object)) if parsed(&object).token == self.holder.token => return Ok(Some(object.version)),
                    Ok(object) => return Err(self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To))),
                    Err(_) => {}
                },
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
        Ok(None)
    }

    fn is_mine(&self, object: &BucketObject) -> bool {
        holder(object).is_some_and(|it| it.token == self.holder.token)
    }

    async fn read(&self, location: &LockLocation) -> Result<Option<BucketObject>, CloudError> {
        self.cloud.object(&location.place, &location.bucket, &key(self.app)).await
    }

    async fn write(&self, location: &LockLocation, holder: &Holder, was: Option<&str>) -> Result<String, CloudError> {
        let text = serde_json::to_string(holder).unwrap_or_default();
        self.cloud.put_object(&location.place, &location.bucket, &key(self.app), &text, was).await
    }
}
