//! First days of measures that start with the published list: they are known once it is published.

use crate::{Refusal, Result, Services, runs::Prepared, views::MeasureRow};
use base::Scope;
use jiff::Timestamp;
use law::scheme::Starts;
use store::PublicationKind;

impl Services {
    /// Fills in the first days that follow from the day on which the run's final list was published.
    /// Before that they stay open, and nobody is charged from a day that the list did not announce.
    pub(crate) async fn date_measures(&self, run: &Prepared, rows: &mut [MeasureRow]) -> Result<()> {
        let scope = Scope::system("measures", self.settings().root);
        let publications = self.store().read(&scope).list_publications(Some(run.run.division)).await?;
        let finals = publications.iter().filter(|p| p.run == run.run.id && p.kind == PublicationKind::Final);
        let first = finals.map(|p| p.at.as_str()).min();
        let published = match first {
            Some(at) => {
                let moment: Timestamp = at.parse().map_err(Refusal::internal)?;
                Some(cases::clock::local_day(moment).map_err(Refusal::internal)?)
            }
            None => None,
        };
        for row in rows {
            let Some(rule) = run.scheme.measures.iter().find(|m| m.id == row.measure) else { continue };
            if rule.starts == Starts::AfterPublication {
                let period = measure::measures::in_force(rule, run.compiled.year(), published);
                row.from = period.map(|(from, _)| from.to_string());
            }
        }
        Ok(())
    }
}
