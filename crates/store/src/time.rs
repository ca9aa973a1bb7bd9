//! Moments as the database keeps them: RFC 3339 in UTC with six decimals, so that text order is
//! time order on both databases.

use jiff::Timestamp;

/// `2026-03-01T08:00:00.000000Z`.
pub fn to_text(at: Timestamp) -> String {
    format!("{at:.6}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order() {
        let earlier: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-03-01T08:00:00.000001Z".parse().unwrap();
        assert_eq!(to_text(earlier), "2026-03-01T08:00:00.000000Z");
        assert!(to_text(earlier) < to_text(later));
    }
}
