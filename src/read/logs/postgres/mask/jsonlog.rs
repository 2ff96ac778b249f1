//! Records of a jsonlog without literals: members that hold texts go through the mask, those that
//! say when, who and where stay, and what the server does not write is withheld. What was cut is
//! closed.

use super::{part, plain, sql};
use crate::lang::literals::mask_message;
use crate::read::logs::json::{Member, Members, Value};
use crate::read::logs::mask::{Masker, WITHHELD, push_json_string};
use crate::read::logs::postgres::prefix::Severity;

/// Masks records of jsonlog.
pub(in crate::read::logs::postgres) struct JsonMasker;

/// Members that stay as they are.
const KEPT: [&str; 35] = [
    "timestamp",
    "user",
    "dbname",
    "pid",
    "remote_host",
    "remote_port",
    "session_id",
    "line_num",
    "ps",
    "session_start",
    "vxid",
    "txid",
    "error_severity",
    "state_code",
    "internal_position",
    "cursor_position",
    "file_line_num",
    "application_name",
    "backend_type",
    "leader_pid",
    "query_id",
    "func_name",
    "file_name",
    // The extension for older versions, and the columns of csvlog.
    "log_time",
    "user_name",
    "database_name",
    "process_id",
    "connection_from",
    "session_line_num",
    "command_tag",
    "session_start_time",
    "virtual_transaction_id",
    "transaction_id",
    "sql_state_code",
    "query_pos",
];

impl Masker for JsonMasker {
    fn mask(&mut self, text: &[u8], out: &mut String) {
        out.push('{');
        let members = Members::of(text.trim_ascii()).into_iter().flatten();
        for (at, Member { key, value }) in members.enumerate() {
            if at > 0 {
                out.push(',');
            }
            let key = String::from_utf8_lossy(key);
            push_json_string(&key, out);
            out.push(':');
            let is_kept = KEPT.contains(&&*key);
            match value {
                Value::Word(word) if is_kept || word == b"null" => plain(word, out),
                Value::String(text) => {
                    let mut masked = String::new();
                    match is_kept {
                        true => plain(&text.text(), &mut masked),
                        false => by_key(&key, &text.text(), &mut masked),
                    }
                    push_json_string(&masked, out);
                }
                _ => push_json_string(WITHHELD, out),
            }
        }
        out.push_str("}\n");
    }
}

fn by_key(key: &str, text: &[u8], out: &mut String) {
    match key {
        "message" => part(Severity::Log, text, out),
        "detail" | "detail_log" => part(Severity::Detail, text, out),
        "context" => part(Severity::Context, text, out),
        "statement" | "query" | "internal_query" => sql(text, out),
        "hint" | "location" => mask_message(text, out),
        _ => out.push_str(WITHHELD),
    }
}
