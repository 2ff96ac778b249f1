//! From the arguments of a command line to the inputs they mean.
//!
//! Owns [`InputPath`], its display name, and [`discover`]: folders are walked, links followed once,
//! special files refused, and a file reached twice is counted once. Content is left to `source` and
//! `copies`.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use super::archive::Place;
use super::error::{Fault, InputError};
use super::open::open_fault;

/// The display name of standard input.
pub const STDIN_NAME: &str = "<stdin>";

/// An input, not opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputPath {
    /// The path to open; `-` is standard input.
    pub path: PathBuf,
    /// What is shown: the path from the argument's last component on, with `/` between components
    /// and control characters escaped. `/var/log/pg` gives `pg/a.log`.
    pub display: String,
    /// For a member of the archive at `path`: where in it.
    pub(super) place: Option<Place>,
    /// See [`InputPath::folder`].
    pub(super) folder: Option<String>,
}

impl InputPath {
    /// Standard input.
    pub fn stdin() -> InputPath {
        InputPath {
            path: PathBuf::from("-"),
            display: STDIN_NAME.to_owned(),
            place: None,
            folder: None,
        }
    }

    /// A path that was named itself.
    pub fn named(path: &Path) -> InputPath {
        InputPath::below(path, Path::new(""))
    }

    fn below(arg: &Path, below: &Path) -> InputPath {
        let path = if below.as_os_str().is_empty() { arg.to_path_buf() } else { arg.join(below) };
        let display = display_name(arg, below);
        let folder = display.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        InputPath { path, display, place: None, folder }
    }

    /// A file in the archive `self`.
    pub(super) fn member(&self, name: &str, place: Place) -> InputPath {
        let display = format!("{}/{name}", self.display);
        let folder = match name.rsplit_once('/') {
            Some((folder, _)) => Some(format!("{}/{folder}", self.display)),
            None if self.is_stdin() => Some(STDIN_NAME.to_owned()),
            None => self.folder.clone(),
        };
        InputPath { path: self.path.clone(), display, place: Some(place), folder }
    }

    /// Whether this is a file in an archive.
    pub fn is_member(&self) -> bool {
        self.place.is_some()
    }

    /// The folder, as shown, that the text belongs to; `None` if nothing is known of it. Files on
    /// the top level of an archive belong to the folder of the archive, as if it only packed them.
    pub fn folder(&self) -> Option<&str> {
        self.folder.as_deref()
    }

    /// Whether this is standard input, which has no path and can be read only once.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    pub(super) fn error(&self, fault: Fault) -> InputError {
        InputError { path: self.path.clone(), display: self.display.clone(), fault }
    }

    /// The order of inputs everywhere: by what is shown, then by path and place.
    pub fn order(&self, other: &InputPath) -> std::cmp::Ordering {
        let key = (&self.display, &self.path, self.place);
        key.cmp(&(&other.display, &other.path, other.place))
    }
}

/// What the arguments mean.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The inputs, each file once, in the order of their display names.
    pub inputs: Vec<InputPath>,
    /// Arguments and folders that could not be read, in the order met.
    pub problems: Vec<InputError>,
    /// Files reached twice, under two names or by two links: the display name left out, and the path
    /// of the input kept, whose display name may still change.
    pub copies: Vec<(String, PathBuf)>,
    /// Folders of other people's code, as shown, which were not walked.
    pub left_out: Vec<String>,
}

/// Finds the inputs that `args` mean. Files in folders are all taken, hidden ones too; what is
/// neither file nor folder is a problem when it was named and is passed over inside a folder.
pub fn discover(args: &[PathBuf]) -> Discovery {
    let mut discovery = Discovery::default();
    let mut found = Vec::new();
    for arg in args {
        if arg.as_os_str() == "-" {
            found.push(InputPath::stdin());
        } else {
            walk(arg, &mut found, &mut discovery.problems, &mut discovery.left_out);
        }
    }
    found.sort_by(InputPath::order);
    let mut kept_at: HashMap<PathBuf, usize> = HashMap::new();
    for input in found {
        // A path that cannot be resolved any more stands for itself; opening it will say what is
        // wrong.
        let identity = if input.is_stdin() { None } else { fs::canonicalize(&input.path).ok() }
            .unwrap_or_else(|| input.path.clone());
        match kept_at.get(&identity) {
            Some(&at) => discovery.copies.push((input.display, discovery.inputs[at].path.clone())),
            None => {
                kept_at.insert(identity, discovery.inputs.len());
                discovery.inputs.push(input);
            }
        }
    }
    discovery
}

