//! Drawing a sample that anybody can draw again: commit and reveal. A secret is committed to by its
//! digest before the pool is known; once the pool stands, secret and pool together seed the draw, and
//! each member is ordered by the digest of seed and member.
//!
//! Whoever chose the secret could not know the pool, and whoever shaped the pool could not know the
//! secret. Ordering a pool by keyed digests is the idea of RFC 3797, section 4, with SHA-256 in the
//! place of MD5. In each stratum the share is rounded up, so that none stays without a visit.

use base::{Digest, DivisionCode};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::collections::BTreeMap;

/// The order of one stratum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    /// County.
    pub division: DivisionCode,
    /// How many of the order are drawn.
    pub take: usize,
    /// Every member with its key, ascending by key.
    pub order: Vec<(Digest, i64)>,
}

/// What is published of a secret before the draw.
pub fn commitment(secret: &str) -> Digest {
    Digest::of(secret.as_bytes())
}

/// The seed of a draw: the digest of the secret, a line feed, and a line `county:member` for each of the
/// pool in ascending order of the members; `sha256sum` gives the same.
pub fn seed(secret: &str, pool: &[(DivisionCode, i64)]) -> Digest {
    let mut sorted = pool.to_vec();
    sorted.sort_by_key(|(division, id)| (*id, division.number()));
    let text: String = sorted.iter().map(|(division, id)| format!("{division}:{id}\n")).collect();
    Digest::of(format!("{secret}\n{text}").as_bytes())
}

/// The key by which a member is ordered: the digest of `seed:member`.
pub fn key(seed: Digest, id: i64) -> Digest {
    Digest::of(format!("{seed}:{id}", seed = seed.hex()).as_bytes())
}

/// How many of so many are drawn: the share in percent, rounded up; none of none, and none at 0 %.
pub fn take(count: usize, percent: Decimal) -> usize {
    let share = (Decimal::from(count) * percent / Decimal::from(100)).ceil();
    share.to_usize().unwrap_or(count).min(count)
}

/// Orders a pool by county and says how many of each are drawn.
pub fn draw(secret: &str, pool: &[(DivisionCode, i64)], percent: Decimal) -> Vec<Stratum> {
    let seed = seed(secret, pool);
    let mut strata: BTreeMap<u32, (DivisionCode, Vec<(Digest, i64)>)> = BTreeMap::new();
    for (division, id) in pool {
        strata.entry(division.number()).or_insert_with(|| (*division, Vec::new())).1.push((key(seed, *id), *id));
    }
    strata
        .into_values()
        .map(|(division, mut order)| {
            order.sort_by_key(|(key, id)| (key.hex(), *id));
            Stratum { division, take: take(order.len(), percent), order }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn county(n: u32) -> DivisionCode {
        format!("3707{n:02}").parse().unwrap()
    }

    #[test]
    fn a_known_draw_stays_as_it_is() {
        // Worked out with sha256sum: echo -n "s\n" and so on.
        assert_eq!(
            commitment("s").hex(),
            "043a718774c572bd8a25adbeb1bfcd5c0256ae11cecf9f9c3f925d0e52beaf89",
            "SHA-256 of the letter s"
        );
        let pool = [(county(83), 1), (county(83), 2), (county(84), 3)];
        assert_eq!(
            seed("s", &pool).hex(),
            "f56918058bbdf5b419df70b6b7fd9c84637a8fb6bd8ab4a91c9797f30954e5ba",
            "SHA-256 of s, 370783:1, 370783:2 and 370784:3, a line each"
        );
        let drawn = draw("s", &pool, Decimal::from(50));
        assert_eq!(drawn[0].order[0].0.hex(), "a22f7e6afa492279dcb74a0ee6fbc6ae182baa20e0ab346e334f40b0e9b55b04");
        assert_eq!(drawn[0].order.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(drawn.iter().map(|s| (s.order.len(), s.take)).collect::<Vec<_>>(), [(2, 1), (1, 1)]);
    }

    proptest! {
        #[test]
        fn the_order_of_the_pool_and_its_strata_do_not_matter(
            mut pool in proptest::collection::btree_set((0u32..4, 1i64..500), 1..60),
            percent in 0u32..=100,
        ) {
            // Each filing is in one county.
            let mut seen = std::collections::BTreeSet::new();
            pool.retain(|(_, id)| seen.insert(*id));
            let pool: Vec<(DivisionCode, i64)> = pool.into_iter().map(|(c, id)| (county(c + 81), id)).collect();
            let mut turned = pool.clone();
            turned.reverse();
            let percent = Decimal::from(percent);
            let drawn = draw("a secret", &pool, percent);
            prop_assert_eq!(&drawn, &draw("a secret", &turned, percent));
            prop_assert_eq!(drawn.iter().map(|s| s.order.len()).sum::<usize>(), pool.len());
            for stratum in &drawn {
                prop_assert!(stratum.order.windows(2).all(|w| w[0].0.hex() < w[1].0.hex()));
                prop_assert!(percent.is_zero() || stratum.take > 0);
                let exact = Decimal::from(stratum.order.len()) * percent / Decimal::from(100);
                prop_assert!(Decimal::from(stratum.take) >= exact && Decimal::from(stratum.take) < exact + Decimal::ONE);
            }
        }
    }

    #[test]
    fn every_member_is_drawn_about_equally_often() {
        let pool: Vec<(DivisionCode, i64)> = (1..=10).map(|id| (county(83), id)).collect();
        let mut counts = [0u32; 11];
        for secret in 0..2_000 {
            let drawn = draw(&secret.to_string(), &pool, Decimal::from(20));
            drawn[0].order[..2].iter().for_each(|(_, id)| counts[*id as usize] += 1);
        }
        // 400 each is expected, with a standard deviation of 18; six of them are a fault of the draw.
        assert!(counts[1..].iter().all(|c| (290..=510).contains(c)), "{counts:?}");
    }
}
