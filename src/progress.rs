//! Progress on long work: what the pipeline reports, and a bar on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// Told how far reading is; called per chunk, from any thread.
pub trait Progress: Sync {
    /// Reading begins; the stored bytes to read, where known.
    fn begin(&self, inputs: usize, stored_bytes: u64);
    /// So many more stored bytes were read.
    fn advance(&self, stored_bytes: u64);
    /// Reading is over.
    fn end(&self);
}

/// Says nothing.
#[derive(Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}

/// A bar with bytes, rate and time left on standard error.
#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Default for Bar {
    fn default() -> Self {
        Bar(ProgressBar::hidden())
    }
}

impl Bar {
    /// A bar that draws on standard error, if that is a terminal.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        Bar(bar)
    }
}

impl Progress for Bar {
    fn begin(&self, inputs: usize, stored_bytes: u64) {
        self.0.set_length(stored_bytes);
        let plural = if inputs == 1 { "" } else { "s" };
        self.0.set_message(format!("{inputs} file{plural}"));
    }

    fn advance(&self, stored_bytes: u64) {
        self.0.inc(stored_bytes);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}
