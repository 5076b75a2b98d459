use phone_enrichment::charge::Charge;
use phone_enrichment::ledger::{Finding, Ledger};

/// What happens to a ledger. Requests are numbered in the order in which they are sent.
#[derive(Clone, Copy, Debug)]
enum Step {
    Send,
    /// A request is over: what it cost, the balance if it came with one, and what is found.
    Over(u32, Charge, Option<i64>, Option<Finding>),
}
use Charge::{Confirmed, None as Free, Possible};
use Step::{Over, Send};

const fn charged(requests: u32) -> Option<Finding> {
    Some(Finding::Charged(requests))
}

const fn anomaly(expected: i64, seen: i64) -> Option<Finding> {
    Some(Finding::Anomaly { expected, seen })
}

/// The wallet is known to hold 100.
const KNOWN: [Step; 2] = [Send, Over(1, Free, Some(100), None)];

fn judge(name: &str, steps: &[Step]) {
    let mut ledger = Ledger::default();
    for step in KNOWN.iter().chain(steps) {
        match *step {
            Send => ledger.sent(),
            Over(request, charge, balance, expected) => {
                assert_eq!(ledger.settled(charge, 5, balance), expected, "{name}, request {request}");
            }
        }
    }
}

everywhere! {
    fn replies_in_order_explain_themselves() {
        judge("found after found", &[Send, Over(2, Confirmed, Some(95), None), Send, Over(3, Confirmed, Some(90), None)]);
        judge("found and not found", &[Send, Over(2, Free, Some(100), None), Send, Over(3, Confirmed, Some(95), None)]);
        judge("an end without a balance", &[Send, Over(2, Free, None, None), Send, Over(3, Confirmed, Some(95), None)]);
        judge("a charge without a balance", &[Send, Over(2, Confirmed, None, None), Send, Over(3, Confirmed, Some(90), None)]);
    }

    fn replies_out_of_order_explain_themselves() {
        judge("the last first", &[Send, Send, Send, Over(4, Confirmed, Some(85), None), Over(3, Confirmed, Some(90), None), Over(2, Confirmed, Some(95), None)]);
        judge("sent in another order than charged", &[Send, Send, Over(2, Confirmed, Some(90), None), Over(3, Confirmed, Some(95), None), Send, Over(4, Free, Some(90), None)]);
        judge("a free one that looked before", &[Send, Send, Over(3, Confirmed, Some(95), None), Over(2, Free, Some(100), None), Send, Over(4, Free, Some(95), None)]);
        judge("one that stays out for long", &[Send, Send, Over(3, Confirmed, Some(90), None), Send, Over(4, Confirmed, Some(85), None), Over(2, Confirmed, Some(95), None)]);
    }

    fn a_drop_that_nothing_explains_is_told() {
        judge("between two calls", &[Send, Over(2, Confirmed, Some(90), anomaly(95, 90))]);
        judge("a single credit", &[Send, Over(2, Free, Some(99), anomaly(100, 99))]);
        judge("once, and not again", &[Send, Over(2, Free, Some(50), anomaly(100, 50)), Send, Over(3, Confirmed, Some(45), None)]);
        judge("while calls overlap", &[Send, Send, Over(3, Confirmed, Some(85), None), Over(2, Confirmed, Some(90), anomaly(90, 85))]);
        judge("below zero", &[Send, Over(2, Confirmed, Some(-5), anomaly(95, -5))]);
    }

    fn a_drop_that_only_a_possible_charge_explains_settles_it() {
        judge("at the next balance", &[Send, Over(2, Possible, None, None), Send, Over(3, Confirmed, Some(90), charged(1))]);
        judge("it was free after all", &[Send, Over(2, Possible, None, None), Send, Over(3, Confirmed, Some(95), None)]);
        judge("some of several", &[Send, Over(2, Possible, None, None), Send, Over(3, Possible, None, None), Send, Over(4, Free, Some(95), charged(1)), Send, Over(5, Free, Some(90), charged(1)), Send, Over(6, Free, Some(85), anomaly(90, 85))]);
        judge("all at once", &[Send, Send, Over(3, Possible, None, None), Over(2, Possible, None, None), Send, Over(4, Free, Some(90), charged(2))]);
        judge("more than it explains", &[Send, Over(2, Possible, None, None), Send, Over(3, Free, Some(90), anomaly(100, 90))]);
        judge("no multiple of the price", &[Send, Over(2, Possible, None, None), Send, Over(3, Free, Some(97), anomaly(100, 97))]);
        judge("while calls overlap", &[Send, Send, Over(3, Confirmed, Some(90), None), Over(2, Possible, None, charged(1))]);
    }

    fn a_top_up_is_no_drop_and_hides_none_after_it() {
        judge("between two calls", &[Send, Over(2, Confirmed, Some(195), None), Send, Over(3, Confirmed, Some(185), anomaly(190, 185))]);
        judge("while calls overlap", &[Send, Send, Over(2, Confirmed, Some(95), None), Over(3, Confirmed, Some(190), None), Send, Over(4, Confirmed, Some(185), None)]);
        judge("while calls overlap, told out of order", &[Send, Send, Over(3, Confirmed, Some(190), None), Over(2, Confirmed, Some(95), None), Send, Over(4, Free, Some(190), None)]);
        judge("as much as was spent", &[Send, Over(2, Confirmed, Some(100), None), Send, Over(3, Confirmed, Some(95), None)]);
    }

    fn where_nobody_can_tell_nothing_is_claimed() {
        judge("a charge without a balance while calls overlap", &[Send, Send, Over(2, Confirmed, None, None), Over(3, Confirmed, Some(95), None), Send, Over(4, Free, Some(90), None), Send, Over(5, Free, Some(80), anomaly(90, 80))]);
        judge("no balance at all", &[Send, Over(2, Confirmed, None, None), Send, Over(3, Possible, None, None)]);
        let mut unknown = Ledger::default();
        for (request, balance) in [(1, Some(95)), (2, Some(90)), (3, Some(80))] {
            unknown.sent();
            let expected = if request == 3 { anomaly(85, 80) } else { None };
            assert_eq!(unknown.settled(Confirmed, 5, balance), expected, "before the first balance there is nothing to compare");
        }
    }
}
