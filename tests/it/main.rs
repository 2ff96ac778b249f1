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
mod plans;
<<<<<<< HEAD
mod plans_postgres;
=======
mod plans_mysql_text;
>>>>>>> 539e751a83278966e0da0a54bc5ad2e5929b22b9
mod prefix;
mod pt_ids;
mod readme;
mod real;
mod report;
mod rules;
mod secrets;
mod slice;
mod tmp_dump;
