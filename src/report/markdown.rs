//! The report as Markdown (CommonMark with tables): the master that other documents are made from.
//! At most 400 KB, whatever was read: every section has a limit of its own and says what it leaves
//! out.

use super::sections::SECTIONS;
use super::{RenderOptions, Renderer, Report};

/// The Markdown renderer.
pub static RENDERER: Renderer = Renderer {
    name: "md",
    extensions: &["md", "markdown"],
    about: "the full report in Markdown",
    render,
};

fn render(report: &Report, _: &RenderOptions) -> String {
    let mut out = String::new();
    for section in SECTIONS {
        section(report, &mut out);
    }
    out
}
