//! Records of a general log without literals: heads, names of databases and accounts stay.

use super::super::banner::{begins_banner, is_rest_of_banner};
use super::connect::Login;
use super::head::Head;
use super::tell::number_bytes;
use crate::lang::literals::{mask_message, mask_sql};
use crate::lang::sql::lexer::Dialect;
use crate::read::logs::mask::{Masker, WITHHELD};

/// Masks a general log's records and banners.
pub(super) struct RecordMasker;

impl Masker for RecordMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        match Head::read(text).and_then(|head| Some((head, text.split_at_checked(head.len)?))) {
            Some((head, (start, argument))) => {
                out.push_str(&String::from_utf8_lossy(start));
                mask_argument(&head, argument.trim_ascii_end(), out);
            }
            None => return mask_lines(text, out),
        }
        out.push('\n');
    }
}

fn mask_argument(head: &Head<'_>, argument: &[u8], out: &mut String) {
    if head.has_statement() {
        let blanks = argument.len() - argument.trim_ascii_start().len();
        let number = blanks + number_bytes(head, argument.trim_ascii_start());
        let (number, statement) = argument.split_at(number);
        out.push_str(&String::from_utf8_lossy(number));
        return mask_sql(statement, Dialect::Mysql, out);
    }
    let line = argument.split(|b| *b == b'\n').next().unwrap_or_default();
    let is_login = matches!(Login::read(line), Login::As { .. });
    match head.command.name {
        "Connect" | "Change user" if is_login => out.push_str(&String::from_utf8_lossy(line)),
        "Init DB" => out.push_str(&String::from_utf8_lossy(line)),
        _ => mask_message(line, out),
    }
}

/// Lines outside of records: those of a banner stay.
fn mask_lines(text: &[u8], out: &mut String) {
    for line in text.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match begins_banner(line) || is_rest_of_banner(line) {
            true => out.push_str(&String::from_utf8_lossy(line.trim_ascii_end())),
            false => out.push_str(WITHHELD),
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_lose_their_values_and_heads_stay() {
        for (record, masked) in [
            ("\t\t     4 Query\tselect 'hush',\n 5\n", "\t\t     4 Query\tselect '?',\n ?\n"),
            ("\t\t      4 Execute     [7] select 5\n", "\t\t      4 Execute     [7] select ?\n"),
            (
                "261123  2:56:30\t     4 Connect\tapp@h on shop using Socket\n",
                "261123  2:56:30\t     4 Connect\tapp@h on shop using Socket\n",
            ),
            (
                "\t\t     4 Connect\tAccess denied for user 'hush'@'h' (using password: YES)\n",
                "\t\t     4 Connect\tAccess denied for user '?'@'?' (?)\n",
            ),
            ("\t\t     4 Init DB\tshop\nhush\n", "\t\t     4 Init DB\tshop\n"),
            ("\t\t     4 Quit\t\n", "\t\t     4 Quit\t\n"),
            (
                "mysqld, Version: 5.7 (x). started with:\nTcp port: 3306  Unix socket: /s\nhush\n",
                "mysqld, Version: 5.7 (x). started with:\nTcp port: 3306  Unix socket: /s\n…\n",
            ),
        ] {
            let mut out = String::new();
            RecordMasker.mask(record.as_bytes(), &mut out);
            assert_eq!(out, masked);
        }
    }
}
