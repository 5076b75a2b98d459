use phone_enrichment::json::write_text;

everywhere! {
    fn a_string_is_written_so_that_any_parser_reads_it_back() {
        let every_ascii: String = (0..128_u8).map(char::from).collect();
        for text in ["", "Zoë \"Z\" O'Neil\\", "李小龍 🚀\u{2028}", &every_ascii] {
            let mut written = String::new();
            write_text(&mut written, text);
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
