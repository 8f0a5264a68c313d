//! The lock over machines: an object in a bucket, written only if it is as it was read.
//!
//! Whoever holds it writes it again every minute. One that is not written for
//! ten minutes is of a run that is gone, and is taken over by the next one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::cloud::{Cloud, CloudError, Fault, Object, Place};
use crate::failure::{Failure, Kind};
use crate::record;
use crate::watch::{Said, Watch};

/// How often a holder says that it is still there.
const RENEWED_EVERY: Duration = Duration::from_secs(60);
/// How long a holder is taken for alive without a word.
pub const GOOD_FOR: Duration = Duration::from_secs(600);
/// How long a call is tried again.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the answer is waited for whether the lock is still ours.
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);

/// Who holds a lock.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Holder {
    /// Such as `ann@laptop (process 7)`.
    pub who: String,
    /// Since when.
    pub since: String,
    /// What tells the run from every other.
    pub token: String,
    /// Whether it was let go.
    #[serde(default)]
    pub is_over: bool,
}

/// Where an object of the lock is.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Shelf {
    /// The account and the region.
    pub place: Place,
    /// The bucket.
    pub bucket: String,
}

/// When a lock was last known to be ours. Nothing renews it while somebody is asked at the terminal.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Rc<Cell<Option<u64>>>);

impl Pulse {
    /// It is ours now.
    fn beat(&self) {
        self.0.set(Some(record::now()));
    }

    /// Whether the lock may be another's by now, so that nothing may be done by what was asked under it.
    pub fn is_late(&self) -> bool {
        let limit = (GOOD_FOR - 2 * RENEWED_EVERY).as_secs();
        self.0.get().is_some_and(|at| record::now().saturating_sub(at) > limit)
    }
}

/// The lock of an app, in every place that has a bucket for it.
pub struct Lock<'a, C> {
    cloud: &'a C,
    app: &'a str,
    holder: Holder,
    /// Where it is held, and the version there.
    held: RefCell<Vec<(Shelf, String)>>,
    /// What was said last of a holder before us.
    told: RefCell<String>,
    pulse: Pulse,
}

/// How a lock is taken.
pub struct Wish<'a> {
    /// Who takes it.
    pub holder: Holder,
    /// Runs that are known to be gone.
    pub earlier: &'a [String],
    /// Whether it is taken from whoever holds it.
    pub breaks: bool,
    /// What tells when it was last known to be ours.
    pub pulse: Pulse,
    /// The versions by which the last run from here let it go: where they are still there, nobody holds it.
    pub free: BTreeMap<Shelf, String>,
}

/// How a lock was let go.
#[derive(Clone, Debug, PartialEq)]
pub enum Released {
    /// It is free, in these versions.
    Free(BTreeMap<Shelf, String>),
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

/// The key of the object.
pub fn key(app: &str) -> String {
    format!("meshsynth/{app}/lock.json")
}

/// The holder that an object names; none where it was let go.
pub fn holder(object: &Object) -> Option<Holder> {
    Some(parsed(object)).filter(|holder| !holder.is_over)
}

fn parsed(object: &Object) -> Holder {
    serde_json::from_str(&object.text).unwrap_or_default()
}

impl<'a, C: Cloud> Lock<'a, C> {
    /// Takes the lock in every place, in one order for all; a failure says who has it and since when.
    pub async fn take(
        cloud: &'a C,
        app: &'a str,
        shelves: &[Shelf],
        wish: &Wish<'_>,
        watch: &dyn Watch,
    ) -> Result<Self, Failure> {
        let lock = Self {
            cloud,
            app,
            holder: wish.holder.clone(),
            held: RefCell::default(),
            told: RefCell::default(),
            pulse: wish.pulse.clone(),
        };
        let mut shelves = shelves.to_vec();
        shelves.sort();
        for shelf in shelves {
            match lock.take_one(&shelf, wish, watch).await {
                Ok(version) => lock.held.borrow_mut().push((shelf, version)),
                Err(failure) => {
                    lock.release().await;
                    return Err(failure);
                }
            }
        }
        if !lock.held.borrow().is_empty() {
            lock.pulse.beat();
        }
        Ok(lock)
    }

