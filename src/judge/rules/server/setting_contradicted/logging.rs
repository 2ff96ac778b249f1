//! PostgreSQL's slow statements that nothing logs, though the server counts them.

use super::Case;
use crate::judge::advice::setting;
use crate::judge::evidence::Evidence;
use crate::judge::evidence::observed::Observed;
use crate::judge::evidence::settings::Settings;
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::model::facts::ServerFacts;

/// A class whose mean run takes longer is slow, in microseconds: the threshold that is advised.
const SLOW_US: u64 = 1_000_000;
/// Bytes of one record, with a statement of some length.
const RECORD_BYTES: f64 = 1000.0;
/// From so many bytes a day on, a part of the runs is logged only.
const MANY_BYTES_PER_DAY: f64 = 1e9;

/// Slow classes that are counted and not logged.
pub(super) fn cases(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Case> {
    const NAME: &str = "log_min_duration_statement";
    let settings = Settings::of(server);
    if settings.text(NAME) != Some("-1") || !server.is_counted {
        return None;
    }
    let own = evidence.classes.iter().filter(|class| class.server.label == server.label);
    let sums = own.map(|class| class.class.counters().sum());
    let slow: Vec<_> =
        sums.filter(|sum| sum.calls > 0 && sum.total_us / sum.calls >= SLOW_US).collect();
    let calls = slow.iter().fold(0u64, |calls, sum| calls.saturating_add(sum.calls));
    // Since when statements are counted the server does not say before 14: its checkpoints' time stands
    // for it, which is no shorter as a rule.
    let seen = Observed::since_reset(server, "checkpoints_timed", "checkpoints_since_s")?;
    if calls == 0 {
        return None;
    }
    let daily = calls as f64 * 86_400.0 / seen.seconds;
    let volume = daily * RECORD_BYTES;
    let changes: &[(&str, &str)] = match volume >= MANY_BYTES_PER_DAY {
        true => &[("log_min_duration_sample", "1s"), ("log_statement_sample_rate", "0.01")],
        false => &[(NAME, "1s")],
    };
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "{} of a second or more, and no slow statement is logged",
            words::counted(slow.len() as u64, "statement")
        ),
        message: format!(
            "{} ran {} times with a mean of a second or more, and nothing tells when, for whom and with \
             which plan. A threshold between 250 ms and 1 s shows them.",
            words::counted(slow.len() as u64, "statement"),
            words::count(calls)
        ),
        severity: Severity::Info,
        facts: vec![
            (format!("{NAME} is -1"), settings.place(NAME)),
            (format!("{} of them a day", words::counted(daily as u64, "run")), None),
        ],
        fixes: vec![setting::of_server(
            changes,
            &format!(
                "About {} of log a day at 1 s, by the counted means: watch it for an hour.",
                words::bytes(volume as u64)
            ),
        )],
        verify: "The log has duration lines, and the next report a plan or an example of each class.",
        trade_offs: "Statements stand in the log with their constants.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}
