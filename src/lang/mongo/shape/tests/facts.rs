//! What rules read from a shape.

use super::super::super::mask::mask_command;
use super::super::*;

/// The facts of a shape on one line.
fn brief(shape: &Shape) -> String {
    let mut text = String::new();
    for predicate in &shape.predicates {
        let kind = predicate.kind.map(|kind| format!(":{kind:?}")).unwrap_or_default();
        let below = if predicate.below_or { "^" } else { "" };
        let not = if predicate.below_not { "!" } else { "" };
        let array = predicate.array.as_ref().map(|array| format!("@{array}")).unwrap_or_default();
        text +=
            &format!("{} {:?}{kind}{below}{not}{array}; ", predicate.path, predicate.comparison);
    }
    for key in &shape.sort {
        text += &format!("by {} {:?}; ", key.path, key.order);
    }
    for field in &shape.projection {
        text += &format!("returns {} {}; ", field.path, field.returned);
    }
    for change in &shape.changes {
        text += &format!("{} {}; ", change.operator, change.path);
    }
    for (is, name) in [
        (shape.limit, "limit; "),
        (shape.skip, "skip; "),
        (shape.multi, "multi; "),
        (shape.upsert, "upsert; "),
        (shape.replaces, "replaces; "),
        (shape.uses_javascript, "js; "),
    ] {
        text += if is { name } else { "" };
    }
    let options = [("hint", &shape.hint), ("collation", &shape.collation)];
    for (name, value) in options {
        text += &value.as_ref().map(|value| format!("{name} {value}; ")).unwrap_or_default();
    }
    text += &shape.statements.map(|count| format!("{count} statements; ")).unwrap_or_default();
    text + &brief_stages(&shape.stages)
}

fn brief_stages(stages: &[Stage]) -> String {
    let mut text = String::new();
    for stage in stages {
        text += &stage.name;
        for predicate in &stage.predicates {
            text += &format!(" {}", predicate.path);
        }
        for key in &stage.sort {
            text += &format!(" {} {:?}", key.path, key.order);
        }
        if let Some(Lookup { from, local_field, foreign_field, into }) = &stage.lookup {
            let [local, foreign, into] =
                [local_field, foreign_field, into].map(|field| field.as_deref().unwrap_or("-"));
            text += &format!(" {from} {local}={foreign} as {into}");
        }
        text += &stage.target.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
        text += &stage.paths.iter().map(|path| format!(" ${path}")).collect::<String>();
        for inner in &stage.pipelines {
            text += &format!(" [{}]", brief_stages(inner));
        }
        text += " | ";
    }
    text
}

