//! What the user says about the files: plain values, filled in by the command line.

use super::input::ReadPolicy;
use super::logs::generic::map::ColumnMap;
use super::logs::postgres::prefix::PrefixFormat;
use super::snapshots::views::ViewReader;
use crate::time::ZoneTable;
use std::sync::Arc;

/// What the user says about the files.
#[derive(Clone, Default)]
pub struct ReadOptions {
    /// How bytes are read.
    pub policy: ReadPolicy,
    /// Every input is of the format of this name.
    pub forced_format: Option<String>,
    /// Every table is of this view, whatever its columns are called.
    pub forced_view: Option<&'static ViewReader>,
    /// PostgreSQL's `log_line_prefix`.
    pub log_line_prefix: Option<PrefixFormat>,
    /// Which columns of a CSV or JSON-lines log hold what.
    pub map: Option<ColumnMap>,
    /// Zones, with the user's choice for ambiguous ones.
    pub zones: Arc<ZoneTable>,
    /// Server names by pattern over shown paths, first match wins.
    pub servers: Vec<(String, String)>,
    /// Literals are kept, so bind parameters are worth reading.
    pub keep_literals: bool,
}

/// Whether a shown path fits a pattern in which `*` stands for any run of characters and `?` for
/// one. Linear: on a mismatch only the last star is tried again.
pub fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.as_bytes(), path.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < path.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == path[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    p = after;
                    t = from + 1;
                    star = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_a_shell() {
        for (pattern, path, fit) in [
            ("pg/*", "pg/a.log", true),
            ("*b*.gz", "pg/ab/c.log.gz", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*", "", true),
            ("x*", "pg/x", false),
        ] {
            assert_eq!(fits(pattern, path), fit, "{pattern} {path}");
        }
    }
}
