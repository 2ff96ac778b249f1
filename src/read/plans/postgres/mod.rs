//! PostgreSQL's plans in each of its forms. JSON, XML and YAML are one structure, so each of their
//! readers finds its documents and makes a tree of them, and [`document`] makes plans of the tree.
//! The text form is read line by line, to the same plans.

mod document;
mod framed;
mod json;
mod json_extent;
pub mod names;
pub mod operator;
pub mod quantity;
pub mod references;
mod text;
mod xml;
mod yaml;

pub use json::PostgresJson;
pub use text::PostgresText;
pub use xml::PostgresXml;
pub use yaml::PostgresYaml;
