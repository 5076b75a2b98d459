use phone_enrichment::budget::{Budget, Limits, Refusal};
use phone_enrichment::charge::Charge;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// When to look again for what is only set aside.
const SOON_MS: u64 = 1000;

fn refusal(left: u64, resets_in_ms: Option<u64>) -> Result<(), Refusal> {
    Err(Refusal { left, resets_in_ms })
}

/// A budget that so many requests of 5 credits were charged to, one a second from 0 on.
fn spent(limits: Limits, requests: u32) -> Budget {
    let mut budget = Budget::new(limits);
    for request in 1..=requests {
        let at = u64::from(request - 1) * 1000;
        budget.reserve(request, 5, at);
        budget.settle(request, Charge::Confirmed, at);
    }
    budget
}

everywhere! {
    fn each_limit_has_room_up_to_its_last_credit_and_says_when_there_is_more() {
        let none = Limits::default();
        let cases = [
            ("no limit", none, 1000, 0, 0, Ok(())),
            ("the client's, up to its last credit", Limits { total: Some(15), ..none }, 2, 0, 0, Ok(())),
            ("the client's, beyond", Limits { total: Some(14), ..none }, 2, 0, DAY_MS * 9, refusal(4, None)),
            ("a call's, up to its last credit", Limits { per_call: Some(10), ..none }, 9, 5, 0, Ok(())),
            ("a call's, beyond", Limits { per_call: Some(9), ..none }, 9, 5, 0, refusal(4, None)),
            ("a minute's", Limits { per_minute: Some(12), ..none }, 2, 0, 20_000, refusal(2, Some(40_000))),
            ("a minute's, a moment before its end", Limits { per_minute: Some(12), ..none }, 2, 0, 59_999, refusal(2, Some(1))),
            ("a minute's, at its end", Limits { per_minute: Some(12), ..none }, 2, 0, MINUTE_MS, Ok(())),
            ("a day's", Limits { per_day: Some(10), ..none }, 2, 0, MINUTE_MS, refusal(0, Some(DAY_MS - MINUTE_MS))),
            ("a day's, at its end", Limits { per_day: Some(10), ..none }, 2, 0, DAY_MS, Ok(())),
            ("a day's before a minute's", Limits { per_minute: Some(10), per_day: Some(10), ..none }, 2, 0, 0, refusal(0, Some(DAY_MS))),
            ("one that never has room", Limits { per_minute: Some(4), ..none }, 0, 0, 0, refusal(4, None)),
            ("nothing at all", Limits { total: Some(0), ..none }, 0, 0, 0, refusal(0, None)),
        ];
        for (name, limits, requests, held, now, expected) in cases {
            assert_eq!(spent(limits, requests).room(5, held, now), expected, "{name}");
        }
    }

    fn what_is_set_aside_counts_until_it_is_settled() {
        for (charge, left, balance) in [
            (Charge::None, Ok(()), (0, 0, 0)),
            (Charge::Confirmed, refusal(0, None), (5, 0, 0)),
            (Charge::Possible, refusal(0, None), (0, 0, 5)),
        ] {
            let mut budget = Budget::new(Limits { total: Some(5), ..Limits::default() });
            budget.reserve(1, 5, 0);
            assert_eq!(budget.room(5, 0, 0), refusal(0, Some(SOON_MS)), "while it is out");
            assert_eq!((budget.spent(), budget.reserved(), budget.possible()), (0, 5, 0));
            for _ in 0..2 {
                budget.settle(1, charge, 0);
                assert_eq!((budget.spent(), budget.reserved(), budget.possible()), balance, "settled once");
            }
            assert_eq!(budget.room(5, 0, 0), left, "{charge:?}");
        }
    }

    fn there_may_be_room_soon_where_only_what_is_set_aside_is_in_the_way() {
        let none = Limits::default();
        // The limit, requests that were charged and requests that are out, all at 0.
        let cases = [
            ("all of it is out", Limits { total: Some(10), ..none }, 0, 2, refusal(0, Some(SOON_MS))),
            ("half of it is out", Limits { total: Some(10), ..none }, 1, 1, refusal(0, Some(SOON_MS))),
            ("what is out would not suffice", Limits { total: Some(9), ..none }, 1, 1, refusal(0, None)),
            ("a minute's, of which some is out", Limits { per_minute: Some(10), ..none }, 1, 1, refusal(0, Some(SOON_MS))),
            ("a minute's, of which nothing is out", Limits { per_minute: Some(10), ..none }, 2, 0, refusal(0, Some(MINUTE_MS))),
            ("a day's, of which some is out", Limits { per_day: Some(10), ..none }, 1, 1, refusal(0, Some(SOON_MS))),
            ("a call's is the call's own", Limits { per_call: Some(4), ..none }, 0, 2, refusal(4, None)),
        ];
        for (name, limits, charged, out, expected) in cases {
            let mut budget = Budget::new(limits);
            for request in 0..charged + out {
                budget.reserve(request, 5, 0);
                if request < charged {
                    budget.settle(request, Charge::Confirmed, 0);
                }
            }
            assert_eq!(budget.room(5, 0, 0), expected, "{name}");
        }
    }

    fn room_comes_back_with_the_oldest_charge_however_long_another_request_is_out() {
        let mut budget = Budget::new(Limits { per_minute: Some(10), ..Limits::default() });
        for request in 0..3 {
            budget.reserve(request, 5, 0);
        }
        budget.settle(1, Charge::Confirmed, MINUTE_MS);
        budget.settle(2, Charge::Possible, MINUTE_MS + 1000);
        assert_eq!(budget.room(5, 0, 2 * MINUTE_MS - 1), refusal(0, Some(1)));
        assert_eq!(budget.room(5, 0, 2 * MINUTE_MS), refusal(0, Some(SOON_MS)));
    }

    fn a_request_that_is_out_for_long_counts_for_as_long() {
        let mut budget = Budget::new(Limits { per_minute: Some(5), ..Limits::default() });
        budget.reserve(1, 5, 0);
        assert!(budget.room(5, 0, 2 * DAY_MS).is_err());
        budget.settle(1, Charge::None, 2 * DAY_MS);
        assert_eq!(budget.room(5, 0, 2 * DAY_MS), Ok(()));
    }

    fn what_turns_out_to_be_charged_is_spent_and_no_longer_possible() {
        let mut budget = Budget::new(Limits::default());
        for request in 1..=2 {
            budget.reserve(request, 5, 0);
            budget.settle(request, Charge::Possible, 0);
        }
        budget.confirm(5);
        assert_eq!((budget.spent(), budget.possible()), (5, 5));
        budget.confirm(500);
        assert_eq!((budget.spent(), budget.possible()), (10, 0), "never more than there was");
    }

    fn a_burst_never_overspends_whatever_comes_of_each() {
        // Every end of every request, in an order that mixes them.
        for limits in [
            Limits { total: Some(50), ..Limits::default() },
            Limits { per_minute: Some(50), ..Limits::default() },
            Limits { per_day: Some(50), ..Limits::default() },
        ] {
            let mut budget = Budget::new(limits);
            let mut out = Vec::new();
            for request in 0..200_u32 {
                if budget.room(5, 0, 0).is_ok() {
                    budget.reserve(request, 5, 0);
                    out.push(request);
                }
                if request % 3 == 0 && let Some(settled) = out.pop() {
                    budget.settle(settled, [Charge::None, Charge::Confirmed, Charge::Possible][request as usize % 9 / 3], 0);
                }
                assert!(budget.spent() + budget.reserved() + budget.possible() <= 50);
            }
            assert!(budget.room(5, 0, 0).is_err());
        }
    }
}
