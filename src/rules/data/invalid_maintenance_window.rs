//! A backup or maintenance window is malformed, too short, or overlaps the other window.
//!
//! # What it reports
//!
//! The rule checks DB instances, DB clusters and replication groups of ElastiCache. Times are in UTC: the backup window
//! is daily (`03:00-04:00`), and the maintenance window is weekly (`sun:04:00-sun:05:00`). A window of RDS needs at
//! least 30 minutes, and a window of ElastiCache at least 60 minutes.
//!
//! # Why it matters
//!
//! RDS and ElastiCache reject windows that overlap, because a backup must not run during a restart. They also reject
//! malformed and short windows.
//!
//! # Fix
//!
//! Move one of the windows. The defaults, `03:00-04:00` and `sun:04:00-sun:05:00`, are adjacent and do not overlap.
//!
//! Source: <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupWindow.html>

use crate::diag::Diagnostic;
use crate::facts;
use crate::synth::{Link, Model};
use crate::val::Data;

const WEEKLY: &str = "PreferredMaintenanceWindow";

const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;

/// The start of a window, in minutes of the week or day, and its length.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    start: u32,
    minutes: u32,
}

pub(super) fn check(model: &Model, _: &Link, out: &mut Vec<Diagnostic>) {
    for (id, resource) in model.resources_with(|it| it.window.is_some()) {
        if let Some(facts::resources::Window { property: daily_name, minutes: shortest }) =
            facts::resource(&resource.type_name).window
        {
            let text = |name: &str| resource.props.get(name).and_then(Data::as_str);
            let mut read = |name: &str, parse: fn(&str) -> Option<Window>, wanted: &str| {
                let text = text(name)?;
                let window = parse(text);
                let message = match window {
                    None => format!("`{name}` is `{text}`, which is not a window such as `{wanted}`"),
                    Some(window) if window.minutes < shortest => {
                        format!("`{name}` is {} minutes long; the minimum is {shortest}", window.minutes)
                    }
                    Some(_) => return window,
                };
                out.push(model.error(id, "MS0307", message).help("times are in UTC"));
                None
            };
            let daily = read(daily_name, daily, "03:00-04:00");
            let weekly = read(WEEKLY, weekly, "sun:04:00-sun:05:00");
            if let (Some(daily), Some(weekly)) = (daily, weekly)
                && overlap(daily, weekly)
            {
                let (daily, weekly) = (text(daily_name).unwrap_or_default(), text(WEEKLY).unwrap_or_default());
                let message = format!("the backup window `{daily}` overlaps the maintenance window `{weekly}`");
                out.push(model.error(id, "MS0307", message).help("start one of the windows when the other ends, or later"));
            }
        }
    }
}

/// `03:00-04:00`.
fn daily(text: &str) -> Option<Window> {
    let (from, to) = text.split_once('-')?;
    span(clock(from)?, clock(to)?, DAY)
}

/// `sun:04:00-sun:05:00`.
fn weekly(text: &str) -> Option<Window> {
    let (from, to) = text.split_once('-')?;
    let moment = |text: &str| {
        let (day, time) = text.split_once(':')?;
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let day = days.iter().position(|known| known.eq_ignore_ascii_case(day))? as u32;
        Some(day * DAY + clock(time)?)
    };
    span(moment(from)?, moment(to)?, WEEK)
}

fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: u32| text.parse::<u32>().ok().filter(|it| text.len() == 2 && *it < below);
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

fn span(start: u32, end: u32, cycle: u32) -> Option<Window> {
    Some(Window { start, minutes: (end + cycle - start) % cycle })
}

/// Whether a daily window overlaps a weekly window on any day.
fn overlap(daily: Window, weekly: Window) -> bool {
    (0..7).any(|day| {
        let start = daily.start + day * DAY;
        let after = |from: u32, to: u32| (to + WEEK - from) % WEEK;
        after(weekly.start, start) < weekly.minutes || after(start, weekly.start) < daily.minutes
    })
}

#[cfg(test)]
mod tests {
    use super::super::unsupported_postgres_version::tests::database;
    use crate::rds::DatabaseProps;
    use crate::testing::codes;

    fn windows(app: &crate::App, backup: &str, maintenance: &str) {
        let (backup_window, maintenance_window) = (backup.to_owned(), maintenance.to_owned());
        database(app, DatabaseProps { backup_window, maintenance_window, ..Default::default() });
    }

    #[test]
    fn reports_windows_that_overlap() {
        assert_eq!(codes(|app| windows(app, "03:00-04:01", "sun:04:00-sun:05:00")), ["MS0307"]);
        assert_eq!(codes(|app| windows(app, "23:30-00:30", "tue:00:00-tue:01:00")), ["MS0307"]);
        assert_eq!(codes(|app| windows(app, "12:00-13:00", "sun:23:30-mon:12:30")), ["MS0307"]);
    }

    #[test]
    fn reports_malformed_and_too_short_windows() {
        assert_eq!(codes(|app| windows(app, "3:00-4:00", "sunday:04:00-sunday:05:00")), ["MS0307", "MS0307"]);
        assert_eq!(codes(|app| windows(app, "03:00-03:15", "sun:04:00-sun:05:00")), ["MS0307"]);
    }

    #[test]
    fn accepts_windows_that_touch() {
        assert_eq!(codes(|app| windows(app, "03:00-04:00", "Sun:04:00-Sun:05:00")), [""; 0]);
        assert_eq!(codes(|app| windows(app, "05:00-06:00", "sun:04:00-sun:05:00")), [""; 0]);
    }
}
