//! Commands and their fingerprints; what is one class and what is not; laws over made-up commands.

mod facts;
mod laws;

use super::super::mask::mask_command;
use super::*;

/// The fingerprint of a command in database `shop`, checked to read itself back and to be that of the
/// masked command as well.
fn text(command: &str) -> String {
    let shape = Shape::read_in(command.as_bytes(), Some("shop"));
    let again = Shape::of_fingerprint(shape.text());
    assert_eq!(again.as_ref().map(Shape::text), Some(shape.text()), "{command}");
    let mut masked = String::new();
    mask_command(command.as_bytes(), &mut masked);
    if masked != "…" {
        let of_mask = Shape::read_in(masked.as_bytes(), Some("shop"));
        assert_eq!(of_mask.text(), shape.text(), "{command}\n{masked}");
        let mut twice = String::new();
        mask_command(masked.as_bytes(), &mut twice);
        assert_eq!(twice, masked, "{command}");
    }
    shape.text().to_owned()
}

/// Commands and their fingerprints; `{…}` alone is a filter of `find shop.c`.
#[rustfmt::skip]
const FINGERPRINTS: &[(&str, &str)] = &[
    // The forms that are documented.
    (r#"{"find":"orders","filter":{"status":"open","created":{"$gte":{"$date":"2026-01-01T00:00:00Z"}}},"sort":{"created":-1},"limit":20,"lsid":{"id":{"$uuid":"x"}},"$db":"shop"}"#,
     "find shop.orders {filter: {created: {$gte: ?}, status: ?}, sort: {created: -1}, limit: ?}"),
    (r#"{"aggregate":"orders","pipeline":[{"$match":{"status":"A"}},{"$group":{"_id":"$customer","n":{"$sum":1}}}],"cursor":{},"$db":"shop"}"#,
     r#"aggregate shop.orders {pipeline: [{$match: {status: ?}}, {$group: {_id: "$customer", n: {$sum: ?}}}]}"#),
    (r#"{"update":"orders","updates":[{"q":{"_id":1},"u":{"$set":{"b":1,"a":2}},"multi":true,"upsert":false}],"$db":"shop"}"#,
     "update shop.orders {q: {_id: ?}, u: {$set: {a: ?, b: ?}}, multi: true}"),
    (r#"{"delete":"orders","deletes":[{"q":{"_id":1},"limit":1}]}"#, "delete shop.orders {q: {_id: ?}, limit: 1}"),
    (r#"{"delete":"orders","deletes":[{"q":{},"limit":0}]}"#, "delete shop.orders {q: {}}"),
    (r#"{"insert":"orders","documents":[{"a":1}],"ordered":true}"#, "insert shop.orders"),
    (r#"{"count":"orders","query":{"a":1},"fields":{}}"#, "count shop.orders {query: {a: ?}}"),
    (r#"{"distinct":"orders","key":"a.0.b","query":{"c":true}}"#, r#"distinct shop.orders {key: "a.#.b", query: {c: ?}}"#),
    (r#"{"getMore":7314488630307709873,"collection":"orders","batchSize":10}"#, "getMore shop.orders"),
    (r#"{"findandmodify":"orders","query":{"a":1},"sort":{"b":1.0},"update":{"$inc":{"n":1}},"new":true,"upsert":true}"#,
     "findAndModify shop.orders {query: {a: ?}, sort: {b: 1}, update: {$inc: {n: ?}}, upsert: true}"),
    (r#"{"findAndModify":"orders","query":{"a":1},"remove":true}"#, "findAndModify shop.orders {query: {a: ?}, remove: true}"),
    (r#"{"mapreduce":"orders","map":"function(){}","reduce":{"$code":"function(){}"},"query":{"a":1},"out":{"inline":1}}"#,
     "mapReduce shop.orders {map: ?js, reduce: ?js, query: {a: ?}, out: {inline: true}}"),
    (r#"{"mapReduce":"orders","map":"f","reduce":"g","out":{"replace":"res"}}"#,
     r#"mapReduce shop.orders {map: ?js, reduce: ?js, out: "res"}"#),
    (r#"{"group":{"ns":"orders","key":{"a":1},"cond":{"b":2},"initial":{},"$reduce":"f"}}"#,
     "group shop.orders {key: {a: ?}, cond: {b: ?}, $reduce: ?js}"),
    // Wrappers.
    (r#"{"explain":{"find":"orders","filter":{"a":1},"$db":"s2"},"verbosity":"executionStats","$db":"shop"}"#, "find s2.orders {filter: {a: ?}}"),
    (r#"{"find":"orders","filter":{"$query":{"a":1},"$orderby":{"b":-1},"$hint":{"a":1}},"limit":5}"#,
     "find shop.orders {filter: {a: ?}, sort: {b: -1}, limit: ?, hint: {a: 1}}"),
    (r#"{"find":"orders","filter":{"query":{"a":1},"orderby":{"b":-1}}}"#, "find shop.orders {filter: {a: ?}, sort: {b: -1}}"),
    (r#"{"find":"orders","filter":{"query":{"a":1}}}"#, "find shop.orders {filter: {query: {…}}}"),
    (r#"{"$query":{"count":"orders","query":{"a":1}},"$readPreference":{"mode":"x"}}"#, "count shop.orders {query: {a: ?}}"),
    (r#"{"q":{"_id":1},"u":{"x":1},"multi":false}"#, "update shop {q: {_id: ?}, u: replace}"),
    // Several statements.
    (r#"{"update":"o","updates":[{"q":{"b":1},"u":{"$set":{"x":1}}},{"q":{"a":1},"u":{"$set":{"x":1}}},{"q":{"a":2},"u":{"$set":{"x":3}}}]}"#,
     "update shop.o {updates: [{q: {a: ?}, u: {$set: {x: ?}}}, {q: {b: ?}, u: {$set: {x: ?}}}]}"),
    (r#"{"update":"o","ordered":true,"txnNumber":77}"#, "update shop.o {updates: ?}"),
    (r#"{"delete":"o","ordered":true}"#, "delete shop.o {deletes: ?}"),
    (r#"{"bulkWrite":1,"ops":[{"insert":0,"document":{"a":1}},{"update":0,"filter":{"b":1},"updateMods":{"$set":{"c":1}},"multi":true},{"delete":0,"filter":{"d":1}},{"insert":0,"document":{}}],"nsInfo":[{"ns":"shop.o"}],"$db":"admin"}"#,
     r#"bulkWrite shop.o {ops: [{delete: "shop.o", filter: {d: ?}}, {insert: "shop.o"}, {update: "shop.o", filter: {b: ?}, updateMods: {$set: {c: ?}}, multi: true}]}"#),
    (r#"{"bulkWrite":1,"ops":[{"delete":1,"filter":{"d":1}}],"nsInfo":[{"ns":"a.b"},{"ns":"c.d"}],"$db":"admin"}"#,
     r#"bulkWrite admin.$cmd.bulkWrite {ops: [{delete: "c.d", filter: {d: ?}}]}"#),
    // Updates.
    (r#"{"update":"o","updates":[{"q":{"a.x":1},"u":{"$push":{"l":{"$each":[1,2],"$sort":{"s":-1},"$slice":-5}},"$addToSet":{"t":"x","u":{"v":1}},"$pull":{"m":{"k":{"$gt":3}},"n":5},"$rename":{"old":"new"},"$unset":{"z":""}},"arrayFilters":[{"e.x":{"$gt":1}}],"collation":{"locale":"fr","strength":2},"hint":"i_1"}]}"#,
     r#"update shop.o {q: {a.x: ?}, u: {$addToSet: {t: ?, u: ?}, $pull: {m: {k: {$gt: ?}}, n: ?}, $push: {l: {$each: ?, $slice: ?, $sort: {s: -1}}}, $rename: {old: "new"}, $unset: {z: ?}}, arrayFilters: [{e.x: {$gt: ?}}], hint: "i_1", collation: {locale: "fr", strength: 2}}"#),
    (r#"{"update":"o","updates":[{"q":{},"u":[{"$set":{"a":"$b","c":5}},{"$unset":["d","e"]}]}]}"#,
     r#"update shop.o {q: {}, u: [{$set: {a: "$b", c: ?}}, {$unset: ["d", "e"]}]}"#),
    (r#"{"update":"o","updates":[{"q":{},"u":{"$set":{"m.65f854622d7d6b4a0f60378a":1,"m.65f854622d7d6b4a0f60378b":1,"l.3.x":1}}}]}"#,
     "update shop.o {q: {}, u: {$set: {l.#.x: ?, m.<key>: ?}}}"),
    // Pipelines.
    (r#"{"aggregate":"o","pipeline":[{"$lookup":{"from":"c","localField":"cid","foreignField":"_id","as":"cust","let":{"x":"$y"},"pipeline":[{"$match":{"$expr":{"$eq":["$a","$$x"]}}},{"$limit":3}]}},{"$unwind":{"path":"$cust"}},{"$sort":{"n":-1,"score":{"$meta":"textScore"}}},{"$skip":5},{"$limit":10},{"$sample":{"size":5}}]}"#,
     r#"aggregate shop.o {pipeline: [{$lookup: {from: "c", localField: "cid", foreignField: "_id", let: {x: "$y"}, pipeline: [{$match: {$expr: {$eq: ["$a", "$$x"]}}}, {$limit: ?}], as: "cust"}}, {$unwind: "$cust"}, {$sort: {n: -1, score: {$meta: "textScore"}}}, {$skip: ?}, {$limit: ?}, {$sample: ?}]}"#),
    (r#"{"aggregate":"o","pipeline":[{"$facet":{"a":[{"$match":{"x":1}}],"b":[{"$count":"n"}]}},{"$merge":{"into":{"db":"d","coll":"m"},"on":"_id","whenMatched":[{"$set":{"z":1}}]}}]}"#,
     r#"aggregate shop.o {pipeline: [{$facet: {a: [{$match: {x: ?}}], b: [{$count: ?}]}}, {$merge: {into: {db: "d", coll: "m"}, on: "_id", whenMatched: [{$set: {z: ?}}]}}]}"#),
    (r#"{"aggregate":"o","pipeline":[{"$unionWith":"p"},{"$unionWith":{"coll":"p"}},{"$unionWith":{"coll":"p","pipeline":[]}},{"$merge":"t"},{"$out":{"db":"d","coll":"e"}}]}"#,
     r#"aggregate shop.o {pipeline: [{$unionWith: "p"}, {$unionWith: "p"}, {$unionWith: {coll: "p", pipeline: []}}, {$merge: "t"}, {$out: {db: "d", coll: "e"}}]}"#),
    (r#"{"aggregate":"o","pipeline":[{"$project":{"a":1,"b":true,"c":0,"d":"$e","f":{"g":1,"h":{"$concat":["$i"," secret ","$j"]}}}},{"$addFields":{"k":{"$cond":[{"$gt":["$l",5]},"x",null]},"m":{"$literal":"$secret"},"n":{"$function":{"body":"f","args":[],"lang":"js"}}}}]}"#,
     r#"aggregate shop.o {pipeline: [{$project: {a: 1, b: 1, c: 0, d: "$e", f: {g: 1, h: {$concat: ["$i", ?, "$j"]}}}}, {$addFields: {k: {$cond: [{$gt: ["$l", ?]}, ?, null]}, m: {$literal: ?}, n: {$function: ?js}}}]}"#),
    (r#"{"aggregate":"o","pipeline":[{"$geoNear":{"near":{"type":"Point","coordinates":[1,2]},"distanceField":"d","query":{"a":1},"spherical":true}},{"$bucket":{"groupBy":"$p","boundaries":[0,10,20],"default":"x"}},{"$futureStage":{"a":"secret","b":"$path"}}]}"#,
     r#"aggregate shop.o {pipeline: [{$geoNear: {near: ?, query: {a: ?}, distanceField: "d"}}, {$bucket: {groupBy: "$p", boundaries: [?], default: ?}}, {$futureStage: {a: ?, b: "$path"}}]}"#),
    (r#"{"aggregate":"o","pipeline":[{"$graphLookup":{"from":"e","startWith":"$m","connectFromField":"m","connectToField":"n","as":"h","maxDepth":5,"restrictSearchWithMatch":{"a":1}}},{"$search":{"index":"i","text":{"query":"secret","path":"title"}}},{"$vectorSearch":{"queryVector":[0.1,0.2],"path":"emb","filter":{"a":{"$gt":1}},"limit":5}}]}"#,
     r#"aggregate shop.o {pipeline: [{$graphLookup: {from: "e", startWith: "$m", connectFromField: "m", connectToField: "n", as: "h", maxDepth: ?, restrictSearchWithMatch: {a: ?}}}, {$search: {index: ?, text: {path: "title", query: ?}}}, {$vectorSearch: {path: "emb", filter: {a: {$gt: ?}}, queryVector: [?], limit: ?}}]}"#),
    (r#"{"aggregate":1,"pipeline":[{"$currentOp":{"allUsers":true}}],"$db":"admin"}"#, "aggregate admin.$cmd.aggregate {pipeline: [{$currentOp: {allUsers: ?}}]}"),
    // Other commands.
    (r#"{"createIndexes":"o","indexes":[{"v":2,"key":{"a":1,"b":-1.0,"c":"2dsphere"},"name":"a_1","partialFilterExpression":{"x":{"$gt":5}}}]}"#,
     r#"createIndexes shop.o {indexes: [{key: {a: 1, b: -1, c: "2dsphere"}, partialFilterExpression: {x: {$gt: ?}}}]}"#),
    (r#"{"createUser":"bob","pwd":"hunter2","roles":["a","b"]}"#, "createUser shop.$cmd {pwd: ?, roles: [?]}"),
    (r#"{"hello":1,"$db":"admin"}"#, "hello admin.$cmd"),
    (r#"{"renameCollection":"a.b","to":"c.d"}"#, "renameCollection a.b {to: ?}"),
    (r#"{"getLog":"startupWarnings","$db":"admin"}"#, "getLog admin.$cmd"),
    (r#"{"listCollections":1,"filter":{"name":"secret"},"nameOnly":true}"#, "listCollections shop.$cmd {filter: {name: ?}, nameOnly: ?}"),
    (r#"{"killCursors":"o","cursors":[2187658113137273877,5]}"#, "killCursors shop.o {cursors: [?]}"),
    (r#""unrecognized""#, "unknown shop"),
    (r#"{}"#, "unknown shop"),
    // Names.
    (r#"{"find":"my coll","filter":{"a b":1,"ümlaut":1,"x\u0007y\u2028":1,"":null}}"#,
     r#"find "shop.my coll" {filter: {"": null, "a b": ?, "x\u0007y\u2028": ?, "ümlaut": ?}}"#),
];

#[test]
fn commands_have_the_fingerprint_that_is_documented() {
    for (command, expected) in FINGERPRINTS {
        assert_eq!(text(command), *expected, "{command}");
    }
}

/// Filters and their canonical form.
#[rustfmt::skip]
const FILTERS: &[(&str, &str)] = &[
    (r#"{"a":5}"#, "{a: ?}"),
    (r#"{"a":{"$eq":"x"}}"#, "{a: ?}"),
    (r#"{"$and":[{"b":1},{"$and":[{"a":{"$lt":9}},{"a":{"$gt":5}}]}],"c":{"$numberLong":"5"}}"#, "{a: {$gt: ?, $lt: ?}, b: ?, c: ?}"),
    (r#"{"a":{"$gte":1,"$eq":2}}"#, "{a: {$eq: ?, $gte: ?}}"),
    (r#"{"$or":[{"b":1},{"a":2},{"b":3},{"$and":[{"b":7}]}]}"#, "{$or: [{a: ?}, {b: ?}]}"),
    (r#"{"$nor":[{"a":{"$in":[1]}}]}"#, "{$nor: [{a: {$in: [?]}}]}"),
    (r#"{"$and":[{"$or":[{"a":1},{"b":1}]},{"$or":[{"c":1},{"d":1}]}]}"#, "{$or: [{a: ?}, {b: ?}], $and: [{$or: [{c: ?}, {d: ?}]}]}"),
    (r#"{"$and":[{"a":{"$ne":1}},{"a":{"$ne":2}},{"a":{"$ne":null}}]}"#, "{a: {$ne: ?}, $and: [{a: {$ne: null}}]}"),
    (r#"{"a":{"$in":[1,2,3]},"b":{"$nin":[]},"c":{"$all":[1,2]}}"#, "{a: {$in: [?]}, b: {$nin: [?]}, c: {$all: [?]}}"),
    (r#"{"a":{"$in":[{"$regularExpression":{"pattern":"^x","options":""}},"y"]}}"#, "{a: {$in: [/^?/, ?]}}"),
    (r#"{"a":{"$all":[{"$elemMatch":{"x":1}},{"$elemMatch":{"x":2}}]}}"#, "{a: {$all: [{$elemMatch: {x: ?}}]}}"),
    (r#"{"a":{"x":1,"y":{"z":2}},"b":[1,2],"c":{},"d":[]}"#, "{a: {…}, b: […], c: {…}, d: […]}"),
    (r#"{"a":null,"b":{"$ne":null},"c":{"$exists":1},"d":{"$exists":false}}"#, "{a: null, b: {$ne: null}, c: {$exists: true}, d: {$exists: false}}"),
    (r#"{"a":{"$type":2},"b":{"$type":["int","string",99]},"c":{"$type":"secret"}}"#, r#"{a: {$type: "string"}, b: {$type: ["int", "string", ?]}, c: {$type: ?}}"#),
    (r#"{"a":{"$regex":"^abc"},"b":{"$regex":"abc","$options":"i"},"c":{"$regularExpression":{"pattern":"^x|y","options":""}}}"#, "{a: /^?/, b: /?/i, c: /?/}"),
    (r#"{"a":{"$regex":"^abc","$ne":"abcd"},"b":{"$not":{"$regularExpression":{"pattern":"^x","options":"i"}}}}"#, "{a: {$ne: ?, $regex: /^?/}, b: {$not: /^?/i}}"),
    (r#"{"a":{"$regex":"abc","$options":"i","$ne":"abcd"}}"#, "{a: {$ne: ?, $regex: /?/i}}"),
    (r#"{"a":{"$not":{"$lt":5,"$gt":1}},"b":{"$elemMatch":{"y":2,"x":{"$gt":1}}},"c":{"$elemMatch":{"$lt":2,"$gt":1}}}"#,
     "{a: {$not: {$gt: ?, $lt: ?}}, b: {$elemMatch: {x: {$gt: ?}, y: ?}}, c: {$elemMatch: {$gt: ?, $lt: ?}}}"),
    (r#"{"a":{"$elemMatch":{"$or":[{"x":1},{"y":1}]}}}"#, "{a: {$elemMatch: {$or: [{x: ?}, {y: ?}]}}}"),
    (r#"{"loc":{"$geoWithin":{"$centerSphere":[[1,2],3]}},"p":{"$near":{"$geometry":{"type":"Point","coordinates":[1,2]},"$maxDistance":5}},"q":{"$near":[1,2],"$maxDistance":3}}"#,
     r#"{loc: {$geoWithin: {$centerSphere: ?}}, p: {$near: {$geometry: {type: "Point"}, $maxDistance: ?}}, q: {$maxDistance: ?, $near: ?}}"#),
    (r#"{"$where":"this.a > 5","$text":{"$search":"secret"},"$expr":{"$gt":["$a",{"$multiply":["$b",2]}]},"$comment":"x","$jsonSchema":{"required":["a"]}}"#,
     r#"{$expr: {$gt: ["$a", {$multiply: ["$b", ?]}]}, $jsonSchema: ?, $text: ?, $where: ?js}"#),
    (r#"{"a.0.b":1,"65f854622d7d6b4a0f60378a":1,"u.da016913-8d80-4b9e-9dc8-1c997e5bd04e.n":1,"42":1}"#, "{<key>: ?, a.#.b: ?, u.<key>.n: ?}"),
    (r#"{"a":{"$mod":[4,0]},"b":{"$size":3},"c":{"$bitsAllSet":5},"d":{"$future":{"x":1}}}"#, "{a: {$mod: ?}, b: {$size: ?}, c: {$bitsAllSet: ?}, d: {$future: {…}}}"),
    (r#"{"a":{"$gt":{"$minKey":1}},"b":{"$oid":"65f854622d7d6b4a0f60378a"},"c":{"$timestamp":{"t":1,"i":1}},"d":{"$binary":{"base64":"AA==","subType":"04"}},"e":{"low":1,"high":0,"unsigned":false},"f":true}"#,
     "{a: {$gt: ?}, b: ?, c: ?, d: ?, e: ?, f: ?}"),
    (r#"{"a":{"$ref":"x","$id":1}}"#, "{a: {…}}"),
];

#[test]
fn filters_have_one_form() {
    for (filter, expected) in FILTERS {
        let command = format!(r#"{{"find":"c","filter":{filter}}}"#);
        assert_eq!(text(&command), format!("find shop.c {{filter: {expected}}}"), "{filter}");
    }
}

/// Commands that differ in a way that matters.
#[rustfmt::skip]
const APART: &[(&str, &str)] = &[
    (r#"{"find":"c","filter":{"a":1}}"#, r#"{"find":"c","filter":{"a":{"$gt":1}}}"#),
    (r#"{"find":"c","filter":{"a":5}}"#, r#"{"find":"c","filter":{"a":{"$in":[5]}}}"#),
    (r#"{"find":"c","filter":{"a":5}}"#, r#"{"find":"c","filter":{"a":null}}"#),
    (r#"{"find":"c","filter":{"a":5}}"#, r#"{"count":"c","query":{"a":5}}"#),
    (r#"{"find":"c","filter":{"a":5},"$db":"d1"}"#, r#"{"find":"c","filter":{"a":5},"$db":"d2"}"#),
    (r#"{"find":"c","filter":{"a":5}}"#, r#"{"find":"c","filter":{"a":5},"limit":1}"#),
    (r#"{"find":"c","sort":{"a":1}}"#, r#"{"find":"c","sort":{"a":-1}}"#),
    (r#"{"find":"c","sort":{"a":1,"b":1}}"#, r#"{"find":"c","sort":{"b":1,"a":1}}"#),
    (r#"{"find":"c","hint":"a_1"}"#, r#"{"find":"c","hint":"b_1"}"#),
    (r#"{"find":"c","filter":{"a":{"$exists":true}}}"#, r#"{"find":"c","filter":{"a":{"$exists":false}}}"#),
    (r#"{"find":"c","filter":{"a":{"$regex":"^x"}}}"#, r#"{"find":"c","filter":{"a":{"$regex":"x"}}}"#),
    (r#"{"find":"c","filter":{"$or":[{"a":1},{"b":1}]}}"#, r#"{"find":"c","filter":{"a":1,"b":1}}"#),
    (r#"{"aggregate":"c","pipeline":[{"$match":{"a":1}},{"$group":{"_id":"$b"}}]}"#, r#"{"aggregate":"c","pipeline":[{"$match":{"a":1}},{"$lookup":{"from":"d","localField":"x","foreignField":"y","as":"z"}}]}"#),
    (r#"{"aggregate":"c","pipeline":[{"$match":{"a":1}},{"$sort":{"b":1}}]}"#, r#"{"aggregate":"c","pipeline":[{"$sort":{"b":1}},{"$match":{"a":1}}]}"#),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"$set":{"b":1}}}]}"#, r#"{"update":"c","updates":[{"q":{"a":1},"u":{"$set":{"b":1}},"multi":true}]}"#),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"$set":{"b":1}}}]}"#, r#"{"update":"c","updates":[{"q":{"a":1},"u":{"b":1}}]}"#),
    (r#"{"update":"c","updates":[{"q":{},"u":{"$set":{"b":1}}}]}"#, r#"{"update":"c"}"#),
    (r#"{"delete":"c","deletes":[{"q":{"a":1},"limit":1}]}"#, r#"{"delete":"c","deletes":[{"q":{"a":1},"limit":0}]}"#),
    (r#"{"find":"c","filter":{"a":5}}"#, r#"{"find":"c","filter":{"a":5"#),
];

/// Commands that differ in nothing that matters.
#[rustfmt::skip]
const TOGETHER: &[(&str, &str)] = &[
    (r#"{"find":"c","filter":{"a":5,"b":1}}"#, r#"{"lsid":{},"find":"c","filter":{"$and":[{"b":{"$eq":"x"}},{"a":2.5}]}}"#),
    (r#"{"find":"c","filter":{"a":{"$in":[1]}}}"#, r#"{"find":"c","filter":{"a":{"$in":["x","y",{"$oid":"65f854622d7d6b4a0f60378a"}]}}}"#),
    (r#"{"find":"c","filter":{}}"#, r#"{"find":"c","limit":0,"skip":0,"projection":{"a":1},"batchSize":5,"maxTimeMS":10,"comment":"x"}"#),
    (r#"{"find":"c","sort":{"a":1}}"#, r#"{"find":"c","sort":{"a":{"$numberInt":"1"}},"lsid":{},"readConcern":{"level":"majority"}}"#),
    (r#"{"find":"c","sort":{"a":-1}}"#, r#"{"find":"c","sort":{"a":{"low":-1,"high":-1,"unsigned":false}}}"#),
    (r#"{"find":"c","filter":{"a":{"$regex":"ab","$options":"i"}}}"#, r#"{"find":"c","filter":{"a":{"$regularExpression":{"pattern":"x.*y","options":"i"}}}}"#),
    (r#"{"find":"c","filter":{"a":"x"}}"#, "{ \"find\" : \"c\",\n \"filter\" : { \"a\" : \"###\" } }"),
    (r#"{"findandmodify":"c","query":{"a":1},"update":{"$set":{"b":1,"a":2}}}"#, r#"{"findAndModify":"c","update":{"$set":{"a":1,"b":{"x":[]}}},"query":{"a":3},"new":true}"#),
    (r#"{"aggregate":"c","pipeline":[{"$unwind":"$a"}],"cursor":{}}"#, r#"{"aggregate":"c","pipeline":[{"$unwind":{"path":"$a","preserveNullAndEmptyArrays":false}}],"allowDiskUse":true}"#),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"$set":{"b":1}},"multi":false}]}"#, r#"{"update":"c","ordered":false,"updates":[{"q":{"a":9},"u":{"$set":{"b":2}}},{"q":{"a":8},"u":{"$set":{"b":3}},"upsert":false}]}"#),
];

#[test]
fn classes_part_where_something_else_is_asked() {
    for (one, other) in APART {
        assert_ne!(
            Shape::read(one.as_bytes()).text(),
            Shape::read(other.as_bytes()).text(),
            "{one}"
        );
    }
    for (one, other) in TOGETHER {
        assert_eq!(text(one), text(other), "{one}");
    }
}

/// Whatever a constant is, the fingerprint and the mask do not have it.
#[test]
fn no_constant_comes_through() {
    let secret = "s3cr3t";
    for (command, _) in FINGERPRINTS.iter().chain(TOGETHER).chain(APART) {
        // Each constant in turn is the secret, as a string and in place of a number.
        for part in [
            "\"x\"",
            "\"secret\"",
            "5",
            "\" secret \"",
            "\"f\"",
            "\"$secret\"",
            "\"open\"",
            "\"hunter2\"",
            "20",
        ] {
            let planted = command.replace(&format!(":{part}"), &format!(":\"{secret}\""));
            let planted = planted.replace(&format!("[{part}"), &format!("[\"{secret}\""));
            let is_name = [r#""from":"#, r#""path":"#]
                .iter()
                .any(|name| planted.contains(&format!("{name}\"{secret}")));
            let mut masked = String::new();
            mask_command(planted.as_bytes(), &mut masked);
            let shown = Shape::read(planted.as_bytes()).text().to_owned() + &masked;
            assert!(is_name || !shown.contains(secret), "{planted}\n{shown}");
        }
    }
}

#[test]
fn what_is_missing_is_marked() {
    for (command, expected) in [
        (r#"{"find":"c","filter":{"a":{"$elided":"object"}}}"#, "find shop.c {filter: {a: {…}}} …"),
        (
            r#"{"find":"c","filter":{"a":{"$in":[1,{"$elided":"items"}]}}}"#,
            "find shop.c {filter: {a: {$in: [?]}}} …",
        ),
        (
            r#"{"find":"c","filter":{"a":{"$in":{"$elided":"array"}}}}"#,
            "find shop.c {filter: {a: {$in: [?]}}} …",
        ),
        (
            r#"{"aggregate":"c","pipeline":[{"$match":{"$elided":"object"}},{"$elided":"items"}]}"#,
            "aggregate shop.c {pipeline: [{$match: {…}}]} …",
        ),
        (
            r#"{"find":"c","filter":{"a":1},"lsid":{"$elided":"object"}}"#,
            "find shop.c {filter: {a: ?}}",
        ),
        (r#"{"update":"c","updates":{"$elided":"array"}}"#, "update shop.c {updates: […]} …"),
        (r#"{"find":"c","filter":{"a":1,"b":{"$gt"#, "find shop.c {filter: {a: ?, b: {…}}} …"),
        (r#"{"find":"c","filter":{"a":"cut"#, "find shop.c {filter: {a: {…}}} …"),
        (r#"{"insert":"c","documents":[{"a":"cut"#, "insert shop.c"),
        ("", "unknown shop …"),
    ] {
        assert_eq!(text(command), expected, "{command}");
    }
}

#[test]
fn cut_anywhere_a_command_is_read_as_far_as_it_goes() {
    for (command, _) in FINGERPRINTS {
        for end in 0..command.len() {
            let cut = &command.as_bytes()[..end];
            let shape = Shape::read_in(cut, Some("shop"));
            let complete = matches!(shape.op, Op::Insert | Op::GetMore) || command.starts_with('"');
            assert!(shape.truncated || complete, "{}", String::from_utf8_lossy(cut));
            let mut masked = String::new();
            mask_command(cut, &mut masked);
            let again =
                Shape::of_fingerprint(shape.text()).unwrap_or_else(|| panic!("{}", shape.text()));
            assert_eq!((again.text(), again.truncated), (shape.text(), shape.truncated));
            if masked != "…" {
                assert_eq!(
                    Shape::read_in(masked.as_bytes(), Some("shop")).text(),
                    shape.text(),
                    "{masked}"
                );
            }
        }
    }
}

#[test]
fn hostile_nesting_and_size_are_bounded() {
    for part in [
        r#"{"$and":[{"a":"#,
        r#"{"a":{"$elemMatch":"#,
        r#"{"$or":["#,
        "[",
        r#"{"a":"#,
        r#"{"$not":"#,
    ] {
        for head in
            [r#"{"find":"c","filter":"#, r#"{"aggregate":"c","pipeline":[{"$set":"#, r#"{"x":"#]
        {
            let deep = format!("{head}{}", part.repeat(5_000));
            assert!(Shape::read(deep.as_bytes()).truncated);
            let mut masked = String::new();
            mask_command(deep.as_bytes(), &mut masked);
            assert!(masked.len() < 10_000);
        }
    }
    let many = vec![r#"{"$oid":"65f854622d7d6b4a0f60378a"}"#; 100_000].join(",");
    assert_eq!(
        text(&format!(r#"{{"find":"c","filter":{{"a":{{"$in":[{many}]}},"b":1}}}}"#)),
        "find shop.c {filter: {a: {$in: [?]}, b: ?}}"
    );
    let documents = vec![r#"{"a":1,"b":{"c":[1,2]}}"#; 100_000].join(",");
    assert_eq!(
        text(&format!(r#"{{"insert":"c","documents":[{documents}],"$db":"d"}}"#)),
        "insert d.c"
    );
}
