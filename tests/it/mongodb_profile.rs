//! The same operations in every carrier of the profiler's documents are the same workload.

use querylens::pipeline::{Request, run};
use std::collections::BTreeMap;
use std::path::Path;

/// Calls and total time of each class.
fn classes(path: &Path) -> BTreeMap<String, (u64, u64)> {
    let facts = run(&Request::of_paths([path])).expect("a readable carrier");
    let classes = facts.servers.iter().flat_map(|server| server.workload.ranked());
    classes
        .map(|class| (class.fingerprint.to_string(), (class.stats.calls, class.stats.total_us)))
        .collect()
}

#[test]
fn carriers_tell_the_same_operations() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs/mongodb/profile-carriers");
    let expected = classes(&case.join("relaxed.jsonl"));
    assert_eq!(expected.values().map(|class| class.0).sum::<u64>(), 10);
    assert_eq!(expected.values().map(|class| class.1).sum::<u64>(), 870_000);
    let mut compared = 0;
    for entry in std::fs::read_dir(&case).expect("a case") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".txt") {
            continue;
        }
        let (mut got, mut expected) = (classes(&path), expected.clone());
        if name == "stringify.jsonl" {
            // It knows no regular expressions: they are written as empty objects.
            for classes in [&mut got, &mut expected] {
                classes.retain(|class, _| !class.starts_with("count"));
            }
        }
        assert_eq!(got, expected, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 10, "a carrier is missing");
}
