//! Telling: a [`Report`] is made once from evidence and findings, finished, sorted and rounded;
//! renderers only write it down.
//!
//! In: [`Evidence`], the ranked findings and [`ReportOptions`]. Out: a [`Report`], and text by the
//! [`RENDERERS`]. Text from the inputs enters a document through [`escape`] only. No clock, no
//! files, no rule by name.

mod build;
mod engines;
pub mod escape;
mod explain_script;
mod json;
mod layout;
mod markdown;
pub mod options;
mod phrases;
mod plan_table;
mod sections;
mod terminal;
mod tree;
pub mod types;

pub use explain_script::explain_script;
pub use options::ReportOptions;
pub use types::Report;

use crate::judge::evidence::Evidence;
use crate::judge::finding::Finding;

/// How a renderer may write: only the terminal looks at it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RenderOptions {
    /// Columns.
    pub width: usize,
    /// Whether colours are wanted.
    pub color: bool,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions { width: 100, color: false }
    }
}

/// A way to write a report down.
#[derive(Debug)]
pub struct Renderer {
    /// Its name on the command line.
    pub name: &'static str,
    /// The file extensions that choose it.
    pub extensions: &'static [&'static str],
    /// What it writes, in one line.
    pub about: &'static str,
    /// Writes the report; ends with a line feed.
    pub render: fn(&Report, &RenderOptions) -> String,
}

/// Every renderer.
pub static RENDERERS: &[&Renderer] =
    &[&markdown::RENDERER, &json::RENDERER, &terminal::RENDERER, &tree::RENDERER];

/// A renderer by its name.
pub fn renderer(name: &str) -> Option<&'static Renderer> {
    RENDERERS.iter().copied().find(|r| r.name == name)
}

/// A renderer by a file extension, in any case.
pub fn renderer_of_extension(extension: &str) -> Option<&'static Renderer> {
    RENDERERS
        .iter()
        .copied()
        .find(|r| r.extensions.iter().any(|e| e.eq_ignore_ascii_case(extension)))
}

/// The finished report on some evidence and what the rules found in it.
pub fn build(evidence: &Evidence<'_>, findings: Vec<Finding>, options: &ReportOptions) -> Report {
    build::build(evidence, findings, options)
}

/// The published JSON Schema of the JSON report.
pub fn schema() -> &'static str {
    include_str!("report.schema.json")
}
