//! Working days by the official notices of each year: public holidays, and the Saturdays and
//! Sundays worked to make up for them.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One year's notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYear {
    /// Days off that the notice names.
    #[serde(default)]
    pub off: BTreeSet<Date>,
    /// Saturdays and Sundays that are worked.
    #[serde(default)]
    pub worked: BTreeSet<Date>,
}

/// The notices there are. A day of a year without one is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// By year.
    pub years: BTreeMap<i16, CalendarYear>,
}

/// A day was needed whose year has no notice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("whether {day} is a working day is unknown: no holiday notice of {} is loaded; known: {known}", day.year())]
pub struct UnknownDay {
    /// The day.
    pub day: Date,
    /// Years with a notice.
    pub known: String,
}

impl UnknownDay {
    /// Stable short code.
    pub fn code(&self) -> &'static str {
        "calendar_unknown"
    }

    /// In both languages.
    pub fn wording(&self) -> crate::Wording {
        crate::Wording::new(
            format!("不知道 {} 是不是工作日：没有 {} 年的放假通知，已有：{}", self.day, self.day.year(), self.known),
            self.to_string(),
        )
    }
}

impl From<&law::Calendar> for Calendar {
    fn from(calendar: &law::Calendar) -> Self {
        let years = calendar
            .years
            .iter()
            .map(|(year, notice)| {
                let year_of = CalendarYear {
                    off: notice.off.keys().copied().collect(),
                    worked: notice.worked.keys().copied().collect(),
                };
                (*year, year_of)
            })
            .collect();
        Self { years }
    }
}

impl Calendar {
    fn unknown(&self, day: Date) -> UnknownDay {
        let known: Vec<String> = self.years.keys().map(i16::to_string).collect();
        UnknownDay { day, known: if known.is_empty() { "-".to_owned() } else { known.join(", ") } }
    }

    /// Whether offices work on that day.
    pub fn is_working(&self, day: Date) -> Result<bool, UnknownDay> {
        if !self.years.contains_key(&day.year()) {
            return Err(self.unknown(day));
        }
        // The last days of December may stand in the notice of the year after.
        let notices = || [day.year(), day.year() + 1].into_iter().filter_map(|y| self.years.get(&y));
        if notices().any(|n| n.worked.contains(&day)) {
            return Ok(true);
        }
        if notices().any(|n| n.off.contains(&day)) {
            return Ok(false);
        }
        Ok(!matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
    }

    /// The last of `count` working days, the first being the first one after `start`; `start` itself
    /// when `count` is 0.
    pub fn add_working_days(&self, start: Date, count: u32) -> Result<Date, UnknownDay> {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            day = day.tomorrow().map_err(|_| self.unknown(day))?;
            if self.is_working(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// Working days after `start` up to and including `end`; 0 when `end` does not lie after it.
    pub fn working_days_between(&self, start: Date, end: Date) -> Result<u32, UnknownDay> {
        let (mut day, mut count) = (start, 0);
        while day < end {
            day = day.tomorrow().map_err(|_| self.unknown(day))?;
            count += u32::from(self.is_working(day)?);
        }
        Ok(count)
    }

    /// That day when it is a working day, otherwise the next one.
    pub fn working_day_from(&self, day: Date) -> Result<Date, UnknownDay> {
        if self.is_working(day)? { Ok(day) } else { self.add_working_days(day, 1) }
    }
}
