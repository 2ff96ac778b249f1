//! `SHOW STATUS` and `SHOW VARIABLES` without a header, as `mysql -ss` and pt-mysql-summary write
//! them: a name, a tab and a value on each line. Read only if a whole text is nothing else and has a
//! name in it that every server tells.

use super::ResultSet;
use super::lines::Lines;
use super::rows::Rows;

/// Names that one of both always has.
const KNOWN: [&str; 3] = ["Uptime", "Threads_connected", "version_comment"];
/// What lines of pt-mysql-summary itself begin with.
const OF_SUMMARY: &str = "pt-summary-internal-";
/// Lines that are no chance.
const MIN_LINES: usize = 20;

/// The rows of a text.
pub fn read(text: &str) -> Option<ResultSet> {
    let columns = ["Variable_name", "Value"].map(Into::into).to_vec();
    let mut rows = Rows::new(text, "bare", columns);
    let (mut count, mut is_known) = (0, false);
    for line in Lines::from(text, 0).filter(|line| !line.is_blank()) {
        // pt-mysql-summary adds what it found out itself, with blanks in place of the tab.
        if line.text.starts_with(OF_SUMMARY) {
            continue;
        }
        let (name, value) = line.text.split_once('\t')?;
        let has_header = count == 0 && name.eq_ignore_ascii_case("variable_name");
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        if has_header || name.is_empty() || !name.bytes().all(is_name) || value.contains('\t') {
            return None;
        }
        is_known |= KNOWN.contains(&name);
        count += 1;
        rows.push(line.start, vec![Some(name.into()), Some(value.into())]);
    }
    (is_known && count >= MIN_LINES).then(|| rows.finish(text.len()))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn only_whole_lists_of_a_server_are_read() {
        let status: String = (0..25).map(|n| format!("Com_{n}\t{n}\n")).collect();
        let whole = format!("{status}Uptime\t10\npt-summary-internal-x    1\n");
        assert_eq!(read(&whole).map(|set| set.rows.len()), Some(26));
        let with_header = format!("Variable_name\tValue\n{whole}");
        for text in [&with_header, status.as_str(), "Uptime\t10\n", &format!("{whole}a line\n"), ""]
        {
            assert!(read(text).is_none());
        }
    }
}
