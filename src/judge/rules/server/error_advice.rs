//! What to do about an error, by its SQLSTATE, number or name: tables of texts, for `error-storm`.

use crate::model::event::Engine;

/// SQLSTATE or its class, how messages of it begin where none is logged, what to do, and a word of
/// caution. The first that fits counts.
const POSTGRES: &[(&str, &[&str], &str, &str)] = &[
    (
        "23505",
        &["duplicate key value"],
        "Where the row may be there already, say so: INSERT … ON CONFLICT DO NOTHING or DO UPDATE. \
         Where it must not, find who sends it twice.",
        "Each failed INSERT leaves a dead row and a dead index entry behind.",
    ),
    (
        "23",
        &["insert or update on table", "null value in column", "new row for relation"],
        "Check the value before it is sent, or send the rows in an order that the constraints allow.",
        "The constraint is right until proven otherwise: it keeps wrong data out.",
    ),
    (
        "28",
        &[
            "password authentication failed",
            "no pg_hba.conf entry",
            "role \"",
            "Peer authentication",
        ],
        "Find the host that tries (log_connections and %h in log_line_prefix show it): a job with an \
         old password, or somebody who guesses. Close the port to all who need not reach it.",
        "Guessing is told from a wrong setting by the number of users and hosts.",
    ),
    (
        "40001",
        &["could not serialize access"],
        "Run the whole transaction again on SQLSTATE 40001, keep it short, and mark what only reads \
         READ ONLY.",
        "It is part of the contract of REPEATABLE READ and SERIALIZABLE, not a fault.",
    ),
    (
        "25006",
        &["cannot execute "],
        "Send writes to the primary: target_session_attrs=read-write in the connection string with \
         all hosts in it, or a balancer that asks pg_is_in_recovery(). If nothing was meant to be a \
         standby, look for default_transaction_read_only.",
        "After a failover clients that keep their connections stay with the old primary.",
    ),
    (
        "25P02",
        &["current transaction is aborted"],
        "Find the error before it: this one only says that the transaction was used on after it \
         failed. Roll back on the first error.",
        "The first error of the session tells the cause.",
    ),
    (
        "42501",
        &["permission denied"],
        "Grant what the role needs, or find who uses the wrong role.",
        "A grant of more than the statement needs is a hole that stays.",
    ),
    (
        "42",
        &["relation \"", "column \"", "syntax error", "function ", "operator does not exist"],
        "Compare the statement with the schema: code and migration are out of step, the search_path \
         is another, or the text is built wrongly.",
        "A statement that never parsed never worked: nobody may need it any more.",
    ),
    (
        "22",
        &["invalid input syntax", "value too long", "division by zero", "invalid byte sequence"],
        "Check values before they are sent, or choose the type that holds them.",
        "It may be somebody who tries what the application lets through.",
    ),
    (
        "53",
        &["out of memory", "could not resize shared memory", "No space left"],
        "Find what ran short (memory, disk, slots) in the message and in the system's metrics of that \
         time.",
        "The statement that fails is rarely the one that took it all.",
    ),
    (
        "08",
        &["could not receive data", "unexpected EOF", "connection to client lost"],
        "Find who drops connections: a client that ends without closing, or an idle limit of a \
         balancer or firewall between.",
        "The statement was rolled back.",
    ),
];

/// What to do where nothing more is known of an error.
const GENERAL: (&str, &str) = (
    "Look at the example's record and statement: the message names what is wrong.",
    "The text stands for all that differ in their values only.",
);

/// Error numbers of MySQL and MariaDB, how messages of them begin in the error log, what to do, and a
/// word of caution. The first that fits counts.
const MYSQL: &[(&[&str], &[&str], &str, &str)] = &[
    (
        &["1062", "1586"],
        &["Duplicate entry"],
        "Where the row may be there already, say so: INSERT … ON DUPLICATE KEY UPDATE. Where it must not, \
         find who sends it twice.",
        "INSERT IGNORE hides other errors as well. A failed INSERT uses up an AUTO_INCREMENT value and \
         keeps a lock on the row that was in its way.",
    ),
    (
        &["1451", "1452", "1048", "1216", "1217"],
        &["Cannot add or update a child row", "Cannot delete or update a parent row"],
        "Check the value before it is sent, or send the rows in an order that the constraints allow.",
        "The constraint is right until proven otherwise: it keeps wrong data out.",
    ),
    (
        &["1205"],
        &["Lock wait timeout exceeded"],
        "Find the transaction that holds the row and commit it sooner; run the whole transaction again on \
         error 1205.",
        "Only the statement is rolled back, not the transaction, unless innodb_rollback_on_timeout is set.",
    ),
    (
        &["1044", "1045", "1142", "1143", "1227", "1698", "MY-010926"],
        &["Access denied for user", "Host "],
        "Find the host and user that try: a job with an old password, missing rights, or somebody who \
         guesses. Close the port to all who need not reach it.",
        "A grant of more than the statement needs is a hole that stays.",
    ),
    (
        &["1054", "1064", "1146", "1305", "1049", "1051", "1109"],
        &[],
        "Compare the statement with the schema: code and migration are out of step, the session uses \
         another database, or the text is built wrongly.",
        "A statement that never parsed never worked: nobody may need it any more.",
    ),
    (
        &["1264", "1265", "1292", "1366", "1406", "1411"],
        &["Data too long", "Incorrect "],
        "Check values before they are sent, or choose the type that holds them.",
        "Without a strict sql_mode the same values are cut or changed in silence.",
    ),
    (
        &["1290", "1792", "1836"],
        &[],
        "Send writes to the primary: the server is read-only, as a replica should be.",
        "After a failover clients that keep their connections stay with the old primary.",
    ),
    (
        &["1021", "1037", "1038", "1041", "1114", "1135"],
        &["Out of memory", "Disk is full", "The table "],
        "Find what ran short (memory, disk, threads) in the message and in the system's metrics of that \
         time.",
        "The statement that fails is rarely the one that took it all.",
    ),
    (
        &["1152", "1158", "1159", "1160", "1161", "1184", "MY-010914"],
        &["Aborted connection"],
        "Find who drops connections: a client that ends without closing, wait_timeout below the pool's idle \
         time, or an idle limit of a balancer or firewall between.",
        "The transaction was rolled back.",
    ),
];

