//! The access types of MySQL and MariaDB: the words of the column `type` and of the member
//! `access_type` (JSON version 1), and what they mean.
//!
//! In: the word as printed, and what it is applied to. Out: the neutral [`Operator`]. The operations
//! of TREE and of JSON version 2 are phrases of their own and not known here.

use crate::model::plan::Operator;

/// What an access type means. `relation` is the table as printed, `covers` tells that the index alone
/// answers (`Using index`, `using_index: true`). A word that is not known is [`Operator::Other`].
pub fn operator(word: &str, relation: Option<&str>, covers: bool) -> Operator {
    if relation.is_some_and(is_made_by_plan) {
        return Operator::DerivedScan;
    }
    // MariaDB prefixes the types of tables that it joins by a hash of the join buffer; how their rows
    // are read is what follows.
    let word = word.strip_prefix("hash_").unwrap_or(word);
    let by_index = if covers { Operator::IndexOnlyScan } else { Operator::IndexScan };
    match word {
        "ALL" => Operator::FullScan,
        "index" => Operator::FullIndexScan,
        "range" | "ref" | "ref_or_null" | "index_subquery" => by_index,
        "fulltext" => Operator::IndexScan,
        "eq_ref" | "const" | "system" | "unique_subquery" => Operator::KeyLookup,
        "index_merge" => Operator::BitmapCombine,
        // `NULL` in the table form: no table is read at all.
        "" | "NULL" => Operator::RowSource,
        // How a hash join without a usable index is printed by some versions.
        "hash" => Operator::FullScan,
        _ => Operator::Other,
    }
}

/// Whether a table is one that the plan itself makes: `<derived2>`, `<subquery2>`, `<union1,2>`,
/// `<temporary>`, `<in_optimizer>`.
pub fn is_made_by_plan(relation: &str) -> bool {
    relation.starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_the_manuals_say() {
        use Operator::*;
        for (word, relation, covers, expected) in [
            ("ALL", "o", false, FullScan),
            ("hash_ALL", "o", false, FullScan),
            ("hash_index", "o", true, FullIndexScan),
            ("index", "o", true, FullIndexScan),
            ("range", "o", false, IndexScan),
            ("range", "o", true, IndexOnlyScan),
            ("ref", "o", true, IndexOnlyScan),
            ("ref_or_null", "o", false, IndexScan),
            ("fulltext", "o", false, IndexScan),
            ("eq_ref", "o", true, KeyLookup),
            ("const", "o", false, KeyLookup),
            ("system", "o", false, KeyLookup),
            ("unique_subquery", "o", false, KeyLookup),
            ("index_subquery", "o", true, IndexOnlyScan),
            ("index_merge", "o", false, BitmapCombine),
            ("NULL", "o", false, RowSource),
            ("ALL", "<derived2>", false, DerivedScan),
            ("ref", "<derived2>", false, DerivedScan),
            ("a_new_one", "o", false, Other),
        ] {
            assert_eq!(operator(word, Some(relation), covers), expected, "{word} on {relation}");
        }
        assert_eq!(operator("ALL", None, false), FullScan);
    }
}
