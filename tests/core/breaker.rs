use phone_enrichment::breaker::Breaker;

/// What happens to a breaker, by the number of the request.
#[derive(Clone, Copy, Debug)]
enum Step {
    Refused(u32, Option<i64>),
    Seen(u32, i64),
    Closed,
}
use Step::{Closed, Refused, Seen};

everywhere! {
    fn it_is_open_from_a_refusal_until_a_later_balance_suffices() {
        let cases: [(&[Step], Option<Option<i64>>); 11] = [
            (&[], None),
            (&[Seen(1, 0)], None),
            (&[Refused(1, None)], Some(None)),
            (&[Refused(1, Some(3))], Some(Some(3))),
            (&[Refused(1, Some(3)), Seen(2, 4)], Some(Some(3))),
            (&[Refused(1, Some(3)), Seen(2, 5)], None),
            // A reply to what was sent before says nothing of the wallet after.
            (&[Refused(2, Some(3)), Seen(1, 100)], Some(Some(3))),
            (&[Refused(2, Some(3)), Seen(2, 100)], Some(Some(3))),
            // Refusals may arrive out of order, too.
            (&[Refused(3, None), Refused(1, None), Seen(2, 100)], Some(None)),
            (&[Refused(1, None), Closed], None),
            (&[Refused(1, None), Closed, Refused(2, None)], Some(None)),
        ];
        for (steps, expected) in cases {
            let mut breaker = Breaker::default();
            for step in steps {
                match *step {
                    Refused(request, balance) => breaker.refuse(request, balance),
                    Seen(request, balance) => breaker.seen(request, balance, 5),
                    Closed => breaker.close(),
                }
            }
            assert_eq!(breaker.refusal(), expected, "{steps:?}");
        }
    }
}
