//! The report as JSON: `schema_version` 1.0, two blanks of indentation, keys in a fixed order.

use super::{RenderOptions, Renderer, Report};

/// The JSON renderer.
pub static RENDERER: Renderer = Renderer {
    name: "json",
    extensions: &["json"],
    about: "everything, for programs (schema 1.0)",
    render,
};

fn render(report: &Report, _: &RenderOptions) -> String {
    // Serializing fails only for maps whose keys are no strings, and the report has none.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
