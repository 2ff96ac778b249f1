//! Shell text of every printer, what it leaves out, and what is damaged.

use super::*;

fn transcribed(text: &str) -> (String, Transcribed) {
    let mut out = Vec::new();
    let done = to_ejson(text.as_bytes(), &mut out);
    (String::from_utf8(out).expect("UTF-8"), done)
}

/// A value's Extended JSON, of a text that holds it whole.
fn value(text: &str) -> String {
    let whole = format!("{{ v: {text} }}");
    let (out, done) = transcribed(&whole);
    assert_eq!((done.end, done.consumed), (End::Closed, whole.len()), "{whole} gave {out}");
    let _: serde_json::Value = serde_json::from_str(&out).expect(&out);
    let inner = out.strip_prefix(r#"{"v":"#).and_then(|out| out.strip_suffix('}'));
    inner.expect("a member").to_owned()
}

#[test]
fn values_of_every_printer() {
    for (text, expected) in [
        // mongosh
        ("'it'", r#""it""#),
        (r#"'it\'s "so"\n\x1B\u00e9\u{1F600}\\'"#, r#""it's \"so\"\n\u001b\u00e9😀\\""#),
        ("`a'\"b`", r#""a'\"b""#),
        ("'one\\n' +\n      'two' +\n 'three'", r#""one\ntwothree""#),
        ("Long('9007199254740993')", r#"{"$numberLong":"9007199254740993"}"#),
        ("Long(\"5\")", r#"{"$numberLong":"5"}"#),
        ("Long(5)", r#"{"$numberLong":"5"}"#),
        ("new Long(-1, 0, true)", r#"{"$numberLong":"4294967295"}"#),
        ("Int32(3)", "3"),
        ("Double(1)", "1.0"),
        ("Double('NaN')", r#"{"$numberDouble":"NaN"}"#),
        ("Decimal128('1.50')", r#"{"$numberDecimal":"1.50"}"#),
        ("ObjectId('5f8f8c44b54764421b7156c3')", r#"{"$oid":"5f8f8c44b54764421b7156c3"}"#),
        (
            "UUID('3b241101-e2bb-4255-8caf-4136c566a962')",
            r#"{"$uuid":"3b241101-e2bb-4255-8caf-4136c566a962"}"#,
        ),
        ("ISODate('2026-01-02T03:04:05.006Z')", r#"{"$date":"2026-01-02T03:04:05.006Z"}"#),
        ("new Date(-5)", r#"{"$date":{"$numberLong":"-5"}}"#),
        ("Timestamp({ t: 1, i: 2 })", r#"{"$timestamp":{"t":1,"i":2}}"#),
        ("Timestamp(1, 2)", r#"{"$timestamp":{"t":1,"i":2}}"#),
        ("new Timestamp('7381113319236567041')", r#"{"$timestamp":{"t":1718549365,"i":1}}"#),
        ("Binary.createFromBase64('AAEC', 0)", r#"{"$binary":{"base64":"AAEC","subType":"00"}}"#),
        (
            "new Binary(Buffer.from(\"000102\", \"hex\"), 128)",
            r#"{"$binary":{"base64":"AAEC","subType":"80"}}"#,
        ),
        ("HexData(0, '000102')", r#"{"$binary":{"base64":"AAEC","subType":"00"}}"#),
        (
            "/a\\/b[/}]\\d\"/im",
            r#"{"$regularExpression":{"pattern":"a/b[/}]\\d\"","options":"im"}}"#,
        ),
        ("BSONRegExp('^a', 'x')", r#"{"$regularExpression":{"pattern":"^a","options":"x"}}"#),
        ("MinKey()", r#"{"$minKey":1}"#),
        ("undefined", r#"{"$undefined":true}"#),
        ("-Infinity", r#"{"$numberDouble":"-Infinity"}"#),
        (
            "DBRef('c', ObjectId('5f8f8c44b54764421b7156c3'))",
            r#"{"$ref":"c","$id":{"$oid":"5f8f8c44b54764421b7156c3"}}"#,
        ),
        (
            "Code('return 1', { a: Long('1') })",
            r#"{"$code":"return 1","$scope":{"a":{"$numberLong":"1"}}}"#,
        ),
        ("BSONSymbol('s')", r#"{"$symbol":"s"}"#),
        ("[Object: null prototype] { a: 1 }", r#"{"a":1}"#),
        ("<ref *1> { a: 1 }", r#"{"a":1}"#),
        ("[ NaN, [], {} ]", r#"[{"$numberDouble":"NaN"},[],{}]"#),
        ("[Infinity]", r#"[{"$numberDouble":"Infinity"}]"#),
        // the legacy shell
        ("NumberLong(302)", r#"{"$numberLong":"302"}"#),
        ("NumberInt(3)", "3"),
        ("NumberDecimal(\"1E+3\")", r#"{"$numberDecimal":"1E+3"}"#),
        ("BinData(4,\"AAEC\")", r#"{"$binary":{"base64":"AAEC","subType":"04"}}"#),
        (
            "function (x) { return x > \"},\"; }",
            r#"{"$code":"function (x) { return x > \"},\"; }"}"#,
        ),
        // the server's text
        ("33.0", "33.0"),
        ("1e+06", "1e+06"),
        ("Timestamp 1401494400000|5", r#"{"$timestamp":{"t":1401494400,"i":5}}"#),
        ("BinData(0, 00FF)", r#"{"$binary":{"base64":"AP8=","subType":"00"}}"#),
        ("BinData", r#"{"$binary":{"base64":"","subType":"00"}}"#),
        ("MaxKey", r#"{"$maxKey":1}"#),
        ("nan.0", r#"{"$numberDouble":"NaN"}"#),
        (r#""a "quoted" word, \"so\" \d""#, r#""a \"quoted\" word, \"so\" \\d""#),
        ("/a/b/", r#"{"$regularExpression":{"pattern":"a/b","options":""}}"#),
        ("this.a > 5 && f(1, 2)", r#""this.a > 5 && f(1, 2)""#),
        // JSON
        (r#""\u00e9\/\ud83d\ude00""#, r#""\u00e9/\ud83d\ude00""#),
        (
            r#"{"high":1710773365,"low":1,"unsigned":false}"#,
            r#"{"$numberLong":"7347715653542871041"}"#,
        ),
        (r#"{"low":-1,"high":-1,"unsigned":true}"#, r#"{"$numberLong":"18446744073709551615"}"#),
        (r#"{"$timestamp":"7381113319236567041"}"#, r#"{"$timestamp":{"t":1718549365,"i":1}}"#),
        (r#"{"low":1,"unsigned":true}"#, r#"{"low":1,"unsigned":true}"#),
        (r#"{"$numberLong":"5"}"#, r#"{"$numberLong":"5"}"#),
        ("9007199254740993", r#"{"$numberLong":"9007199254740993"}"#),
        // what is none of these
        ("Unheard(\"of\", 1)", r#""Unheard(\"of\", 1)""#),
        ("2026-01-02", r#""2026-01-02""#),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn keys_of_every_printer() {
    for (text, expected) in [
        ("{ a: 1, '$db': 'x', \"b c\": 2 }", r#"{"a":1,"$db":"x","b c":2}"#),
        ("{ \"a\" : 1,\n\t\"b.c\" : 2\n}", r#"{"a":1,"b.c":2}"#),
        ("{ a.b: 1, $and: [ { x y: 2 } ], : 3 }", r#"{"a.b":1,"$and":[{"x y":2}],"":3}"#),
        ("{ a:b: 1, x: 2, c:\n 3 }", r#"{"a:b":1,"x":2,"c":3}"#),
        ("{a:1,b:{c:'x'},}", r#"{"a":1,"b":{"c":"x"}}"#),
        ("{ key with (all): 1 }", r#"{"key with (all)":1}"#),
    ] {
        assert_eq!(transcribed(text).0, expected, "{text}");
    }
}

#[test]
fn what_printers_leave_out_is_told() {
    for (text, expected) in [
        ("{ a: [Object], b: [Array] }", r#"{"a":{"$elided":"object"},"b":{"$elided":"array"}}"#),
        ("[ 1, 2,\n  ... 30 more items\n]", r#"[1,2,{"$elided":"items"}]"#),
        ("{ a: 'x'... 12 more characters, b: 1 }", r#"{"a":"x","b":1}"#),
        ("[ <2 empty items>, 1 ]", r#"[{"$elided":"items"},1]"#),
        ("{ a: [Function: f] }", r#"{"a":{"$elided":"object"}}"#),
        ("{ a: { b: ... } }", r#"{"a":{"b":{"$elided":"object"}}}"#),
    ] {
        let (out, done) = transcribed(text);
        assert_eq!((out.as_str(), done.elided, done.end), (expected, true, End::Closed), "{text}");
    }
    assert!(!transcribed("{ a: '[Object]' }").1.elided);
}

#[test]
fn documents_that_do_not_end_are_closed() {
    for (text, expected, end, consumed) in [
        ("{ a: 1, b: { c: 'x", r#"{"a":1,"b":{"c":"x"}}"#, End::Cut, 18),
        ("{ a: 1, b: [ 2, 3", r#"{"a":1,"b":[2]}"#, End::Cut, 17),
        ("{ a: 1, bcd", r#"{"a":1}"#, End::Cut, 11),
        ("{ a: 1, b: ISODate('2026", r#"{"a":1}"#, End::Cut, 24),
        ("{ a: 1, b: tru", r#"{"a":1}"#, End::Cut, 14),
        ("{ a: 1, b: ", r#"{"a":1}"#, End::Cut, 11),
        ("{ a: 1, 'b'", r#"{"a":1}"#, End::Cut, 11),
        ("{ a: 1 } b", r#"{"a":1}"#, End::Closed, 8),
        ("{ a: 1 ]", r#"{"a":1}"#, End::Broken, 7),
        ("{ a: 1, b: }", r#"{"a":1}"#, End::Broken, 11),
        ("[ { a: 1 b: 2 } ]", r#"[{"a":1}]"#, End::Broken, 9),
        // Text is missing before what looks like a key, which may be a part of a string.
        ("{ a: 1, s3cret\", b: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("{ a: 1, it's: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("{ a: 1, s3cret, b: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("{ a: 1, s3cret }, b: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("{ a: 1, [ s3cret ]: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("{ a: 1, s3cret\n: 2 }", r#"{"a":1}"#, End::Broken, 8),
        ("a", "", End::Broken, 0),
        ("", "", End::Cut, 0),
    ] {
        let (out, done) = transcribed(text);
        assert_eq!((out.as_str(), done.end, done.consumed), (expected, end, consumed), "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = format!("{}{}", "[ ".repeat(100_000), "] ".repeat(100_000));
    let (out, done) = transcribed(deep.trim_end());
    assert!(done.elided && done.end == End::Closed);
    assert_eq!(out.matches('[').count(), DEPTH_MAX);
    let code = format!("{{ a: {}1{} }}", "Code('x', { a: ".repeat(5000), " })".repeat(5000));
    assert_eq!(transcribed(&code).1.end, End::Closed);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        ",",
        ":",
        " ",
        "\n",
        "'",
        "\"",
        "`",
        "\\",
        "/",
        "+",
        "a",
        "$db",
        "b.c: ",
        "1",
        "-",
        ".5",
        "e",
        "...",
        " more items",
        "[Object]",
        "new ",
        "Long",
        "ISODate",
        "Timestamp ",
        "|",
        "BinData(0, ",
        "Code(",
        "function",
        "<",
        ">",
        "\u{e9}",
        "\\u",
    ];

    proptest! {
        #[test]
        fn the_output_is_json_whatever_comes(
            pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
            noise in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut text = format!("{{{}", pieces.concat()).into_bytes();
            let at = text.len() / 2 + 1;
            text.splice(at.min(text.len())..at.min(text.len()), noise);
            let mut out = Vec::new();
            let done = to_ejson(&text, &mut out);
            prop_assert!(done.consumed <= text.len());
            let out = String::from_utf8(out).expect("UTF-8");
            // Half of a pair is text, though no character.
            if !out.contains("\\u") {
                let read: Result<serde_json::Value, _> = serde_json::from_str(&out);
                prop_assert!(read.is_ok(), "{} gave {out}", String::from_utf8_lossy(&text));
            }
        }
    }
}
