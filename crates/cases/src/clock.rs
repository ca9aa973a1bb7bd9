//! Clocks: a number of working or calendar days from a day, to a last moment in local time. Days
//! outside the official calendar are unknown and never guessed.

use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use law::Calendar;
use law::scheme::Days;
use rust_decimal::prelude::ToPrimitive;

/// Where the offices are. China keeps one time.
const ZONE: &str = "Asia/Shanghai";

/// A clock's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// First day that counts.
    pub from: Date,
    /// Last day that counts.
    pub last: Date,
    /// First moment that is too late.
    pub until: Timestamp,
    /// Days in all.
    pub days: u32,
    /// Working days.
    pub working: bool,
}

/// Why there is no deadline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The official calendar of that year is not known.
    #[error("the official working-day calendar after {0} is not known; add it to law/ first")]
    CalendarUnknown(Date),
    /// Not a whole, positive number of days.
    #[error("`{0}` is no whole number of days from 1 to 3660")]
    Days(String),
    /// Not a time of day.
    #[error("`{0}` is no time of day; allowed: 17:30")]
    Time(String),
}

/// The deadline of a clock that starts on a day. Where the days say so, that day is the first (the next
/// working day, when it is none); otherwise the day after it is. `ends_at` is the local time at which the last day ends; none: midnight.
pub fn deadline(calendar: &Calendar, start: Date, days: &Days, ends_at: Option<&str>) -> Result<Deadline, ClockFault> {
    let count = days
        .days
        .value
        .to_u32()
        .filter(|n| (1..=3660).contains(n) && rust_decimal::Decimal::from(*n) == days.days.value)
        .ok_or_else(|| ClockFault::Days(days.days.value.to_string()))?;
    let unknown = || ClockFault::CalendarUnknown(start);
    // Counting from the day before makes the day itself the first.
    let before = if days.counts_first_day { start.yesterday().map_err(|_| unknown())? } else { start };
    let (from, last) = if days.working {
        (
            calendar.after_working_days(before, 1).ok_or_else(unknown)?,
            calendar.after_working_days(before, count).ok_or_else(unknown)?,
        )
    } else {
        let add = |n: u32| before.checked_add(jiff::Span::new().days(i64::from(n))).map_err(|_| unknown());
        (add(1)?, add(count)?)
    };
    let zone = TimeZone::get(ZONE).map_err(|_| unknown())?;
    let end = match ends_at {
        Some(text) => {
            let time: Time = text.parse().map_err(|_| ClockFault::Time(text.to_owned()))?;
            last.to_datetime(time)
        }
        None => last.tomorrow().map_err(|_| unknown())?.to_datetime(Time::midnight()),
    };
    let until = zone.to_timestamp(end).map_err(|_| unknown())?;
    Ok(Deadline { from, last, until, days: count, working: days.working })
}