#[rustfmt::skip]
const FACTS: &[(&str, &str)] = &[
    (r#"{"find":"c","filter":{"a":"x","b":{"$gt":5,"$lte":{"$date":"2026-01-01T00:00:00Z"}},"c":{"$in":[1,2]},"d":{"$in":[1,"x"]},"e":null,"f":{"$regex":"^x"},"g":{"$exists":false}},"sort":{"a":1,"b":-1,"s":{"$meta":"textScore"}},"projection":{"_id":0,"z":1,"a":1},"limit":5,"skip":10,"hint":{"a":1},"collation":{"locale":"fr"}}"#,
     "a Equal:String; b Range:Number; b Range:Date; c In:Number; d In; e Equal:Null; f Regex(RegexClass { anchored: true, ignores_case: false }):Regex; g Exists(Some(false)); by a Ascending; by b Descending; by s Other; returns _id false; returns a true; returns z true; limit; skip; hint {a: 1}; collation {locale: \"fr\"}; "),
    (r#"{"find":"c","filter":{"$or":[{"a":1},{"b":{"$not":{"$gt":1}}}],"$nor":[{"n":1}],"i":{"$elemMatch":{"x":1,"y":{"$gt":2}}},"j":{"$elemMatch":{"$gt":1}},"$where":"f","$text":{"$search":"x"},"$expr":{"$eq":["$a",1]},"l":{"$geoWithin":{"$box":[]}},"s":{"x":1},"t":[1],"u":{"$size":1},"v":{"$type":"int"},"w":{"$ne":1},"q":{"$nin":[1]},"r":{"$all":[1]},"m":{"$mod":[1,2]}}}"#,
     " Expression; n Equal:Number^!; a Equal:Number^; b Range:Number^!;  Text;  Script; i.x Equal:Number@i; i.y Range:Number@i; j Range:Number@j; l Geo; m Other; q NotIn:Number; r All:Number; s Equal:Object; t Equal:Array; u Size:Number; v Type; w NotEqual:Number; js; "),
    (r#"{"aggregate":"c","pipeline":[{"$match":{"a":1}},{"$match":{"b":2}},{"$sort":{"x":-1}},{"$lookup":{"from":"d","localField":"l","foreignField":"f","as":"z","pipeline":[{"$match":{"q":1}}]}},{"$unwind":"$z"},{"$group":{"_id":{"p":"$z.p","r":"$$ROOT"}}},{"$facet":{"a":[{"$limit":1}],"b":[]}},{"$unionWith":{"coll":"e","pipeline":[{"$skip":1}]}},{"$merge":{"into":{"db":"m","coll":"n"}}}],"hint":"a_1"}"#,
     "a Equal:Number; b Equal:Number; by x Descending; hint a_1; $match a | $match b | $sort x Descending | $lookup d l=f as z [$match q | ] | $unwind $z | $group $z.p | $facet [$limit | ] [] | $unionWith to e [$skip | ] | $merge to m.n | "),
    (r#"{"aggregate":"c","pipeline":[{"$unwind":"$a"},{"$match":{"b":2}},{"$graphLookup":{"from":"d","startWith":"$x","connectFromField":"x","connectToField":"y","as":"w"}},{"$out":"o"}]}"#,
     "$unwind $a | $match b | $graphLookup d x=y as w | $out to o | "),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"$set":{"x":1,"w":1},"$inc":{"n":1}},"multi":true,"upsert":true}]}"#,
     "a Equal:Number; $inc n; $set w; $set x; multi; upsert; 1 statements; "),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"x":1}},{"q":{"b":1},"u":{"x":1}}]}"#, "2 statements; "),
    (r#"{"update":"c"}"#, ""),
    (r#"{"update":"c","updates":[{"q":{"a":1},"u":{"x":1}}]}"#, "a Equal:Number; replaces; 1 statements; "),
    (r#"{"delete":"c","deletes":[{"q":{"a":1},"limit":0}]}"#, "a Equal:Number; multi; 1 statements; "),
    (r#"{"delete":"c","deletes":[{"q":{"a":1},"limit":1}]}"#, "a Equal:Number; 1 statements; "),
];

#[test]
fn facts_are_those_of_the_command_and_of_its_mask() {
    for (command, expected) in FACTS {
        let shape = Shape::read(command.as_bytes());
        assert_eq!(brief(&shape), *expected, "{command}");
        let mut masked = String::new();
        mask_command(command.as_bytes(), &mut masked);
        assert_eq!(brief(&Shape::read(masked.as_bytes())), *expected, "{masked}");
    }
}

#[test]
fn fingerprints_are_read_back_and_nothing_else_is() {
    let text = "find shop.a.b {filter: {a: ?}, limit: ?} …";
    let shape = Shape::of_fingerprint(text).expect("a fingerprint");
    assert_eq!((brief(&shape).as_str(), shape.truncated), ("a Equal; limit; ", true));
    assert_eq!((shape.database(), shape.collection()), ("shop", Some("a.b")));
    assert_eq!(Shape::read(br#"{"ping":1,"$db":"admin"}"#).collection(), None);
    for text in
        ["", "find", "find ", "find shop.c {", "find shop.c {} x", "find shop.c x", "find \"x"]
    {
        assert_eq!(Shape::of_fingerprint(text), None, "{text}");
    }
}