    async fn take_one(&self, shelf: &Shelf, wish: &Wish<'_>, watch: &dyn Watch) -> Result<String, Failure> {
        if let Some(version) = wish.free.get(shelf)
            && let Ok(version) = self.write(shelf, &self.holder, Some(version)).await
        {
            return Ok(version);
        }
        let begin = Instant::now();
        let mut first = None;
        loop {
            let error = match self.read(shelf).await {
                Ok(None) => match self.write(shelf, &self.holder, None).await {
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
                    let breaks = wish.breaks && *first.get_or_insert(token.clone()) == token;
                    let note = found.map(|found| self.take_over(&found, &object, shelf, wish, breaks)).transpose()?;
                    match self.write(shelf, &self.holder, Some(&object.version)).await {
                        Ok(version) => {
                            // Once for a holder, however many places it had.
                            if let Some(text) = note.filter(|text| self.told.replace(text.clone()) != *text) {
                                watch.say(&Said::Note { at: self.app.to_owned(), text });
                            }
                            return Ok(version);
                        }
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            // Somebody else was there before, or nobody knows: it is read again.
            if !(error.is_passing() || error.fault == Fault::State) || begin.elapsed() > PATIENCE {
                let text = format!(
                    "the lock of `{}` cannot be taken in the bucket `{}` ({})",
                    self.app, shelf.bucket, shelf.place.region
                );
                return Err(Failure::call(text, &error));
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Why a lock may be taken from its holder, as a note; a failure where it may not.
    fn take_over(
        &self,
        found: &Holder,
        object: &Object,
        shelf: &Shelf,
        wish: &Wish<'_>,
        breaks: bool,
    ) -> Result<String, Failure> {
        let called = format!("{} since {}", found.who, found.since);
        if wish.earlier.contains(&found.token) {
            return Ok(format!("the lock of an earlier run from here, {called}, is taken over: that run is gone"));
        }
        if object.age > GOOD_FOR {
            let minutes = object.age.as_secs() / 60;
            return Ok(format!(
                "the lock of {called} is taken over: nothing was heard of that run for {minutes} minutes"
            ));
        }
        if breaks {
            return Ok(format!("the lock of {called} is broken, as `--break-lock` says"));
        }
        let help = format!(
            "wait until that is done, then run again; a run that is gone loses the lock after {} minutes without a word, \
             or at once by `--break-lock`",
            GOOD_FOR.as_secs() / 60
        );
        let mut failure = Failure::new(format!("`{}` is being deployed by {called}", self.app), help);
        failure.kind = Kind::Locked;
        failure.cause = format!(
            "it was last heard of {} s ago, in the bucket `{}` ({})",
            object.age.as_secs(),
            shelf.bucket,
            shelf.place.region
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
                let (shelf, version) = self.held.borrow()[idx].clone();
                match self.write(&shelf, &self.holder, Some(&version)).await {
                    Ok(version) => self.held.borrow_mut()[idx].1 = version,
                    Err(error) if error.fault == Fault::State => match self.read(&shelf).await {
                        Ok(Some(object)) if self.is_mine(&object) => self.held.borrow_mut()[idx].1 = object.version,
                        Ok(object) => return self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To)),
                        Err(_) => is_renewed = false,
                    },
                    Err(_) => is_renewed = false,
                }
            }
            if is_renewed && count > 0 {
                self.pulse.beat();
            }
            if is_renewed {
                heard = Instant::now();
            } else if heard.elapsed() + RENEWED_EVERY > GOOD_FOR {
                return self.lost(Loss::Unheard);
            }
        }
    }

    /// Whether the lock is still ours everywhere; a failure says whose it is.
    pub async fn check(&self) -> Result<(), Failure> {
        let count = self.held.borrow().len();
        for idx in 0..count {
            let (shelf, _) = self.held.borrow()[idx].clone();
            match tokio::time::timeout(CHECK_TIMEOUT, self.read(&shelf)).await {
                Ok(Ok(Some(object))) if self.is_mine(&object) => {}
                Ok(Ok(object)) => return Err(self.lost(object.as_ref().and_then(holder).map_or(Loss::Gone, Loss::To))),
                // Nobody knows. It is ours for as long as nobody may take it over.
                _ if self.pulse.is_late() => return Err(self.lost(Loss::Unheard)),
                _ => {}
            }
        }
        Ok(())
    }

    fn lost(&self, loss: Loss) -> Failure {
        let app = self.app;
        let text = match loss {
            Loss::To(by) => format!("the lock of `{app}` was taken over by {} since {}", by.who, by.since),
            Loss::Gone => format!("the lock of `{app}` was taken over by another run, which let it go"),
            Loss::Unheard => {
                format!("the lock of `{app}` could not be kept for {} minutes", GOOD_FOR.as_secs() / 60)
            }
        };
        let help = "nothing more was begun: look at `meshsynth status`, then run again";
        Failure { kind: Kind::LockLost, ..Failure::new(text, help) }
    }

    /// Lets the lock go; tells whose it was by then.
    pub async fn release(&self) -> Released {
        let (mut free, mut lost, mut is_known) = (BTreeMap::new(), None, true);
        for (shelf, version) in self.held.take() {
            match self.release_one(&shelf, version).await {
                Ok(Some(version)) => drop(free.insert(shelf, version)),
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
    async fn release_one(&self, shelf: &Shelf, mut version: String) -> Result<Option<String>, Failure> {
        let over = Holder { is_over: true, ..self.holder.clone() };
        for _ in 0..5 {
            match self.write(shelf, &over, Some(&version)).await {
                Ok(version) => return Ok(Some(version)),
                Err(error) if error.fault == Fault::State => match self.read(shelf).await {
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

    fn is_mine(&self, object: &Object) -> bool {
        holder(object).is_some_and(|it| it.token == self.holder.token)
    }

    async fn read(&self, shelf: &Shelf) -> Result<Option<Object>, CloudError> {
        self.cloud.object(&shelf.place, &shelf.bucket, &key(self.app)).await
    }

    async fn write(&self, shelf: &Shelf, holder: &Holder, was: Option<&str>) -> Result<String, CloudError> {
        let text = serde_json::to_string(holder).unwrap_or_default();
        self.cloud.put_object(&shelf.place, &shelf.bucket, &key(self.app), &text, was).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_too_late_is_known_to_be_late() {
        let pulse = Pulse::default();
        assert!(!pulse.is_late(), "without a lock nothing is late");
        pulse.beat();
        assert!(!pulse.is_late());
        pulse.0.set(Some(record::now() - 479));
        assert!(!pulse.is_late());
        pulse.0.set(Some(record::now() - 482));
        assert!(pulse.is_late(), "two minutes before anybody may take the lock");
    }
}
