use phone_enrichment::json::{Json, write_text};

everywhere! {
    fn a_string_is_written_so_that_any_parser_reads_it_back() {
        let every_ascii: String = (0..128_u8).map(char::from).collect();
        for text in ["", "Zoë \"Z\" O'Neil\\", "李小龍 🚀\u{2028}", &every_ascii] {
            let mut written = String::new();
            write_text(&mut written, text);
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }

    fn whole_numbers_are_whole_however_they_are_written() {
        let cases = [
            ("0", Some(0)), ("-0", Some(0)), ("85", Some(85)), ("85.0", Some(85)), ("8.5e1", Some(85)), ("850E-1", Some(85)),
            ("-5", Some(-5)), ("9007199254740991", Some(9_007_199_254_740_991)), ("9007199254740992", None), ("1e15", Some(1_000_000_000_000_000)),
            ("1e400", None), ("0e999999999999", Some(0)), ("0.5", None), ("1e-1", None), ("123456789012345678901234567890", None), ("10000000000000000000000e-20", Some(100)),
        ];
        for (text, expected) in cases {
            assert_eq!(Json::parse(text).and_then(|json| json.as_whole()), expected, "{text}");
        }
    }

    fn what_is_not_json_is_not_read() {
        for text in [
            "", " ", "nul", "nullx", "tru", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\n\"", "01", "-", "1.", ".5", "1e", "+1", "NaN",
            "[1,]", "[1 2]", "[", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "{\"a\":1", "1 2", "\u{feff}\u{feff}1", "[1]]",
        ] {
            assert_eq!(Json::parse(text), None, "{text}");
        }
    }

    fn escapes_become_the_characters_they_stand_for() {
        let text = |json: &str| Json::parse(json).and_then(|json| json.as_text().map(String::from));
        assert_eq!(text(r#""\u0041\n\/\"\\\ud83d\ude80""#).as_deref(), Some("A\n/\"\\🚀"));
        assert_eq!(text(r#""\ud83dx""#).as_deref(), Some("\u{fffd}x"), "half a pair is no character");
        assert_eq!(text(r#""\ude80\ud83d\ud83d\ude80""#).as_deref(), Some("\u{fffd}\u{fffd}🚀"));
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod against_serde_json {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::Json;

    fn same(ours: &Json, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
            (Json::Whole(ours), Value::Number(theirs)) => theirs.as_f64() == Some(*ours as f64),
            (Json::OtherNumber, Value::Number(theirs)) => {
                theirs.as_f64().is_none_or(|number| number.fract() != 0.0 || number.abs() > 9_007_199_254_740_991.0)
            }
            (Json::Text(ours), Value::String(theirs)) => ours == theirs,
            (Json::List(ours), Value::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
            }
            (Json::Object(_), Value::Object(theirs)) => {
                theirs.iter().all(|(name, theirs)| ours.get(name).is_some_and(|ours| same(ours, theirs)))
            }
            _ => false,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e6..1e6_f64).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_a_known_writer_writes_is_read_as_it_was(value in any_json()) {
            let text = value.to_string();
            let ours = Json::parse(&text);
            prop_assert!(ours.as_ref().is_some_and(|ours| same(ours, &value)), "{text} became {ours:?}");
        }

        #[test]
        fn a_known_parser_accepts_and_refuses_the_same(text in r#"[\[\]{}:,"\\/bnrtu0-9a-f.eE+\- ]{0,24}"#) {
            let theirs: Result<Value, _> = serde_json::from_str(&text);
            let ours = Json::parse(&text);
            match (&ours, &theirs) {
                (Some(ours), Ok(theirs)) => prop_assert!(same(ours, theirs), "{text}"),
                // serde_json refuses numbers beyond its range and lone surrogates, which JSON allows.
                (Some(_), Err(error)) => prop_assert!(error.to_string().contains("out of range") || text.contains("\\ud"), "{text}: {error}"),
                (None, Ok(_)) => prop_assert!(false, "{text} is JSON"),
                (None, Err(_)) => {}
            }
        }

        #[test]
        fn any_text_at_all_is_read_or_refused(text in any::<String>()) {
            let _ = Json::parse(&text);
        }
    }
}
