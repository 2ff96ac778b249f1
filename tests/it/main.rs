//! One test binary: cases are data under `fixtures/`, found by walking the folders.

mod fingerprint;
mod laws;
mod prefix;
mod rules;
