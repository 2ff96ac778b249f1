//! Runs every console example of the README in a folder that holds the fixtures, and holds it to the
//! output that the README states. What the README quotes of a report must stand in that report.
//!
//! `UPDATE_EXPECT=1 cargo test --test it readme` writes the stated output of complete examples anew
//! (those without a line `…`, which stands for any lines left out).
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// How the README starts the program, so that a fresh clone needs nothing else.
const CARGO_RUN: &str = "cargo run --release -- ";
/// Stands for lines that are left out.
const LEFT_OUT: &str = "…";
/// The report that quoted Markdown comes from.
const QUOTED: &str = "querylens analyze fixtures/demo --format md";

/// A fenced block: its language, its lines, and the number of its first line in the file.
struct Block {
    language: String,
    lines: Vec<String>,
    at: usize,
}

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // The longest fence may quote shorter ones.
    let mut fence: Option<String> = None;
    for (at, line) in text.lines().enumerate() {
        match &fence {
            None if line.starts_with("```") => {
                let ticks = line.chars().take_while(|c| *c == '`').count();
                fence = Some("`".repeat(ticks));
                blocks.push(Block {
                    language: line[ticks..].trim().to_owned(),
                    lines: Vec::new(),
                    at: at + 1,
                });
            }
            Some(open) if line == open => fence = None,
            Some(_) => {
                if let Some(block) = blocks.last_mut() {
                    block.lines.push(line.to_owned());
                }
            }
            None => {}
        }
    }
    assert!(fence.is_none(), "a block is not closed");
    blocks
}

/// A command, the output stated for it, and where that stands in the block.
struct Example {
    command: String,
    stated: Vec<String>,
    at: usize,
}

fn examples(block: &Block) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for (at, line) in block.lines.iter().enumerate() {
        match (line.strip_prefix("$ "), examples.last_mut()) {
            (Some(command), _) => examples.push(Example {
                command: command.replace(CARGO_RUN, "querylens "),
                stated: Vec::new(),
                at: block.at + at + 1,
            }),
            (None, Some(example)) => example.stated.push(line.clone()),
            (None, None) => panic!("line {}: output before a command", block.at + at + 1),
        }
    }
    examples
}

/// A folder in which the examples find the fixtures and may leave files.
fn scratch() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::os::unix::fs::symlink(fixtures, folder.path().join("fixtures")).expect("a link");
    folder
}

/// Runs a command as a shell does, with the built program as `querylens`; gives standard output.
fn run(command: &str, folder: &Path) -> String {
    let binary = assert_cmd::cargo::cargo_bin("querylens");
    let bin = binary.parent().expect("the binary's folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::iter::once(bin.to_owned()).chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).expect("plain paths"))
        .env_remove("COLUMNS")
        .env("SOURCE_DATE_EPOCH", "1795824000")
        .output()
        .expect("a shell");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "$ {command}\n{}\n{told}", output.status);
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Whether the stated lines are the printed ones, `…` standing for any number of lines.
fn agrees(stated: &[String], printed: &str) -> Result<(), String> {
    let mut lines = printed.lines().map(str::trim_end);
    let mut skipping = false;
    for wanted in stated {
        if wanted == LEFT_OUT {
            skipping = true;
            continue;
        }
        let found = match skipping {
            true => lines.any(|line| line == wanted),
            false => lines.next() == Some(wanted.as_str()),
        };
        if !found {
            return Err(format!("this line is not where it should be: {wanted}"));
        }
        skipping = false;
    }
    match lines.next() {
        Some(more) if !skipping && !stated.is_empty() => Err(format!("nothing said of: {more}")),
        _ => Ok(()),
    }
}

#[test]
fn console_examples_do_what_they_say() {
    let text = fs::read_to_string(readme()).expect("a README");
    let folder = scratch();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let (mut wrong, mut ran) = (Vec::new(), 0);
    let mut examples: Vec<Example> = blocks(&text)
        .iter()
        .filter(|block| block.language == "console")
        .flat_map(examples)
        .collect();
    // From the end, so that lines keep their places while output is replaced.
    let printed: Vec<String> = examples.iter().map(|e| run(&e.command, folder.path())).collect();
    while let (Some(example), Some(printed)) = (examples.pop(), printed.get(examples.len())) {
        ran += 1;
        let complete = !example.stated.is_empty() && !example.stated.iter().any(|l| l == LEFT_OUT);
        match agrees(&example.stated, printed) {
            Ok(()) => {}
            Err(_) if update && complete => {
                let place = example.at..example.at + example.stated.len();
                lines.splice(place, printed.lines().map(|line| line.trim_end().to_owned()));
            }
            Err(how) => wrong.push(format!("$ {}\n{how}\nprinted:\n{printed}", example.command)),
        }
    }
    assert!(ran >= 10, "only {ran} examples were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let new = lines.join("\n") + "\n";
    if new != text {
        fs::write(readme(), new).expect("a writable README");
    }
}

#[test]
fn quoted_reports_are_real() {
    let text = fs::read_to_string(readme()).expect("a README");
    let folder = scratch();
    let report = run(QUOTED, folder.path());
    let blocks = blocks(&text);
    let quoted: Vec<&Block> = blocks.iter().filter(|b| b.language == "markdown").collect();
    assert!(!quoted.is_empty(), "the README shows no finding");
    for block in quoted {
        for line in block.lines.iter().filter(|line| *line != LEFT_OUT) {
            let found = report.lines().any(|l| l.trim_end() == line);
            assert!(found, "not in the report: {line}\n{report}");
        }
    }
}

#[test]
fn every_option_name_is_a_real_one() {
    let text = fs::read_to_string(readme()).expect("a README");
    let folder = scratch();
    let help: String = ["analyze", "fingerprint", "rules", "slice"]
        .map(|command| run(&format!("querylens {command} --help"), folder.path()))
        .concat();
    // `cargo` has options of its own.
    let ours = text.lines().filter(|line| !line.contains("cargo"));
    for line in ours {
        for word in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let is_option = word.len() > 3 && word.starts_with("--") && !word.starts_with("---");
            assert!(!is_option || help.contains(word), "{word} in: {line}");
        }
    }
}

#[test]
fn the_configuration_example_is_accepted() {
    let text = fs::read_to_string(readme()).expect("a README");
    let folder = scratch();
    let blocks = blocks(&text);
    let config = blocks.iter().find(|b| b.language == "toml").expect("a querylens.toml");
    fs::write(folder.path().join("querylens.toml"), config.lines.join("\n")).expect("room");
    run("querylens analyze fixtures/demo", folder.path());
}
