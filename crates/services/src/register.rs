//! The register of firms as matching needs it: indexed once and kept until a firm changes.

use crate::{Refusal, Result, Services, interpret::Known};
use base::{CreditCode, DivisionCode, Scope};
use intake::{KnownFirm, Matcher};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use store::{Firm, FirmVersion};

/// Whose rows can be told, and what to show of each firm.
pub(crate) struct Register {
    pub matcher: Matcher,
    pub known: Known,
}

/// What a firm was called and numbered before, records joined into it included.
#[derive(Default)]
struct Former {
    names: Vec<String>,
    codes: Vec<CreditCode>,
}

impl Services {
    /// The register of a county with the whole region behind it, so that a firm of another county is
    /// told from one that nobody knows.
    pub(crate) async fn register(&self, division: DivisionCode) -> Result<Arc<Register>> {
        let scope = Scope::system("register", self.settings().root);
        let reader = self.store().read(&scope);
        // Asked before anything is read: a change in between makes the next caller read again.
        let stamp = reader.registry_sequence(self.settings().root).await?;
        if let Some(register) = self.cached_register(division, stamp) {
            return Ok(register);
        }
        let firms = reader.firms_of_division(self.settings().root).await?;
        let versions = reader.firm_versions_of(division).await?;
        let redirects = reader.firm_redirects(division).await?;
        let register = tokio::task::spawn_blocking(move || {
            let mut former = former(versions, &redirects);
            let known = firms.iter().map(|f| (f.id, shown(f))).collect();
            let list: Vec<KnownFirm> =
                firms.into_iter().map(|firm| known_firm(former.remove(&firm.id).unwrap_or_default(), firm)).collect();
            Register { matcher: Matcher::new(division, &list), known }
        })
        .await
        .map_err(Refusal::internal)?;
        Ok(self.keep_register(division, stamp, register))
    }
}

/// Name, credit code and address of a firm.
fn shown(firm: &Firm) -> (String, Option<String>, String) {
    (firm.name.clone(), firm.credit_code.clone(), firm.address.clone().unwrap_or_default())
}

/// Earlier names and codes by the firm that stands for the row today.
fn former(versions: Vec<FirmVersion>, redirects: &HashMap<i64, i64>) -> BTreeMap<i64, Former> {
    let mut out: BTreeMap<i64, Former> = BTreeMap::new();
    for firm in versions.into_iter().map(|v| v.firm) {
        let entry = out.entry(redirects.get(&firm.id).copied().unwrap_or(firm.id)).or_default();
        if !entry.names.contains(&firm.name) {
            entry.names.push(firm.name);
        }
        if let Some(code) = firm.credit_code.and_then(|c| c.parse().ok())
            && !entry.codes.contains(&code)
        {
            entry.codes.push(code);
        }
    }
    out
}

fn known_firm(former: Former, firm: Firm) -> KnownFirm {
    let credit_code: Option<CreditCode> = firm.credit_code.as_deref().and_then(|c| c.parse().ok());
    let earlier = former.names.into_iter().filter(|n| *n != firm.name);
    KnownFirm {
        id: firm.id,
        former_codes: former.codes.into_iter().filter(|c| Some(c) != credit_code.as_ref()).collect(),
        names: std::iter::once(firm.name.clone()).chain(earlier).collect(),
        credit_code,
        address: firm.address.unwrap_or_default(),
        division: firm.division,
        town: firm.town.unwrap_or_default(),
    }
}
