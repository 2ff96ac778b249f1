//! Logs and profiler documents of MongoDB with secrets wherever a client's words can stand.

use super::{NUMBER, WORD};

/// Every format: a file name, the log, and what is left of it without literals.
pub fn logs() -> Vec<(&'static str, String, &'static [&'static str])> {
    vec![
        ("mongod.json", structured(), &["\"find\":\"users\"", "COLLSCAN", "durationMillis"]),
        ("mongod.log", text(), &["find", "COLLSCAN", "docsExamined"]),
        ("profile.json", profile(), &["\"find\"", "COLLSCAN", "millis"]),
        ("profile.txt", shell(), &["find", "COLLSCAN", "millis"]),
    ]
}

/// Commands with secrets at every place of a value.
fn commands() -> Vec<String> {
    let values = format!(
        r#""{WORD}",{NUMBER},{{"$numberLong":"{NUMBER}"}},{{"$oid":"{WORD}"}},{{"$date":"{WORD}"}},{{"$binary":{{"base64":"{WORD}","subType":"0"}}}},{{"$uuid":"{WORD}"}},{{"$regularExpression":{{"pattern":"^{WORD}","options":"i"}}}},{{"$numberDecimal":"{NUMBER}"}},{{"$code":"{WORD}"}},{{"$symbol":"{WORD}"}}"#
    );
    let every = values.replace("},{", "},\u{0}{").replace("\",", "\",\u{0}");
    let every: Vec<&str> = every.split(",\u{0}").collect();
    let fields: Vec<String> =
        every.iter().enumerate().map(|(n, value)| format!("\"f{n}\":{value}")).collect();
    let fields = fields.join(",");
    vec![
        format!(r#"{{"find":"users","filter":{{{fields}}},"$db":"shop"}}"#),
        format!(
            r#"{{"find":"users","filter":{{"a":{{"$in":[{values}]}},"b":{{"$regex":"^{WORD}","$options":"i"}},"$where":"this.a == '{WORD}'","$comment":"{WORD}","c":{{"$elemMatch":{{"d":"{WORD}"}}}},"e":[["{WORD}"]],"g":{{"h":{{"i":"{WORD}"}}}}}},"comment":"{WORD}","let":{{"x":"{WORD}"}},"$db":"shop"}}"#
        ),
        format!(
            r#"{{"aggregate":"users","pipeline":[{{"$match":{{"$expr":{{"$eq":["$a","{WORD}"]}}}}}},{{"$project":{{"x":{{"$literal":"{WORD}"}},"y":{{"$concat":["$a","{WORD}"]}}}}}},{{"$unknownStage":{{"q":"{WORD}","n":{NUMBER}}}}},{{"$search":{{"text":{{"query":"{WORD}","path":"a"}}}}}},{{"$group":{{"_id":"{WORD}","n":{{"$sum":{NUMBER}}}}}}}],"$db":"shop"}}"#
        ),
        format!(
            r#"{{"update":"users","updates":[{{"q":{{"a":"{WORD}"}},"u":{{"$set":{{"b":"{WORD}","c":["{WORD}",{NUMBER}]}},"$push":{{"d":{{"$each":["{WORD}"]}}}}}},"arrayFilters":[{{"e":"{WORD}"}}]}},{{"q":{{"a":{NUMBER}}},"u":{{"z":"{WORD}"}}}}],"$db":"shop"}}"#
        ),
        format!(
            r#"{{"insert":"users","documents":[{{"password":"{WORD}","card":{NUMBER}}}],"$db":"shop"}}"#
        ),
        format!(
            r#"{{"createUser":"bob","pwd":"{WORD}","customData":{{"a":"{WORD}"}},"roles":[],"$db":"admin"}}"#
        ),
        format!(r#"{{"someCommand":"{WORD}","x":"{WORD}","y":[{NUMBER}],"$db":"admin"}}"#),
        format!(
            r#"{{"mapReduce":"users","map":"function(){{emit('{WORD}',1)}}","query":{{"a":"{WORD}"}},"$db":"shop"}}"#
        ),
    ]
}

fn structured() -> String {
    let mut out = String::new();
    let line = |n: usize, id: u32, severity: char, message: &str, attr: &str| {
        format!(
            "{{\"t\":{{\"$date\":\"2026-11-23T10:00:{n:02}.000+00:00\"}},\"s\":\"{severity}\",\"c\":\"COMMAND\",\"id\":{id},\"ctx\":\"conn{n}\",\"msg\":\"{message}\",\"attr\":{attr}}}\n"
        )
    };
    for (n, command) in commands().iter().enumerate() {
        let attr = format!(
            r#"{{"type":"command","ns":"shop.users","command":{command},"originatingCommand":{command},"planSummary":"COLLSCAN","docsExamined":100000,"ok":0,"errMsg":"E11000 duplicate key error collection: shop.users index: a_1 dup key: {{ a: \"{WORD}\" }} {NUMBER}","errName":"DuplicateKey","errCode":11000,"surprise":"{WORD}","nested":{{"x":"{WORD}"}},"durationMillis":250}}"#
        );
        out += &line(n, 51803, 'I', "Slow query", &attr);
    }
    let update = format!(
        r#"{{"type":"update","ns":"shop.users","command":{{"q":{{"a":"{WORD}"}},"u":{{"$set":{{"b":{NUMBER}}}}}}},"planSummary":"COLLSCAN","durationMillis":250}}"#
    );
    out += &line(30, 51803, 'I', "Slow query", &update);
    let attr = format!(
        r#"{{"error":{{"code":2,"codeName":"BadValue","errmsg":"bad \"{WORD}\" {NUMBER}"}},"command":{{"a":"{WORD}"}},"principalName":"bob"}}"#
    );
    for (n, id) in [(31, 20249), (32, 99_999_999), (33, 22943), (34, 51800), (35, 21951)] {
        out += &line(n, id, 'W', &format!("Something about '{WORD}'"), &attr);
    }
    // Cut in the middle of a secret, and damage.
    out += &line(36, 51803, 'I', "Slow query", &update).replace("\"b\":", "\"b");
    out += &format!("what is {WORD}@example.org? '{WORD}' {NUMBER}\n");
    out
}

fn text() -> String {
    let mut out = String::new();
    for (n, filter) in [
        format!("{{ a: \"{WORD}\", b: {NUMBER}, c: /^{WORD}/i, d: {{ $in: [ \"{WORD}\" ] }} }}"),
        format!(
            "{{ $where: \"this.a == '{WORD}'\", e: ObjectId('{WORD}'), f: BinData(0, {WORD}) }}"
        ),
        format!("{{ a: \"quote \\\" {WORD}\", b: UUID(\"{WORD}\"), c: Timestamp({NUMBER}, 1) }}"),
    ]
    .iter()
    .enumerate()
    {
        out += &format!(
            "2026-11-23T10:00:{n:02}.000+0000 I COMMAND  [conn{n}] command shop.users appName: \"web\" command: find {{ find: \"users\", filter: {filter}, $db: \"shop\" }} planSummary: COLLSCAN keysExamined:0 docsExamined:100000 numYields:7 nreturned:1 reslen:100 locks:{{}} protocol:op_msg 250ms\n"
        );
        out += &format!(
            "2026-11-23T10:00:{n:02}.500+0000 I WRITE    [conn{n}] update shop.users command: {{ q: {filter}, u: {{ $set: {{ b: \"{WORD}\" }} }} }} planSummary: COLLSCAN docsExamined:5 exception: E11000 duplicate key error dup key: {{ : \"{WORD}\" }} code:11000 260ms\n"
        );
    }
    out += &format!(
        "2026-11-23T10:00:10.000+0000 W NETWORK  [conn7] something about '{WORD}' and {NUMBER}\n"
    );
    out += &format!(
        "2026-11-23T10:00:11.000+0000 E QUERY    [conn7] assertion 2 bad \"{WORD}\" ns:shop.users query:{{ a: \"{WORD}\" }}\n"
    );
    out
}

fn profile() -> String {
    let document = |command: String| {
        format!(
            r#"{{"op":"command","ns":"shop.users","command":{command},"docsExamined":100000,"millis":250,"planSummary":"COLLSCAN","ok":0,"errMsg":"bad \"{WORD}\"","errName":"BadValue","execStats":{{"stage":"COLLSCAN","filter":{{"a":{{"$eq":"{WORD}"}}}}}},"ts":{{"$date":"2026-11-23T10:00:00.000Z"}},"client":"10.0.0.9","user":"app@shop"}}"#
        ) + "\n"
    };
    commands().into_iter().map(document).collect()
}

fn shell() -> String {
    let document = |filter: String| {
        format!(
            "{{\n  op: 'query',\n  ns: 'shop.users',\n  command: {{ find: 'users', filter: {filter}, '$db': 'shop' }},\n  docsExamined: 100000,\n  planSummary: 'COLLSCAN',\n  millis: 250,\n  execStats: {{ stage: 'COLLSCAN', filter: {{ a: {{ '$eq': '{WORD}' }} }} }},\n  ts: ISODate('2026-11-23T10:00:00.000Z'),\n  client: '10.0.0.9',\n  user: 'app@shop'\n}}\n"
        )
    };
    [
        format!("{{ a: '{WORD}', b: Long('{NUMBER}'), c: /^{WORD}/i, d: \"it's {WORD}\" }}"),
        format!("{{ '$in': [ `{WORD}`, {NUMBER} ], e: UUID('{WORD}'), f: Code('{WORD}') }}"),
    ]
    .into_iter()
    .map(document)
    .collect()
}
