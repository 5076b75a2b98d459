use phone_enrichment::json::Writer;
use serde_json::{Value, json};

everywhere! {
    fn a_string_is_written_so_that_any_parser_reads_it_back() {
        let every_ascii: String = (0..128_u8).map(char::from).collect();
        for text in ["", "Zoë \"Z\" O'Neil\\", "李小龍 🚀\u{2028}", &every_ascii] {
            let mut written = Writer::begin();
            written.text("\"", text);
            assert_eq!(serde_json::from_str::<String>(written.as_str()).unwrap(), text);
        }
    }

    fn a_number_is_written_as_it_is() {
        for number in [0, 5, 10, 987_654_321, u64::MAX] {
            let mut written = Writer::begin();
            written.count("", number);
            assert_eq!(written.as_str(), number.to_string());
        }
        for number in [0, -1, i64::MIN, i64::MAX] {
            let mut written = Writer::begin();
            written.whole("", Some(number));
            assert_eq!(written.as_str(), number.to_string());
        }
    }

    fn an_object_is_written_member_by_member() {
        let mut written = Writer::begin();
        written.flag(r#"{"yes":"#, true);
        written.flag(r#","no":"#, false);
        written.whole(r#","none":"#, None);
        written.nullable(r#","nothing":"#, None);
        let begin = written.end();
        written.nullable(r#","something":"#, Some("\n"));
        written.raw(r#","list":[0"#);
        written.repeat(begin, begin.saturating_add(1));
        written.raw("1]}");
        assert_eq!(
            serde_json::from_str::<Value>(written.as_str()).unwrap(),
            json!({ "yes": true, "no": false, "none": null, "nothing": null, "something": "\n", "list": [0, 1] })
        );
    }
}
