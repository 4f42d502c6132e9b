//! The report as text, 100 columns wide.

use super::report::{Report, Row, Section};
use std::fmt::Write;
use std::io::IsTerminal;

const WIDTH: usize = 100;

/// Whether to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// ANSI colours.
    On,
    /// None.
    Off,
}

impl Colour {
    /// On a terminal, unless the user wants none (<https://no-color.org>).
    pub fn for_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if !unwanted && std::io::stdout().is_terminal() { Self::On } else { Self::Off }
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Off => text.to_owned(),
        }
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const RED: &str = "31";
const GREEN: &str = "32";

const LEGEND: &str = "\
A CPU is running, masked (disabled for interruptions) or waiting in KVM_RUN; or outside it: exited
(at a DIAGNOSE for user space), paused or stopped. The time is from the injection, or for a CPU
outside KVM_RUN from its entry, to the handler's record as the injecting thread sees it.
";

/// The whole report.
pub fn render(report: &Report, colour: Colour) -> String {
    let mut text = format!(
        "A guest of {} bytes on {} CPUs takes interrupts that another thread injects.\n{LEGEND}",
        report.guest_bytes, report.cpus
    );
    let mut section = None;
    for row in &report.rows {
        if section != Some(row.head.section) {
            section = Some(row.head.section);
            text.push('\n');
            text.push_str(&colour.paint(BOLD, heading(row.head.section).trim_end()));
            text.push('\n');
        }
        text.push_str(&render_row(row, colour));
    }
    text.push('\n');
    text.push_str(&conclusion(report, colour));
    text
}

fn heading(section: Section) -> String {
    let (seen, psw, time) = match section {
        Section::Refused => ("error", "", ""),
        _ => ("seen", "interrupted PSW", "time"),
    };
    format!("  {:<36} {:<10} {:<15} {:<24} {:>9}", section.title(), "CPU", seen, psw, time)
}

fn render_row(row: &Row, colour: Colour) -> String {
    let mark = if row.ok { colour.paint(GREEN, "✓") } else { colour.paint(RED, "✗") };
    let cpu = format!("{} {}", row.head.cpu, row.head.state.name());
    let seen = row.seen.as_ref();
    let what = match (&row.errno, seen) {
        (Some(errno), _) => errno.clone(),
        (None, Some(seen)) => {
            let code = seen.code.as_deref().unwrap_or_default();
            format!("{} {code}", seen.class).trim().to_owned()
        }
        (None, None) => "-".into(),
    };
    let psw = seen
        .and_then(|seen| seen.old_psw.as_ref())
        .map(|psw| format!("{} {}", psw.mask.trim_start_matches("0x"), psw.address))
        .unwrap_or_default();
    let time = row.microseconds.map(time).unwrap_or_default();
    let line = format!("{:<36} {cpu:<10} {what:<15} {psw:<24} {time:>9}", row.head.text());
    let mut text = format!("{mark} {}\n", line.trim_end());
    let parameters: Vec<String> = seen
        .into_iter()
        .flat_map(|seen| &seen.parameters)
        .map(|parameter| format!("{} {}", parameter.name, parameter.value))
        .collect();
    for line in wrap(&parameters) {
        let _ = writeln!(text, "    {}", colour.paint(DIM, &line));
    }
    for problem in &row.problems {
        let _ = writeln!(text, "    {}", colour.paint(RED, problem));
    }
    text
}

/// Joins items into lines that fit beside an indentation of four.
fn wrap(items: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + item.len() <= WIDTH - 4 => {
                line.push_str(", ");
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

fn time(microseconds: f64) -> String {
    if microseconds < 1000.0 {
        format!("{microseconds:.1} µs")
    } else {
        format!("{:.1} ms", microseconds / 1000.0)
    }
}

fn conclusion(report: &Report, colour: Colour) -> String {
    let rows = report.rows.len();
    if report.ok {
        let text = format!("All {rows} as specified.");
        return colour.paint(GREEN, &text) + "\n";
    }
    let mut text = format!("{} of {rows} not as specified.", report.failed());
    if report.gave_up {
        text.push_str(" Given up there.");
    }
    colour.paint(RED, &text) + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::machine::State;
    use super::super::report::{Head, Observation, Seen};
    use super::*;

    fn row(problems: Vec<String>) -> Row {
        let head = Head {
            section: Section::Local,
            kind: "KVM_S390_PROGRAM_INT",
            detail: "segment translation, xyz".into(),
            cpu: 1,
            state: State::Running,
        };
        let psw = lowcore_arch::Psw::new(0x0306_0001_8000_0000, 0x1_0123);
        let mut seen = Seen::observed("external 0x1201", None, Some(psw));
        for _ in 0..9 {
            seen = seen.with("breaking event", "0x0123456789abcdef");
        }
        let time = std::time::Duration::from_micros(99_999);
        Row::new(head, Observation { seen: Some(seen), time: Some(time), errno: None, problems })
    }

    #[test]
    fn fits_into_100_columns() {
        let text = render_row(&row(vec![]), Colour::Off) + &heading(Section::Local);
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert!(text.starts_with("✓ PROGRAM_INT segment translation, xyz "));
    }

    #[test]
    fn says_what_is_wrong() {
        let report = Report {
            guest_bytes: 0,
            cpus: 2,
            rows: vec![row(vec!["prefix 0x0, expected 0x1".into()])],
            gave_up: false,
            ok: false,
        };
        let text = render(&report, Colour::Off);
        assert!(text.contains("✗") && text.contains("prefix 0x0, expected 0x1"));
        assert!(text.ends_with("1 of 1 not as specified.\n"));
        assert!(!text.contains('\x1b'));
    }
}
