//! What reading needs to know about units. The table itself is data of the law; this crate only
//! asks it.

pub use law::units::Factor;

/// A unit's id, as law files write it: `10k_yuan`, `mu`.
pub type UnitId = String;

/// Units by the names under which departments write them.
pub trait UnitTable {
    /// The unit meant by a text such as `万元` or `kWh`; `None` when it names no known unit.
    fn find(&self, text: &str) -> Option<UnitId>;

    /// The exact factor that turns a figure in `from` into one in `to`; `None` when they measure
    /// different things.
    fn factor(&self, from: &str, to: &str) -> Option<Factor>;

    /// How the unit is written for people.
    fn label(&self, id: &str) -> String {
        id.to_owned()
    }
}

impl UnitTable for law::Units {
    fn find(&self, text: &str) -> Option<UnitId> {
        law::Units::find(self, text).map(|unit| unit.id.clone())
    }

    fn factor(&self, from: &str, to: &str) -> Option<Factor> {
        law::Units::factor(self, from, to).ok()
    }

    fn label(&self, id: &str) -> String {
        self.get(id).map_or_else(|| id.to_owned(), |unit| unit.title.zh.clone())
    }
}
