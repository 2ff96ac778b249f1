//! IEEE 754 decimals of 128 bits as text: exact digits, as the decimal specification of BSON wants.

use crate::lang::mongo::ejson;

/// What the stored exponent is above the real one.
const EXPONENT_BIAS: i32 = 6176;

/// Coefficients have at most 34 digits; what is larger stands for zero.
const COEFFICIENT_MAX: u128 = 10u128.pow(34) - 1;

/// Appends a decimal by its bits.
pub(super) fn push_decimal(bits: u128, out: &mut Vec<u8>) {
    ejson::push_wrapped(b"$numberDecimal", decimal_text(bits).as_bytes(), out);
}

fn decimal_text(bits: u128) -> String {
    let sign = if bits >> 127 == 1 { "-" } else { "" };
    match bits >> 122 & 0x1f {
        0x1f => return "NaN".to_owned(),
        0x1e => return format!("{sign}Infinity"),
        _ => {}
    }
    // Two forms; the coefficients of the second are all beyond 34 digits.
    let is_second = bits >> 125 & 3 == 3;
    let exponent_bits = if is_second { bits >> 111 } else { bits >> 113 } & 0x3fff;
    let exponent = i32::try_from(exponent_bits).unwrap_or_default() - EXPONENT_BIAS;
    let coefficient = bits & ((1 << 113) - 1);
    let is_zero = is_second || coefficient > COEFFICIENT_MAX;
    let digits = if is_zero { "0".to_owned() } else { coefficient.to_string() };
    let count = i32::try_from(digits.len()).unwrap_or_default();
    let scientific = count - 1 + exponent;
    if exponent > 0 || scientific < -6 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        return format!("{sign}{first}{point}{rest}E{scientific:+}");
    }
    let decimals = exponent.unsigned_abs() as usize;
    if decimals == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        let vectors: [(u64, u64, &str); 20] = [
            (0x3040_0000_0000_0000, 0, "0"),
            (0xb040_0000_0000_0000, 0, "-0"),
            (0x3040_0000_0000_0000, 1, "1"),
            (0x303e_0000_0000_0000, 15, "1.5"),
            (0x303c_0000_0000_0000, 150, "1.50"),
            (0x3034_0000_0000_0000, 1, "0.000001"),
            (0x3032_0000_0000_0000, 1, "1E-7"),
            (0x3046_0000_0000_0000, 1, "1E+3"),
            (0x3046_0000_0000_0000, 12, "1.2E+4"),
            (0x3044_0000_0000_0000, 0, "0E+2"),
            (0x2ffc_3cde_6fff_9732, 0xde82_5cd0_7e96_aff2, "0.1234567890123456789012345678901234"),
            (0x3041_ed09_bead_87c0, 0x378d_8e63_ffff_ffff, "9999999999999999999999999999999999"),
            (
                0x5fff_ed09_bead_87c0,
                0x378d_8e63_ffff_ffff,
                "9.999999999999999999999999999999999E+6144",
            ),
            (0, 1, "1E-6176"),
            (0x7800_0000_0000_0000, 0, "Infinity"),
            (0xf800_0000_0000_0000, 0, "-Infinity"),
            (0x7c00_0000_0000_0000, 0, "NaN"),
            (0xfc00_0000_0000_0000, 0, "NaN"),
            // Coefficients that are too large.
            (0x6c10_0000_0000_0000, 0, "0"),
            (0x3041_ed09_bead_87c0, 0x378d_8e64_0000_0000, "0"),
        ];
        for (high, low, expected) in vectors {
            let bits = u128::from(high) << 64 | u128::from(low);
            assert_eq!(decimal_text(bits), expected, "{high:x} {low:x}");
        }
    }
}
