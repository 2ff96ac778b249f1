//! Which settings hold secrets: their values never reach the model, whatever showed them.

/// Parts of the names of settings whose values are secrets, hold them, or say where they stand.
const NAMES: [&str; 19] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "conninfo",
    "connection_string",
    "credential",
    "auth_token",
    "init_connect",
    "auth_query",
    "key_file",
    "keyfile",
    "archive_command",
    "archive_cleanup_command",
    "restore_command",
    "recovery_end_command",
    "wsrep_sst_auth",
    "wsrep_provider_options",
    "wsrep_cluster_address",
];

/// Whether the value of a setting may not be kept: its name says so, or it looks like a connection
/// string.
pub fn is_secret(name: &str, value: &str) -> bool {
    let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
    NAMES.iter().any(|part| name.contains(part))
        || value.contains("password")
        || value.contains("://") && value.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_name_and_by_looks() {
        for (name, value, expected) in [
            ("primary_conninfo", "host=db1", true),
            ("security.keyFile", "/etc/key", true),
            ("net.tls.certificateKeyFilePassword", "x", true),
            ("report_host", "postgres://app:pw@db1/shop", true),
            ("foo", "user=a PassWord=b", true),
            ("work_mem", "4MB", false),
            ("archive_timeout", "60", false),
            ("log_line_prefix", "%m %u@%d ", false),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}");
        }
    }
}
