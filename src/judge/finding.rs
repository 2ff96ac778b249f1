//! What a rule says: the defect, its evidence, its fix, and an honest impact.

use crate::model::facts::Source;
use serde::Serialize;

/// How bad. Ordered: `Info` is least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Hygiene, or a hint about missing evidence.
    Info,
    /// Below 2 % of the load.
    Low,
    /// At least 2 % of the load.
    Medium,
    /// At least 10 % of the load.
    High,
    /// At least 30 % of the load, or data or availability at risk.
    Critical,
}

impl Severity {
    /// The severity that a share of the load alone gives.
    pub fn of_share(share: f64) -> Severity {
        match share {
            s if s >= 0.30 => Severity::Critical,
            s if s >= 0.10 => Severity::High,
            s if s >= 0.02 => Severity::Medium,
            s if s >= 0.01 => Severity::Low,
            _ => Severity::Info,
        }
    }

    /// The word used in reports and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How sure: high needs two independent sources or a deterministic fact, low is a pattern only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A pattern only.
    Low,
    /// One strong source.
    Medium,
    /// Two independent sources, or deterministic.
    High,
}

impl Confidence {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// What a finding is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Subject {
    /// `query`, `table`, `index`, `server`, `setting` …
    pub kind: &'static str,
    /// Its name: for a query, its fingerprint in short.
    pub name: String,
    /// The query class, when it is one.
    pub query_id: Option<String>,
}

/// One fact that supports a finding, with where it was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fact {
    /// The fact in words.
    pub fact: String,
    /// `file:line`, when it has one place.
    pub source: Option<Source>,
}

/// Where an impact's numbers come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ImpactLabel {
    /// Two periods were compared.
    Measured,
    /// Arithmetic on observed counts.
    Derived,
    /// A model and an assumption.
    Estimated,
    /// It cannot be said from these files.
    Unknown,
}

impl ImpactLabel {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            ImpactLabel::Measured => "measured",
            ImpactLabel::Derived => "derived",
            ImpactLabel::Estimated => "estimated",
            ImpactLabel::Unknown => "unknown",
        }
    }
}

/// What a fix is worth.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Impact {
    /// Where the numbers come from.
    pub label: ImpactLabel,
    /// Share of all logged time that the finding touches, 0 to 1.
    pub share: f64,
    /// Least milliseconds saved over the period.
    pub saved_ms_low: Option<f64>,
    /// Most milliseconds saved over the period: never more than the class's total.
    pub saved_ms_high: Option<f64>,
}

impl Impact {
    /// One of which nothing can be said.
    pub fn unknown() -> Self {
        Impact { label: ImpactLabel::Unknown, share: 0.0, saved_ms_low: None, saved_ms_high: None }
    }
}

/// What kind of text a fix is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// SQL to run.
    Sql,
    /// JavaScript to run in mongosh.
    Js,
    /// A changed setting.
    Config,
    /// The statement rewritten.
    Rewrite,
    /// A change in the application's code.
    Code,
}

/// One thing to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fix {
    /// What kind of text it is.
    pub kind: FixKind,
    /// The text to run or to write.
    pub text: String,
    /// How to take it back; empty where nothing is changed.
    pub undo: String,
    /// Preconditions and cautions, in words.
    pub note: String,
    /// False where a placeholder must be filled in first.
    pub complete: bool,
}

/// What is wrong with an index, or with there being none: where the report lists it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// It should be built.
    Missing,
    /// Nothing uses it.
    Unused,
    /// Another one is the same.
    Duplicate,
    /// Another one serves all that it serves.
    Redundant,
    /// It should be built for a foreign key.
    UnindexedForeignKey,
    /// The server does not use it.
    Invalid,
}

/// An index that a finding is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexVerdict {
    /// What is wrong.
    pub verdict: Verdict,
    /// Its table, as people write it.
    pub table: String,
    /// Its name; of one to be built, the name that its statement gives it.
    pub name: String,
    /// Its keys: `name`, `name desc`, an expression.
    pub columns: Vec<String>,
    /// The index that it duplicates or is covered by.
    pub other: Option<String>,
    /// The statement that makes it.
    pub ddl: String,
    /// Its size in bytes, where a source tells it.
    pub size_bytes: Option<u64>,
    /// Ids of the classes that it serves.
    pub serves: Vec<String>,
}

/// What a rule found.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Finding {
    /// Stable identity for baselines: the rule and its subject, such as
    /// `deep-offset/4c1f09a2b7d3e810`.
    pub key: String,
    /// The rule's name.
    pub rule: &'static str,
    /// What to do or what is wrong, in one line.
    pub title: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What it is about.
    pub subject: Subject,
    /// The label of the server it concerns.
    pub server: String,
    /// The tables that it is about, where its rule tells them: what findings of several rules about
    /// one statement are compared by.
    #[serde(skip)]
    pub tables: Vec<String>,
    /// What was found and why it is slow, in one to three sentences.
    pub message: String,
    /// What supports it.
    pub evidence: Vec<Fact>,
    /// The plan that shows it, by its id.
    pub plan_id: Option<String>,
    /// The guilty part of a plan, line by line; empty where no plan shows it.
    pub excerpt: Vec<String>,
    /// What a fix is worth.
    pub impact: Impact,
    /// What to do, best first.
    pub fixes: Vec<Fix>,
    /// How to see that it worked.
    pub verify: String,
    /// What it costs.
    pub trade_offs: String,
    /// The indexes that it is about; the report lists them beside the findings.
    #[serde(skip)]
    pub indexes: Vec<IndexVerdict>,
}
