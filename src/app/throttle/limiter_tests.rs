use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn quota(burst: u32) -> Quota {
    Quota { burst: NonZeroU32::new(burst).expect("not zero"), period: MINUTE }
}

#[test]
fn a_burst_passes_and_comes_back_evenly() {
    let clock = Clock::manual(0);
    let throttle = Throttle::new(clock.clone(), quota(3));
    for _ in 0..3 {
        assert_eq!(throttle.check("a"), Ok(()));
    }
    assert_eq!(throttle.check("a"), Err(RetryAfter(Duration::from_secs(20))));
    assert_eq!(throttle.check("b"), Ok(()));
    clock.advance(Duration::from_secs(20));
    assert_eq!(throttle.check("a"), Ok(()));
    assert!(throttle.check("a").is_err());
    clock.advance(MINUTE);
    for _ in 0..3 {
        assert_eq!(throttle.check("a"), Ok(()));
    }
    assert!(throttle.check("a").is_err());
}

/// ASVS 6.1.1: who keeps knocking is not locked out for longer.
#[test]
fn refusals_cost_nothing() {
    let clock = Clock::manual(0);
    let throttle = Throttle::new(clock.clone(), quota(1));
    assert_eq!(throttle.check("a"), Ok(()));
    for _ in 0..1_000 {
        assert_eq!(throttle.check("a"), Err(RetryAfter(MINUTE)));
    }
    clock.advance(MINUTE);
    assert_eq!(throttle.check("a"), Ok(()));
}

#[test]
fn looking_spends_nothing_and_tells_the_truth() {
    let throttle = Throttle::new(Clock::manual(0), quota(2));
    for _ in 0..10 {
        assert_eq!(throttle.peek("a"), Ok(()));
    }
    assert_eq!(throttle.keys(), 0);
    assert_eq!(throttle.check("a"), Ok(()));
    assert_eq!(throttle.peek("a"), Ok(()));
    assert_eq!(throttle.check("a"), Ok(()));
    assert_eq!(throttle.peek("a"), throttle.check("a"));
    assert!(throttle.peek("a").is_err());
}

#[test]
fn a_refund_gives_one_back_and_never_more_than_the_burst() {
    let clock = Clock::manual(0);
    let throttle = Throttle::new(clock.clone(), quota(2));
    clock.advance(MINUTE * 10);
    throttle.refund("a");
    assert_eq!(throttle.check("a"), Ok(()));
    assert_eq!(throttle.check("a"), Ok(()));
    throttle.refund("a");
    assert_eq!(throttle.check("a"), Ok(()));
    assert!(throttle.check("a").is_err());
    for _ in 0..10 {
        throttle.refund("a");
    }
    assert_eq!(throttle.check("a"), Ok(()));
    assert_eq!(throttle.check("a"), Ok(()));
    assert!(throttle.check("a").is_err());
}

#[test]
fn memory_is_bounded_and_a_spent_bucket_is_not_pushed_out() {
    let throttle = Throttle::with_maximum_keys(Clock::manual(0), quota(5), 100);
    while throttle.check("guessed").is_ok() {}
    for name in 0..10_000 {
        assert_eq!(throttle.check(&format!("invented {name}")), Ok(()));
        assert!(throttle.keys() <= 100);
    }
    assert!(throttle.check("guessed").is_err());
}

#[test]
fn keys_that_rested_are_forgotten_first() {
    let clock = Clock::manual(0);
    let throttle = Throttle::with_maximum_keys(clock.clone(), quota(5), 100);
    for name in 0..99 {
        assert_eq!(throttle.check(&format!("old {name}")), Ok(()));
    }
    clock.advance(MINUTE);
    assert_eq!(throttle.check("new"), Ok(()));
    assert_eq!(throttle.check("newer"), Ok(()));
    assert_eq!(throttle.keys(), 2);
}

#[test]
fn two_throttles_share_nothing() {
    let clock = Clock::manual(0);
    let (one, two) = (Throttle::new(clock.clone(), quota(1)), Throttle::new(clock, quota(1)));
    assert_eq!(one.check("a"), Ok(()));
    assert_eq!(two.check("a"), Ok(()));
}

#[test]
fn a_waiting_time_is_rounded_up_for_the_header() {
    assert_eq!(RetryAfter(Duration::from_millis(1)).seconds(), 1);
    assert_eq!(RetryAfter(Duration::from_millis(2_000)).seconds(), 2);
    assert_eq!(RetryAfter(Duration::from_millis(2_001)).seconds(), 3);
}
