//! Messages in both of their forms, as the documentation and the servers' own sources show them.

mod own;

use super::*;
use crate::model::event::{BuildKey, SessionStep};

/// What a line tells, in words.
#[derive(Default)]
struct Shown(Vec<String>);

impl Sink for Shown {
    fn event(&mut self, event: &Event<'_>) {
        let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
        let or_dash = |part: Option<&[u8]>| part.map_or("-".to_owned(), text);
        let what = match &event.kind {
            Kind::Message(m) => {
                format!("{:?} {:?} {} {}", m.level, m.topic, text(&m.code), text(&m.text))
            }
            Kind::Session(SessionStep::Introduced { driver, system }) => format!(
                "introduced {} on {}",
                or_dash(driver.as_deref()),
                or_dash(system.as_deref())
            ),
            Kind::Session(SessionStep::Authenticated { method }) => {
                format!("authenticated by {}", or_dash(method.as_deref()))
            }
            Kind::Session(step) => format!("{step:?}"),
            Kind::IndexBuild(build) => format!(
                "{} {} {} {:?}",
                if matches!(build.key, BuildKey::Thread(_)) { "thread" } else { "build" },
                or_dash(build.namespace.as_deref()),
                or_dash(build.index.as_deref()),
                build.step
            ),
            Kind::Version(version) => format!("version {}", text(version)),
            Kind::SlowCheckpoint { duration_us } => format!("checkpoint {duration_us} us"),
            other => format!("{other:?}"),
        };
        let Who { user, host, app, session, .. } = event.who;
        let who = [("user", user), ("host", host), ("app", app)];
        let who: String = who
            .into_iter()
            .filter_map(|(name, value)| Some(format!("; {name} {}", text(value?))))
            .collect();
        self.0.push(format!("{what}{who}{}", if session == 0 { "" } else { "; in a session" }));
    }
}

fn line<'a>(severity: u8, context: &'a str, message: &'a str) -> Line<'a> {
    Line {
        offset: 0,
        line_in_chunk: 0,
        time: None,
        utc_offset_s: 0,
        id: None,
        severity,
        context: context.as_bytes(),
        message: Cow::Borrowed(message.as_bytes()),
        attr: None,
    }
}

fn told(line: &Line<'_>) -> String {
    let mut shown = Shown::default();
    let means = tell(line, &mut shown);
    assert!(means || shown.0.is_empty(), "told, and says it did not");
    shown.0.join(" | ")
}

