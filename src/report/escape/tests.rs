//! Escaping against what a Markdown reader sees.

use super::*;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// What the structure of a document is made of, without texts.
fn structure(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    Parser::new_ext(markdown, options)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(format!("link {dest_url}")),
            // A span may fall apart or appear where data brings back-ticks: that is no structure.
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::Html(html) | Event::InlineHtml(html) => Some(format!("html {html}")),
            Event::Rule | Event::HardBreak => Some(format!("{event:?}")),
            _ => None,
        })
        .collect()
}

/// A document with data at every kind of place.
fn document(data: &str) -> String {
    format!(
        "# {}\n\n{}\n\n- **x**: {} and {}\n\n| a | b | c |\n| --- | --- | --- |\n| {} | {} | z |\n\n{}\n## <a id=\"f1\"></a>F1 · {}\n\n1. **{}**: x\n",
        text(data),
        prose(data),
        prose(data),
        code(data),
        cell_code(data, 40),
        cell_prose(data),
        fence("sql", data),
        prose(data),
        prose(&format!("class `{data}` and more")),
    )
}

#[test]
fn hostile_text_is_shown() {
    for (given, shown) in [
        ("a|b", "`a|b`"),
        ("a`b``c", "```a`b``c```"),
        ("`", "`` ` ``"),
        ("", "–"),
        ("a\nb\u{1b}[31m\u{7f}", "`a␊b␛[31m␡`"),
        ("\u{202e}gpj", "`\\u{202e}gpj`"),
    ] {
        assert_eq!(code(given), shown);
    }
    assert_eq!(cell_code("a|b\\|c", 99), "`a\\|b\\ \\|c`");
    assert_eq!(cell_code("abcdef", 3), "`abc…`");
    assert_eq!(text("# <b> a_b _c_ *d*"), "\\# &lt;b\\> a_b \\_c\\_ \\*d\\*");
    assert_eq!(text("1. a"), "1\\. a");
    assert_eq!(prose("x `a<b` `c"), "x `a<b` \\`c");
    assert_eq!(cell_prose("`a|b` c|d"), "`a\\|b` c\\|d");
    assert_eq!(fence("sql", "a\r\n```\n\tb\n"), "````sql\na\n```\n\tb\n````\n");
    assert_eq!(clipped("\u{1b}\u{1b}\u{1b}", 2), "␛␛…");
}

proptest! {
    #[test]
    fn nothing_breaks_out(data in "[a-z\\\\`|*_<>\\[\\]()#&!~:/. \n\r\t\u{0}\u{1b}\u{202e}\u{a0}1=+\"'{}$@-]{1,24}") {
        prop_assume!(!data.trim().is_empty());
        prop_assert_eq!(structure(&document(&data)), structure(&document("harmless")), "{:?}", data);
    }

    #[test]
    fn a_line_is_one_visible_line(data in any::<String>(), limit in 1usize..30) {
        for line in [visible(&data), clipped(&data, limit), code(&data), text(&data), prose(&data)] {
            prop_assert!(!line.chars().any(|c| c.is_control() || is_hidden(c)), "{:?}", line);
        }
        prop_assert!(clipped(&data, limit).chars().count() <= limit + 1);
    }
}
