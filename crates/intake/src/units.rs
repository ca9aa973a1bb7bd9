//! What reading needs to know about units. The table itself is data of the law; this crate only
//! asks it.

pub use law::units::Factor;
use std::cell::RefCell;
use std::collections::HashMap;

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

/// Remembers what texts were looked up: heads are tried in many combinations.
pub(crate) struct Remembered<'a> {
    table: &'a dyn UnitTable,
    found: RefCell<HashMap<String, Option<UnitId>>>,
}

impl<'a> Remembered<'a> {
    pub fn new(table: &'a dyn UnitTable) -> Self {
        Self { table, found: RefCell::default() }
    }
}

impl UnitTable for Remembered<'_> {
    fn find(&self, text: &str) -> Option<UnitId> {
        if let Some(known) = self.found.borrow().get(text) {
            return known.clone();
        }
        let found = self.table.find(text);
        self.found.borrow_mut().insert(text.to_owned(), found.clone());
        found
    }

    fn factor(&self, from: &str, to: &str) -> Option<Factor> {
        self.table.factor(from, to)
    }

    fn label(&self, id: &str) -> String {
        self.table.label(id)
    }
}
