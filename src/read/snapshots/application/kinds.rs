//! Which file of an application a text is, told by its content, and where libraries stand in it.

use super::libraries::{self, find};
use crate::model::event::Engine;
use regex::Regex;
use std::sync::LazyLock;

/// The longest version that is kept, in bytes.
const VERSION_MAX_BYTES: usize = 40;

/// A kind of file.
#[derive(Debug)]
pub(super) struct Kind {
    /// What people call it.
    pub name: &'static str,
    /// All of these stand in it.
    marks: &'static [&'static str],
    /// Finds a library: its name in the first group, its version in the second, where that stands.
    pattern: &'static str,
    names: &'static [(&'static str, Option<Engine>)],
    /// Others have the same marks: it is one only if it names a library.
    needs_library: bool,
}

/// Every kind; the first that fits counts. What fits none may still hold settings.
static KINDS: &[Kind] = &[
    Kind {
        name: "composer.json",
        marks: &["\"require\"", "{"],
        pattern: r#""([\w/-]{1,80})"\s*:\s*"([^"]{0,200})""#,
        names: libraries::PHP,
        needs_library: false,
    },
    Kind {
        name: "package.json",
        marks: &["ependencies\"", "{"],
        pattern: r#""(@?[\w./-]{1,80})"\s*:\s*"([^"]{0,200})""#,
        names: libraries::NPM,
        needs_library: false,
    },
    Kind {
        name: "pom.xml",
        marks: &["<project", "<artifactId>"],
        pattern: r"<artifactId>\s*([\w.-]{1,80})\s*</artifactId>(?:\s*<version>\s*([\w.${}-]{1,40})\s*</version>)?",
        names: libraries::JAVA,
        needs_library: false,
    },
    Kind {
        name: "go.mod",
        marks: &["module ", "\ngo "],
        pattern: r"(?m)^\s*(?:require\s+)?([\w.-]+\.\w+/[\w./-]{1,80})\s+(v[\w.+-]{1,40})",
        names: libraries::GO,
        needs_library: false,
    },
    Kind {
        name: "Gemfile",
        marks: &["gem "],
        pattern: r#"(?m)^\s*gem\s+["']([\w-]{1,80})["'](?:\s*,\s*["']([^"']{1,40})["'])?"#,
        names: libraries::RUBY,
        needs_library: true,
    },
    Kind {
        name: "schema.prisma",
        marks: &["datasource ", "provider"],
        pattern: r#"provider\s*=\s*"(\w{1,40})"()"#,
        names: libraries::ENGINES,
        needs_library: true,
    },
    Kind {
        name: "build.gradle",
        marks: &["mplementation"],
        pattern: r#"["'][\w.-]{1,80}:([\w.-]{1,80})(?::([\w.${}-]{1,40}))?["']"#,
        names: libraries::JAVA,
        needs_library: true,
    },
    Kind {
        name: "pyproject.toml",
        marks: &["[project]"],
        pattern: PYTHON,
        names: libraries::PYTHON,
        needs_library: false,
    },
    Kind {
        name: "pyproject.toml",
        marks: &["[tool.poetry"],
        pattern: PYTHON,
        names: libraries::PYTHON,
        needs_library: false,
    },
    Kind {
        name: "requirements.txt",
        marks: &[],
        pattern: r"(?m)^([A-Za-z][\w.-]{0,80})(?:\[[\w,-]{1,60}\])?[ \t]*(?:[=~<>!]=?=?[ \t]*([\w.*]{1,40})[^\n]{0,200})?(?:[;#][^\n]{0,200})?\r?$",
        names: libraries::PYTHON,
        needs_library: true,
    },
];

/// A requirement as a string of a list, or as a key of a table.
const PYTHON: &str = r#"(?m)["']?\b([A-Za-z][\w-]{0,80})(?:\[[\w,-]{1,60}\])?["']?\s*[=~<>!]+\s*["']?[\^~]?([\d][\w.*]{0,40})"#;

static PATTERNS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| KINDS.iter().map(|kind| Regex::new(kind.pattern).ok()).collect());

/// A library that a text names.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Named<'t> {
    /// Where, in bytes.
    pub start: usize,
    pub name: &'static str,
    pub version: Option<&'t str>,
    pub engine: Option<Engine>,
}

/// The kind of a text, with the libraries it names.
pub(super) fn kind_of(text: &str) -> Option<(&'static Kind, Vec<Named<'_>>)> {
    KINDS.iter().zip(PATTERNS.iter()).find_map(|(kind, pattern)| {
        let pattern = pattern.as_ref().filter(|_| has_marks(kind, text))?;
        let named = named(text, kind, pattern);
        (!kind.needs_library || !named.is_empty()).then_some((kind, named))
    })
}

