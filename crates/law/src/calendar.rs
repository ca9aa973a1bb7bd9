//! The official working-day calendar: public holidays and make-up days of a year. Deadlines are
//! computed from it (`cases`), never typed.

use crate::place::Place;
use crate::scheme::{Cite, Standing, Text};
use jiff::civil::{Date, Weekday};
use serde::Serialize;
use std::collections::BTreeMap;

/// One year's notice.
#[derive(Clone, Debug, Serialize)]
pub struct CalendarYear {
    /// The year.
    pub year: i16,
    /// The notice.
    pub cite: Cite,
    /// Read or assumed.
    pub standing: Standing,
    /// Days off that the notice names (weekends among them included), with the holiday.
    pub off: BTreeMap<Date, Text>,
    /// Saturdays and Sundays that are worked instead, with the holiday they make up for.
    pub worked: BTreeMap<Date, Text>,
    /// The file.
    pub at: Place,
}

/// All years.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Calendar {
    /// By year.
    pub years: BTreeMap<i16, CalendarYear>,
}

impl Calendar {
    /// Whether offices work on that day; `None` when no notice of that year was loaded, so that a
    /// deadline is never computed from a guess.
    pub fn is_working(&self, day: Date) -> Option<bool> {
        // The days around New Year stand in the notice of the year that the holiday belongs to, so
        // a day may be named by its neighbour's notice as well.
        self.years.get(&day.year())?;
        let near = [day.year(), day.year() + 1];
        let named = |pick: fn(&CalendarYear) -> &BTreeMap<Date, Text>| {
            near.iter().filter_map(|y| self.years.get(y)).any(|y| pick(y).contains_key(&day))
        };
        if named(|y| &y.worked) {
            return Some(true);
        }
        if named(|y| &y.off) {
            return Some(false);
        }
        Some(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
    }

    /// The last of `count` working days, the first being the first working day after `start`.
    /// `None` when a day needed lies in a year without a notice.
    pub fn after_working_days(&self, start: Date, count: u32) -> Option<Date> {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            day = day.tomorrow().ok()?;
            if self.is_working(day)? {
                left -= 1;
            }
        }
        Some(day)
    }
}
