//! Plans of MySQL and MariaDB: what their forms share. The forms themselves are one file each.

pub mod access;
pub mod masking;
pub mod operation;
pub mod scan;
mod table;
mod tree_text;

pub use table::Table;
pub use tree_text::TreeText;
