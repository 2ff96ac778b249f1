//! Messages that only one of the two forms has.

use super::{line, told};
use crate::model::event::Cancelled;
use crate::read::logs::mongodb::messages::{Line, cancelled_by};

#[test]
fn text_logs_have_messages_of_their_own() {
    for (severity, context, text, expected) in [
        (
            b'I',
            "rsMgr",
            "replSet PRIMARY",
            "Log MemberState 21358 Replica set state transition, newState: PRIMARY",
        ),
        (
            b'I',
            "rsMgr",
            "replSet info electSelf 1",
            "Log Election 21444 Dry election run succeeded, running for election",
        ),
        (b'I', "rsStart", "replSet I am db1:27017", ""),
        (
            b'I',
            "mongosMain",
            "MongoS version 2.4.4 starting: pid=1 port=27017 64-bit host=db1 (--help for usage)",
            "version 2.4.4 | Log Start 4615611 MongoDB starting",
        ),
        (b'I', "signalProcessingThread", "dbexit: really exiting now", ""),
        (
            b'I',
            "conn68",
            "Failed to authenticate app@admin with mechanism MONGODB-CR: AuthenticationFailed UserNotFound Could not find user app@admin",
            "Refused(Authentication); user app@admin; in a session | Log Access 20249 Authentication failed: AuthenticationFailed UserNotFound Could not find user app@admin; in a session",
        ),
        (
            b'I',
            "conn8",
            "SCRAM-SHA-256 authentication failed for app on admin from client 10.0.0.7:1 ; AuthenticationFailed: SCRAM authentication failed, storedKey mismatch",
            "Refused(Authentication); user app@admin; host 10.0.0.7; in a session | Log Access AuthenticationFailed Authentication failed: AuthenticationFailed: SCRAM authentication failed, storedKey mismatch; in a session",
        ),
        (
            b'I',
            "conn8",
            r#"build index on: shop.orders properties: { v: 2, key: { name: 1 }, name: "name_1", ns: "shop.orders" }"#,
            "thread shop.orders name_1 Started; in a session",
        ),
        (
            b'I',
            "conn8",
            "build index done.  scanned 500000 total records. 12 secs",
            "thread - - Done { documents: Some(500000), duration_us: Some(12000000) }; in a session",
        ),
        (
            b'I',
            "conn8",
            "index build: done building index name_1 on ns shop.orders",
            "thread shop.orders name_1 Done { documents: None, duration_us: None }; in a session",
        ),
        (b'I', "", "Checkpoint took 21 seconds to complete", "checkpoint 21000000 us"),
        (
            b'I',
            "initandlisten",
            "** WARNING: Access control is not enabled for the database.",
            "Warning Setting  Access control is not enabled for the database.",
        ),
        (b'I', "initandlisten", "**          Read and write access is unrestricted.", ""),
        (
            b'I',
            "conn5",
            "warning: No primary detected for set shard01",
            "Warning Other  No primary detected for set shard01; in a session",
        ),
        (
            b'I',
            "conn5",
            "User Assertion: 11000:E11000 duplicate key error",
            "Error Other 11000 User Assertion: 11000:E11000 duplicate key error; in a session",
        ),
        (
            b'F',
            "ftdc",
            "Invariant failure a != b src/mongo/db/x.cpp 12",
            "Panic Crash  Invariant failure a != b src/mongo/db/x.cpp 12",
        ),
        (
            b'F',
            "ftdc",
            "\n\n***aborting after invariant() failure\n\n",
            "Panic Other  ***aborting after invariant() failure",
        ),
        (
            b'F',
            "ftdc",
            "Got signal: 6 (Aborted).\n 0x55 0x56",
            "Panic Other  Got signal: 6 (Aborted).",
        ),
        (
            b'F',
            "conn5",
            "Got signal: 11 (Segmentation fault).",
            "Panic Crash  Got signal: 11 (Segmentation fault).; in a session",
        ),
        (b'I', "conn5", "received moveChunk request: { moveChunk: \"shop.orders\" }", ""),
        (b'I', "conn5", "", ""),
        (b'F', "conn5", " ", ""),
    ] {
        assert_eq!(told(&line(severity, context, text)), expected, "{text}");
    }
}

