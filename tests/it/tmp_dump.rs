#[test]
fn dump_folder() {
    for f in std::fs::read_dir(std::env::var("DUMP").expect("x")).expect("d").flatten() {
        let text = std::fs::read_to_string(f.path()).unwrap_or_default();
        println!("##### {}\n{}", f.path().display(), crate::plans::read_all(&text));
    }
}
