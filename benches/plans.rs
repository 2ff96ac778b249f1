//! Plans parsed per second, and bytes of their documents.
//!
//! The documents are made here from fixtures, so that anyone can run them: `cargo bench --bench
//! plans`. Absolute figures belong to one machine; compare runs on the same one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use querylens::model::event::Engine;
use querylens::read::plans::{Literals, read_document};
use std::hint::black_box;
use std::path::Path;

/// Size of the documents of one form.
const ALL_BYTES: usize = 8 << 20;

/// Plans of several shapes in one form, as auto_explain logs them one by one.
fn documents(form: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans/postgres");
    let pieces = ["ctes", "setop", "update", "never"].map(|name| {
        let path = folder.join(format!("four-forms-{name}.{form}"));
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    });
    let mut documents = Vec::new();
    let mut size_bytes = 0;
    for piece in pieces.iter().cycle() {
        if size_bytes >= ALL_BYTES {
            break;
        }
        size_bytes += piece.len();
        documents.push(piece.clone());
    }
    documents
}

fn plans(criterion: &mut Criterion) {
    for form in ["json", "xml", "yaml"] {
        let documents = documents(form);
        let size_bytes: usize = documents.iter().map(String::len).sum();
        let read_all = || {
            for document in &documents {
                black_box(read_document(document, Engine::Postgres, Literals::Hide).is_ok());
            }
        };
        let mut group = criterion.benchmark_group(format!("plans/postgres-{form}"));
        group.sample_size(10);
        group.throughput(Throughput::Bytes(size_bytes as u64));
        group.bench_function("bytes", |bench| bench.iter(read_all));
        group.throughput(Throughput::Elements(documents.len() as u64));
        group.bench_function("plans", |bench| bench.iter(read_all));
        group.finish();
    }
}

criterion_group!(benches, plans);
criterion_main!(benches);
