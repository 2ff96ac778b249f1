//! Numbers as people read them. One place, so that a finding and a table say the same.

/// A count with thousands separated.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count and its noun: `1 call`, `1,204 calls`.
pub fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(n))
}

/// A duration in the unit that gives two or three significant digits.
pub fn duration_us(us: f64) -> String {
    let (value, unit) = match us {
        us if us < 1e3 => (us, "µs"),
        us if us < 1e6 => (us / 1e3, "ms"),
        us if us < 120e6 => (us / 1e6, "s"),
        us if us < 7200e6 => (us / 60e6, "min"),
        us => (us / 3600e6, "h"),
    };
    format!("{} {unit}", significant(value))
}

/// A size in bytes, decimal units.
pub fn bytes(size: u64) -> String {
    let size = size as f64;
    match size {
        s if s < 1e3 => format!("{s} B"),
        s if s < 1e6 => format!("{} kB", significant(s / 1e3)),
        s if s < 1e9 => format!("{} MB", significant(s / 1e6)),
        s => format!("{} GB", significant(s / 1e9)),
    }
}

/// A size as settings are written, in powers of 1024.
pub fn memory(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let (mut value, mut units) = (size as f64, UNITS.iter());
    let mut unit = units.next();
    while value >= 1024.0 && units.len() > 0 {
        value /= 1024.0;
        unit = units.next();
    }
    let unit = unit.copied().unwrap_or_default();
    match value.fract() == 0.0 && value < 1024.0 {
        true => format!("{value} {unit}"),
        false => format!("{} {unit}", significant(value)),
    }
}

/// A share as a percentage.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p >= 99.95 => "100 %".to_owned(),
        p if p >= 10.0 => format!("{p:.0} %"),
        p if p >= 0.1 || p == 0.0 => format!("{p:.1} %"),
        _ => "< 0.1 %".to_owned(),
    }
}

fn significant(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(1_204_511), "1,204,511");
        assert_eq!(count(7), "7");
        assert_eq!(duration_us(450_000.0), "450 ms");
        assert_eq!(duration_us(27_400.0), "27.4 ms");
        assert_eq!(duration_us(51_120e6), "14.2 h");
        assert_eq!(bytes(9_100_000_000), "9.10 GB");
        assert_eq!(percent(0.341), "34 %");
        assert_eq!(percent(0.0004), "< 0.1 %");
    }
}
