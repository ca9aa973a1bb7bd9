//! The audit log, for those who check: auditors see their region's entries, the audit administrator those
//! of the whole installation. Officers and everybody else see none here; what was done to an evaluation
//! stands in its own history.

use crate::{
    Refusal, Result, Services,
    queries::{ListQuery, page_of},
    views::{AuditCheck, AuditView, Page},
};
use base::{Role, Scope};
use store::AuditFilter;

impl Services {
    /// Entries, newest first.
    pub async fn list_audit(&self, scope: &Scope, query: &ListQuery) -> Result<Page<AuditView>> {
        reader(scope)?;
        let (page, size) = page_of(query.page, query.size);
        let filter = AuditFilter {
            actor: query.actor.clone(),
            action: query.action.clone(),
            subject: query.q.clone(),
            ..AuditFilter::default()
        };
        let found = self
            .store()
            .read(scope)
            .list_audit(&filter, store::Page { offset: (page - 1) * size, limit: size })
            .await?;
        let rows = found
            .rows
            .into_iter()
            .map(|e| AuditView {
                seq: e.seq,
                at: e.at,
                actor: e.actor,
                role: e.role,
                action: e.action,
                subject: e.subject,
                detail: e.detail,
                hash: e.hash,
            })
            .collect();
        Ok(Page { rows, total: found.total, page, size })
    }

    /// Walks the whole chain.
    pub async fn verify_audit(&self, scope: &Scope) -> Result<AuditCheck> {
        reader(scope)?;
        let report = self.store().verify_audit().await?;
        Ok(AuditCheck {
            holds: report.broken.is_none(),
            entries: report.entries.unsigned_abs(),
            head: report.head,
            broken: report.broken.map(|b| (b.seq, b.zh())),
        })
    }
}

fn reader(scope: &Scope) -> Result<()> {
    match scope.role() {
        Role::AuditAdmin | Role::Auditor => Ok(()),
        _ if scope.is_system() => Ok(()),
        _ => Err(Refusal::forbidden()),
    }
}
