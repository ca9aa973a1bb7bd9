//! Small invented things that many tests need. Names are made of place and number, so that none is a
//! real firm's.

use base::{CreditCode, Department, DivisionCode, Role, Scope};

/// The division of that code.
///
/// # Panics
/// When it is no division code.
pub fn division(code: &str) -> DivisionCode {
    code.parse().expect("a division code")
}

/// An officer of a county.
pub fn county_officer(county: &str) -> Scope {
    Scope::of_account(format!("officer-{county}"), Role::CountyOfficer, division(county), None, None)
}

/// An officer of a city.
pub fn city_officer(city: &str) -> Scope {
    Scope::of_account(format!("officer-{city}"), Role::CityOfficer, division(city), None, None)
}

/// Somebody who owns a department's facts in a county.
pub fn department_owner(county: &str, department: Department) -> Scope {
    let name = format!("{}-{county}", department.name());
    Scope::of_account(name, Role::DepartmentOwner, division(county), Some(department), None)
}

/// A firm's own account.
pub fn firm_scope(county: &str, firm: i64) -> Scope {
    Scope::of_account(format!("firm-{firm}"), Role::Firm, division(county), None, Some(firm))
}

/// Somebody who reads everything in a region and changes nothing.
pub fn auditor(region: &str) -> Scope {
    Scope::of_account(format!("auditor-{region}"), Role::Auditor, division(region), None, None)
}

/// Somebody who has not signed in.
pub fn visitor(region: &str) -> Scope {
    Scope::public(division(region))
}

/// An invented name, different for each number.
pub fn firm_name(number: usize) -> String {
    const PLACES: [&str; 5] = ["东河", "西岭", "南洼", "北埠", "中泊"];
    const TRADES: [&str; 7] = ["机械", "铝材", "纺织", "化工", "食品", "电子", "纸业"];
    format!("{}{}号{}有限公司", PLACES[number % 5], number, TRADES[number % 7])
}

/// A credit code with a right check digit, different for each number below 10⁹.
pub fn credit_code(division: DivisionCode, number: usize) -> String {
    let body = format!("91{division}{number:09}");
    let check = CreditCode::check_character(&body).expect("seventeen digits");
    format!("{body}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn invented_codes_are_sound_and_differ() {
        let county = division("370783");
        let codes: HashSet<String> = (0..500).map(|n| credit_code(county, n)).collect();
        let names: HashSet<String> = (0..500).map(firm_name).collect();
        assert_eq!((codes.len(), names.len()), (500, 500));
        assert!(codes.iter().all(|c| c.parse::<CreditCode>().is_ok()));
    }
}
