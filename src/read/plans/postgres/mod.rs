//! PostgreSQL's plans in each of its forms. JSON, XML and YAML are one structure, so each of their
//! readers finds its documents and makes a tree of them, and [`document`] makes plans of the tree.

mod document;
mod framed;
mod json;
mod json_extent;
pub mod names;
pub mod operator;
pub mod quantity;
pub mod references;
mod xml;
mod yaml;

pub use json::PostgresJson;
pub use xml::PostgresXml;
pub use yaml::PostgresYaml;
