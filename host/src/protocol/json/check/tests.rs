//! The check of pieces against a parser of the whole.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::check_object;
use super::*;

const MOST: u8 = 64;

/// The verdict on a text that comes in pieces, cut at these places.
fn verdict(text: &[u8], cuts: &[usize]) -> Result<(), JsonError> {
    let mut check = ObjectCheck::new(MOST);
    let mut cuts: Vec<usize> = cuts.to_vec();
    cuts.sort_unstable();
    let mut from = 0;
    for cut in cuts.into_iter().chain([text.len()]) {
        check.feed(&text[from..cut])?;
        from = cut;
    }
    check.finish()
}

/// What `serde_json` says of the whole.
fn by_the_library(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| check_object(text, MOST).is_ok())
}

fn agrees(text: &[u8], cuts: &[usize]) {
    let expected = by_the_library(text);
    let shown = String::from_utf8_lossy(text);
    assert_eq!(verdict(text, cuts).is_ok(), expected, "{shown:.200}");
    let every: Vec<usize> = (0..text.len()).collect();
    assert_eq!(verdict(text, &every).is_ok(), expected, "{shown:.200}");
}

#[test]
fn every_kind_of_text_gets_the_librarys_verdict() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let in_array = |value: &str| format!("{{\"a\":[{value}]}}");
    let mut texts: Vec<Vec<u8>> = [
        "{}",
        " {\n}\t\r",
        "{ }x",
        "{}{}",
        "{},",
        "{}]",
        "[]",
        "[{}]",
        "\"{}\"",
        "null",
        "1",
        "",
        " ",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1]",
        "{\"a\":[1}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\"::1}",
        "{\"a\":1:2}",
        "{'a':1}",
        "{/**/}",
        "\u{feff}{}",
        "{\"a\":1,\"a\":2}",
        "{\u{a0}}",
        "{}\0",
        "{\"é\":\"\u{1f600}\u{7f}\"}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    texts.extend([1, 62, 63, 64, 65, 200].map(|depth| nested(depth).into_bytes()));
    for value in [
        "0",
        "-0",
        "00",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "-.5",
        "1.0",
        "1.e1",
        "1e",
        "1e+",
        "1e-1",
        "1E+1",
        "1ee1",
        "1e1.5",
        "0x1",
        "1_0",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e308",
        "1e309",
        "-1e309",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "17976931348623157e292",
        "0.00017976931348623159e312",
        "1e999999999999",
        "0e999999999999",
        "1e-999999999999",
        "0.0e99999999999",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1844674407370955161.5",
        "18446744073709551616.5e289",
        "true",
        "false",
        "null",
        "tru",
        "nul1",
        "truefalse",
        "True",
        "true false",
        "t",
        "nulll",
    ] {
        texts.push(in_array(value).into_bytes());
    }
    for inside in [
        "\\n",
        "\\x",
        "\\",
        "\\u12",
        "\\u12g4",
        "\\u00e9",
        "\\uD83D\\uDE00",
        "\\ud83d",
        "\\ud83dx",
        "\\ud83d\\n",
        "\\ud83d\\ud83d",
        "\\ude00",
        "\\ude00\\ud83d",
        "\n",
        "\u{1}",
        "\u{1f}",
        "\\\"",
        "\\/",
        "\\b\\f\\r\\t",
        "\\U0041",
    ] {
        texts.push(in_array(&format!("\"{inside}\"")).into_bytes());
        texts.push(format!("{{\"{inside}\":0}}").into_bytes());
    }
    texts.iter().for_each(|text| agrees(text, &[]));
}