/// Names of MongoDB's errors, what to do, and a word of caution. The first that fits counts.
const MONGODB: &[(&[&str], &str, &str)] = &[
    (
        &["DuplicateKey", "11000", "11001", "E11000"],
        "Where the document may be there already, say so: an update with upsert: true and $setOnInsert, by the \
         fields of the unique index. Where it must not, find who sends it twice.",
        "An insert of many with ordered: true stops at the first duplicate; what comes behind is not written.",
    ),
    (
        &[
            "DocumentValidationFailure",
            "BadValue",
            "TypeMismatch",
            "FailedToParse",
            "ConversionFailure",
        ],
        "Check values before they are sent: the validator of the collection or the command does not take them.",
        "The validator is right until proven otherwise: it keeps wrong data out.",
    ),
    (
        &["Unauthorized", "AuthenticationFailed", "UserNotFound"],
        "Find the client that tries: a job with an old password, missing roles, or somebody who guesses. Close \
         the port to all who need not reach it.",
        "A role with more than the operation needs is a hole that stays.",
    ),
    (
        &[
            "NotWritablePrimary",
            "NotMaster",
            "NotPrimaryNoSecondaryOk",
            "NotMasterNoSlaveOk",
            "PrimarySteppedDown",
        ],
        "Connect with the name of the replica set and all its members in the connection string, so that the \
         driver finds the primary, with retryWrites.",
        "After an election a few are usual: drivers look for the new primary on the first of them.",
    ),
    (
        &["CursorNotFound", "43"],
        "Read cursors to their end sooner: smaller batches where each takes long to handle, no cursor kept \
         open over pauses of ten minutes; behind a balancer send getMore to the server that has the cursor.",
        "noCursorTimeout leaves cursors behind when a client dies.",
    ),
    (
        &["NoSuchTransaction", "TransactionTooOld", "LockTimeout"],
        "Keep transactions short and try the whole of them again on TransientTransactionError.",
        "It is part of the contract of transactions, not a fault.",
    ),
    (
        &[
            "CommandNotFound",
            "CommandNotSupported",
            "CommandNotSupportedOnView",
            "NamespaceNotFound",
            "IndexNotFound",
        ],
        "Compare the application with the server: its driver, the server's version or the names of collections \
         and indexes are out of step.",
        "An operation that never worked nobody may need any more.",
    ),
    (
        &["OutOfDiskSpace", "ExceededMemoryLimit", "BSONObjectTooLarge", "DocumentTooLarge"],
        "Find what ran short in the message and in the system's metrics of that time; a document may have 16 \
         MB at most: arrays that only grow belong into documents of their own.",
        "The operation that fails is rarely the one that took it all.",
    ),
    (
        &["HostUnreachable", "HostNotFound", "NetworkTimeout", "SocketException"],
        "Find which member or client cannot be reached: names, firewalls, a member that is down.",
        "What a client had sent may have been done all the same: retryable writes tell.",
    ),
];

/// What to do about an error of a server, and a word of caution. `code` is empty where none is logged.
pub(super) fn of(engine: Engine, code: &str, message: &str) -> (&'static str, &'static str) {
    let starts = |starts: &[&str]| starts.iter().any(|start| message.starts_with(start));
    let known = match engine {
        Engine::Mysql | Engine::Mariadb => MYSQL
            .iter()
            .find(|(codes, texts, ..)| codes.contains(&code) || starts(texts))
            .map(|(_, _, text, note)| (*text, *note)),
        Engine::Mongodb => MONGODB
            .iter()
            .find(|(names, ..)| names.contains(&code))
            .map(|(_, text, note)| (*text, *note)),
        _ => POSTGRES
            .iter()
            .find(|(class, texts, ..)| match code.is_empty() {
                true => starts(texts),
                false => code.starts_with(class),
            })
            .map(|(_, _, text, note)| (*text, *note)),
    };
    known.unwrap_or(GENERAL)
}