/// A folder still to be read: its path, and its path below the argument.
struct Folder {
    path: PathBuf,
    below: PathBuf,
}

/// Adds the file `arg`, or all files below the folder `arg`.
fn walk(
    arg: &Path,
    found: &mut Vec<InputPath>,
    problems: &mut Vec<InputError>,
    left_out: &mut Vec<String>,
) {
    let named = InputPath::named(arg);
    let kind = match fs::metadata(arg) {
        Ok(metadata) => metadata.file_type(),
        Err(error) => return problems.push(named.error(open_fault(arg, error))),
    };
    if kind.is_file() {
        return found.push(named);
    }
    if !kind.is_dir() {
        return problems.push(named.error(Fault::Special { kind: special_kind(kind) }));
    }
    let mut visited = HashSet::new();
    let mut folders = vec![Folder { path: arg.to_path_buf(), below: PathBuf::new() }];
    // Linked folders come last, so that a folder reached both ways goes by its own name.
    let mut linked = Vec::new();
    while let Some(folder) = folders.pop().or_else(|| linked.pop()) {
        if fs::canonicalize(&folder.path).is_ok_and(|identity| !visited.insert(identity)) {
            continue;
        }
        let input = |below: &Path| InputPath::below(arg, below);
        let mut names = Vec::new();
        match fs::read_dir(&folder.path) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => names.push(entry.file_name()),
                        Err(source) => {
                            problems.push(input(&folder.below).error(Fault::Open { source }))
                        }
                    }
                }
            }
            Err(error) => {
                problems.push(input(&folder.below).error(open_fault(&folder.path, error)))
            }
        }
        // Read backwards, since both lists are stacks.
        names.sort_by(|a, b| b.cmp(a));
        for name in &names {
            let below = folder.below.join(name);
            let entry = input(&below);
            match fs::metadata(&entry.path) {
                Ok(metadata) if metadata.is_file() => found.push(entry),
                Ok(metadata) if metadata.is_dir() && is_others(name, &names) => {
                    left_out.push(entry.display);
                }
                Ok(metadata) if metadata.is_dir() => {
                    let is_link =
                        fs::symlink_metadata(&entry.path).is_ok_and(|link| link.is_symlink());
                    let list = if is_link { &mut linked } else { &mut folders };
                    list.push(Folder { path: entry.path, below });
                }
                Ok(_) => {}
                Err(error) => {
                    let fault = open_fault(&entry.path, error);
                    problems.push(entry.error(fault));
                }
            }
        }
    }
}

/// Whether a folder holds what tools fetched or made: by its name, and where that may also be one of
/// logs, by what stands beside it.
fn is_others(name: &OsStr, beside: &[OsString]) -> bool {
    let has = |file: &str| beside.iter().any(|name| name == file);
    match name.to_str() {
        Some("node_modules" | ".git") => true,
        Some("vendor") => has("composer.json") || has("go.mod") || has("Gemfile"),
        Some("target") => has("Cargo.toml") || has("pom.xml"),
        _ => false,
    }
}

/// The path from the last component of `arg` on; an argument without a name of its own (`.`, `..`,
/// `/`) adds nothing.
fn display_name(arg: &Path, below: &Path) -> String {
    let components =
        arg.file_name().into_iter().chain(below.components().map(|part| part.as_os_str()));
    let mut display = String::new();
    for component in components {
        if !display.is_empty() {
            display.push('/');
        }
        push_escaped(&mut display, &component.to_string_lossy());
    }
    if display.is_empty() {
        push_escaped(&mut display, &arg.to_string_lossy());
    }
    display
}

/// File names are data from strangers: no control character of theirs reaches a terminal.
pub(super) fn push_escaped(display: &mut String, name: &str) {
    for c in name.chars() {
        if c.is_control() { display.extend(c.escape_default()) } else { display.push(c) }
    }
}

