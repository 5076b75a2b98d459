//! Lists of people, as files and by the byte: what a plan makes of them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod pieces;

use phone_enrichment::identity::HostText;
use phone_enrichment::lookup::{self, RawRequest};
use phone_enrichment::plan::{Options, Plan};
use serde_json::Value;

/// A plan of a list that comes in pieces of these lengths, over and over; or why there is none.
pub(crate) fn plan_in_pieces(list: &[u8], lengths: &[usize], options: Options) -> Result<Plan, Value> {
    let mut plan = Plan::new(options);
    let refused =
        |refusal: phone_enrichment::plan::Refusal| -> Value { serde_json::from_str(&refusal.json()).unwrap() };
    let mut rest = list;
    for length in lengths.iter().cycle() {
        let (now, later) = rest.split_at((*length).min(rest.len()).max(usize::from(!rest.is_empty())));
        plan.feed(now, &HostText).map_err(refused)?;
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    plan.end(&HostText).map_err(refused)?;
    while !plan.settle(100) {}
    Ok(plan)
}

/// The cells of each row, of a list that comes in such pieces once more; or why it is another one.
pub(crate) fn cells_in_pieces(plan: &Plan, list: &[u8], lengths: &[usize]) -> Result<Vec<Vec<String>>, Value> {
    let mut again = plan.again();
    let mut rows = Vec::new();
    let mut take = |bytes: Option<&[u8]>| match plan.cells(&mut again, bytes) {
        Ok(cells) => {
            rows.extend(serde_json::from_str::<Vec<Vec<String>>>(&cells).unwrap());
            Ok(())
        }
        Err(refusal) => Err(json(&refusal.json())),
    };
    let mut rest = list;
    for length in lengths.iter().cycle() {
        let (now, later) = rest.split_at((*length).min(rest.len()).max(usize::from(!rest.is_empty())));
        take(Some(now))?;
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    take(None)?;
    Ok(rows)
}

fn plan(list: &str) -> Plan {
    plan_in_pieces(list.as_bytes(), &[usize::MAX], Options::default())
        .map_err(|refusal| panic!("{refusal}"))
        .ok()
        .unwrap()
}

fn refusal(list: &[u8]) -> Value {
    match plan_in_pieces(list, &[4096], Options::default()) {
        Ok(plan) => panic!("there is a plan: {}", plan.summary()),
        Err(refusal) => refusal,
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn fields(plan: &Plan) -> Vec<(String, String)> {
    let summary = json(&plan.summary());
    let columns = summary["columns"].as_array().unwrap().iter();
    columns
        .filter_map(|column| Some((column["header"].as_str()?.to_owned(), column["field"].as_str()?.to_owned())))
        .collect()
}

fn kinds(plan: &mut Plan) -> Vec<String> {
    json(&plan.page(0, u32::MAX))
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["kind"].as_str().unwrap().to_owned())
        .collect()
}

fn people(plan: &Plan) -> Value {
    json(&plan.people(0, u32::MAX, &HostText))["people"].clone()
}

#[test]
fn counts_each_row_once() {
    let mut plan = plan(
        "linkedin_url,email\nhttps://www.linkedin.com/in/jane,jane@acme.com\n,JANE@acme.com\nuk.linkedin.com/in/Jane,\n,\n,nobody@\nlinkedin.com/in/john,\n",
    );
    assert_eq!(kinds(&mut plan), ["unique", "duplicate", "duplicate", "blank", "invalid", "unique"]);
    let summary = json(&plan.summary());
    for (name, count) in [
        ("rows", 6),
        ("people", 2),
        ("duplicates", 2),
        ("invalid", 1),
        ("blank", 1),
        ("price", 5),
        ("most_credits", 10),
    ] {
        assert_eq!(summary[name], count, "{name}");
    }
    assert_eq!(summary["issues"], serde_json::json!({ "email_syntax": 1 }));
    let people = people(&plan);
    assert_eq!(people[0]["rows"], serde_json::json!([0, 1, 2]));
    assert_eq!(people[0]["request"]["linkedin_url"], "https://www.linkedin.com/in/jane");
    assert_eq!(people[0]["request"]["email"], "jane@acme.com");
}

#[test]
fn hands_out_the_cells_of_each_row_of_a_list_that_is_given_once_more() {
    let list =
        "Notes:\n\"to whom, it may\"\n\nEmail;Note\n a@acme.com ;\"x;\n\"\"y\"\"\"\n\nb@acme.com\n;;;\nEmail;Note\n";
    let plan = plan(list);
    let cells = cells_in_pieces(&plan, list.as_bytes(), &[7]).unwrap();
    let all: [&[&str]; 4] = [&[" a@acme.com ", "x;\n\"y\""], &["b@acme.com"], &["", "", "", ""], &["Email", "Note"]];
    assert_eq!(cells, all);
}

#[test]
fn hands_out_no_cells_of_another_list() {
    let plan = plan("Email\na@acme.com\n\nb@acme.com\n");
    for (other, line) in [
        ("Email\na@acme.com\nb@acme.com\n", Some(3)),
        ("Email\na@acme.com\n\nb@acme.com\nc@acme.com\n", Some(5)),
        ("Email\na@acme.com\n", None),
        ("", None),
    ] {
        let refusal = cells_in_pieces(&plan, other.as_bytes(), &[4096]).unwrap_err();
        assert_eq!((refusal["code"].as_str(), refusal["line"].as_u64()), (Some("other_list"), line), "{other}");
    }
}

#[test]
fn reads_what_is_known_to_be_in_windows_1252_so_even_where_it_could_be_utf_8() {
    let list = b"Email,First name\na@acme.com,\xC3\xA9\x80\n";
    let options = Options { is_windows_1252: true, ..Options::default() };
    let plan = plan_in_pieces(list, &[usize::MAX], options).ok().unwrap();
    assert_eq!(json(&plan.summary())["encoding"], "windows-1252");
    assert_eq!(cells_in_pieces(&plan, list, &[1]).unwrap(), [["a@acme.com", "\u{c3}\u{a9}\u{20ac}"]]);
}

#[test]
fn asks_for_the_best_identifier_that_a_person_has_in_any_row() {
    let plan = plan("email,linkedin_url\njane@acme.com,\njane@acme.com,linkedin.com/in/jane\n");
    let people = people(&plan);
    assert_eq!(people[0]["rows"], serde_json::json!([0, 1]));
    assert_eq!(people[0]["request"]["linkedin_url"], "https://www.linkedin.com/in/jane");
}

#[test]
fn takes_two_profiles_for_two_people_whatever_they_share() {
    let mut plan = plan(
        "linkedin_url,email\nlinkedin.com/in/jane,info@acme.com\nlinkedin.com/in/john,info@acme.com\n,info@acme.com\n",
    );
    assert_eq!(kinds(&mut plan), ["unique", "unique", "duplicate"]);
    let page = json(&plan.page(0, 3));
    assert_eq!(page[1]["flags"], serde_json::json!(["shared_identifier"]));
    assert_eq!(page[2]["of"], 0);
}

#[test]
fn joins_a_bare_name_with_whoever_has_it_and_nobody_else() {
    let mut plan = plan(
        "email,first name,last name,company\n,Jane,Roe,Acme\njane@acme.com,JANE,Roe,acme\njane.roe@acme.com,Jane,Roe,Acme\n,Jane,Roe,Other\n",
    );
    assert_eq!(kinds(&mut plan), ["unique", "duplicate", "unique", "unique"]);
}

#[test]
fn an_invalid_identifier_beside_a_valid_one_is_an_error_unless_the_ladder_is_asked_for() {
    let list = "linkedin_url,email\nlinkedin.com/company/acme,jane@acme.com\n";
    let mut plan = plan(list);
    assert_eq!(kinds(&mut plan), ["invalid"]);
    let summary = json(&plan.summary());
    assert_eq!((&summary["most_credits"], &summary["most_credits_with_ladder"]), (&0.into(), &5.into()));
    let options = Options { ladder: true, ..Options::default() };
    let mut plan = plan_in_pieces(list.as_bytes(), &[7], options).ok().unwrap();
    assert_eq!(kinds(&mut plan), ["unique"]);
    assert_eq!(json(&plan.page(0, 1))[0]["issues"][0]["code"], "company_page");
}

#[test]
fn splits_a_name_only_where_it_is_certain() {
    let mut plan = plan(
        "Name;Company\nJane Roe;Acme\nDr. Jane Roe;Acme\nJane van Roe;Acme\nRoe, Jane;Acme\nJ. Roe;Acme\nde Souza;Acme\nJane;Acme\n田中 太郎;Acme\n",
    );
    assert_eq!(
        kinds(&mut plan),
        ["unique", "duplicate", "invalid", "invalid", "invalid", "invalid", "invalid", "invalid"]
    );
    let page = json(&plan.page(0, 8));
    assert_eq!(page[0]["flags"], serde_json::json!(["name_split"]));
    assert_eq!(page[2]["issues"][0]["code"], "full_name_not_split");
    assert_eq!(page[2]["issues"].as_array().unwrap().len(), 1);
}

#[test]
fn a_name_that_is_not_split_does_no_harm_beside_an_email() {
    let mut plan = plan("Name,Email\nJane van Roe,jane@acme.com\n");
    assert_eq!(kinds(&mut plan), ["unique"]);
    assert_eq!(json(&plan.summary())["flagged"], 1);
}

#[test]
fn refuses_what_is_no_list_of_people_with_a_code_and_a_line() {
    for (list, code, line) in [
        (&b""[..], "empty_list", None),
        (b"\n\r\n", "empty_list", None),
        (b"email\n", "empty_list", None),
        (b"PK\x03\x04\x14\x00\x06\x00", "spreadsheet", None),
        (b"e\0m\0a\0i\0l\0", "not_text", None),
        (b"\"\"\"\"\"", "unclosed_quote", Some(1)),
        (b"email\na@acme.com\n\"b@acme.com\nc@acme.com\n", "unclosed_quote", Some(3)),
        (b"CONVERSATION ID,CONVERSATION TITLE,FROM\n1,2,3\n", "not_people", Some(1)),
        (b"a,b\n1,2\n", "no_columns", Some(1)),
    ] {
        let refusal = refusal(list);
        assert_eq!(refusal["code"], code, "{refusal}");
        assert_eq!(refusal["line"].as_u64(), line, "{refusal}");
        assert!(!refusal["fix"].as_str().unwrap().is_empty());
    }
}

#[test]
fn counts_lines_however_they_end() {
    let list = "email\r\na@acme.com\rb@acme.com\n\n\"c\nc\"\r\n\r\nd@acme.com";
    let mut plan = plan(list);
    let page = json(&plan.page(0, 9));
    let lines: Vec<u64> = page.as_array().unwrap().iter().map(|row| row["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 3, 5, 8]);
}

#[test]
fn holds_no_more_of_a_record_than_it_may() {
    let mut list = b"email\na@acme.com\n".to_vec();
    list.extend(core::iter::repeat_n(b'x', 3_000_000));
    list.extend(b"\nb@acme.com\n\"");
    list.extend(core::iter::repeat_n(b'"', 1_000_001));
    list.extend(b"\nc@acme.com\n");
    let mut plan =
        plan_in_pieces(&list, &[65_536], Options::default()).map_err(|refusal| panic!("{refusal}")).ok().unwrap();
    assert_eq!(kinds(&mut plan), ["unique", "invalid", "unique", "invalid", "unique"]);
    let page = json(&plan.page(0, 5));
    assert_eq!((&page[1]["issues"][0]["code"], &page[1]["line"]), (&"record_too_long".into(), &3.into()));
    let line = vec![b'x'; 2_000_000];
    assert_eq!(refusal(&line)["code"], "record_too_long");
}

#[test]
fn trusts_no_cell_of_a_row_that_has_too_many() {
    let mut plan = plan("first name,last name,company\nJane,Roe,Acme, Inc.\nJane,Roe,Acme,,\nJohn,Doe\n");
    assert_eq!(kinds(&mut plan), ["invalid", "unique", "invalid"]);
    let page = json(&plan.page(0, 3));
    assert_eq!(page[0]["issues"][0]["code"], "too_many_cells");
    assert_eq!(page[2]["flags"], serde_json::json!(["short_row"]));
}

#[test]
fn reads_what_spreadsheets_of_western_europe_write() {
    let mut plan = plan_in_pieces(b"Vorname;Nachname;Firma\nJ\xFCrgen;M\xFCller;Caf\xE9\n", &[1], Options::default())
        .ok()
        .unwrap();
    assert_eq!(kinds(&mut plan), ["unique"]);
    assert_eq!(people(&plan)[0]["request"]["first_name"], "Jürgen");
    let summary = json(&plan.summary());
    assert_eq!((&summary["encoding"], &summary["delimiter"]), (&"windows-1252".into(), &";".into()));
    let mut plan = plan_in_pieces(
        "Vorname;Nachname;Firma\nJürgen;Müller;Café\n"
            .bytes()
            .chain(*b"J\xFCrgen;X;Y\n")
            .collect::<Vec<_>>()
            .as_slice(),
        &[1],
        Options::default(),
    )
    .ok()
    .unwrap();
    // With both in the first rows nobody can tell: it is the one in which every byte is a letter.
    assert_eq!(kinds(&mut plan).len(), 2);
}

#[test]
fn reads_what_rows_have_in_common_as_it_reads_each_row_alone() {
    // More companies and domains than are kept in mind, in several spellings, some of which nobody may have.
    let cells = |row: usize| {
        let company = [" Acme", "ACME ", "|Acme", "", "Ac\u{AD}me"].get(row % 5).unwrap();
        let end = [".com", ".COM/about", ".test", "", ".co.uk"].get(row / 5 % 5).unwrap();
        let first = ["Zo\u{EB}", "zoe\u{308}", "Jane", "-", "null"].get(row / 25 % 5).unwrap();
        [
            (*first).into(),
            format!("Roe{row}"),
            format!("{company}{}", row * 7 % 1900),
            format!("acme{}{end}", row * 11 % 2300),
        ]
    };
    let mut list = String::from("first name,last name,company,website\n");
    for row in 0..6000 {
        list += &(cells(row).join(",") + "\n");
    }
    let plan = plan(&list);
    let told = json(&plan.people(0, 10_000, &HostText));
    let mut told = told["people"].as_array().unwrap().iter();
    for row in 0..6000 {
        let cells = cells(row);
        let mut request = RawRequest::default();
        for (name, value) in ["first_name", "last_name", "company_name", "company_website"].into_iter().zip(&cells) {
            if value != "-" {
                request.put(name, Some(value));
            }
        }
        if let Ok(checked) = lookup::check(request, false, &HostText) {
            let mut want = serde_json::Map::new();
            for (field, value) in checked.ladder().iter().flat_map(|rung| rung.fields()) {
                want.insert(field.wire_name().into(), value.into());
            }
            let told = told.next().unwrap();
            assert_eq!((&told["request"], &told["rows"]), (&want.into(), &json(&format!("[{row}]"))));
        }
    }
    assert_eq!(told.next(), None);
}

#[test]
fn takes_no_cells_for_text_that_are_so_only_together() {
    let mut list = "email,first name,last name,company\n".to_owned() + &",Zo\u{EB},Roe,Acme\n".repeat(5000);
    let row = list.lines().count() as u32 - 1;
    list += "a@acme.com,";
    let list = [list.as_bytes(), b"Zo\xC3,\xABRoe,Acme\n"].concat();
    let mut plan = plan_in_pieces(&list, &[list.len()], Options::default()).unwrap();
    assert_eq!(json(&plan.page(row, 1))[0]["issues"][0]["code"], "broken_text");
}

#[test]
fn knows_columns_by_their_values_where_there_is_no_header() {
    let mut plan =
        plan("Jane,jane@acme.com,https://www.linkedin.com/in/jane\nJohn,john@acme.com,linkedin.com/in/john\n");
    assert_eq!(kinds(&mut plan), ["unique", "unique"]);
    let summary = json(&plan.summary());
    assert_eq!(summary["header"], Value::Null);
    assert_eq!(summary["columns"][1]["why"], "values");
}

#[test]
fn does_what_the_caller_says_of_columns() {
    let list = b"who,where,email\nx@acme.com,linkedin.com/in/jane,old@acme.com\n";
    let columns = |pairs: &[(&str, Option<&str>)]| Options {
        columns: pairs
            .iter()
            .map(|(name, target)| ((*name).to_owned(), target.and_then(phone_enrichment::plan::Target::of)))
            .collect(),
        ..Options::default()
    };
    let plan =
        plan_in_pieces(list, &[9], columns(&[("who", Some("email")), ("1", Some("linkedin_url"))])).ok().unwrap();
    assert_eq!(
        people(&plan)[0]["request"],
        serde_json::json!({ "linkedin_url": "https://www.linkedin.com/in/jane", "email": "x@acme.com" })
    );
    let Err(refusal) = plan_in_pieces(list, &[9], columns(&[("email", None)])) else { panic!("a plan") };
    assert_eq!(refusal["code"], "no_columns");
}

/// Each layout of the table has a list of invented people, and beside it what has to come of it.
#[test]
fn reads_the_lists_that_people_have() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lists/layouts");
    let expected: Value = json(&std::fs::read_to_string(folder.join("expected.json")).unwrap());
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let want = &expected[name];
        let list = std::fs::read(&path).unwrap();
        for lengths in [&[usize::MAX][..], &[1], &[3, 17]] {
            let mut plan = match plan_in_pieces(&list, lengths, Options::default()) {
                Ok(plan) => plan,
                Err(refusal) => {
                    assert_eq!(refusal["code"], want["refused"], "{name}");
                    continue;
                }
            };
            let summary = json(&plan.summary());
            let read: Vec<String> =
                fields(&plan).into_iter().map(|(header, field)| format!("{header} = {field}")).collect();
            let got = serde_json::json!({
                "layout": summary["layout"], "header": summary["header"], "columns": read,
                "kinds": kinds(&mut plan), "first": people(&plan)[0]["request"],
            });
            assert_eq!(&got, want, "{name}:\n{}", serde_json::to_string(&got).unwrap());
        }
        seen += 1;
    }
    assert_eq!(seen, expected.as_object().unwrap().len());
}
