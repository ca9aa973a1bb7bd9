//! Dimensional analysis of formulas: what a name measures, and what sums, products and comparisons
//! of such names measure. A literal takes the unit of what it stands beside (`tax_paid >= 1000`).

use law::units::{Dimension, Units};

/// What an expression measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Quantity {
    /// A literal: fits anything.
    Any,
    /// A dimension, and how many base units one of it is; no factor once a literal has scaled it.
    Of(Dimension, Option<f64>),
}

/// Two quantities that cannot be added or compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Clash {
    /// They measure different things.
    Dimension(Dimension, Dimension),
    /// The same thing in different units; the ratio of the units.
    Scale(f64),
}

impl Quantity {
    pub(crate) const PURE: Quantity = Quantity::Of(Dimension::ONE, Some(1.0));

    /// That unit's quantity; a name without unit is a pure number.
    pub(crate) fn of(units: &Units, unit: Option<&str>) -> Option<Self> {
        let Some(id) = unit else { return Some(Self::PURE) };
        let unit = units.get(id)?;
        let factor = base::fixed::to_f64(unit.numerator) / base::fixed::to_f64(unit.denominator);
        Some(Quantity::Of(unit.dimension, Some(factor)))
    }

    pub(crate) fn times(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Any, Quantity::Any) => Quantity::Any,
            // A literal may be a conversion factor, so the scale is no longer known.
            (Quantity::Any, Quantity::Of(d, _)) | (Quantity::Of(d, _), Quantity::Any) => Quantity::Of(d, None),
            (Quantity::Of(a, f), Quantity::Of(b, g)) => Quantity::Of(a.times(b), f.zip(g).map(|(f, g)| f * g)),
        }
    }

    pub(crate) fn over(self, other: Self) -> Self {
        match (self, other) {
            (Quantity::Any, Quantity::Any) => Quantity::Any,
            (Quantity::Any, Quantity::Of(d, _)) => Quantity::Of(Dimension::ONE.over(d), None),
            (Quantity::Of(d, _), Quantity::Any) => Quantity::Of(d, None),
            (Quantity::Of(a, f), Quantity::Of(b, g)) => Quantity::Of(a.over(b), f.zip(g).map(|(f, g)| f / g)),
        }
    }

    /// The quantity of a sum, or of either of two alternatives.
    pub(crate) fn unify(self, other: Self) -> Result<Self, Clash> {
        match (self, other) {
            (Quantity::Any, q) | (q, Quantity::Any) => Ok(q),
            (Quantity::Of(a, _), Quantity::Of(b, _)) if a != b => Err(Clash::Dimension(a, b)),
            (Quantity::Of(a, f), Quantity::Of(_, g)) => match (f, g) {
                (Some(f), Some(g)) if (f / g - 1.0).abs() > 1e-9 => Err(Clash::Scale(f / g)),
                (Some(f), Some(_)) => Ok(Quantity::Of(a, Some(f))),
                _ => Ok(Quantity::Of(a, None)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(base: usize, factor: f64) -> Quantity {
        let mut d = [0; 8];
        d[base] = 1;
        Quantity::Of(Dimension(d), Some(factor))
    }

    #[test]
    fn sums_need_one_unit_and_products_make_new_ones() {
        let (yuan10k, yuan, mu) = (of(0, 1e4), of(0, 1.0), of(1, 2000.0 / 3.0));
        assert_eq!(yuan10k.unify(yuan), Err(Clash::Scale(1e4)));
        assert!(matches!(yuan10k.unify(mu), Err(Clash::Dimension(..))));
        assert_eq!(yuan10k.unify(Quantity::Any), Ok(yuan10k));
        assert_eq!(yuan10k.over(mu).times(mu).unify(yuan10k), Ok(yuan10k));
        assert_eq!(yuan10k.times(Quantity::Any).unify(yuan).map(|q| matches!(q, Quantity::Of(_, None))), Ok(true));
    }
}
