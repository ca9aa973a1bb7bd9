//! Who is asking, as a value that every store query demands: region subtree, department, firm and
//! purpose. A `Scope` is made from a signed-in account (or for a named system task) and only ever
//! narrowed; there is no query without one.

use crate::DivisionCode;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a person may do. The three administrators exclude each other and see no firm figures.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Industry department of a county: runs the evaluation.
    CountyOfficer,
    /// Industry department of a city: sees its counties.
    CityOfficer,
    /// Industry department of the province.
    ProvinceOfficer,
    /// Tax, land, power …: owns facts and answers for them.
    DepartmentOwner,
    /// One firm: its own figures only.
    Firm,
    /// Reads everything in its region, changes nothing.
    Auditor,
    /// Runs the installation: accounts exist or not, backups. No business data.
    SystemAdmin,
    /// Gives roles and unlocks accounts.
    SecurityAdmin,
    /// Reads and checks the audit chain.
    AuditAdmin,
    /// Nobody signed in, or an account that has not been given a role: what has been published.
    Public,
}

impl Role {
    /// Every role a person can hold.
    pub const ALL: [Role; 9] = [
        Role::CountyOfficer,
        Role::CityOfficer,
        Role::ProvinceOfficer,
        Role::DepartmentOwner,
        Role::Firm,
        Role::Auditor,
        Role::SystemAdmin,
        Role::SecurityAdmin,
        Role::AuditAdmin,
    ];

    /// The name used in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Role::CountyOfficer => "county_officer",
            Role::CityOfficer => "city_officer",
            Role::ProvinceOfficer => "province_officer",
            Role::DepartmentOwner => "department_owner",
            Role::Firm => "firm",
            Role::Auditor => "auditor",
            Role::SystemAdmin => "system_admin",
            Role::SecurityAdmin => "security_admin",
            Role::AuditAdmin => "audit_admin",
            Role::Public => "public",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Role::Public]).find(|r| r.name() == name)
    }

    /// True for the three administrators, of which one account may hold only one.
    pub fn is_administrator(self) -> bool {
        matches!(self, Role::SystemAdmin | Role::SecurityAdmin | Role::AuditAdmin)
    }
}

/// Owner of facts. The list is that of the regulation's practice (E1); which indicator belongs to
/// which is data in `law/`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Department {
    /// 工业和信息化
    Industry,
    /// 税务
    Tax,
    /// 自然资源
    Land,
    /// 供电
    Power,
    /// 生态环境
    Environment,
    /// 统计
    Statistics,
    /// 科技
    Science,
    /// 应急管理
    Safety,
    /// 市场监管
    Market,
}

impl Department {
    /// All of them.
    pub const ALL: [Department; 9] = [
        Department::Industry,
        Department::Tax,
        Department::Land,
        Department::Power,
        Department::Environment,
        Department::Statistics,
        Department::Science,
        Department::Safety,
        Department::Market,
    ];

    /// The name used in files, the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Department::Industry => "industry",
            Department::Tax => "tax",
            Department::Land => "land",
            Department::Power => "power",
            Department::Environment => "environment",
            Department::Statistics => "statistics",
            Department::Science => "science",
            Department::Safety => "safety",
            Department::Market => "market",
        }
    }

    /// The department of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

/// What a person does it for; kept in the audit log with every read of firm figures.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Doing the yearly evaluation.
    Evaluation,
    /// Looking at one's own firm.
    OwnFirm,
    /// Checking what others did.
    Audit,
    /// Running the installation.
    Administration,
    /// Reading what has been published.
    Publication,
    /// A task of the system itself (start-up, background job, command line).
    System,
}

/// Who asks, for what, and how far they may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    actor: String,
    role: Role,
    region: DivisionCode,
    department: Option<Department>,
    firm: Option<i64>,
    purpose: Purpose,
    address: Option<IpAddr>,
}

impl Scope {
    /// The scope of an account. Region bounds every query; a firm's scope also names its one firm.
    pub fn of_account(
        actor: impl Into<String>,
        role: Role,
        region: DivisionCode,
        department: Option<Department>,
        firm: Option<i64>,
    ) -> Self {
        let purpose = match role {
            Role::Firm => Purpose::OwnFirm,
            Role::Auditor | Role::AuditAdmin => Purpose::Audit,
            Role::SystemAdmin | Role::SecurityAdmin => Purpose::Administration,
            Role::Public => Purpose::Publication,
            _ => Purpose::Evaluation,
        };
        Self { actor: actor.into(), role, region, department, firm, purpose, address: None }
    }

    /// The scope of a visitor who has not signed in.
    pub fn public(region: DivisionCode) -> Self {
        Self::of_account("public", Role::Public, region, None, None)
    }

    /// A task of the system itself, named in the audit log as `system:name`.
    pub fn system(task: &str, region: DivisionCode) -> Self {
        Self {
            actor: format!("system:{task}"),
            role: Role::ProvinceOfficer,
            region,
            department: None,
            firm: None,
            purpose: Purpose::System,
            address: None,
        }
    }

    /// The same person asking from a network address, which the audit log notes.
    pub fn asking_from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// Account name, or `system:task`.
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The role that the person acts in.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Root of the region subtree that may be seen.
    pub fn region(&self) -> DivisionCode {
        self.region
    }

    /// The department, for those who own facts.
    pub fn department(&self) -> Option<Department> {
        self.department
    }

    /// The one firm, for a firm's account.
    pub fn firm(&self) -> Option<i64> {
        self.firm
    }

    /// What for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Network address that the question came from, when it came over the network.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// True for a task of the system itself.
    pub fn is_system(&self) -> bool {
        self.purpose == Purpose::System
    }

    /// True when figures of firms in that division may be read at all.
    pub fn sees_division(&self, division: DivisionCode) -> bool {
        self.sees_figures() && self.region.covers(division)
    }

    /// True when that firm's figures may be read.
    pub fn sees_firm(&self, firm: i64, division: DivisionCode) -> bool {
        self.sees_division(division) && self.firm.is_none_or(|own| own == firm)
    }

    /// Administrators run the house and never read firm figures; the public reads publications.
    pub fn sees_figures(&self) -> bool {
        !self.role.is_administrator() && self.role != Role::Public
    }

    /// The same person looking at a smaller region; `None` when it lies outside.
    pub fn narrowed_to(&self, region: DivisionCode) -> Option<Self> {
        self.region.covers(region).then(|| Self { region, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_sees_its_subtree_and_a_firm_sees_itself() {
        let county: DivisionCode = "370783".parse().unwrap();
        let other: DivisionCode = "370784".parse().unwrap();
        let officer = Scope::of_account("li", Role::CountyOfficer, county, None, None);
        assert!(officer.sees_firm(1, county) && !officer.sees_firm(1, other));
        let firm = Scope::of_account("f", Role::Firm, county, None, Some(7));
        assert!(firm.sees_firm(7, county) && !firm.sees_firm(8, county));
        let admin = Scope::of_account("a", Role::SystemAdmin, county, None, None);
        assert!(!admin.sees_firm(7, county));
        assert!(officer.narrowed_to(other).is_none());
    }
}
