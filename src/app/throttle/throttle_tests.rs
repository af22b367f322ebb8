use super::*;

const HOME: &str = "192.0.2.1";

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn elsewhere(number: u32) -> IpAddr {
    IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + number))
}

fn throttle(clock: &Clock) -> GuessThrottle {
    GuessThrottle::new(clock.clone(), GuessLimits::default())
}

fn wrong_password(throttle: &GuessThrottle, account: &str, address: IpAddr) -> Result<(), RetryAfter> {
    throttle.begin(account, address).map(drop)
}

fn right_password(throttle: &GuessThrottle, account: &str, address: IpAddr) -> Result<(), RetryAfter> {
    throttle.begin(account, address).map(|attempt| throttle.succeeded(attempt))
}

#[test]
fn ten_wrong_passwords_are_enough_for_a_while_at_one_place_only() {
    let clock = Clock::manual(0);
    let throttle = throttle(&clock);
    for _ in 0..10 {
        assert_eq!(wrong_password(&throttle, "anna", ip(HOME)), Ok(()));
    }
    assert_eq!(wrong_password(&throttle, "anna", ip(HOME)), Err(RetryAfter(Duration::from_secs(60))));
    assert_eq!(right_password(&throttle, "anna", elsewhere(1)), Ok(()));
    assert_eq!(right_password(&throttle, "berta", ip(HOME)), Ok(()));
    clock.advance(Duration::from_secs(60));
    assert_eq!(right_password(&throttle, "anna", ip(HOME)), Ok(()));
}

/// C57.
#[test]
fn another_spelling_is_not_another_chance() {
    let throttle = throttle(&Clock::manual(0));
    let spellings = ["user", "USER", " user", "ｕｓｅｒ", "user\t"];
    for attempt in 0..10 {
        assert_eq!(wrong_password(&throttle, spellings[attempt % 5], ip(HOME)), Ok(()));
    }
    for spelling in spellings {
        assert!(wrong_password(&throttle, spelling, ip(HOME)).is_err(), "{spelling:?}");
    }
}

#[test]
fn one_place_trying_many_accounts_is_slowed_down() {
    let throttle = throttle(&Clock::manual(0));
    for number in 0..100_u32 {
        let address = ip(&format!("2001:db8::{number:x}"));
        assert_eq!(wrong_password(&throttle, &format!("user{number}"), address), Ok(()));
    }
    assert!(wrong_password(&throttle, "user101", ip("2001:db8::ffff")).is_err());
    assert_eq!(wrong_password(&throttle, "user101", ip("2001:db8:0:1::1")), Ok(()));
}

#[test]
fn right_passwords_cost_nothing() {
    let throttle = throttle(&Clock::manual(0));
    for _ in 0..1_000 {
        assert_eq!(right_password(&throttle, "anna", ip(HOME)), Ok(()));
    }
}

#[test]
fn an_attempt_that_found_no_answer_costs_nothing() {
    let throttle = throttle(&Clock::manual(0));
    for _ in 0..1_000 {
        let attempt = throttle.begin("anna", ip(HOME)).map_err(|_| "refused").expect("never used up");
        throttle.not_tried(attempt);
    }
}

#[test]
fn many_guesses_at_the_same_moment_do_not_all_find_the_bucket_full() {
    let throttle = throttle(&Clock::manual(0));
    let at_once: Vec<_> = (0..1_000).map_while(|_| throttle.begin("anna", ip(HOME)).ok()).collect();
    assert_eq!(at_once.len(), 10);
}

/// ASVS 6.1.1: a flood from everywhere neither opens the account nor shuts its owner out.
#[test]
fn a_flood_from_everywhere_stops_at_the_account_but_not_at_its_owners_address() {
    let clock = Clock::manual(0);
    let throttle = throttle(&clock);
    assert_eq!(right_password(&throttle, "anna", ip(HOME)), Ok(()));
    let tried = (0..10_000).filter(|&number| wrong_password(&throttle, "anna", elsewhere(number)).is_ok()).count();
    assert_eq!(tried, 100);
    assert_eq!(right_password(&throttle, "anna", ip(HOME)), Ok(()));
    assert!(right_password(&throttle, "anna", elsewhere(20_000)).is_err());
    clock.advance(Duration::from_secs(36));
    assert_eq!(right_password(&throttle, "anna", elsewhere(20_000)), Ok(()));
}

#[test]
fn a_known_address_has_no_more_than_its_own_limit_and_is_forgotten() {
    let clock = Clock::manual(0);
    let throttle = throttle(&clock);
    assert_eq!(right_password(&throttle, "anna", ip(HOME)), Ok(()));
    let tried = (0..1_000).filter(|_| wrong_password(&throttle, "anna", ip(HOME)).is_ok()).count();
    assert_eq!(tried, 10);
    clock.advance(KNOWN_FOR);
    for number in 0..200 {
        let _ = wrong_password(&throttle, "anna", elsewhere(number));
    }
    assert!(right_password(&throttle, "anna", ip(HOME)).is_err());
}

/// A refused attempt must not use up what the people at the same address have left.
#[test]
fn a_refusal_by_one_limit_spends_nothing_of_the_others() {
    let throttle = throttle(&Clock::manual(0));
    for _ in 0..1_000 {
        let _ = wrong_password(&throttle, "anna", ip(HOME));
    }
    let left =
        (0..1_000).filter(|number| wrong_password(&throttle, &format!("user{number}"), ip(HOME)).is_ok()).count();
    assert_eq!(left, 90);
}

/// A35.
#[test]
fn a_thousand_wrong_client_secrets_are_throttled_and_the_client_still_works_elsewhere() {
    let throttle = throttle(&Clock::manual(0));
    let mut answers = Vec::new();
    for number in 0..1_000 {
        let address = if number < 500 { ip(HOME) } else { elsewhere(number) };
        answers.push(throttle.peek("client", address).and_then(|()| throttle.record_failure("client", address)));
    }
    let told_wrong = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(told_wrong <= 100, "{told_wrong}");
    assert!(throttle.peek("client", ip(HOME)).is_err());
    assert_eq!(throttle.peek("client", ip("198.51.100.1")), Ok(()));
    assert_eq!(throttle.peek("another client", ip(HOME)), Ok(()));
}

#[test]
fn a_busy_client_with_the_right_secret_is_never_slowed_down() {
    let throttle = throttle(&Clock::manual(0));
    for _ in 0..10_000 {
        assert_eq!(throttle.peek("client", ip(HOME)), Ok(()));
    }
}

#[test]
fn names_with_line_feeds_do_not_collide_with_other_pairs() {
    let one = Keys::of("a\n192.0.2.2", ip(HOME));
    let two = Keys::of("a", ip(HOME));
    assert_ne!(one.pair, two.pair);
    assert!(one.pair.starts_with("192.0.2.1\n"));
}
