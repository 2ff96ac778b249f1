//! Tokens of every kind in every dialect, and the traps between them.

use super::*;

/// One letter per token and its text: `w` word, `q` quoted identifier, `n` number, `s` string,
/// `p` parameter, `o` operator, `c` comment, `v` its mark where SQL is in it, `x` other; punctuation is itself; `!` marks a cut one.
fn shown(sql: &str, dialect: Dialect) -> String {
    let mut lexer = Lexer::new(sql.as_bytes(), dialect);
    let mut parts = Vec::new();
    while let Some(token) = lexer.next_token() {
        let letter = match token.kind {
            TokenKind::Word => "w:",
            TokenKind::QuotedIdent => "q:",
            TokenKind::Number => "n:",
            TokenKind::String(_) => "s:",
            TokenKind::Param => "p:",
            TokenKind::Op => "o:",
            TokenKind::Punct(_) => "",
            TokenKind::Comment => "c:",
            TokenKind::VersionMark => "v:",
            TokenKind::Other => "x:",
        };
        let cut = if token.terminated { "" } else { "!" };
        parts.push(format!("{letter}{}{cut}", &sql[token.start..token.end]));
    }
    parts.join(" ")
}

#[test]
fn postgres_tokens() {
    let cases = [
        ("a.b_1$ = 1", "w:a . w:b_1$ o:= n:1"),
        (
            "'it''s' E'a\\'b' B'1' x'F' N'n' U&'\\0041'",
            "s:'it''s' s:E'a\\'b' s:B'1' s:x'F' s:N'n' s:U&'\\0041'",
        ),
        ("'a\\' 'b'", "s:'a\\' s:'b'"),
        ("'a'\n  'b' 'c'", "s:'a'\n  'b' s:'c'"),
        ("$$a'b$$ $t$ $$ $t$ $1 $", "s:$$a'b$$ s:$t$ $$ $t$ p:$1 x:$"),
        ("1.5e10 .5 5. 0x1F 1_000 1e 1..2", "n:1.5e10 n:.5 n:5. n:0x1F n:1_000 n:1 w:e n:1 . n:.2"),
        ("a--b\nc /* x /* y */ z */ d", "w:a c:--b w:c c:/* x /* y */ z */ w:d"),
        ("a<-1 a@-1 =-5 =*/**/", "w:a o:< o:- n:1 w:a o:@- n:1 o:= o:- n:5 o:=* c:/**/"),
        (
            "a ? 'x' and b = ? and c ?| d in (?, ?)",
            "w:a o:? s:'x' w:and w:b o:= p:? w:and w:c o:?| w:d w:in ( p:? , p:? )",
        ),
        ("a=?-? @? ?", "w:a o:= p:? o:- p:? o:@? p:?"),
        ("x::int[1:n] :name := %s", "w:x o::: w:int [ n:1 o:: w:n ] p::name o::= p:%s"),
        ("= %s, a %s", "o:= p:%s , w:a o:% w:s"),
        ("\"a\"\"b\" U&\"x\" \"cut", "q:\"a\"\"b\" q:U&\"x\" q:\"cut!"),
        ("'cut", "s:'cut!"),
        ("E'cut\\", "s:E'cut\\!"),
        ("/* /* */", "c:/* /* */!"),
        ("$a$ cut $a", "s:$a$ cut $a!"),
        ("naïve é.ü {\\x00}", "w:naïve w:é . w:ü x:{ x:\\x00 x:}"),
    ];
    for (sql, expected) in cases {
        assert_eq!(shown(sql, Dialect::Postgres), expected, "{sql}");
    }
}

#[test]
fn mysql_and_sqlite_tokens() {
    let mysql = [
        ("'a\\'b' \"c\\\"d\"", "s:'a\\'b' \"c\\\"d\""),
        ("`a``b`.`c`", "q:`a``b` . q:`c`"),
        ("a # x\nb -- y\nc--1", "w:a c:# x w:b c:-- y w:c o:- o:- n:1"),
        ("@v @@session.x := 1st_table", "p:@v w:@@session . w:x o::= w:1st_table"),
        ("a<=>-1 x->>'$.a' t.5 1.5e3", "w:a o:<=> o:- n:1 w:x o:->> s:'$.a' w:t . w:5 n:1.5e3"),
        ("/*! a */ /* /* */ b", "v:/*! w:a v:*/ c:/* /* */ w:b"),
        (
            "/*!50110 1*/ /*M!100300a*/ /*!5x",
            "v:/*!50110 n:1 v:*/ v:/*M!100300 w:a v:*/ v:/*! w:5x",
        ),
        ("/*+ hint(a) */ a*/ b", "c:/*+ hint(a) */ w:a o:* o:/ w:b"),
        ("0xAB 0b01 .5 1e5 1_0 0xg 2.5.x", "n:0xAB n:0b01 n:.5 n:1e5 w:1_0 w:0xg n:2.5 . w:x"),
        ("db.2024_t a.b.1e5 `x`.1", "w:db . w:2024_t w:a . w:b . w:1e5 q:`x` . w:1"),
        (
            "'joe'@'%' joe@host.x @`v w` @\"h\" @?",
            "s:'joe' p:@'%' w:joe p:@host.x p:@`v w` p:@\"h\" p:@?",
        ),
        ("@@`sql_mode` @@x @'cut", "w:@@ q:`sql_mode` w:@@x p:@'cut!"),
        ("by <secret> a<secret>", "w:by p:<secret> w:a o:< w:secret o:>"),
        ("(...) ?, ...", "( p:... ) p:? , p:..."),
        ("a -- x\ry\n--\tz\nb --", "w:a c:-- x\ry c:--\tz w:b c:--"),
        ("a ? b", "w:a p:? w:b"),
    ];
    for (sql, expected) in mysql {
        assert_eq!(shown(sql, Dialect::Mysql), expected, "{sql}");
    }
    let sqlite = [
        ("[a b].\"c\" 'x\\'", "q:[a b] . q:\"c\" s:'x\\'"),
        ("?1 ?2 :n @v $w 'a' 'b'", "p:?1 p:?2 p::n p:@v p:$w s:'a' s:'b'"),
    ];
    for (sql, expected) in sqlite {
        assert_eq!(shown(sql, Dialect::Sqlite), expected, "{sql}");
    }
}

#[test]
fn tokens_cover_any_bytes_in_order() {
    let alphabet: Vec<u8> = (0..=255).collect();
    let mut state = 1u64;
    for round in 0..3000 {
        let mut sql = Vec::new();
        for _ in 0..round % 40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let quotes = b"'\"`$?-/*:.\\[]#@E";
            let pick = (state >> 33) as usize;
            let from_quotes = pick & 1 == 0;
            sql.push(if from_quotes { quotes[pick % quotes.len()] } else { alphabet[pick % 256] });
        }
        for dialect in [Dialect::Postgres, Dialect::Mysql, Dialect::Sqlite] {
            let mut lexer = Lexer::new(&sql, dialect);
            let mut at = 0;
            while let Some(token) = lexer.next_token() {
                assert!(token.start >= at && token.end > token.start && token.end <= sql.len());
                assert!(
                    sql[at..token.start]
                        .iter()
                        .all(|byte| byte.is_ascii_whitespace() || *byte == 0x0b)
                );
                at = token.end;
            }
        }
    }
}