#[test]
fn structured_logs_have_messages_of_their_own() {
    for (severity, id, message, attr, expected) in [
        (
            b'W',
            20478,
            "getMore command executor error",
            r#"{"error":{"code":279,"codeName":"ClientDisconnect","errmsg":"operation was interrupted"},"cmd":{"getMore":1,"x":"secret"}}"#,
            "Warning Other ClientDisconnect getMore command executor error: ClientDisconnect: operation was interrupted",
        ),
        (
            b'W',
            23798,
            "Plan executor error during find command",
            r#"{"error":{"code":50,"codeName":"MaxTimeMSExpired","errmsg":"operation exceeded time limit"}}"#,
            "Warning Other MaxTimeMSExpired Plan executor error during find command: MaxTimeMSExpired: operation exceeded time limit",
        ),
        (b'W', 999_999_999, "Something new", "", "Warning Other 999999999 Something new"),
        (b'I', 999_999_999, "Something new", "", ""),
        (
            b'F',
            23089,
            "Fatal assertion",
            r#"{"msgid":40526,"file":"x.cpp","line":1}"#,
            "Panic Crash 23089 Fatal assertion",
        ),
        (
            b'F',
            6_384_300,
            "Writing fatal message",
            r#"{"message":"Got signal: 11 (Segmentation fault).\n"}"#,
            "Panic Crash 6384300 Writing fatal message: Got signal: 11 (Segmentation fault).",
        ),
        (
            b'I',
            5_286_307,
            "Failed to authenticate",
            r#"{"client":"10.0.0.7:1","isSpeculative":true,"mechanism":"SCRAM-SHA-256","user":"app","db":"admin","error":"AuthenticationFailed: x","result":18}"#,
            "",
        ),
        (
            b'I',
            20384,
            "Index build: starting",
            r#"{"buildUUID":{"uuid":{"$uuid":"4caa7c7c"}},"namespace":"shop.orders","properties":{"v":2,"key":{"name":1},"name":"name_1"}}"#,
            "build shop.orders name_1 Started",
        ),
        (
            b'I',
            20391,
            "Index build: collection scan done",
            r#"{"buildUUID":{"uuid":{"$uuid":"4caa7c7c"}},"totalRecords":1000,"durationMillis":7}"#,
            "build - - Scanned { documents: 1000, duration_us: 7000 }",
        ),
        (
            b'I',
            20345,
            "Index build: done building",
            r#"{"buildUUID":null,"namespace":"a.b","index":"_id_"}"#,
            "",
        ),
        (
            b'I',
            20345,
            "Index build: done building",
            r#"{"buildUUID":null,"collectionUUID":{"uuid":{"$uuid":"307f04e2"}},"namespace":"a.b","index":"c_1"}"#,
            "build a.b c_1 Done { documents: None, duration_us: None }",
        ),
        (
            b'I',
            5_479_200,
            "Deleted expired documents using index",
            r#"{"namespace":"shop.carts","index":"ttl","numDeleted":40,"durationMillis":3}"#,
            r#"Expiry(Expiry { namespace: [115, 104, 111, 112, 46, 99, 97, 114, 116, 115], index: [116, 116, 108], deleted: 40, duration_us: 3000 })"#,
        ),
        (
            b'I',
            22430,
            "WiredTiger message",
            r#"{"message":{"ts_sec":1,"category":"WT_VERB_CHECKPOINT_PROGRESS","msg":"Checkpoint has been running for 40 seconds and wrote: 1 pages"}}"#,
            "Log SlowCheckpoint 22430 Checkpoint has been running for long",
        ),
        (
            b'I',
            22430,
            "WiredTiger message",
            r#"{"message":"[1710773352:1][1:0x7f], WT_SESSION.checkpoint: Checkpoint ran for 61 seconds and wrote: 1 pages"}"#,
            "checkpoint 61000000 us",
        ),
        (
            b'I',
            22430,
            "WiredTiger message",
            r#"{"message":"Checkpoint has been running for 0 seconds"}"#,
            "",
        ),
    ] {
        let attr = (!attr.is_empty()).then_some(attr.as_bytes());
        let line = Line { id: Some(id), attr, ..line(severity, "ftdc", message) };
        assert_eq!(told(&line), expected, "{id} {message}");
    }
}

#[test]
fn names_of_errors_say_who_wanted_the_end() {
    for (name, expected) in [
        ("MaxTimeMSExpired", Some(Cancelled::MaxTime)),
        ("ClientDisconnect", Some(Cancelled::ClientGone)),
        ("Interrupted", Some(Cancelled::UserRequest)),
        ("InterruptedDueToReplStateChange", Some(Cancelled::RoleChange)),
        ("CursorNotFound", None),
        ("", None),
    ] {
        assert_eq!(cancelled_by(name.as_bytes()), expected, "{name}");
    }
}
