//! Who signs in to the demo: one account a role at least, and several firms. Names are roles, not
//! people; the caller chooses the passwords.

use base::{Department, DivisionCode, Role};
use serde::Serialize;

/// An account to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoAccount {
    /// What is typed at sign-in.
    pub sign_in: String,
    /// Shown name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Root of what may be seen.
    pub division: DivisionCode,
    /// For department owners.
    pub department: Option<Department>,
    /// For firms: index of the firm.
    pub firm: Option<usize>,
}

/// The accounts of a demo county; `firms` are (index, shown name, what for).
pub(crate) fn list(county: DivisionCode, place: &str, firms: &[(usize, String)]) -> Vec<DemoAccount> {
    let city = county.parent().expect("a county has a city");
    let province = city.parent().expect("a city has a province");
    let of = |sign_in: &str, name: String, role, division, department| DemoAccount {
        sign_in: sign_in.to_owned(),
        name,
        role,
        division,
        department,
        firm: None,
    };
    let mut out = vec![
        of("county", format!("{place}工信局经办岗（演示）"), Role::CountyOfficer, county, None),
        of("county2", format!("{place}工信局复核岗（演示）"), Role::CountyOfficer, county, None),
        of("city", "市工信局运行监测岗（演示）".into(), Role::CityOfficer, city, None),
        of("province", "省工信厅综合岗（演示）".into(), Role::ProvinceOfficer, province, None),
    ];
    for (department, name) in [
        (Department::Tax, "税务局数据岗"),
        (Department::Land, "自然资源局数据岗"),
        (Department::Power, "供电公司数据岗"),
        (Department::Environment, "生态环境局数据岗"),
        (Department::Statistics, "统计局数据岗"),
        (Department::Science, "科技局数据岗"),
        (Department::Safety, "应急管理局数据岗"),
        (Department::Market, "市场监管局数据岗"),
    ] {
        out.push(of(
            department.name(),
            format!("{place}{name}（演示）"),
            Role::DepartmentOwner,
            county,
            Some(department),
        ));
    }
    for (n, (firm, name)) in firms.iter().enumerate() {
        out.push(DemoAccount {
            firm: Some(*firm),
            ..of(&format!("firm{}", n + 1), name.clone(), Role::Firm, county, None)
        });
    }
    out.extend([
        of("auditor", format!("{place}审计岗（演示）"), Role::Auditor, county, None),
        of("sysadmin", "系统管理员（演示）".into(), Role::SystemAdmin, province, None),
        of("secadmin", "安全管理员（演示）".into(), Role::SecurityAdmin, province, None),
        of("auditadmin", "审计管理员（演示）".into(), Role::AuditAdmin, province, None),
    ]);
    out
}
