use phone_enrichment::retry::{LONGEST_WAIT_MS, pause_ms, retry_after_ms, wait_ms};

everywhere! {
    fn retry_after_is_seconds_or_a_date_and_nothing_else() {
        let date = Some(784_111_777_000.0);
        let now = 784_111_777_000 - 5000;
        let cases = [
            ("0", None, Some(0)),
            ("120", None, Some(120_000)),
            ("120", date, Some(120_000)),
            ("99999999999999999999999", None, Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", date, Some(5000)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(784_111_740_000.0), Some(0)),
            ("Thu, 01 Jan 1960 00:00:00 GMT", Some(-315_619_200_000.0), Some(0)),
            ("soon", None, None),
            ("soon", Some(f64::NAN), None),
            // Parsers take these for dates.
            ("-1", Some(978_303_600_000.0), None),
            ("1.5", Some(978_649_200_000.0), None),
            ("2030", None, Some(2_030_000)),
            ("", None, None),
        ];
        for (header, date, expected) in cases {
            assert_eq!(retry_after_ms(header, date, now), expected, "{header}");
        }
    }

    fn a_wait_is_honoured_up_to_a_minute_and_only_while_tries_are_left() {
        assert_eq!(wait_ms(Some(0), 1, 0), Some(0));
        assert_eq!(wait_ms(Some(LONGEST_WAIT_MS), 1, 0), Some(LONGEST_WAIT_MS));
        assert_eq!(wait_ms(Some(LONGEST_WAIT_MS + 1), 1, 0), None);
        assert_eq!(wait_ms(Some(1000), 0, 0), None, "zero tries means zero");
        assert_eq!(wait_ms(None, 2, 0), None, "a daily cap doesn't say when, and is final");
    }

    fn a_wait_is_spread_but_never_shorter_than_asked() {
        let waits: Vec<u64> = (0..1000).filter_map(|entropy| wait_ms(Some(2000), 1, entropy)).collect();
        assert!(waits.iter().all(|wait| (2000..2500).contains(wait)));
        assert!(waits.iter().min() != waits.iter().max());
    }

    fn a_pause_doubles_up_to_a_minute() {
        assert_eq!([1, 2, 3, 6, 7].map(pause_ms), [1000, 2000, 4000, 32_000, LONGEST_WAIT_MS]);
        assert_eq!([0, 64, 65, 1000, u32::MAX].map(|attempts| pause_ms(attempts) <= LONGEST_WAIT_MS), [true; 5]);
    }
}
