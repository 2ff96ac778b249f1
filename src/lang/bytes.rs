//! Searches in bytes that are mostly short: what begins a literal mostly ends it soon.

use memchr::memchr2;

/// So far a search goes by words; behind, vectors pay.
const NEAR: usize = 32;

/// Where the first of two bytes stands.
#[inline(always)]
pub(crate) fn find2(a: u8, b: u8, text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < NEAR
        && let Some(word) = text.get(at..).and_then(|rest| rest.first_chunk::<8>())
    {
        let word = u64::from_le_bytes(*word);
        let hits = zeros(word ^ repeated(a)) | zeros(word ^ repeated(b));
        if hits != 0 {
            return Some(at + hits.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr2(a, b, text.get(at..)?).map(|found| at + found)
}

/// A word of one byte.
#[inline(always)]
const fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bit of the lowest byte that is zero is set, and none below it.
#[inline(always)]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(repeated(1)) & !word & repeated(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            text in prop::collection::vec(prop::sample::select(vec![0u8, 1, 0x26, 0x27, 0x28, 0x5b, 0x5c, 0x80, 0xff]), 0..90),
            a in prop::sample::select(vec![0u8, 0x27, 0x5c, 0xff]),
        ) {
            let plain = text.iter().position(|b| *b == a || *b == b'\\');
            prop_assert_eq!(find2(a, b'\\', &text), plain);
            let padded = [&[b'x'; 41][..], &text].concat();
            prop_assert_eq!(find2(a, b'\\', &padded), plain.map(|at| at + 41));
        }
    }
}
