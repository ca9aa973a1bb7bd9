//! Titles that firms hold: dated certificates, some expired, some issued in mid-year.

use crate::draw::{Draw, Purpose};
use crate::figures::Figures;
use crate::firm::{Firm, Part, date};
use crate::names::trade_of;
use crate::parameters::{FIRST_YEAR, LAST_YEAR};
use jiff::civil::Date;
use serde::Serialize;

/// Which title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Title {
    /// 高新技术企业
    HighTech,
    /// 专精特新中小企业
    SpecializedSme,
    /// 制造业单项冠军企业
    Champion,
    /// 智能工厂
    SmartFactory,
    /// 绿色工厂
    GreenFactory,
    /// 研发平台
    RdPlatform,
}

impl Title {
    /// All of them.
    pub const ALL: [Title; 6] = [
        Title::HighTech,
        Title::SpecializedSme,
        Title::Champion,
        Title::SmartFactory,
        Title::GreenFactory,
        Title::RdPlatform,
    ];

    /// The fact it states.
    pub fn fact(self) -> &'static str {
        ["high_tech", "specialized_sme", "champion", "smart_factory", "green_factory", "rd_platform"][self as usize]
    }

    /// What the science department calls it.
    pub fn label(self) -> &'static str {
        ["高新技术企业", "专精特新中小企业", "制造业单项冠军企业", "智能工厂", "绿色工厂", "研发平台"][self as usize]
    }

    /// Years a certificate of the demo is valid (invented).
    fn years(self) -> i16 {
        [3, 3, 3, 3, 3, 5][self as usize]
    }

    fn probability(self) -> f64 {
        [0.30, 0.16, 0.015, 0.05, 0.04, 0.10][self as usize]
    }

    fn number_prefix(self) -> &'static str {
        ["GR", "ZJTX", "DXGJ", "ZNGC", "LSGC", "YFPT"][self as usize]
    }
}

/// Who granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// 国家级
    National,
    /// 省级
    Provincial,
    /// 市级
    City,
}

impl Grade {
    /// As facts write it.
    pub fn name(self) -> &'static str {
        ["national", "provincial", "city"][self as usize]
    }

    /// As the science department writes it.
    pub fn label(self) -> &'static str {
        ["国家级", "省级", "市级"][self as usize]
    }
}

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Holder, by index.
    pub firm: usize,
    /// Which title.
    pub title: Title,
    /// Who granted it.
    pub grade: Grade,
    /// Number, unique.
    pub number: String,
    /// First day of validity.
    pub issued: Date,
    /// Last day of validity.
    pub expires: Date,
}

impl Certificate {
    /// True when the science department's list of that year names it: issued by the year's end, and
    /// not expired before the year began by more than a year.
    pub fn is_listed_in(&self, year: i16) -> bool {
        self.issued.year() <= year && self.expires.year() >= year - 1
    }
}

/// The certificates of one firm, by title and date. Those of one title never overlap.
pub fn of(seed: u64, firm: &Firm, figures: &[Figures]) -> Vec<Certificate> {
    let mut draw = Draw::new(seed, Purpose::Certificates, firm.index as u64);
    let mut out = Vec::new();
    let large = figures.last().is_some_and(|f| f.above_scale);
    if firm.part != Part::Ordinary {
        return out;
    }
    for title in Title::ALL {
        let size = if large { 1.0 } else { 0.08 };
        let chance = title.probability() * size * (0.4 + 0.6 * trade_of(&firm.industry).research);
        if !draw.chance(chance) {
            continue;
        }
        let grade = match title {
            Title::HighTech => Grade::National,
            Title::Champion => Grade::Provincial,
            _ => *draw.pick(&[Grade::National, Grade::Provincial, Grade::Provincial, Grade::City, Grade::City]),
        };
        let earliest = firm.founded.year() + 1;
        let mut issued = date(draw.between(i64::from(FIRST_YEAR) - 3, i64::from(LAST_YEAR)) as i16, &mut draw);
        while issued.year() <= LAST_YEAR {
            let until = issued.year() + title.years();
            let expires = Date::new(until, issued.month(), issued.day()).expect("days stay below 29").yesterday();
            let expires = expires.expect("within the calendar");
            if issued.year() >= earliest {
                out.push(Certificate {
                    firm: firm.index,
                    title,
                    grade,
                    number: format!("{}{}37{:05}", title.number_prefix(), issued.year(), firm.index),
                    issued,
                    expires,
                });
            }
            // Two in three renew, some months after the old one ran out.
            if !draw.chance(0.66) {
                break;
            }
            issued = date(expires.year(), &mut draw).max(expires.tomorrow().expect("within the calendar"));
        }
    }
    out
}