/// Severity, context, id and attributes of a structured log's line; the same message in a text log;
/// what both tell.
type Case = (u8, &'static str, u32, &'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    (
        b'I',
        "listener",
        22943,
        r#"{"remote":"127.0.0.1:51349","uuid":"f48339a8","connectionId":3,"connectionCount":3}"#,
        "connection accepted from 127.0.0.1:51349 #3 (3 connections now open)",
        "Received { open_now: Some(3) }; host 127.0.0.1",
    ),
    (
        b'I',
        "conn3",
        22944,
        r#"{"remote":"[::1]:51349","connectionId":3,"connectionCount":{"$numberLong":"1"}}"#,
        "end connection [::1]:51349 (1 connection now open)",
        "Ended { duration_us: None }; host [::1]; in a session",
    ),
    (
        b'I',
        "conn1",
        51800,
        r#"{"remote":"10.0.0.5:60216","client":"conn1","doc":{"driver":{"name":"PyMongo","version":"4.3.3"},"os":{"type":"Darwin","name":"Darwin","architecture":"x86_64","version":"13.6.3"},"platform":"CPython 3.11.5","application":{"name":"billing \"nightly\""}}}"#,
        r#"received client metadata from 10.0.0.5:60216 conn1: { application: { name: "billing \"nightly\"" }, driver: { name: "PyMongo", version: "4.3.3" }, os: { type: "Darwin", name: "Darwin", architecture: "x86_64", version: "13.6.3" }, platform: "CPython 3.11.5" }"#,
        r#"introduced PyMongo 4.3.3 on Darwin 13.6.3; host 10.0.0.5; app billing "nightly"; in a session"#,
    ),
    (
        b'I',
        "conn2",
        51800,
        r#"{"remote":"10.0.0.5:60217","client":"conn2","doc":{"driver":{"name":"mongo-go-driver","version":"v1.5.3"},"os":{"type":"linux","architecture":"amd64"},"platform":"go1.17.1"}}"#,
        r#"received client metadata from 10.0.0.5:60217 conn2: { driver: { name: "mongo-go-driver", version: "v1.5.3" }, os: { type: "linux", architecture: "amd64" }, platform: "go1.17.1" }"#,
        "introduced mongo-go-driver v1.5.3 on linux; host 10.0.0.5; in a session",
    ),
    (
        b'I',
        "listener",
        22942,
        r#"{"connectionCount":301}"#,
        "connection refused because too many open connections: 301",
        "Refused(TooMany)",
    ),
    (
        b'I',
        "conn12",
        20250,
        r#"{"mechanism":"SCRAM-SHA-1","speculative":true,"principalName":"app","authenticationDatabase":"admin","remote":"10.0.0.7:40112","extraInfo":{}}"#,
        "Successfully authenticated as principal app on admin from client 10.0.0.7:40112 with mechanism SCRAM-SHA-1",
        "authenticated by SCRAM-SHA-1; user app@admin; host 10.0.0.7; in a session",
    ),
    (
        b'I',
        "conn12",
        20249,
        r#"{"mechanism":"SCRAM-SHA-1","speculative":false,"principalName":"jane-doe","authenticationDatabase":"admin","remote":"10.0.0.7:51842","error":"UserNotFound: Could not find user \"jane-doe\" for db \"admin\""}"#,
        "SASL SCRAM-SHA-1 authentication failed for jane-doe on admin from client 10.0.0.7:51842 ; UserNotFound: Could not find user \"jane-doe\" for db \"admin\"",
        "Refused(UnknownUser); user jane-doe@admin; host 10.0.0.7; in a session | Log Access UserNotFound Authentication failed: UserNotFound: Could not find user \"jane-doe\" for db \"admin\"; in a session",
    ),
    (
        b'I',
        "conn12",
        20436,
        r#"{"error":{"code":13,"codeName":"Unauthorized","errmsg":"not authorized on shop to execute command { find: \"customers\", filter: { email: \"x@example.com\" } }"}}"#,
        "Unauthorized: not authorized on shop to execute command { find: \"customers\", filter: { email: \"x@example.com\" } }",
        "Log Access Unauthorized Checking authorization failed: not authorized on shop to execute command; in a session",
    ),
    (
        b'I',
        "ReplCoord-0",
        21358,
        r#"{"newState":"PRIMARY","oldState":"SECONDARY"}"#,
        "transition to PRIMARY from SECONDARY",
        "Log MemberState 21358 Replica set state transition, newState: PRIMARY, oldState: SECONDARY",
    ),
    (
        b'I',
        "ReplCoord-1",
        21215,
        r#"{"hostAndPort":"db2:27018","newState":"RECOVERING"}"#,
        "Member db2:27018 is now in state RECOVERING",
        "Log MemberState 21215 Member is in new state, newState: RECOVERING",
    ),
    (
        b'I',
        "ReplCoord-0",
        4615652,
        r#"{"electionTimeoutPeriodMillis":10000}"#,
        "Starting an election, since we've seen no PRIMARY in the past 10000ms",
        "Log Election 4615652 Starting an election, since we've seen no PRIMARY in election timeout period",
    ),
    (
        b'I',
        "ReplCoord-0",
        21450,
        r#"{"term":7}"#,
        "election succeeded, assuming primary role in term 7",
        "Log Election 21450 Election succeeded, assuming primary role",
    ),
    (
        b'I',
        "conn58",
        21579,
        "",
        "Attempting to step down in response to replSetStepDown command",
        "Log StepDown 21579 Attempting to step down in response to replSetStepDown command; in a session",
    ),
    (
        b'W',
        "FlowControlRefresher",
        22225,
        "",
        "Flow control is engaged and the sustainer point is not moving. Please check the health of all secondaries.",
        "Warning FlowControl 22225 Flow control is engaged and the sustainer point is not moving",
    ),
    (
        b'I',
        "ftdc",
        20499,
        r#"{"timeStats":{"after basic":0,"at end":1210}}"#,
        "serverStatus was very slow: { after basic: 0, at end: 1210 }",
        "Log SlowServer 20499 serverStatus was very slow",
    ),
    (
        b'I',
        "clientcursormon",
        20529,
        r#"{"cursorId":8417129787852778541,"idleSince":{"$date":"2026-11-20T10:00:00.000Z"}}"#,
        "Cursor id 8417129787852778541 timed out, idle since 2026-11-20T10:00:00.000+0000",
        "Log CursorTimeout 20529 Cursor timed out",
    ),
    (
        b'W',
        "ReplicaSetMonitor-TaskExecutor",
        23019,
        r#"{"peer":"db2:27017","durationMillis":6763}"#,
        "DNS resolution while connecting to db2:27017 took 6763ms",
        "Warning NameLookup 23019 DNS resolution while connecting to peer was slow",
    ),
    (
        b'W',
        "initandlisten",
        22271,
        r#"{"lockFile":"/data/db/mongod.lock"}"#,
        "Detected unclean shutdown - /data/db/mongod.lock is not empty.",
        "Warning Recovery 22271 Detected unclean shutdown - Lock file is not empty",
    ),
    (
        b'I',
        "initandlisten",
        4615611,
        r#"{"pid":27762,"port":27017,"dbPath":"/data/db","architecture":"64-bit","host":"db1"}"#,
        "MongoDB starting : pid=27762 port=27017 dbpath=/data/db 64-bit host=db1",
        "Log Start 4615611 MongoDB starting",
    ),
    (
        b'I',
        "initandlisten",
        23403,
        r#"{"buildInfo":{"version":"4.2.18","gitVersion":"f65ce5e2","modules":["enterprise"]}}"#,
        "db version v4.2.18",
        "version 4.2.18",
    ),
    (
        b'I',
        "initandlisten",
        21951,
        r#"{"options":{"net":{"port":27017},"security":{"keyFile":"/secret"},"storage":{"wiredTiger":{"engineConfig":{"cacheSizeGB":1}}}}}"#,
        r#"options: { net: { port: 27017 }, security: { keyFile: "/secret" }, storage: { wiredTiger: { engineConfig: { cacheSizeGB: 1 } } } }"#,
        "Log Setting 21951 Options set by command line: net.port, security.keyFile, storage.wiredTiger.engineConfig.cacheSizeGB",
    ),
    (
        b'I',
        "SignalHandler",
        23377,
        r#"{"signal":15,"error":"Terminated"}"#,
        "got signal 15 (Terminated: 15), will terminate after current cmd ends",
        "Log Stop 23377 Received signal Terminated",
    ),
    (
        b'I',
        "SignalHandler",
        23138,
        r#"{"exitCode":0}"#,
        "dbexit:  rc: 0",
        "Log Stop 23138 Shutting down",
    ),
    (
        b'E',
        "conn9",
        22435,
        r#"{"error":28,"message":"pwrite: failed to write: No space left on device"}"#,
        "WiredTiger error (28) pwrite: failed to write: No space left on device",
        "Error Urgent 22435 WiredTiger error: pwrite: failed to write: No space left on device; in a session",
    ),
    (
        b'I',
        "IndexBuildsCoordinatorMongod-0",
        20649,
        r#"{"buildUUID":{"uuid":{"$uuid":"4caa7c7c"}},"namespace":"shop.orders","error":{"code":11000,"codeName":"DuplicateKey","errmsg":"E11000 duplicate key"}}"#,
        "Index build failed: 4caa7c7c: shop.orders ( 307f04e2 ): DuplicateKey: E11000 duplicate key",
        "BUILD shop.orders - Failed | Log IndexBuild DuplicateKey Index build: failed, namespace: shop.orders: DuplicateKey: E11000 duplicate key",
    ),
];