fn has_marks(kind: &Kind, text: &str) -> bool {
    let begins = match kind.name {
        "package.json" | "composer.json" => text.trim_start().starts_with('{'),
        "pom.xml" => text.trim_start().starts_with('<'),
        "go.mod" => text.lines().any(|line| line.starts_with("module ")),
        "requirements.txt" => is_list(text),
        _ => true,
    };
    begins && kind.marks.iter().all(|mark| text.contains(mark))
}

/// Whether each line may be a requirement: one word, or one with a version behind it.
fn is_list(text: &str) -> bool {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut own = lines.filter(|line| !line.starts_with(['#', '-']));
    own.all(|line| {
        let name = line.split(['=', '<', '>', '~', '!', '[', ';', '#', ' ']).next();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let behind = name.and_then(|name| line.get(name.len()..)).unwrap_or_default();
        let behind = behind.trim_start();
        name.is_some_and(|name| !name.is_empty() && name.chars().all(is_name))
            && (behind.is_empty()
                || behind.starts_with(['<', '>', '~', '!', '[', ';', '#'])
                || behind.starts_with("=="))
    })
}

fn named<'t>(text: &'t str, kind: &Kind, pattern: &Regex) -> Vec<Named<'t>> {
    let found = pattern.captures_iter(text).filter_map(|found| {
        let name = found.get(1)?;
        let (known, engine) = find(kind.names, name.as_str())?;
        let version = found.get(2).map(|version| version.as_str());
        // A version that is a path or an address may hold a name or a password.
        let is_plain = |version: &&str| {
            !version.is_empty()
                && version.len() <= VERSION_MAX_BYTES
                && !version.contains(['/', '@', ':'])
        };
        let version = version.filter(is_plain);
        Some(Named { start: name.start(), name: known, version, engine })
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_found_in_every_kind() {
        for (text, kind, expected) in [
            (
                r#"{"name":"x","dependencies":{"pg":"^8.11.0","left-pad":"1"}}"#,
                "package.json",
                "pg ^8.11.0",
            ),
            (
                r#"{"require":{"ext-pgsql":"*","doctrine/dbal":"^3.6"}}"#,
                "composer.json",
                "ext-pgsql *, doctrine/dbal ^3.6",
            ),
            (
                "# x\npsycopg2-binary==2.9.9\nSQLAlchemy[asyncio] >= 2.0 ; python_version > '3'\nflask\n",
                "requirements.txt",
                "psycopg2-binary 2.9.9, sqlalchemy 2.0",
            ),
            (
                "[project]\ndependencies = [\n  \"asyncpg>=0.29\",\n]\n",
                "pyproject.toml",
                "asyncpg 0.29",
            ),
            ("[tool.poetry.dependencies]\npymongo = \"^4.6\"\n", "pyproject.toml", "pymongo 4.6"),
            (
                "<project><dependency><artifactId>postgresql</artifactId>\n<version>42.7.1</version></dependency></project>",
                "pom.xml",
                "postgresql 42.7.1",
            ),
            (
                "dependencies {\n  implementation 'com.zaxxer:HikariCP:5.1.0'\n}",
                "build.gradle",
                "HikariCP 5.1.0",
            ),
            (
                "module shop\n\ngo 1.22\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.5.0\n)\n",
                "go.mod",
                "github.com/jackc/pgx/v5 v5.5.0",
            ),
            (
                "source 'https://rubygems.org'\ngem 'pg', '~> 1.5'\ngem \"puma\"\n",
                "Gemfile",
                "pg ~> 1.5",
            ),
            (
                "datasource db {\n  provider = \"mysql\"\n  url = env(\"DATABASE_URL\")\n}\n",
                "schema.prisma",
                "mysql -",
            ),
        ] {
            let (found, named) = kind_of(text).unwrap_or_else(|| panic!("{text}"));
            let shown: Vec<_> = named
                .iter()
                .map(|one| format!("{} {}", one.name, one.version.unwrap_or("-")))
                .collect();
            assert_eq!((found.name, shown.join(", ").as_str()), (kind, expected), "{text}");
        }
        for text in ["", "mariadb\nis a server\n", "{\"a\":1}", "gem 'puma'\n", "SELECT 1;\n"] {
            assert!(kind_of(text).is_none(), "{text}");
        }
    }
}