impl Deadline {
    /// True from the first moment that is too late.
    pub fn elapsed(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// The day it is at a moment, from 1; 0 before the first, `days` after the last.
    pub fn day(&self, calendar: &Calendar, now: Timestamp) -> u32 {
        let Ok(today) = local_day(now) else { return 0 };
        if today < self.from {
            return 0;
        }
        let mut at = self.from;
        let mut count = 1;
        while at < today && count < self.days {
            let Ok(next) = at.tomorrow() else { break };
            at = next;
            if !self.working || calendar.is_working(at) == Some(true) {
                count += u32::from(at <= today);
            }
        }
        count
    }
}

/// The local day of a moment.
pub fn local_day(now: Timestamp) -> Result<Date, jiff::Error> {
    Ok(now.in_tz(ZONE)?.date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use law::Place;
    use law::calendar::CalendarYear;
    use law::scheme::{Cite, Param, Standing, Text};
    use std::collections::BTreeMap;

    fn calendar() -> Calendar {
        let name = || Text { zh: "国庆".into(), en: "National Day".into() };
        let at = Place { file: "c.yaml".into(), line: 1, column: 1 };
        let off = (1..=7).map(|d| (date(2024, 10, d), name())).collect();
        let worked = [(date(2024, 9, 29), name()), (date(2024, 10, 12), name())].into();
        let cite =
            Cite { document: "x".into(), issuer: None, published: None, url: None, articles: vec![], clause: None };
        let year = CalendarYear { year: 2024, cite, standing: Standing::Verified, off, worked, at };
        Calendar { years: BTreeMap::from([(2024, year)]) }
    }

    fn days(n: i64, working: bool) -> Days {
        let at = Place { file: "s.yaml".into(), line: 1, column: 1 };
        let days = Param { value: n.into(), clause: None, standing: Standing::Verified, at };
        Days { days, working, counts_first_day: false }
    }

    /// The same days, the first of which is the day on which they start.
    fn from_today(n: i64, working: bool) -> Days {
        Days { counts_first_day: true, ..days(n, working) }
    }

    /// Notices as they were published: start, number of days, last day. All fit only when the day on
    /// which the notice starts is its first.
    #[test]
    fn published_notices_end_on_their_published_days() {
        let (law, _) = law::Law::embedded();
        let table = [
            ("Bengbu", date(2022, 7, 27), from_today(5, true), date(2022, 8, 2)),
            ("Chaohu", date(2022, 7, 13), from_today(5, true), date(2022, 7, 19)),
            ("Wenling", date(2022, 6, 29), from_today(4, true), date(2022, 7, 4)),
            ("Haishu", date(2025, 8, 14), from_today(5, true), date(2025, 8, 20)),
            ("Jingning", date(2023, 8, 23), from_today(5, true), date(2023, 8, 29)),
            ("Suichang, land areas", date(2023, 5, 25), from_today(6, true), date(2023, 6, 1)),
            ("Shan county", date(2022, 7, 27), from_today(3, false), date(2022, 7, 29)),
        ];
        for (place, start, days, last) in table {
            let end = deadline(&law.calendar, start, &days, None).unwrap();
            assert_eq!((end.from, end.last), (start, last), "{place}");
            let one_more = Days { counts_first_day: false, ..days };
            assert!(deadline(&law.calendar, start, &one_more, None).unwrap().last > last, "{place}");
        }
        let wenling = law.scheme("zhejiang/taizhou/wenling/per-mu", 2021).unwrap();
        let end = deadline(&law.calendar, date(2022, 6, 29), wenling.process.notice_in(2021), None).unwrap();
        assert_eq!(end.last, date(2022, 7, 4));
    }

    #[test]
    fn huangyans_two_notices_end_as_published() {
        let (law, _) = law::Law::embedded();
        let scheme = law.scheme("zhejiang/taizhou/huangyan/per-mu", 2022).unwrap();
        let end = |year: i16, start: Date| {
            let rule = &scheme.process;
            deadline(&law.calendar, start, rule.notice_in(year), rule.ends_at_in(year)).unwrap()
        };
        let (first, second) = (end(2021, date(2022, 9, 20)), end(2022, date(2023, 9, 26)));
        assert_eq!((first.last, first.until.to_string()), (date(2022, 9, 23), "2022-09-23T09:30:00Z".into()));
        assert_eq!((second.last, second.until.to_string()), (date(2023, 9, 28), "2023-09-28T04:00:00Z".into()));
    }

    #[test]
    fn a_notice_that_starts_on_a_day_off_begins_with_the_next_working_day() {
        // Saturday 28 September 2024; Sunday 29 is worked.
        let end = deadline(&calendar(), date(2024, 9, 28), &from_today(2, true), None).unwrap();
        assert_eq!((end.from, end.last), (date(2024, 9, 29), date(2024, 9, 30)));
        let end = deadline(&calendar(), date(2024, 9, 27), &from_today(1, true), None).unwrap();
        assert_eq!((end.from, end.last), (date(2024, 9, 27), date(2024, 9, 27)));
        assert_eq!(end.day(&calendar(), "2024-09-27T04:00:00Z".parse().unwrap()), 1);
    }

    #[test]
    fn make_up_days_count_and_holidays_do_not() {
        // Friday 27 September 2024: Sunday 29 is worked, 1 to 7 October are off.
        let end = deadline(&calendar(), date(2024, 9, 27), &days(3, true), None).unwrap();
        assert_eq!((end.from, end.last), (date(2024, 9, 29), date(2024, 10, 8)));
        assert_eq!(end.until.to_string(), "2024-10-08T16:00:00Z");
    }

    #[test]
    fn late_by_one_second_is_late() {
        let end = deadline(&calendar(), date(2024, 9, 2), &days(4, false), Some("17:30")).unwrap();
        assert_eq!(end.until.to_string(), "2024-09-06T09:30:00Z");
        assert!(!end.elapsed("2024-09-06T09:29:59Z".parse().unwrap()));
        assert!(end.elapsed("2024-09-06T09:30:00Z".parse().unwrap()));
    }

    #[test]
    fn an_unknown_year_is_a_fault_and_never_guessed() {
        assert!(matches!(
            deadline(&calendar(), date(2025, 3, 3), &days(5, true), None),
            Err(ClockFault::CalendarUnknown(_))
        ));
        assert!(matches!(deadline(&calendar(), date(2024, 3, 4), &days(0, true), None), Err(ClockFault::Days(_))));
    }

    #[test]
    fn the_day_of_a_notice_counts_working_days() {
        let end = deadline(&calendar(), date(2024, 9, 27), &days(3, true), None).unwrap();
        let on = |text: &str| end.day(&calendar(), text.parse().unwrap());
        assert_eq!(on("2024-09-28T04:00:00Z"), 0);
        assert_eq!(on("2024-09-29T04:00:00Z"), 1);
        assert_eq!(on("2024-10-03T04:00:00Z"), 2);
        assert_eq!(on("2024-10-08T04:00:00Z"), 3);
        assert_eq!(on("2024-11-08T04:00:00Z"), 3);
    }
}
