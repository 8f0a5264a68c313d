//! Tests the lock across machines: one run acquires it, other runs are rejected, and locks of ended runs expire.

use std::cell::Cell;
use std::time::Duration;

use meshsynth_deploy::cloud::AccountRegion;
use meshsynth_deploy::failure::Failure;
use meshsynth_deploy::lock::{Holder, Lease, Lock, LockLocation, LockRequest, Released};

use crate::fake::{Fake, Odds, Random};
use crate::platform::{Notes, OSAKA, TOKYO};

fn location(region: &str) -> LockLocation {
    LockLocation {
        place: AccountRegion { account: None, region: region.to_owned() },
        bucket: format!("templates-{region}"),
    }
}

fn holder(who: &str, run: u64) -> Holder {
    Holder {
        who: who.to_owned(),
        since: "2026-11-21T06:30:00Z".to_owned(),
        token: format!("{who}-{run}"),
        is_over: false,
    }
}

async fn take<'a>(fake: &'a Fake, who: &str, notes: &Notes) -> Result<Lock<'a, Fake>, Failure> {
    let request = LockRequest {
        holder: holder(who, 1),
        earlier: &[],
        breaks: false,
        lease: Lease::default(),
        free: Default::default(),
    };
    Lock::take(fake, "shop", &[location(TOKYO), location(OSAKA)], &request, notes).await
}

fn text(fake: &Fake, region: &str) -> String {
    fake.world.borrow().objects[&format!("templates-{region}/meshsynth/shop/lock.json")].0.clone()
}

#[tokio::test(start_paused = true)]
async fn one_of_two_concurrent_runs_acquires_the_lock() {
    for seed in 1..=50 {
        let (fake, notes) = (Fake::new(seed), Notes::default());
        let (ann, bob) = tokio::join!(take(&fake, "ann@laptop", &notes), take(&fake, "bob@ci", &notes));
        let (winner, failure, name) = match (ann, bob) {
            (Ok(lock), Err(failure)) => (lock, failure, "ann@laptop"),
            (Err(failure), Ok(lock)) => (lock, failure, "bob@ci"),
            (ann, bob) => panic!("seed {seed}: one of two wins: {} {}", ann.is_ok(), bob.is_ok()),
        };
        let wanted = format!("another process deploys `shop`: {name} since 2026-11-21T06:30:00Z");
        assert_eq!(failure.text, wanted, "seed {seed}");
        assert!(failure.help.contains("`--break-lock`"), "{failure}");
        assert!(matches!(winner.release().await, Released::Free(_)));
        assert!(take(&fake, "eve@laptop", &notes).await.is_ok(), "what was released is free");
        assert!(notes.notes().is_empty(), "{:?}", notes.notes());
    }
}

