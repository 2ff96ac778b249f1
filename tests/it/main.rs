//! One test binary: cases are data under `fixtures/`, found by walking the folders.