#[test]
fn both_forms_of_a_message_tell_the_same() {
    for (severity, context, id, attr, text, expected) in CASES {
        let structured = Line {
            id: Some(*id),
            attr: (!attr.is_empty()).then_some(attr.as_bytes()),
            ..line(*severity, context, "any words")
        };
        // Only a structured log says which build a line is of.
        let of_text = expected.replace("BUILD", "thread");
        let of_attr = expected.replace("BUILD", "build");
        assert_eq!(told(&structured), of_attr, "{id}");
        assert_eq!(told(&line(*severity, context, text)), of_text, "{text}");
        assert!(may_matter(*id), "{id}");
    }
}

#[test]
fn ids_and_texts_stand_in_the_table_once() {
    assert!(BY_ID.is_sorted_by(|(a, _), (b, _)| a < b));
    let texts: Vec<_> = BY_ID.iter().flat_map(|(_, row)| row.texts).collect();
    let mut distinct = texts.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), texts.len());
    assert!(texts.iter().all(|text| text.matches('{').count() <= template::MAX_HOLES));
    assert!(!may_matter(51803) && !may_matter(0));
}

#[test]
fn no_line_is_too_strange() {
    let texts = CASES.iter().flat_map(|(_, _, _, attr, text, _)| [*attr, *text]);
    for (text, id) in texts.zip((0..4).cycle()) {
        for cut in 0..text.len() {
            let Some((before, behind)) = text.split_at_checked(cut) else { continue };
            for part in [before, behind] {
                let id = [None, Some(51800), Some(20249), Some(22430)][id];
                let attr = id.map(|_| part.as_bytes());
                tell(&Line { id, attr, ..line(b'W', "conn1", part) }, &mut Shown::default());
            }
        }
    }
}
