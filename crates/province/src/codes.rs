//! The real code lists that the invented firms stand on, read from the copies under `law/codes/`.

use base::DivisionCode;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

const DIVISIONS: &str = include_str!("../../../law/codes/shandong_divisions.csv");
const TOWNSHIPS: &str = include_str!("../../../law/codes/shandong_townships.csv");
const HISTORY: &str = include_str!("../../../law/codes/shandong_code_history.csv");
const INDUSTRIES: &str = include_str!("../../../law/codes/gbt4754_2017.csv");
const LINES: &str = include_str!("../../../law/codes/statistical_lines.csv");

/// A city or county of the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Code.
    pub code: DivisionCode,
    /// 昌乐县.
    pub name: &'static str,
    /// 县, 县级市, 市辖区, 地级市 …
    pub kind: &'static str,
}

impl Place {
    /// The name without 省, 市, 区, 县, as firms carry it: 昌乐. Names of two characters stay whole.
    pub fn short(&self) -> &'static str {
        match self.name.char_indices().last() {
            Some((at, '省' | '市' | '区' | '县')) if self.name.chars().count() > 2 => &self.name[..at],
            _ => self.name,
        }
    }
}

/// A township.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Town {
    /// Nine digits.
    pub code: &'static str,
    /// 乔官镇.
    pub name: &'static str,
}

/// The lists the generator draws from.
pub struct Codes {
    /// The 16 cities, ascending.
    pub cities: Vec<Place>,
    /// The 136 counties, ascending.
    pub counties: Vec<Place>,
    /// Townships of each county; those of statistical zones belong to no county and are left out.
    pub towns: BTreeMap<DivisionCode, Vec<Town>>,
    /// Codes that ended: (old, last year, successor).
    pub ended: Vec<(DivisionCode, i16, DivisionCode)>,
    /// Classes (four digits) of each GB/T 4754 division (two digits).
    pub classes: BTreeMap<&'static str, Vec<&'static str>>,
    /// How many sections, divisions, groups and classes the list has.
    pub industry_counts: [usize; 4],
    /// Townships in the list, those of zones included.
    pub township_count: usize,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).filter(|l| !l.is_empty()).map(|l| l.split(',').collect())
}

fn division(code: &str) -> DivisionCode {
    code.parse().expect("the code list holds six-digit codes")
}

impl Codes {
    /// Reads the lists. They are part of the program, so a broken one is a broken build.
    pub fn read() -> Self {
        let places = |level: &str| {
            let mut out: Vec<Place> = rows(DIVISIONS)
                .filter(|r| r[2] == level)
                .map(|r| Place { code: division(r[0]), name: r[1], kind: r[3] })
                .collect();
            out.sort_by_key(|p| p.code);
            out
        };
        let mut towns: BTreeMap<DivisionCode, Vec<Town>> = BTreeMap::new();
        for row in rows(TOWNSHIPS).filter(|r| r[4] == "county") {
            towns.entry(division(row[3])).or_default().push(Town { code: row[0], name: row[1] });
        }
        let ended = rows(HISTORY)
            .filter(|r| !r[4].is_empty() && r[4] != r[0])
            .map(|r| (division(r[0]), r[3].parse().expect("a year"), division(r[4])))
            .collect();
        let mut classes: BTreeMap<&'static str, Vec<&'static str>> = BTreeMap::new();
        let mut industry_counts = [0; 4];
        for row in rows(INDUSTRIES) {
            let depth = ["section", "division", "group", "class"].iter().position(|l| *l == row[1]);
            industry_counts[depth.expect("a level of the standard")] += 1;
            if row[1] == "class" {
                classes.entry(&row[0][..2]).or_default().push(row[0]);
            }
        }
        Self {
            cities: places("prefecture"),
            counties: places("county"),
            towns,
            ended,
            classes,
            industry_counts,
            township_count: rows(TOWNSHIPS).count(),
        }
    }

    /// The county of that code.
    pub fn county(&self, code: DivisionCode) -> &Place {
        let at = self.counties.binary_search_by_key(&code, |p| p.code).expect("a county of the list");
        &self.counties[at]
    }

    /// The city above that county.
    pub fn city_of(&self, county: DivisionCode) -> &Place {
        let city = county.parent().expect("a county has a city");
        let at = self.cities.binary_search_by_key(&city, |p| p.code).expect("a city of the list");
        &self.cities[at]
    }

    /// The code under which a firm of that county was registered in that year: a predecessor's,
    /// when that was still in use.
    pub fn registering_code(&self, county: DivisionCode, year: i16) -> DivisionCode {
        let earlier = self.ended.iter().find(|(_, last, to)| *to == county && *last >= year);
        earlier.map_or(county, |(old, ..)| *old)
    }
}

/// The line of that id in `law/codes/statistical_lines.csv`.
///
/// # Panics
/// When the list has no such line: the list is part of the program.
pub fn line(id: &str) -> Decimal {
    let row = rows(LINES).find(|r| r[0] == id).expect("the line is in law/codes/statistical_lines.csv");
    row[1].parse().expect("a line is a number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_have_their_known_totals() {
        let codes = Codes::read();
        assert_eq!(codes.industry_counts, [20, 97, 473, 1381]);
        assert_eq!((codes.cities.len(), codes.counties.len()), (16, 136));
        assert_eq!(codes.township_count, 1853);
        assert_eq!(codes.towns.len(), 136, "every county has townships of its own");
        assert_eq!(codes.towns.values().map(Vec::len).sum::<usize>(), 1853 - 46);
    }

    #[test]
    fn an_old_registration_is_found_by_its_year() {
        let codes = Codes::read();
        let laiwu = division("370116");
        assert_eq!(codes.registering_code(laiwu, 2016), division("371202"));
        assert_eq!(codes.registering_code(laiwu, 2020), laiwu);
        assert_eq!(codes.county(division("370725")).short(), "昌乐");
        assert_eq!(codes.county(division("371722")).short(), "单县");
    }
}
