//! Settings of a server as numbers, whatever said them: a server in its own units, a file with a unit
//! behind the number or none.

use crate::model::catalog::{Setting, Told};
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;

/// The settings of one server.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'f> {
    server: &'f ServerFacts,
}

impl<'f> Settings<'f> {
    /// Those of a server.
    pub fn of(server: &'f ServerFacts) -> Self {
        Settings { server }
    }

    /// A setting with where it was told.
    pub fn told(&self, name: &str) -> Option<&'f Told<Setting>> {
        self.server.catalog.settings.get(name)
    }

    /// A setting as it is written.
    pub fn text(&self, name: &str) -> Option<&'f str> {
        self.told(name).map(|told| &*told.value.value)
    }

    /// Where a setting was told.
    pub fn place(&self, name: &str) -> Option<Place> {
        self.told(name).map(|told| told.origin.place)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A switch.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.to_ascii_lowercase().as_str() {
            "on" | "true" | "yes" | "1" => Some(true),
            "off" | "false" | "no" | "0" => Some(false),
            _ => None,
        }
    }

    /// A size in bytes; `bare` is what one of a number without a unit stands for.
    pub fn bytes(&self, name: &str, bare: u64) -> Option<u64> {
        let told = &self.told(name)?.value;
        let unit = match told.unit.as_deref() {
            Some(unit) => size(unit, 1)?,
            None => bare,
        };
        size(&told.value, unit)
    }
}

/// `128MB`, `4G`, `16384`; a unit may stand alone: `kB`.
fn size(text: &str, bare: u64) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" => bare,
        "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        "t" | "tb" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read_in_every_form() {
        for (text, bare, bytes) in [
            ("128MB", 8192, Some(128 << 20)),
            ("16384", 8192, Some(128 << 20)),
            ("8kB", 1, Some(8192)),
            ("kB", 1, Some(1024)),
            ("4G", 1, Some(4 << 30)),
            (" 1 gb ", 1, Some(1 << 30)),
            ("-1", 1, None),
            ("18446744073709551615T", 1, None),
            ("4 zB", 1, None),
        ] {
            assert_eq!(size(text, bare), bytes, "{text}");
        }
    }
}
