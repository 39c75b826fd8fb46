//! The single flight on its own.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::rc::Rc;

use common::{Stage, Tab, ms};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use tokenflight::flight::{Boarding, SingleFlight};

/// Work that takes 100 ms and results in `value`.
fn work(tab: &Tab, value: u32) -> LocalBoxFuture<'static, u32> {
    tab.clock.sleep(ms(100)).map(move |()| value).boxed_local()
}

fn slot() -> Rc<SingleFlight<u32>> {
    Rc::new(SingleFlight::new())
}

/// Boards the flight and waits for it.
async fn ride(slot: Rc<SingleFlight<u32>>, work: LocalBoxFuture<'static, u32>) -> Option<u32> {
    match slot.join_or_start(|| Some(work))? {
        Boarding::Started(flight) | Boarding::Joined(flight) => Some(flight.await),
    }
}

#[test]
fn work_of_those_who_join_is_never_made() {
    let (tab, slot) = (Stage::first_visit().open(), slot());
    let first = tab.call(ride(slot.clone(), work(&tab, 1)));
    let joiner = slot.clone();
    let second = tab.call(async move {
        joiner.join_or_start(|| unreachable!("a flight is under way")).map(|it| match it {
            Boarding::Started(_) => "started",
            Boarding::Joined(_) => "joined",
        })
    });
    tab.run();
    assert_eq!(first.outcome(), Some(1));
    assert_eq!(second.outcome(), Some("joined"));
}

#[test]
fn cancel_waiter_does_not_affect_others() {
    let (tab, slot) = (Stage::first_visit().open(), slot());
    let riders = [1, 2, 3].map(|value| tab.call(ride(slot.clone(), work(&tab, value))));
    tab.run_until(50);
    riders[0].drop_future();
    tab.run();
    assert!(!riders[0].is_settled());
    assert_eq!([riders[1].outcome(), riders[2].outcome()], [Some(1), Some(1)]);
    assert_eq!(riders[1].settled_at(), 100);
}

#[test]
fn a_flight_that_has_landed_leaves_the_slot_empty() {
    let (tab, slot) = (Stage::first_visit().open(), slot());
    tab.call(ride(slot.clone(), work(&tab, 1)));
    tab.run_until(50);
    assert!(slot.under_way().is_some());
    tab.run();
    assert!(slot.under_way().is_none());
    let next = tab.call(ride(slot.clone(), work(&tab, 2)));
    tab.run();
    assert_eq!(next.outcome(), Some(2));
}

#[test]
fn nothing_starts_where_nothing_is_left_to_do() {
    let (tab, slot) = (Stage::first_visit().open(), slot());
    let caller = slot.clone();
    let call = tab.call(async move { caller.join_or_start(|| None).is_none() });
    tab.run();
    assert!(call.outcome());
    assert!(slot.under_way().is_none());
}

#[test]
fn who_waits_for_an_abandoned_flight_goes_on_waiting() {
    let (tab, slot) = (Stage::first_visit().open(), slot());
    let before = tab.call(ride(slot.clone(), work(&tab, 1)));
    tab.run_until(50);
    slot.abandon();
    assert!(slot.under_way().is_none());
    let after = tab.call(ride(slot.clone(), work(&tab, 2)));
    tab.run();
    assert_eq!((before.outcome(), before.settled_at()), (Some(1), 100));
    assert_eq!((after.outcome(), after.settled_at()), (Some(2), 150));
}
