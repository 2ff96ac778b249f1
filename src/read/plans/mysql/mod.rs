//! Plans of MySQL and MariaDB: what their forms share. The forms themselves are one file each.

pub mod access;
mod blocks;
mod document;
mod head;
pub mod json;
mod json_v2;
mod mariadb_json;
pub mod masking;
mod names;
pub mod operation;
mod parts;
mod product;
pub mod scan;
mod table;
mod tree_text;

pub use table::Table;
pub use tree_text::TreeText;
