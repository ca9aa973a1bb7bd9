//! What waits for the person who is signed in.

use crate::{
    Result, Services,
    views::{Label, WorkItem},
};
use base::{Role, Scope};
use store::{Decision, EvaluationFilter, ImportFilter, ImportState, ObjectionFilter};

impl Services {
    /// Things that wait, the most urgent first. Nothing here counts log-ins or time spent.
    pub async fn list_work(&self, scope: &Scope) -> Result<Vec<WorkItem>> {
        let mut out = Vec::new();
        let item = |kind: &str, zh: String, en: String, count: u64, link: String, urgent: bool| WorkItem {
            kind: kind.into(),
            title: Label { zh, en },
            count,
            link,
            due: None,
            urgent,
        };
        if !scope.sees_figures() {
            if scope.role() == Role::AuditAdmin {
                out.push(item(
                    "verify_audit",
                    "核对审计链".into(),
                    "Check the audit chain".into(),
                    1,
                    "/audit".into(),
                    false,
                ));
            }
            return Ok(out);
        }
        let reader = self.store().read(scope);
        for evaluation in reader.list_evaluations(&EvaluationFilter::default()).await? {
            if evaluation.state == "archived" || evaluation.state == "published" {
                continue;
            }
            let name = format!("{} {} 年度", self.law().divisions.name(evaluation.division), evaluation.year);
            let name_en = format!("{} {}", self.law().divisions.name(evaluation.division), evaluation.year);
            let base = format!("/evaluations/{}", evaluation.id);
            let filter = ImportFilter { evaluation: Some(evaluation.id), ..ImportFilter::default() };
            if matches!(scope.role(), Role::CountyOfficer | Role::DepartmentOwner) {
                for import in
                    reader.list_imports(&filter).await?.into_iter().filter(|i| i.state == ImportState::Waiting)
                {
                    let doubts = reader.list_doubts(import.id).await?;
                    let open = doubts.iter().filter(|d| d.decision == Decision::Open).count() as u64;
                    let link = format!("{base}/imports/{}", import.id);
                    let file = import.file_name;
                    out.push(match open {
                        0 => item(
                            "accept_import",
                            format!("《{file}》待采用"),
                            format!("`{file}` waits to be accepted"),
                            1,
                            link,
                            false,
                        ),
                        n => item(
                            "settle_doubts",
                            format!("《{file}》有待定企业"),
                            format!("`{file}` has rows in doubt"),
                            n,
                            link,
                            true,
                        ),
                    });
                }
            }
            let filter = ObjectionFilter { evaluation: Some(evaluation.id), ..ObjectionFilter::default() };
            let objections = reader.list_objections(&filter).await?;
            let link = format!("{base}/objections");
            let count =
                |states: &[&str]| objections.iter().filter(|o| states.contains(&o.state.as_str())).count() as u64;
            match scope.role() {
                Role::CountyOfficer => {
                    let (new, answered) = (count(&["filed"]), count(&["answered", "review"]));
                    if new > 0 {
                        out.push(item(
                            "route_objection",
                            format!("{name}：新异议待转办"),
                            format!("{name_en}: objections to route"),
                            new,
                            link.clone(),
                            true,
                        ));
                    }
                    if answered > 0 {
                        out.push(item(
                            "accept_answer",
                            format!("{name}：部门答复待审"),
                            format!("{name_en}: answers to decide on"),
                            answered,
                            link.clone(),
                            true,
                        ));
                    }
                    let detail = self.get_evaluation(scope, evaluation.id).await?;
                    if let Some(action) = detail.actions.iter().find(|a| a.blocked_by.is_empty() && !a.needs_reason) {
                        out.push(item(
                            &action.action,
                            format!("{name}：可以{}", action.title.zh),
                            format!("{name_en}: {}", action.title.en),
                            1,
                            base.clone(),
                            false,
                        ));
                    }
                    let missing = detail.deliveries.iter().filter(|d| d.state == "missing").count() as u64;
                    if missing > 0 {
                        out.push(item(
                            "deliver_facts",
                            format!("{name}：部门数据未到"),
                            format!("{name_en}: departments still to deliver"),
                            missing,
                            format!("{base}/imports"),
                            true,
                        ));
                    }
                }
                Role::DepartmentOwner => {
                    let mine = objections
                        .iter()
                        .filter(|o| o.state == "with_department" && o.department == scope.department())
                        .count() as u64;
                    if mine > 0 {
                        out.push(item(
                            "answer_objection",
                            format!("{name}：异议待答复"),
                            format!("{name_en}: objections to answer"),
                            mine,
                            link.clone(),
                            true,
                        ));
                    }
                }
                Role::Firm => {
                    if let (Some(firm), "confirming") = (scope.firm(), evaluation.state.as_str())
                        && reader.find_confirmation(evaluation.id, firm).await?.is_none()
                    {
                        out.push(item(
                            "confirm_sheet",
                            format!("{name}：请核对一企一表"),
                            format!("{name_en}: please check your sheet"),
                            1,
                            format!("{base}/sheets/{firm}"),
                            true,
                        ));
                    }
                }
                _ => (),
            }
        }
        for (kind, zh, en, count, link) in self.round_work(scope).await? {
            out.push(item(kind, zh, en, count, link, false));
        }
        for task in self.list_chain_tasks(scope, None).await? {
            if let Some(action) = task.actions.iter().find(|a| a.blocked_by.is_empty() && !a.needs_reason) {
                let zh = format!("{}：可以{}", task.title.zh, action.title.zh);
                let en = format!("{}: {}", task.title.en, action.title.en);
                let link = format!("/chain-tasks/{}", task.id);
                out.push(item("act_on_chain_task", zh, en, 1, link, task.overdue));
            }
        }
        out.sort_by_key(|w| !w.urgent);
        Ok(out)
    }

    /// Rounds whose next step is the person's, and filings that wait at the person's level.
    async fn round_work(&self, scope: &Scope) -> Result<Vec<(&'static str, String, String, u64, String)>> {
        let state = match (scope.role(), scope.department()) {
            (Role::CountyOfficer, None) => "county_review",
            (Role::CityOfficer, None) => "city_review",
            (Role::ProvinceOfficer, None) => "province_review",
            _ => return Ok(Vec::new()),
        };
        let mut out = Vec::new();
        for row in self.list_rounds(scope).await? {
            let link = format!("/rounds/{}", row.id);
            let waiting = row.filings.iter().filter(|c| c.state == state).map(|c| c.count).sum::<u64>();
            if waiting > 0 {
                let (zh, en) = (format!("{}：待审核", row.title), format!("{}: filings to review", row.title));
                out.push(("review_filings", zh, en, waiting, link.clone()));
            }
            if row.state == "listed" || row.state == "cancelled" {
                continue;
            }
            let detail = self.get_round(scope, row.id).await?;
            if let Some(action) = detail.actions.iter().find(|a| a.blocked_by.is_empty() && !a.needs_reason) {
                let zh = format!("{}：可以{}", row.title, action.title.zh);
                out.push(("act_on_round", zh, format!("{}: {}", row.title, action.title.en), 1, link));
            }
        }
        Ok(out)
    }
}
