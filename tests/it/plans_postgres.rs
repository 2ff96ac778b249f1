//! PostgreSQL's plans in JSON, XML and YAML: one plan reads the same from each form, and damage ends
//! in the part that is whole or in a message.

use crate::plans::{dump, read_all};
use querylens::model::event::Engine;
use querylens::read::plans::{Literals, PLAN_READERS, locate, read_document};
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans/postgres");
    std::fs::read_to_string(folder.join(name)).expect("a fixture")
}

/// A plan without the name of its form.
fn dumped(name: &str) -> String {
    let text = fixture(name);
    let plans = read_document(&text, Engine::Postgres, Literals::Hide).expect(name);
    plans.iter().map(|plan| dump(plan).replacen(plan.format, "FORM", 1)).collect()
}

#[test]
fn one_plan_reads_the_same_from_each_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/plans/postgres");
    let files = std::fs::read_dir(folder).expect("fixtures").flatten().map(|file| file.path());
    let is_json = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with("four-forms-") && name.ends_with(".json")
    };
    let mut count = 0;
    for path in files.filter(is_json) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let json = dumped(&format!("{stem}.json"));
        for form in ["xml", "yaml"] {
            assert_eq!(dumped(&format!("{stem}.{form}")), json, "{stem}.{form}");
        }
        count += 1;
    }
    assert!(count > 2, "{count} fixtures in all forms");
}

#[test]
fn damage_ends_in_a_part_or_a_message() {
    let all = fixture("between-lines.txt");
    for at in (0..all.len()).filter(|at| all.is_char_boundary(*at)) {
        let mut text = all[..at].to_owned();
        assert!(!read_all(&text).contains("secret"), "{at}");
        if at % 7 == 0 {
            text.push_str(["\"", "}", "]", "<", "\n", "- ", "\u{fffd}"][at / 7 % 7]);
            text.push_str(all.get(at + 1..).unwrap_or_default());
            assert!(!locate(&text).is_empty(), "{at}");
            let _ = read_all(&text);
        }
    }
    let whole = fixture("four-forms-never.json");
    for reader in PLAN_READERS {
        for at in 0..1_000 {
            let _ = reader.read(&whole[at..], Literals::Hide);
            let _ = reader.read(&all.chars().skip(at * 3).collect::<String>(), Literals::Hide);
        }
    }
}

#[test]
fn plans_that_are_too_deep_say_so() {
    let depth = 5_000;
    let node = "{\"Node Type\": \"Limit\", \"Plans\": [";
    let json = format!("{{\"Plan\": {}{}}}", node.repeat(depth), "]}".repeat(depth));
    let open = "<Plan><Node-Type>Limit</Node-Type><Plans>";
    let close = "</Plans></Plan>";
    let xml =
        format!("<explain><Query>{}{}</Query></explain>", open.repeat(depth), close.repeat(depth));
    let mut yaml = "- Plan: \n".to_owned();
    for level in 0..depth {
        let indent = " ".repeat(4 + level * 2);
        yaml += &format!("{indent}Node Type: \"Limit\"\n{indent}Plans: \n{indent}- ");
        yaml.truncate(yaml.len() - indent.len() - 2);
        yaml += &format!("{indent}- X: 1\n");
    }
    for text in [json, xml, yaml] {
        let error = read_document(&text, Engine::Postgres, Literals::Hide).expect_err("too deep");
        assert!(error.message.contains("nested deeper than 1000"), "{}", error.message);
        assert!(error.offset > 0);
    }
}

#[test]
fn finding_is_linear() {
    for piece in [
        "{\"a\":[\n",
        "\"{\n",
        "<explain ",
        "\n<explain",
        "Node Type: \"",
        "\nNode Type: \"x",
        "{\"Node Type\n",
        "[{\"Plan\": \n",
        "\n\"[{\"\"Node Type",
        "- Plan:\n",
    ] {
        let text = format!("{}\"Node Type\": Node Type: \"", piece.repeat(40_000));
        let _ = locate(&text);
    }
}
