//! Which of the two products, MySQL or MariaDB, printed a document.

use super::head::Structure;
use crate::model::event::Engine;
use regex::Regex;
use std::sync::LazyLock;

/// Whose document it is. Each product has members that the other never had; where a plan has none of
/// either, MySQL 5.6 and MariaDB are told apart by how they print a table.
pub fn engine_of(json: &str, structure: Structure) -> Engine {
    static MARIADB: LazyLock<Regex> = LazyLock::new(|| {
        members(
            "r_[a-z_]+|filesort|temporary_table|block-nl-join|read_sorted_file|expression_cache|\
             materialized|materialization|subqueries|window_functions_computation|\
             range-checked-for-each-record|rowid_filter|query_optimization|having_condition|\
             const_condition|recursive_union|duplicate_removal|operation|cost|loops",
        )
    });
    static MYSQL: LazyLock<Regex> = LazyLock::new(|| {
        members(
            "cost_info|ordering_operation|grouping_operation|windowing|buffer_result|\
             materialized_from_subquery|[a-z_]+_subqueries|rows_examined_per_scan|used_columns|\
             rows_produced_per_join|dependent|cacheable|using_temporary_table|using_filesort",
        )
    });
    // MySQL prints the key's length behind its parts, and a condition in brackets with all names
    // quoted; it never prints a loop over one table.
    static LIKE_MYSQL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#""used_key_parts"\s*:\s*\[[^\]]*\],\s*"key_length"|_condition"\s*:\s*"\(+[`<]"#)
    });
    static MESSAGE_OF_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#""query_block"\s*:\s*\{\s*("select_id"\s*:\s*\d+,\s*)?"message""#)
    });
    match structure {
        Structure::Operations => Engine::Mysql,
        Structure::Blocks => {
            let is_like_mysql = || {
                MYSQL.is_match(json)
                    || json.contains("} /*")
                    || LIKE_MYSQL.is_match(json)
                    || MESSAGE_OF_BLOCK.is_match(json)
            };
            match !MARIADB.is_match(json) && is_like_mysql() {
                true => Engine::Mysql,
                false => Engine::Mariadb,
            }
        }
    }
}

/// Finds a member of one of these names.
fn members(names: &str) -> Regex {
    pattern(&format!(r#""(?:{names})"\s*:"#))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern compiles")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_one_product_prints_decides() {
        use Engine::{Mariadb, Mysql};
        for (block, expected) in [
            (r#""select_id": 1, "cost_info": {"query_cost": "1"}, "table": {}"#, Mysql),
            (r#""select_id": 1, "message": "No tables used""#, Mysql),
            (r#""select_id": 1, "table": {"message": "No tables used"}"#, Mariadb),
            (r#""select_id": 1, "table": {"message": "No tables used"} /* table */"#, Mysql),
            (r#""table": {"used_key_parts": ["a"], "key_length": "4", "rows": 1}"#, Mysql),
            (r#""table": {"key_length": "4", "used_key_parts": ["a"], "rows": 1}"#, Mariadb),
            (r#""table": {"rows": 1, "attached_condition": "(`d`.`t`.`a` > 1)"}"#, Mysql),
            (r#""table": {"rows": 1, "attached_condition": "t.a > 1"}"#, Mariadb),
            (r#""table": {"rows": 1, "attached_condition": "\"cost_info\": > 1"}"#, Mariadb),
            (r#""ordering_operation": {"using_filesort": true, "table": {}}"#, Mysql),
            (r#""filesort": {"sort_key": "t.a", "table": {}}"#, Mariadb),
            (r#""union_result": {"query_specifications": [{"dependent": false}]}"#, Mysql),
            (r#""select_id": 1, "r_loops": 1, "table": {}"#, Mariadb),
        ] {
            let json = format!("{{\"query_block\": {{{block}}}}}");
            assert_eq!(engine_of(&json, Structure::Blocks), expected, "{block}");
        }
        assert_eq!(engine_of("{}", Structure::Operations), Mysql);
    }
}
