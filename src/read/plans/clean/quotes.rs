//! Quotes: pgAdmin and others copy each row in quotes, spreadsheets the whole cell; quotes inside are
//! doubled then.

/// Rows without the quotes around them. `None`: there are none.
pub fn unquoted(text: &str) -> Option<String> {
    ['"', '\''].into_iter().find_map(|quote| rows(text, quote).or_else(|| cell(text, quote)))
}

/// Each row in quotes, or each with a closing one only, as copying loses the first.
fn rows(text: &str, quote: char) -> Option<String> {
    // Rows of JSON begin and end with quotes of their own.
    if text.trim_start().starts_with(['[', '{']) {
        return None;
    }
    let (mut all, mut opened, mut closed) = (0_usize, 0_usize, 0_usize);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        all += 1;
        let is_opened = line.starts_with(quote);
        opened += usize::from(is_opened);
        // Values of YAML end with a quote that has its partner in the row.
        let is_closed = line.trim_end_matches([',', ';']).ends_with(quote);
        closed += usize::from(is_closed && (is_opened || line.matches(quote).count() % 2 == 1));
        if all > 8 && opened + closed == 0 {
            return None;
        }
    }
    // A header or a stray line may stand without.
    let nearly_all = |count: usize| count > 0 && count + count / 4 + 1 >= all;
    let is_each = nearly_all(closed) && (nearly_all(opened) || (opened == 0 && all > 1));
    if !is_each || closed * 2 < all {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let row = line.trim_end();
        let row = match row.trim_start().strip_prefix(quote) {
            Some(inside) if opened > 0 => inside,
            _ => row,
        };
        let row = row.trim_end_matches([',', ';']).strip_suffix(quote).unwrap_or(row);
        push_undoubled(row, quote, &mut out);
        out.push('\n');
    }
    Some(out)
}

/// One pair of quotes around the whole.
fn cell(text: &str, quote: char) -> Option<String> {
    let inside = text.trim().strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::with_capacity(text.len());
    push_undoubled(inside, quote, &mut out);
    out.push('\n');
    Some(out)
}

fn push_undoubled(row: &str, quote: char, out: &mut String) {
    let doubled: &str = if quote == '"' { "\"\"" } else { "''" };
    // Single quotes are doubled by no client: two of them are an empty text.
    if quote == '"' && row.contains(doubled) {
        out.push_str(&row.replace(doubled, "\""));
    } else {
        out.push_str(row);
    }
}
