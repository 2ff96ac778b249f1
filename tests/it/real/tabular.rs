//! Snapshots that real clients wrote: as many tables and rows as the files hold, counted by their lines.

use querylens::read::snapshots::tabular::result_sets;

#[test]
fn real_snapshots_have_their_rows() {
    let Some(folder) = super::folder("mysql/snapshots", &["mariadb.status.tsv"]) else { return };
    let mut files: Vec<_> = std::fs::read_dir(&folder).expect("a folder").flatten().collect();
    files.sort_by_key(|file| file.file_name());
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file.path()).expect("text");
        let sets = result_sets(&text);
        // Plans and logs that are tables are read elsewhere.
        let is_elsewhere =
            name.contains("explain") || name.contains("analyze") || name.contains("slow_log");
        let is_table = !is_elsewhere && !text.is_empty();
        assert_eq!(sets.len(), usize::from(is_table), "{name}: {sets:?}");
        let Some(set) = sets.first() else { continue };
        let header = text.lines().next().unwrap_or_default();
        let (rows, columns) = match name.ends_with(".tsv") {
            true => (text.lines().count() - 1, header.split('\t').count()),
            // One record of three fields: the type, the name, and all the rest.
            false => (1, 3),
        };
        assert_eq!((set.rows.len(), set.columns.len(), set.dropped), (rows, columns, 0), "{name}");
        assert!(text[set.end..].trim().is_empty(), "{name}");
        assert!(set.rows.iter().all(|row| row.cells.len() == columns), "{name}");
    }
}
