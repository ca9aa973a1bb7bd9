//! Deadlines: so many days, ending at a time of day, in China's one time zone, with pauses.

use crate::{Calendar, UnknownDay};
use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// UTC+8 all year round; a fixed offset, so that no time zone files are needed.
fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// Which days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Working days of the official calendar.
    Working,
    /// Every day; the deadline falls on the day counted, whatever day it is.
    Calendar,
    /// Every day; a deadline on a day off moves to the next working day.
    CalendarThenWorking,
}

/// A time during which the clock stands still: these days are not counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// First day that is not counted.
    pub from: Date,
    /// First day that counts again; absent while the pause lasts.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

/// A deadline's terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// When it started; the day of the start is not counted.
    pub start: Timestamp,
    /// How many days.
    pub days: u32,
    /// Which days count.
    pub count: Count,
    /// Time of the last day at which it ends; that very second is still in time. Without one the
    /// whole last day is in time.
    pub ends: Option<Time>,
    /// In any order; they may overlap.
    #[serde(default)]
    pub pauses: Vec<Pause>,
}

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Running {
    /// In time until `deadline`.
    Open {
        /// The last second that is in time.
        deadline: Timestamp,
    },
    /// Standing still: the deadline is not known yet.
    Paused,
    /// Run out.
    Over {
        /// The last second that was in time.
        deadline: Timestamp,
    },
}

impl Clock {
    /// The last second that is in time; `None` while a pause without end stops the count.
    pub fn deadline(&self, calendar: &Calendar) -> Result<Option<Timestamp>, UnknownDay> {
        let mut day = self.start.to_zoned_datetime(zone()).date();
        let mut left = self.days;
        while left > 0 {
            day = next(day)?;
            match self.paused(day) {
                Some(None) => return Ok(None),
                // The end of the pause lies after the day, so this goes forward.
                Some(Some(until)) => day = before(until),
                None => {
                    if self.count != Count::Working || calendar.is_working(day)? {
                        left -= 1;
                    }
                }
            }
        }
        if self.count == Count::CalendarThenWorking {
            day = calendar.working_day_from(day)?;
        }
        let end = self.ends.unwrap_or(Time::constant(23, 59, 59, 0));
        let moment = day.to_datetime(end).to_zoned_datetime(zone()).map_err(|_| out_of_range(day))?;
        Ok(Some(moment.timestamp()))
    }

    /// Where it stands at a moment. Late by one second is late.
    pub fn at(&self, now: Timestamp, calendar: &Calendar) -> Result<Running, UnknownDay> {
        Ok(match self.deadline(calendar)? {
            None => Running::Paused,
            Some(deadline) if now.as_second() > deadline.as_second() => Running::Over { deadline },
            Some(deadline) => Running::Open { deadline },
        })
    }

    /// True once it has run out.
    pub fn is_over(&self, now: Timestamp, calendar: &Calendar) -> Result<bool, UnknownDay> {
        Ok(matches!(self.at(now, calendar)?, Running::Over { .. }))
    }

    /// Whether the day falls into a pause, and the first day after it when that is known.
    fn paused(&self, day: Date) -> Option<Option<Date>> {
        self.pauses.iter().find(|p| p.from <= day && p.until.is_none_or(|until| day < until)).map(|p| p.until)
    }
}

fn out_of_range(day: Date) -> UnknownDay {
    UnknownDay { day, known: "-".to_owned() }
}

fn next(day: Date) -> Result<Date, UnknownDay> {
    day.tomorrow().map_err(|_| out_of_range(day))
}

fn before(day: Date) -> Date {
    day.saturating_sub(1.day())
}