/// What a thing is that is neither a file nor a folder.
pub(super) fn special_kind(kind: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "named pipe";
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "device";
        }
    }
    let _ = kind;
    "special file"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn displays(args: &[PathBuf]) -> Vec<String> {
        discover(args).inputs.into_iter().map(|input| input.display).collect()
    }

    #[test]
    fn names_begin_at_the_last_component_of_the_argument() {
        for (arg, below, expected) in [
            ("/var/log/pg", "a.log", "pg/a.log"),
            ("/var/log/pg/", "sub/a.log", "pg/sub/a.log"),
            ("/x/y.log", "", "y.log"),
            ("y.log", "", "y.log"),
            (".", "a.log", "a.log"),
            ("..", "b/a.log", "b/a.log"),
            ("/", "", "/"),
            ("a\x1b[2J\n.log", "", "a\\u{1b}[2J\\n.log"),
        ] {
            assert_eq!(display_name(Path::new(arg), Path::new(below)), expected);
        }
        assert_eq!(displays(&["-".into()]), ["<stdin>"]);
    }

    #[test]
    fn folders_of_fetched_code_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        let app = root.path().join("app");
        for folder in ["node_modules/pg", "vendor/x", "php/vendor", "logs/target"] {
            fs::create_dir_all(app.join(folder)).unwrap();
            fs::write(app.join(folder).join("a.log"), folder).unwrap();
        }
        fs::write(app.join("php/composer.json"), "{}").unwrap();
        let found = discover(std::slice::from_ref(&app));
        assert_eq!(found.left_out, ["app/node_modules", "app/php/vendor"]);
        // Without what makes it one of fetched code, a folder may hold logs.
        let shown = ["app/logs/target/a.log", "app/php/composer.json", "app/vendor/x/a.log"];
        assert_eq!(displays(std::slice::from_ref(&app)), shown);
        assert_eq!(displays(&[app.join("node_modules")]), ["node_modules/pg/a.log"]);
    }

    #[test]
    fn folders_are_walked_in_order_whatever_the_arguments_order() {
        let root = tempfile::tempdir().unwrap();
        let pg = root.path().join("pg");
        fs::create_dir_all(pg.join("b/c")).unwrap();
        for name in ["z.log", "a.log", ".hidden", "b/c/deep.log", "b/x.log"] {
            fs::write(pg.join(name), name).unwrap();
        }
        let expected = ["pg/.hidden", "pg/a.log", "pg/b/c/deep.log", "pg/b/x.log", "pg/z.log"];
        assert_eq!(displays(std::slice::from_ref(&pg)), expected);

        let twice = [pg.join("b"), pg.clone(), pg.join("a.log")];
        let back: Vec<PathBuf> = twice.iter().rev().cloned().collect();
        let discovery = discover(&twice);
        assert_eq!(displays(&twice), displays(&back));
        assert_eq!(displays(&twice).len(), expected.len(), "each file once");
        let copies: Vec<(&str, &str)> = discovery
            .copies
            .iter()
            .map(|(copy, of)| {
                let kept = discovery.inputs.iter().find(|input| input.path == *of);
                (copy.as_str(), kept.expect("it is kept").display.as_str())
            })
            .collect();
        assert_eq!(
            copies,
            [("pg/a.log", "a.log"), ("pg/b/c/deep.log", "b/c/deep.log"), ("pg/b/x.log", "b/x.log")]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_special_files_refused() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let pg = root.path().join("pg");
        fs::create_dir_all(pg.join("real")).unwrap();
        fs::write(pg.join("real/x.log"), "x").unwrap();
        symlink(&pg, pg.join("real/loop")).unwrap();
        symlink(pg.join("real"), pg.join("alias")).unwrap();
        symlink("x.log", pg.join("real/y.log")).unwrap();
        symlink("nowhere", pg.join("broken")).unwrap();
        let socket = pg.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();

        let discovery = discover(&[pg, socket, root.path().join("absent"), "/dev/null".into()]);
        let names: Vec<&str> =
            discovery.inputs.iter().map(|input| input.display.as_str()).collect();
        assert_eq!(names, ["pg/real/x.log"]);
        assert_eq!(
            discovery.copies,
            [("pg/real/y.log".to_owned(), root.path().join("pg/real/x.log"))]
        );
        let problems: Vec<String> = discovery.problems.iter().map(InputError::to_string).collect();
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(problems[0].starts_with("pg/broken: is a link whose target does not exist"));
        assert!(problems[1].starts_with("socket: is a socket, neither a file nor a folder"));
        assert!(problems[2].starts_with("absent: no such file"));
        assert!(problems[3].starts_with("null: is a device"));
    }
}
