//! That a plan is the same wherever the pieces of its list end, and that no list brings it down.

use super::{cells_in_pieces, plan_in_pieces};
use phone_enrichment::identity::HostText;
use phone_enrichment::plan::Options;
use proptest::prelude::*;
use serde_json::Value;

/// Everything that a plan says of a list in pieces of these lengths.
fn all_of(list: &[u8], lengths: &[usize]) -> String {
    match plan_in_pieces(list, lengths, Options::default()) {
        Ok(mut plan) => {
            let people = plan.people(0, u32::MAX, &HostText);
            let cells = cells_in_pieces(&plan, list, lengths).unwrap();
            let rows = cells.len();
            assert_eq!(serde_json::from_str::<Value>(&plan.summary()).unwrap()["rows"], rows);
            format!("{}\n{}\n{people}\n{cells:?}", plan.summary(), plan.page(0, u32::MAX))
        }
        Err(refusal) => refusal.to_string(),
    }
}

/// Cells as they come, and as they should not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-d]{1,3}@[a-c]{1,2}\\.com",
        "(https://www\\.)?linkedin\\.com/in/[a-dA-D]{1,2}/?",
        "[A-C][a-c]{1,3}( [A-C][a-c]{1,3}){0,2}",
        "[a-b]{2}\\.(de|com)",
        "\"[a-c,;\n\r]{0,6}\"",
        "[\"\n\r,;\t\u{e9}\u{4e2d} ]{0,4}",
        "linkedin\\.com/(company|jobs)/x",
        "n/a|-|null",
    ]
}

fn list() -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![
        Just("linkedin_url,email,first_name,last_name,company,website"),
        Just("Email;LinkedIn;Name;Firma"),
        Just("E-mail 1 - Value\tE-mail 2 - Value\tFirst Name\tLast Name"),
        Just("nothing"),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    (header, proptest::collection::vec((proptest::collection::vec(cell(), 0..7), end), 0..90), any::<bool>()).prop_map(
        |(header, rows, is_latin)| {
            let delimiter = if header.contains('\t') {
                "\t"
            } else if header.contains(';') {
                ";"
            } else {
                ","
            };
            let mut text = format!("{header}\n");
            for (cells, end) in rows {
                text.push_str(&cells.join(delimiter));
                text.push_str(end);
            }
            match is_latin {
                true => text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect(),
                false => text.into_bytes(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_is_the_same_wherever_the_pieces_end(list in list(), lengths in proptest::collection::vec(1..40_usize, 1..6)) {
        let whole = all_of(&list, &[usize::MAX]);
        prop_assert_eq!(&all_of(&list, &[1]), &whole);
        prop_assert_eq!(&all_of(&list, &lengths), &whole);
    }

    #[test]
    fn bytes_of_any_kind_get_a_verdict(list in proptest::collection::vec(any::<u8>(), 0..400), lengths in proptest::collection::vec(1..40_usize, 1..6)) {
        prop_assert_eq!(all_of(&list, &lengths), all_of(&list, &[usize::MAX]));
    }

    #[test]
    fn every_row_is_counted_once(list in list()) {
        if let Ok(plan) = plan_in_pieces(&list, &[usize::MAX], Options::default()) {
            let summary: serde_json::Value = serde_json::from_str(&plan.summary()).unwrap();
            let count = |name: &str| summary[name].as_u64().unwrap();
            prop_assert_eq!(count("rows"), count("people") + count("duplicates") + count("invalid") + count("blank"));
            let people: serde_json::Value = serde_json::from_str(&plan.people(0, u32::MAX, &HostText)).unwrap();
            let people = people["people"].as_array().unwrap();
            prop_assert_eq!(people.len() as u64, count("people"));
            let rows: usize = people.iter().map(|person| person["rows"].as_array().unwrap().len()).sum();
            prop_assert_eq!(rows as u64, count("people") + count("duplicates"));
        }
    }
}

#[test]
fn the_first_64_kilobytes_end_anywhere() {
    let mut list = String::from("email,first name\n");
    while list.len() < 140_000 {
        list.push_str(&format!("p{}@acme.com,\"J\u{e9}r\u{f4}me\"\n", list.len()));
    }
    for shift in 0..20 {
        let shifted = format!("{}{list}", "\n".repeat(shift));
        assert_eq!(all_of(shifted.as_bytes(), &[777]), all_of(shifted.as_bytes(), &[usize::MAX]));
    }
    let latin: Vec<u8> = list.chars().map(|letter| letter as u8).collect();
    assert_eq!(all_of(&latin, &[777]), all_of(&latin, &[usize::MAX]));
}