#[test]
fn every_sequence_of_bytes_in_a_text_is_utf8_or_refused() {
    let starts = [
        0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
    ];
    let starts = starts
        .into_iter()
        .chain([0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff]);
    let edges = [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
    for first in starts {
        for second in edges {
            for third in edges {
                for fourth in edges {
                    let text = [b"{\"", &[first, second, third, fourth][..], b"\":0}"].concat();
                    let expected = by_the_library(&text);
                    assert_eq!(verdict(&text, &[3]).is_ok(), expected, "{text:x?}");
                }
            }
        }
    }
}

#[test]
fn numbers_of_any_length_get_the_librarys_verdict() {
    for digits in [18, 19, 20, 21, 290, 308, 309, 310, 400] {
        for first in ["1", "17976931348623157", "17976931348623159", "9"] {
            let whole = format!("{first}{}", "0".repeat(digits));
            let small = format!("0.{}{first}e{}", "0".repeat(digits), digits + 308);
            let nines = "9".repeat(digits);
            for number in [
                &whole,
                &small,
                &nines,
                &format!("{nines}.{nines}e-{digits}"),
            ] {
                agrees(format!("{{\"a\":{number}}}").as_bytes(), &[]);
            }
        }
    }
}

#[test]
fn an_empty_report_is_no_object_and_one_that_broke_stays_broken() {
    assert_eq!(verdict(b"", &[]), Err(JsonError::NotAnObject));
    assert_eq!(verdict(b" \n", &[]), Err(JsonError::NotAnObject));
    assert_eq!(verdict(b"[", &[]), Err(JsonError::NotAnObject));
    assert_eq!(verdict(b"{", &[]), Err(JsonError::Malformed(MOST)));
    let mut check = ObjectCheck::new(MOST);
    assert!(check.feed(b"{} x").is_err());
    assert!(check.feed(b" ").is_err());
    assert!(check.finish().is_err());
}

#[test]
fn what_is_kept_does_not_grow_with_what_came() {
    let piece = [b'x'; 1 << 16];
    let mut check = ObjectCheck::new(MOST);
    check.feed(b"{\"a\":\"").unwrap();
    for _ in 0..1_600 {
        check.feed(&piece).unwrap();
    }
    check.feed(b"\",\"b\":0.").unwrap();
    for _ in 0..16 {
        check.feed(&[b'0'; 1 << 16]).unwrap();
    }
    check.feed(b"}").unwrap();
    assert!(check.open.capacity() <= usize::from(MOST));
    check.finish().unwrap();
}

/// Whole objects, of everything that JSON has.
fn object() -> impl Strategy<Value = String> {
    let text = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
    let escaped = proptest::collection::vec(any::<u16>(), 0..4)
        .prop_map(|units| {
            units
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect::<String>()
        })
        .prop_map(|text| format!("\"{text}\""));
    let number = r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,4})?";
    let leaf = prop_oneof![
        text.clone(),
        escaped,
        number,
        Just("true".to_owned()),
        Just("false".to_owned()),
        Just("null".to_owned()),
    ];
    let value = leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8)
                .prop_map(|items| format!("[{}]", items.join(" ,"))),
            members(text.clone(), inner),
        ]
    });
    members(
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        value,
    )
}

fn members(
    key: impl Strategy<Value = String>,
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    proptest::collection::vec((key, value), 0..8).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(key, value)| format!("{key} : {value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_object_gets_the_librarys_verdict_wherever_it_is_cut(
        text in object(),
        cuts in proptest::collection::vec(any::<Index>(), 0..8),
    ) {
        let cuts: Vec<_> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        agrees(text.as_bytes(), &cuts);
    }

    #[test]
    fn an_object_with_a_changed_byte_gets_the_librarys_verdict(
        text in object(),
        at in any::<Index>(),
        byte in prop_oneof![any::<u8>(), proptest::sample::select(b"{}[]\",:\\u0e.-+ \n".to_vec())],
        change in 0..3,
    ) {
        let mut text = text.into_bytes();
        let at = at.index(text.len());
        match change {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            _ => drop(text.remove(at)),
        }
        agrees(&text, &[at]);
    }

    #[test]
    fn anything_that_looks_like_json_gets_the_librarys_verdict(
        text in r#"[\{\}\[\]",:a1 \\u0eE.+-]{0,16}"#,
    ) {
        agrees(text.as_bytes(), &[]);
        agrees(format!("{{\"a\":[{text}]}}").as_bytes(), &[]);
    }
}
