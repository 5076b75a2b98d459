use phone_enrichment::retry::{LONGEST_WAIT_MS, retry_after_ms, wait_ms};

everywhere! {
    fn every_form_of_retry_after_is_read() {
        // 784111777 is the example date of RFC 9110.
        let now = 784_111_777_000 - 5000;
        let cases = [
            ("0", Some(0)),
            ("120", Some(120_000)),
            (" 3 ", Some(3000)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(5000)),
            ("Sun Nov  6 08:49:37 1994", Some(5000)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("Tue, 29 Feb 2000 00:00:00 GMT", Some(951_782_400_000 - now)),
            ("Wednesday, 01-Mar-28 00:00:00 GMT", Some(1_835_481_600_000 - now)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("Sun, 06 Nov 1994", None),
            ("Sun, 06 Nov 1994 25:00:00 GMT", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 40 Nov 1994 08:49:37 GMT", None),
            ("06 1994 08:49:37", None),
        ];
        for (header, expected) in cases {
            assert_eq!(retry_after_ms(header, now), expected, "{header}");
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
}
