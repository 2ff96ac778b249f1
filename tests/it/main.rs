//! One test binary: cases are data under `fixtures/`, found by walking the folders.

mod architecture;
mod archives;
mod carriers;
mod cli;
mod dump;
mod fingerprint;
mod laws;
mod laws_read;
mod logs;
mod mongodb_carriers;
mod mongodb_profile;
mod plan_metrics;
mod plans;
mod plans_hostile;
mod plans_mutated;
mod plans_mysql_text;
mod plans_postgres;
mod prefix;
mod pt_ids;
mod readme;
mod real;
mod report;
mod rules;
mod schema;
mod secrets;
mod slice;