#[tokio::test(start_paused = true)]
async fn runs_with_a_common_region_exclude_each_other() {
    let (fake, notes) = (Fake::new(1), Notes::default());
    let request = LockRequest {
        holder: holder("ann", 1),
        earlier: &[],
        breaks: false,
        lease: Lease::default(),
        free: Default::default(),
    };
    let osaka = Lock::take(&fake, "shop", &[location(OSAKA)], &request, &notes).await.unwrap();
    let failure = take(&fake, "bob", &notes).await.err().unwrap();
    assert!(failure.cause.ends_with("in the bucket `templates-ap-northeast-3` (ap-northeast-3)"), "{failure}");
    assert!(text(&fake, TOKYO).contains("\"is_over\":true"), "what was taken on the way is released again");
    osaka.release().await;
    assert!(take(&fake, "bob", &notes).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn takes_over_lock_only_after_it_expires() {
    let (fake, notes) = (Fake::new(2), Notes::default());
    let ann = take(&fake, "ann", &notes).await.unwrap();
    let hour = tokio::time::timeout(Duration::from_secs(3600), ann.keep()).await;
    assert!(hour.is_err(), "it is kept");
    assert!(take(&fake, "bob", &notes).await.is_err(), "an hour is not too long");
    tokio::time::sleep(Duration::from_secs(630)).await;
    let bob = take(&fake, "bob", &notes).await.unwrap();
    let note = "this run takes over the lock of ann since 2026-11-21T06:30:00Z, which was not renewed for 1";
    assert!(notes.notes()[0].starts_with(note), "{:?}", notes.notes());
    let lost = tokio::time::timeout(Duration::from_secs(120), ann.keep()).await.unwrap();
    assert_eq!(lost.text, "another run took over the lock of `shop`: bob since 2026-11-21T06:30:00Z");
    assert!(matches!(ann.release().await, Released::Lost(_)), "what is not ours is not released");
    assert!(text(&fake, TOKYO).contains("\"bob-1\",\"is_over\":false"));
    assert!(matches!(bob.release().await, Released::Free(_)));
}

#[tokio::test(start_paused = true)]
async fn takes_over_own_earlier_lock_immediately() {
    let (fake, notes) = (Fake::new(3), Notes::default());
    let killed = take(&fake, "ann", &notes).await.unwrap();
    drop(killed);
    let earlier = ["ann-1".to_owned()];
    let again = LockRequest {
        holder: holder("ann", 2),
        earlier: &earlier,
        breaks: false,
        lease: Lease::default(),
        free: Default::default(),
    };
    let ann = Lock::take(&fake, "shop", &[location(TOKYO), location(OSAKA)], &again, &notes).await.unwrap();
    let breaking = |who: &str| LockRequest {
        holder: holder(who, 3),
        earlier: &[],
        breaks: true,
        lease: Lease::default(),
        free: Default::default(),
    };
    let (bob, eve) = (breaking("bob"), breaking("eve"));
    let locations = [location(TOKYO)];
    let (bob, eve) = tokio::join!(
        Lock::take(&fake, "shop", &locations, &bob, &notes),
        Lock::take(&fake, "shop", &locations, &eve, &notes)
    );
    assert!(bob.is_ok() != eve.is_ok(), "whoever breaks a lock does not break that of whoever broke it before");
    assert!(tokio::time::timeout(Duration::from_secs(120), ann.keep()).await.is_ok(), "the holder is told");
    let notes = notes.notes();
    assert!(notes[0].contains("ann since 2026-11-21T06:30:00Z, because that run has ended"), "{notes:?}");
    assert_eq!(notes.len(), 2, "it is said once, however many places had it: {notes:?}");
    assert!(notes.last().unwrap().ends_with(", because of `--break-lock`"), "{notes:?}");
}

/// Simulates one machine, which repeatedly acquires the lock, works, and can be killed.
async fn machine(fake: &Fake, who: &str, inside: &Cell<Option<u64>>, dice: &Random) -> u32 {
    let mut n_held = 0;
    for run in 0..6 {
        let request = LockRequest {
            holder: holder(who, run),
            earlier: &[],
            breaks: false,
            lease: Lease::default(),
            free: Default::default(),
        };
        if let Ok(lock) = Lock::take(fake, "shop", &[location(TOKYO)], &request, &Notes::default()).await {
            let me = dice.below(u64::MAX);
            assert_eq!(inside.replace(Some(me)), None, "{who} is inside with another");
            n_held += 1;
            let work = tokio::time::sleep(Duration::from_secs(dice.below(1500)));
            tokio::select! {
                () = work => {}
                lost = lock.keep() => panic!("{who}: {lost}"),
            }
            inside.set(None);
            // A killed run does not release its lock.
            if dice.below(3) > 0 {
                lock.release().await;
            }
        }
        tokio::time::sleep(Duration::from_secs(dice.below(300))).await;
    }
    n_held
}

#[tokio::test(start_paused = true)]
async fn two_runs_never_have_the_lock_under_faults() {
    let mut n_held = 0;
    for seed in 1..=200 {
        let (fake, dice) = (Fake::new(seed), Random::new(seed + 7));
        fake.odds.set(Odds { throttled: 50, lost: 50, unanswered: 100, ..Odds::default() });
        let inside = Cell::new(None);
        let [a, b, c] = ["ann", "bob", "eve"].map(|who| machine(&fake, who, &inside, &dice));
        let (a, b, c) = tokio::join!(a, b, c);
        n_held += a + b + c;
    }
    assert!(n_held > 500, "the schedules must be about something: {n_held}");
}
