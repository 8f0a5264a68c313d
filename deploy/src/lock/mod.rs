//! The lock over machines: an object in a bucket, written only if it is as it was read.
//!
//! Whoever holds it writes it again every minute. One that is not written for
//! ten minutes is of a run that is gone, and is taken over by the next one.

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

/// How long a call is tried again.
const RETRY_TIMEOUT: Duration = Duration::from_secs(120);
/// How long the answer is waited for whether the lock is still ours.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// Where an object of the lock is.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LockLocation {
    /// The account and the region.
    pub place: AccountRegion,
    /// The bucket.
    pub bucket: String,
}

/// The lock of an app, in every place that has a bucket for it.
pub struct Lock<'a, C> {
    cloud: &'a C,
    app: &'a str,
    holder: Holder,
    /// Where it is held, and the version there.
    held: RefCell<Vec<(LockLocation, String)>>,
    /// What was said last of a holder before us.
    told: RefCell<String>,
    lease: Lease,
}

/// How a lock is taken.
pub struct LockRequest<'a> {
    /// Who takes it.
    pub holder: Holder,
    /// Runs that are known to be gone.
    pub earlier: &'a [String],
    /// Whether it is taken from whoever holds it.
    pub breaks: bool,
    /// What tells when it was last known to be ours.
    pub lease: Lease,
    /// The versions by which the last run from here let it go: where they are still there, nobody holds it.
    pub free: BTreeMap<LockLocation, String>,
}

/// How a lock was released.
#[derive(Clone, Debug, PartialEq)]
pub enum Released {
    /// It is free, in these versions.
    Free(BTreeMap<LockLocation, String>),
    /// It was another's by then.
    Lost(Failure),
    /// Nobody knows: it ends by its age.
    Unknown,
}

/// How a lock was lost.
enum Loss {
    To(Holder),
    Gone,
    Unheard,
}

impl<'a, C: Cloud> Lock<'a, C> {
    /// Takes the lock in every place, in one order for all; a failure says who has it and since when.
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
                    // Our own, whose answer did not come through.
                    if self.is_mine(&object) {
                        return Ok(object.version);
                    }
                    // What is broken is the lock that was there, not that of whoever broke it before us.
                    let token = found.as_ref().map(|it| it.token.clone()).unwrap_or_default();
                    let breaks = request.breaks && *first.get_or_insert(token.clone()) == token;
                    let note =
                        found.map(|found| self.take_over(&found, &object, location, request, breaks)).transpose()?;
                    match self.write(location, &self.holder, Some(&object.version)).await {
                        Ok(version) => {
                            // Once for a holder, however many places it had.
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
            // Somebody else was there before, or nobody knows: it is read again.
            if !(error.is_transient() || error.fault == Fault::State) || begin.elapsed() > RETRY_TIMEOUT {
                let text = format!(
                    "the lock of `{}` cannot be taken in the bucket `{}` ({})",
                    self.app, location.bucket, location.place.region
                );
                return Err(of_call(text, &error));
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Why a lock may be taken from its holder, as a note; a failure where it may not.
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
            return Ok(format!("the lock of an earlier run from here, {called}, is taken over: that run has ended"));
        }
        if object.age > LEASE_TTL {
            let minutes = object.age.as_secs() / 60;
            return Ok(format!("the lock of {called} is taken over: it was not renewed for {minutes} minutes"));
        }
        if breaks {
            return Ok(format!("the lock of {called} is broken, because of `--break-lock`"));
        }
        let help = format!(
            "wait until that is done, then run again; the lock of a run that has ended expires after {} minutes, \
             or is broken by `--break-lock`",
            LEASE_TTL.as_secs() / 60
        );
        let mut failure = Failure::new(format!("`{}` is being deployed by {called}", self.app), help);
        failure.kind = Kind::Locked;
        failure.cause = format!(
            "it was last renewed {} s ago, in the bucket `{}` ({})",
            object.age.as_secs(),
            location.bucket,
            location.place.region
        );
        Err(failure)
    }

    /// Says again and again that we are still there; ends once the lock is lost, with the reason.
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

    /// Whether the lock is still ours everywhere; a failure says whose it is.
    pub async fn check(&self) -> Result<(), Failure> {
        let count = self.held.borrow().len();
        for idx in 0..count {
            let (location, _) = self.held.borrow()[idx].clone();
            match tokio::time::timeout(CHECK_TIMEOUT, self.read(&location)).await {
                Ok(Ok(Some(object))) if self.is_mine(&object) => {}
                Ok(Ok(object)) => return Err(self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To))),
                // Nobody knows. It is ours for as long as nobody may take it over.
                _ if self.lease.is_late() => return Err(self.lost(Loss::Unheard)),
                _ => {}
            }
        }
        Ok(())
    }

    fn lost(&self, loss: Loss) -> Failure {
        let app = self.app;
        let text = match loss {
            Loss::To(by) => format!("the lock of `{app}` was taken over by {} since {}", by.who, by.since),
            Loss::Gone => format!("the lock of `{app}` was taken over by another run, which released it"),
            Loss::Unheard => {
                format!("the lock of `{app}` could not be renewed for {} minutes", LEASE_TTL.as_secs() / 60)
            }
        };
        let help = "nothing else was started: look at `meshsynth status`, then run again";
        Failure { kind: Kind::LockLost, ..Failure::new(text, help) }
    }

    /// Lets the lock go; tells whose it was by then.
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

    /// The version in which it is free; none where nobody knows; a failure where it was another's.
    async fn release_one(&self, location: &LockLocation, mut version: String) -> Result<Option<String>, Failure> {
        let over = Holder { is_over: true, ..self.holder.clone() };
        for _ in 0..5 {
            match self.write(location, &over, Some(&version)).await {
                Ok(version) => return Ok(Some(version)),
                Err(error) if error.fault == Fault::State => match self.read(location).await {
                    // We wrote it ourselves, and never learned the version.
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
