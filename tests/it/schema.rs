//! A schema with planted faults: all of them are found, nothing else at medium or above; the same
//! schema without them raises nothing there.

use querylens::judge::config::JudgeOptions;
use querylens::judge::evidence::Evidence;
use querylens::judge::finding::{Finding, Severity};
use querylens::judge::judge;
use querylens::pipeline::{self, Request};
use std::path::Path;

/// What is planted: the finding's key, and whether it is of medium weight or above.
const PLANTED: &[(&str, bool)] = &[
    ("char-flag/customers", false),
    ("duplicate-index/products/products_sku_idx", true),
    ("duplicate-index/reviews/reviews_product_id_copy_idx", true),
    ("invalid-index/products/products_title_key", true),
    ("missing-index/customers/created_at desc", true),
    ("missing-index/customers/name", true),
    ("missing-index/orders/status,placed_at", true),
    ("money-type/products", false),
    ("numeric-for-integer/products", false),
    ("redundant-index/orders/orders_customer_only_idx", false),
    ("timestamp-without-zone/orders", false),
    ("unindexed-foreign-key/order_items/product_id", true),
    ("unused-index/customers/customers_name_idx", false),
];

fn findings(schema: &str) -> Vec<Finding> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schema").join(schema);
    let facts = pipeline::run(&Request::of_paths([&folder])).expect("the fixture is readable");
    judge(&Evidence::new(&facts, &JudgeOptions::default()))
}

#[test]
fn planted_faults_are_found_and_nothing_else_weighs() {
    let found = findings("planted");
    for (key, weighs) in PLANTED {
        let finding = found.iter().find(|finding| finding.key == *key);
        let finding = finding.unwrap_or_else(|| panic!("{key} is not found"));
        assert_eq!(finding.severity >= Severity::Medium, *weighs, "{key}");
    }
    let others = found.iter().filter(|f| PLANTED.iter().all(|(key, _)| *key != f.key));
    let others: Vec<_> = others.map(|finding| &finding.key).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn a_healthy_schema_raises_nothing() {
    let found = findings("healthy");
    assert!(found.is_empty(), "{found:#?}");
}
