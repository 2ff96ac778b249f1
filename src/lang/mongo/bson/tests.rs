//! BSON of every type, by hand and by PyMongo, and what is malformed.

use super::*;

fn unhex(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    ejson::unhex(digits.as_bytes()).expect("hexadecimal")
}

fn read(bytes: &[u8]) -> Result<(String, usize), Malformed> {
    let mut out = b"before".to_vec();
    let size = to_ejson(bytes, &mut out);
    let text = String::from_utf8(out).expect("UTF-8");
    let text = text.strip_prefix("before").expect("what was there").to_owned();
    assert_eq!(text.is_empty(), size.is_err(), "nothing of a malformed document stays");
    Ok((text, size?))
}

#[test]
fn every_type_is_read() {
    for (hex, expected) in [
        (
            "6c000000106900fbffffff126c00010000000000200012730007000000000000000164009a9999999999b93f
             0165009c7500883ce4377e0177000000000000804040016e00000000000000f87f017800000000000000f0ff
             136d0096000000000000000000000000003c3000",
            r#"{"i":-5,"l":{"$numberLong":"9007199254740993"},"s":7,"d":0.1,"e":1e300,"w":33.0,"n":{"$numberDouble":"NaN"},"x":{"$numberDouble":"-Infinity"},"m":{"$numberDecimal":"1.50"}}"#,
        ),
        (
            "8a00000002730005000000c3a9220a000d630004000000662829000f77002e00000005000000672878290021
             00000012780001000000000000000479000e000000023000020000007a0000000b72005e612f622200696d00
             0562000300000000000102056f0006000000020200000061620575001000000004000102030405060708090a
             0b0c0d0e0f00",
            r#"{"s":"é\"\n","c":{"$code":"f()"},"w":{"$code":"g(x)","$scope":{"x":1,"y":["z"]}},"r":{"$regularExpression":{"pattern":"^a/b\"","options":"im"}},"b":{"$binary":{"base64":"AAEC","subType":"00"}},"o":{"$binary":{"base64":"YWI=","subType":"02"}},"u":{"$uuid":"00010203-0405-0607-0809-0a0b0c0d0e0f"}}"#,
        ),
        (
            "65000000076f005f8f8c44b54764421b7156c311740008000000070000000964008e8ca97c9b010000087900
             01086600000a7a00046100270000001030000100000004310005000000000332000500000000043300080000
             000a30000000ff2d007f2b0000",
            r#"{"o":{"$oid":"5f8f8c44b54764421b7156c3"},"t":{"$timestamp":{"t":7,"i":8}},"d":{"$date":{"$numberLong":"1767323045006"}},"y":true,"f":false,"z":null,"a":[1,[],{},[null]],"-":{"$minKey":1},"+":{"$maxKey":1}}"#,
        ),
        (
            "2e000000 0c7000 02000000 6300 5f8f8c44b54764421b7156c3 067500 0e7300 02000000 7900 026300 01000000 00 00",
            r#"{"p":{"$dbPointer":{"$ref":"c","$id":{"$oid":"5f8f8c44b54764421b7156c3"}}},"u":{"$undefined":true},"s":{"$symbol":"y"},"c":""}"#,
        ),
        ("0500000000", "{}"),
    ] {
        let bytes = unhex(hex);
        let followed = [&bytes[..], b"more"].concat();
        assert_eq!(read(&followed), Ok((expected.to_owned(), bytes.len())));
        let _: serde_json::Value = serde_json::from_str(expected).expect(expected);
    }
}

#[test]
fn what_is_malformed_is_found_where_it_is() {
    for (hex, offset, what) in [
        ("", 0, "no size of a document"),
        ("04000000 00", 0, "no size of a document"),
        ("ffffffff 00", 0, "no size of a document"),
        ("06000000 00", 0, "a document reaches beyond what holds it"),
        ("05000000 01", 0, "a document whose end is not where its size says"),
        ("06000000 0000", 4, "a document whose end is not where its size says"),
        ("07000000 106100", 5, "a name that does not end"),
        ("08000000 10616100", 5, "a name that does not end"),
        ("08000000 10610000", 7, "a value reaches beyond its document"),
        ("0c000000 026100 05000000 00", 11, "a value reaches beyond its document"),
        ("0d000000 026100 00000000 00 00", 11, "a string without its end"),
        ("0d000000 026100 ffffffff 00 00", 11, "a size below zero"),
        ("09000000 086100 02 00", 8, "a boolean that is neither"),
        ("08000000 206100 00", 7, "a type that BSON does not have"),
        ("0d000000 036100 06000000 00 00", 7, "a document reaches beyond what holds it"),
    ] {
        let got = read(&unhex(hex));
        assert_eq!(got, Err(Malformed { offset, what }), "{hex}");
    }
}

#[test]
fn depth_is_bounded() {
    let mut bytes = vec![5, 0, 0, 0, 0];
    let nested = |levels: usize| {
        (0..levels).fold(bytes.clone(), |inner, _| {
            let size = i32::try_from(inner.len() + 8).expect("small");
            [&size.to_le_bytes()[..], b"\x03a\0", &inner, b"\0"].concat()
        })
    };
    assert!(read(&nested(DEPTH_MAX - 1)).is_ok());
    let too_deep = read(&nested(DEPTH_MAX)).expect_err("too deep");
    assert_eq!(too_deep.what, "documents nested too deep");
    bytes.truncate(4);
    assert!(document_bytes(&bytes).is_some() && document_bytes(&bytes[..3]).is_none());
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn damage_is_an_error_or_json(
            at in 0usize..138,
            byte in any::<u8>(),
            cut in 0usize..140,
        ) {
            let mut bytes = unhex(
                "8a00000002730005000000c3a9220a000d630004000000662829000f77002e0000000500000067287829
                 002100000012780001000000000000000479000e000000023000020000007a0000000b72005e612f6222
                 00696d000562000300000000000102056f00060000000202000000616205750010000000040001020304
                 05060708090a0b0c0d0e0f00",
            );
            bytes[at] = byte;
            bytes.truncate(cut);
            let mut out = Vec::new();
            match to_ejson(&bytes, &mut out) {
                Ok(size) => {
                    prop_assert!(size <= bytes.len());
                    let read: Result<serde_json::Value, _> = serde_json::from_slice(&out);
                    prop_assert!(read.is_ok(), "{}", String::from_utf8_lossy(&out));
                }
                Err(wrong) => prop_assert!(wrong.offset <= bytes.len() && out.is_empty()),
            }
        }
    }
}
