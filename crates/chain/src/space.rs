//! The product space and economic complexity: which places are good at which products, which products
//! are near each other, and what that says of both. Sparse throughout; every sum runs in a fixed order,
//! so the result is the same to the bit on any number of threads.
//!
//! Papers: Balassa 1965 (revealed comparative advantage); Hidalgo, Klinger, Barabási, Hausmann 2007,
//! "The product space conditions the development of nations" (proximity, density); Hidalgo, Hausmann
//! 2009, "The building blocks of economic complexity" (ECI, PCI), as eigenvectors.

use crate::csr::Csr;
use crate::fault::{Code, Fault, within};
use rayon::prelude::*;

/// Values by place and product, sparse: what is not there is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Trade {
    places: usize,
    products: usize,
    rows: Vec<Vec<(u32, f64)>>,
}

impl Trade {
    /// From (place, product, value) in any order; zero is the same as absent.
    ///
    /// Faults: [`Code::UnknownNode`] for a number out of range, [`Code::Number`] for a value below 0 or not
    /// a number, [`Code::Duplicate`] for a pair given twice, [`Code::Empty`] when nothing is above 0.
    pub fn new(places: usize, products: usize, cells: &[(u32, u32, f64)]) -> Result<Self, Fault> {
        let mut rows = vec![Vec::new(); places];
        for (at, &(place, product, value)) in cells.iter().enumerate() {
            if place as usize >= places || product as usize >= products {
                let allowed = format!("places below {places} and products below {products} are allowed");
                return Err(Fault::new(
                    Code::UnknownNode,
                    format!("cell {at}"),
                    format!("({place}, {product})"),
                    allowed,
                ));
            }
            within(Code::Number, &format!("cell {at}"), "value", value, 0.0, f64::MAX)?;
            rows[place as usize].push((product, value));
        }
        for (place, row) in rows.iter_mut().enumerate() {
            row.sort_by_key(|(product, _)| *product);
            if let Some(pair) = row.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                let found = format!("product {} twice", pair[0].0);
                return Err(Fault::new(Code::Duplicate, format!("place {place}"), found, "each pair once is allowed"));
            }
            row.retain(|(_, value)| *value > 0.0);
        }
        match rows.iter().all(Vec::is_empty) {
            true => Err(Fault::new(Code::Empty, "values", "nothing above 0", "one value above 0 is needed")),
            false => Ok(Self { places, products, rows }),
        }
    }

    /// Revealed comparative advantage of every value above 0, by place and then product: the product's
    /// share in the place over its share in the whole (Balassa 1965).
    pub fn rca(&self) -> Vec<Vec<(u32, f64)>> {
        let mut of_product = vec![0.0; self.products];
        for (product, value) in self.rows.iter().flatten() {
            of_product[*product as usize] += value;
        }
        let whole: f64 = of_product.iter().sum();
        let share: Vec<f64> = of_product.iter().map(|v| v / whole).collect();
        self.rows
            .iter()
            .map(|row| {
                let total: f64 = row.iter().map(|(_, value)| value).sum();
                row.iter().map(|(product, value)| (*product, (value / total) / share[*product as usize])).collect()
            })
            .collect()
    }

    /// What is present: comparative advantage of at least `threshold`.
    pub fn present(&self, threshold: f64) -> Presence {
        let rows = self
            .rca()
            .into_iter()
            .map(|row| row.into_iter().filter(|(_, r)| *r >= threshold).map(|(p, _)| p).collect());
        Presence::from_sorted(self.places, self.products, rows.collect())
    }
}

/// Which products are present in which places.
#[derive(Clone, Debug, PartialEq)]
pub struct Presence {
    products: usize,
    rows: Vec<Vec<u32>>,
    columns: Vec<Vec<u32>>,
}

impl Presence {
    /// From pairs (place, product) in any order.
    ///
    /// Faults: [`Code::UnknownNode`] for a number out of range, [`Code::Duplicate`] for a pair given twice.
    pub fn new(places: usize, products: usize, pairs: &[(u32, u32)]) -> Result<Self, Fault> {
        let cells: Vec<_> = pairs.iter().map(|(place, product)| (*place, *product, 1.0)).collect();
        if cells.is_empty() {
            return Ok(Self::from_sorted(places, products, vec![Vec::new(); places]));
        }
        let trade = Trade::new(places, products, &cells)?;
        Ok(Self::from_sorted(
            places,
            products,
            trade.rows.into_iter().map(|r| r.into_iter().map(|(p, _)| p).collect()).collect(),
        ))
    }

    fn from_sorted(places: usize, products: usize, rows: Vec<Vec<u32>>) -> Self {
        debug_assert_eq!(rows.len(), places);
        let mut columns = vec![Vec::new(); products];
        for (place, row) in rows.iter().enumerate() {
            for product in row {
                columns[*product as usize].push(place as u32);
            }
        }
        Self { products, rows, columns }
    }

    /// How many places and products there are.
    pub fn size(&self) -> (usize, usize) {
        (self.rows.len(), self.products)
    }

    /// Products of a place, ascending.
    pub fn of_place(&self, place: usize) -> &[u32] {
        &self.rows[place]
    }

    /// Places of a product, ascending.
    pub fn of_product(&self, product: usize) -> &[u32] {
        &self.columns[product]
    }

    /// How many products each place has: its diversity.
    pub fn diversity(&self) -> Vec<usize> {
        self.rows.iter().map(Vec::len).collect()
    }

    /// In how many places each product is: its ubiquity.
    pub fn ubiquity(&self) -> Vec<usize> {
        self.columns.iter().map(Vec::len).collect()
    }

    /// Without the places that have nothing and the products that are nowhere, which complexity says
    /// nothing of; beside it the old numbers of the places and products that stay.
    pub fn without_empty(&self) -> (Self, Vec<u32>, Vec<u32>) {
        let kept = |lists: &[Vec<u32>]| -> Vec<u32> {
            (0..lists.len() as u32).filter(|at| !lists[*at as usize].is_empty()).collect()
        };
        let (places, products) = (kept(&self.rows), kept(&self.columns));
        let mut number = vec![0; self.products];
        for (new, old) in products.iter().enumerate() {
            number[*old as usize] = new as u32;
        }
        let rows =
            places.iter().map(|old| self.rows[*old as usize].iter().map(|p| number[*p as usize]).collect()).collect();
        (Self::from_sorted(places.len(), products.len(), rows), places, products)
    }

    /// The fault that something is nowhere or has nothing.
    fn whole(&self) -> Result<(), Fault> {
        let empty = |lists: &[Vec<u32>], what: &str| {
            lists.iter().position(Vec::is_empty).map_or(Ok(()), |at| {
                Err(Fault::new(Code::Empty, format!("{what} {at}"), "nothing present", "leave out what is empty first"))
            })
        };
        empty(&self.rows, "place")?;
        empty(&self.columns, "product")?;
        match self.rows.is_empty() {
            true => Err(Fault::new(Code::Empty, "presence", "no place", "one place and product are needed")),
            false => Ok(()),
        }
    }
}

/// Nearness of each pair of products, 0 to 1, dense and symmetric, 1 on the diagonal.
#[derive(Clone, Debug, PartialEq)]
pub struct Proximity {
    size: usize,
    phi: Vec<f64>,
}

impl Proximity {
    /// How many products there are.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Nearness of all products to one.
    pub fn of(&self, product: usize) -> &[f64] {
        &self.phi[product * self.size..(product + 1) * self.size]
    }
}

/// How many places two products share, for all pairs with the second not before the first, by words of
/// bits or by counting pairs of each place, whichever touches less. Whole numbers: both give the same.
fn together(presence: &Presence) -> Vec<u32> {
    let size = presence.products;
    let pairs: usize = presence.rows.iter().map(|row| row.len() * (row.len() + 1) / 2).sum();
    let words = presence.rows.len().div_ceil(64);
    let mut counts = vec![0u32; size * size];
    if pairs < size * size / 2 * words * 2 {
        // Each task owns the counts of some first products, and looks places up by product.
        counts.par_chunks_mut(size.max(1)).enumerate().for_each(|(first, row)| {
            for place in &presence.columns[first] {
                let products = &presence.rows[*place as usize];
                let start = products.partition_point(|p| (*p as usize) < first);
                for second in &products[start..] {
                    row[*second as usize] += 1;
                }
            }
        });
    } else {
        let mut bits = vec![0u64; size * words];
        for (product, places) in presence.columns.iter().enumerate() {
            for place in places {
                bits[product * words + *place as usize / 64] |= 1 << (place % 64);
            }
        }
        counts.par_chunks_mut(size.max(1)).enumerate().for_each(|(first, row)| {
            let mine = &bits[first * words..(first + 1) * words];
            for (second, cell) in row.iter_mut().enumerate().skip(first) {
                let other = &bits[second * words..(second + 1) * words];
                *cell = mine.iter().zip(other).map(|(a, b)| (a & b).count_ones()).sum();
            }
        });
    }
    counts
}

/// Proximity: the smaller of the two conditional probabilities that a place which has one product has the
/// other (Hidalgo et al. 2007, equation 1).
///
/// Faults: [`Code::Empty`] when a product is nowhere.
pub fn proximity(presence: &Presence) -> Result<Proximity, Fault> {
    if let Some(product) = presence.columns.iter().position(Vec::is_empty) {
        let allowed = "leave out products that are nowhere first";
        return Err(Fault::new(Code::Empty, format!("product {product}"), "present nowhere", allowed));
    }
    let size = presence.products;
    let counts = together(presence);
    let places: Vec<u32> = presence.columns.iter().map(|c| c.len() as u32).collect();
    let mut phi = vec![0.0; size * size];
    phi.par_chunks_mut(size.max(1)).enumerate().for_each(|(a, row)| {
        for (b, cell) in row.iter_mut().enumerate() {
            let both = counts[a.min(b) * size + a.max(b)];
            *cell = f64::from(both) / f64::from(places[a].max(places[b]));
        }
    });
    Ok(Proximity { size, phi })
}

/// Products that are summed side by side in registers.
const LANES: usize = 16;

/// Density: how near a product is to what a place already has, 0 to 1, by place and then product
/// (Hidalgo et al. 2007, equation 3; the product itself counts, as in the authors' data).
///
/// Faults: [`Code::Ends`] when the two speak of different products.
pub fn density(presence: &Presence, proximity: &Proximity) -> Result<Vec<f64>, Fault> {
    let size = proximity.size;
    if presence.products != size {
        let found = format!("{} products beside {size}", presence.products);
        return Err(Fault::new(Code::Ends, "density", found, "presence and proximity of the same products"));
    }
    if size == 0 {
        return Ok(Vec::new());
    }
    let whole: Vec<f64> = (0..size).map(|p| proximity.of(p).iter().sum()).collect();
    let tiles = size.div_ceil(LANES);
    // The same matrix in strips of a few columns: a strip stays in the cache while all places use it.
    let mut strips = vec![[0.0; LANES]; tiles * size];
    strips.par_chunks_mut(size).enumerate().for_each(|(tile, strip)| {
        for (product, cells) in strip.iter_mut().enumerate() {
            let row = &proximity.of(product)[tile * LANES..size.min((tile + 1) * LANES)];
            cells[..row.len()].copy_from_slice(row);
        }
    });
    let mut out = vec![0.0; presence.rows.len() * size];
    let block = presence.rows.len().div_ceil(16).max(1);
    out.par_chunks_mut(block * size).enumerate().for_each(|(at, part)| {
        for tile in 0..tiles {
            let strip = &strips[tile * size..(tile + 1) * size];
            let wide = LANES.min(size - tile * LANES);
            for (row, cells) in part.chunks_mut(size).enumerate() {
                let mut sums = [0.0; LANES];
                for product in &presence.rows[at * block + row] {
                    let add = &strip[*product as usize];
                    for lane in 0..LANES {
                        sums[lane] += add[lane];
                    }
                }
                for lane in 0..wide {
                    cells[tile * LANES + lane] = sums[lane] / whole[tile * LANES + lane];
                }
            }
        }
    });
    Ok(out)
}

/// What must hold before complexity counts as determined.
#[derive(Clone, Copy, Debug)]
pub struct Precision {
    /// The largest residual of the eigenvector, as a length beside 1.
    pub residual_max: f64,
    /// The smallest gap to the next eigenvalue.
    pub gap_min: f64,
    /// The most steps of the iteration.
    pub steps_max: usize,
}

/// Complexity of places and products.
#[derive(Clone, Debug, PartialEq)]
pub struct Complexity {
    /// By place: mean 0 and standard deviation 1 over places.
    pub eci: Vec<f64>,
    /// By product, on the scale of `eci`: a place's index is the mean of its products'.
    pub pci: Vec<f64>,
    /// The second eigenvalue, 0 to 1.
    pub eigenvalue: f64,
    /// Length of what is left when the eigenvector is put into its equation.
    pub residual: f64,
    /// Distance to the third eigenvalue, of which [`Self::gap_residual`] says how exactly it is known.
    pub gap: f64,
    /// Length of what is left for the third.
    pub gap_residual: f64,
    /// Steps that the iteration took.
    pub steps: usize,
}

/// Economic complexity (Hidalgo & Hausmann 2009; the eigenvector of Mealy, Farmer, Teytelboym 2019): the
/// second eigenvector of the matrix of averages, found by Lanczos' iteration with full
/// orthogonalisation on the symmetric form D^-1/2 M' E^-1 M D^-1/2 whose first eigenvector is known.
///
/// Faults: [`Code::Empty`] for a place or product without anything; [`Code::Disconnected`] when the network
/// falls into parts, because then the eigenvector tells the parts apart and nothing else;
/// [`Code::Undetermined`] when the gap or the residual does not meet `precision`, or when nothing says which
/// end is the complex one.
pub fn complexity(presence: &Presence, precision: Precision) -> Result<Complexity, Fault> {
    presence.whole()?;
    let (places, products) = presence.size();
    connected(presence)?;
    if places < 3 || products < 3 {
        let found = format!("{places} places and {products} products");
        return Err(Fault::new(Code::Undetermined, "presence", found, "three of each at least are needed"));
    }
    let operator = Operator::new(presence);
    let first: Vec<f64> = {
        let all: f64 = presence.columns.iter().map(|c| c.len() as f64).sum();
        presence.columns.iter().map(|c| (c.len() as f64 / all).sqrt()).collect()
    };
    let second = operator.largest(&[&first], precision.residual_max, precision.steps_max, 1);
    // A second search that may not use the vector found also sees an eigenvalue that is there twice.
    let third = operator.largest(&[&first, &second.vector], precision.gap_min / 8.0, precision.steps_max, 2);
    let gap = second.value - third.value;
    let doubt = |found: String, allowed: String| Err(Fault::new(Code::Undetermined, "complexity", found, allowed));
    if second.residual > precision.residual_max {
        return doubt(
            format!("a residual of {:e} after {} steps", second.residual, second.steps),
            format!("at most {:e} is allowed", precision.residual_max),
        );
    }
    if gap - third.residual < precision.gap_min {
        return doubt(
            format!("eigenvalues {} and {} (known to {:e})", second.value, third.value, third.residual),
            format!("a gap of {:e} at least is needed", precision.gap_min),
        );
    }
    let mut product: Vec<f64> = second.vector.iter().zip(&operator.root_product).map(|(v, root)| v / root).collect();
    let mut place: Vec<f64> = presence
        .rows
        .iter()
        .map(|row| row.iter().map(|p| product[*p as usize]).sum::<f64>() / row.len() as f64)
        .collect();
    let diversity: Vec<f64> = presence.rows.iter().map(|r| r.len() as f64).collect();
    let tilt = covariance(&diversity, &place);
    if tilt == 0.0 || !tilt.is_finite() {
        let allowed = "places of different diversity are needed to tell the complex end";
        return doubt("no correlation with diversity".to_owned(), allowed.to_owned());
    }
    if tilt < 0.0 {
        place.iter_mut().chain(&mut product).for_each(|v| *v = -*v);
    }
    let mean = place.iter().sum::<f64>() / places as f64;
    let deviation = covariance(&place, &place).sqrt();
    place.iter_mut().chain(&mut product).for_each(|v| *v = (*v - mean) / deviation);
    Ok(Complexity {
        eci: place,
        pci: product,
        eigenvalue: second.value,
        residual: second.residual,
        gap,
        gap_residual: third.residual,
        steps: second.steps + third.steps,
    })
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    a.iter().zip(b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum::<f64>() / n
}

fn connected(presence: &Presence) -> Result<(), Fault> {
    let (places, products) = presence.size();
    let pair = |(place, row): (usize, &Vec<u32>)| -> Vec<(u32, u32)> {
        row.iter().map(|p| (place as u32, places as u32 + p)).collect()
    };
    let links: Vec<(u32, u32)> = presence.rows.iter().enumerate().flat_map(pair).collect();
    let (part, count) = Csr::directed(places + products, &links)?.parts();
    if count == 1 {
        return Ok(());
    }
    let mut sizes = vec![0usize; count];
    part[..places].iter().for_each(|p| sizes[*p as usize] += 1);
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.truncate(5);
    let found = format!("{count} parts; the largest have {sizes:?} places");
    Err(Fault::new(Code::Disconnected, "presence", found, "one connected whole is needed; compute each part alone"))
}

/// x -> D^-1/2 M' E^-1 M D^-1/2 x with D the ubiquity of products and E the diversity of places.
struct Operator<'a> {
    presence: &'a Presence,
    root_product: Vec<f64>,
    per_place: Vec<f64>,
}

/// An eigenpair as far as it is known.
struct Pair {
    value: f64,
    vector: Vec<f64>,
    residual: f64,
    steps: usize,
}

impl<'a> Operator<'a> {
    fn new(presence: &'a Presence) -> Self {
        Self {
            presence,
            root_product: presence.columns.iter().map(|c| (c.len() as f64).sqrt()).collect(),
            per_place: presence.rows.iter().map(|r| 1.0 / r.len() as f64).collect(),
        }
    }

    fn apply(&self, x: &[f64]) -> Vec<f64> {
        let scaled: Vec<f64> = x.iter().zip(&self.root_product).map(|(v, root)| v / root).collect();
        // Four running sums in a fixed pattern: faster than one chain, and still the same everywhere.
        let gather = |list: &[u32], values: &[f64]| {
            let mut sums = [0.0; 4];
            let quads = list.chunks_exact(4);
            let rest = quads.remainder();
            for quad in quads {
                for lane in 0..4 {
                    sums[lane] += values[quad[lane] as usize];
                }
            }
            let tail: f64 = rest.iter().map(|at| values[*at as usize]).sum();
            (sums[0] + sums[1]) + (sums[2] + sums[3]) + tail
        };
        let rows = self.presence.rows.par_iter().with_min_len(128).zip(&self.per_place);
        let middle: Vec<f64> = rows.map(|(row, per)| gather(row, &scaled) * per).collect();
        let columns = self.presence.columns.par_iter().with_min_len(128).zip(&self.root_product);
        columns.map(|(column, root)| gather(column, &middle) / root).collect()
    }

    /// The largest eigenpair beside those in `known`, by Lanczos (1950) with full orthogonalisation.
    fn largest(&self, known: &[&[f64]], residual: f64, steps_max: usize, seed: u64) -> Pair {
        let n = self.root_product.len();
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let (mut alpha, mut beta): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut v = start(n, seed);
        tidy(&mut v, known, &[]);
        normalise(&mut v);
        let most = steps_max.min(n.saturating_sub(known.len())).max(1);
        loop {
            let mut w = self.apply(&v);
            alpha.push(dot(&w, &v));
            basis.push(v);
            tidy(&mut w, known, &basis);
            let left = normalise(&mut w);
            let steps = basis.len();
            let done = steps >= most || left < 1e-14;
            if done || steps.is_multiple_of(8) {
                let (value, weights) = top_of_tridiagonal(&alpha, &beta);
                let estimate = left * weights[steps - 1].abs();
                // The estimate falls below what rounding leaves; the residual itself is what is reported.
                if done || estimate < residual / 4.0 {
                    let mut vector = vec![0.0; n];
                    for (row, weight) in basis.iter().zip(&weights) {
                        vector.iter_mut().zip(row).for_each(|(sum, b)| *sum += weight * b);
                    }
                    normalise(&mut vector);
                    let image = self.apply(&vector);
                    let value =
                        if vector.iter().all(|v| *v == 0.0) { 0.0 } else { dot(&image, &vector).max(value.min(0.0)) };
                    let rest: f64 = image.iter().zip(&vector).map(|(i, v)| (i - value * v) * (i - value * v)).sum();
                    return Pair { value, vector, residual: rest.sqrt(), steps };
                }
            }
            beta.push(left);
            v = w;
        }
    }
}

/// A vector that is the same on every machine and has a part in every direction (Steele, Lea, Flood 2014).
fn start(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    (0..n)
        .map(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            crate::draw::mix(state) as f64 / u64::MAX as f64 - 0.5
        })
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let quads = a.chunks_exact(4).zip(b.chunks_exact(4));
    for (x, y) in quads {
        for lane in 0..4 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let tail = a.len() / 4 * 4;
    let rest: f64 = a[tail..].iter().zip(&b[tail..]).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

fn normalise(v: &mut [f64]) -> f64 {
    let length = dot(v, v).sqrt();
    if length > 0.0 {
        v.iter_mut().for_each(|x| *x /= length);
    }
    length
}

/// Takes out what lies along the given directions, twice, because once leaves rounding behind.
fn tidy(v: &mut [f64], known: &[&[f64]], basis: &[Vec<f64>]) {
    for _ in 0..2 {
        for direction in known.iter().copied().chain(basis.iter().map(Vec::as_slice)) {
            let along = dot(v, direction);
            v.iter_mut().zip(direction).for_each(|(x, d)| *x -= along * d);
        }
    }
}

/// The largest eigenvalue of a symmetric tridiagonal matrix, by counting signs (Givens' bisection), and its
/// eigenvector by inverse iteration.
fn top_of_tridiagonal(alpha: &[f64], beta: &[f64]) -> (f64, Vec<f64>) {
    let n = alpha.len();
    let edge = |at: usize| {
        let before = if at > 0 { beta[at - 1].abs() } else { 0.0 };
        let after = if at + 1 < n { beta[at].abs() } else { 0.0 };
        (alpha[at] - before - after, alpha[at] + before + after)
    };
    let low = (0..n).map(|at| edge(at).0).fold(f64::INFINITY, f64::min);
    let high = (0..n).map(|at| edge(at).1).fold(f64::NEG_INFINITY, f64::max);
    // How many eigenvalues lie above x: pivots above zero of the matrix less x.
    let above = |x: f64| {
        let mut pivot = 1.0;
        let mut count = 0;
        for at in 0..n {
            let square = if at > 0 { beta[at - 1] * beta[at - 1] } else { 0.0 };
            pivot = alpha[at] - x - square / pivot;
            if pivot == 0.0 {
                pivot = -1e-300;
            }
            count += usize::from(pivot > 0.0);
        }
        count
    };
    let (mut low, mut high) = (low - 1e-12, high + 1e-12);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle) > 0 { low = middle } else { high = middle }
    }
    let value = 0.5 * (low + high);
    // Shifted a little above, so that the matrix can be factored without exchange of rows.
    let shift = value + 4.0 * f64::EPSILON * value.abs().max(1e-3);
    let mut vector = vec![1.0; n];
    for _ in 0..4 {
        let mut pivots = vec![0.0; n];
        let mut right = vector.clone();
        for at in 0..n {
            pivots[at] = alpha[at] - shift;
            if at > 0 {
                let factor = beta[at - 1] / pivots[at - 1];
                pivots[at] -= factor * beta[at - 1];
                right[at] -= factor * right[at - 1];
            }
            if pivots[at] == 0.0 {
                pivots[at] = -1e-300;
            }
        }
        for at in (0..n).rev() {
            let after = if at + 1 < n { beta[at] * vector[at + 1] } else { 0.0 };
            vector[at] = (right[at] - after) / pivots[at];
        }
        let longest = vector.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
        if longest > 0.0 {
            vector.iter_mut().for_each(|v| *v /= longest);
        }
        normalise(&mut vector);
    }
    (value, vector)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draw;

    const PRECISION: Precision = Precision { residual_max: 1e-11, gap_min: 1e-9, steps_max: 500 };

    /// A matrix in which later products need more: the shape that trade has.
    fn nested(places: usize, products: usize, seed: u64) -> Trade {
        let mut draw = Draw::new(seed);
        let mut cells = Vec::new();
        for place in 0..places {
            for product in 0..products {
                let chance = (1.3 - product as f64 / products as f64) * (place + 2) as f64 / places as f64;
                if draw.unit() < chance || product == place % products {
                    cells.push((place as u32, product as u32, (1.0 + 9.0 * draw.unit()).powi(3)));
                }
            }
        }
        Trade::new(places, products, &cells).unwrap()
    }

    /// Everything again from the definitions, dense, with Jacobi's rotations for the eigenvectors.
    #[expect(clippy::needless_range_loop, reason = "matrices are easier to compare with the formula by index")]
    fn naive(trade: &Trade, threshold: f64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let (n, m) = (trade.places, trade.products);
        let mut x = vec![vec![0.0; m]; n];
        for (c, row) in trade.rows.iter().enumerate() {
            row.iter().for_each(|(p, v)| x[c][*p as usize] = *v);
        }
        let whole: f64 = x.iter().flatten().sum();
        let column = |p: usize| x.iter().map(|r| r[p]).sum::<f64>();
        let mut has = vec![vec![0.0; m]; n];
        for c in 0..n {
            for p in 0..m {
                let rca = x[c][p] * whole / (x[c].iter().sum::<f64>() * column(p));
                has[c][p] = f64::from(rca >= threshold);
            }
        }
        let kc: Vec<f64> = has.iter().map(|r| r.iter().sum()).collect();
        let kp: Vec<f64> = (0..m).map(|p| has.iter().map(|r| r[p]).sum()).collect();
        let mut phi = vec![vec![0.0; m]; m];
        for p in 0..m {
            for q in 0..m {
                let both: f64 = has.iter().map(|r| r[p] * r[q]).sum();
                phi[p][q] = (both / kp[p]).min(both / kp[q]);
            }
        }
        let dense = (0..n)
            .map(|c| {
                (0..m)
                    .map(|p| (0..m).map(|q| has[c][q] * phi[p][q]).sum::<f64>() / phi[p].iter().sum::<f64>())
                    .collect()
            })
            .collect();
        let mut a = vec![vec![0.0; n]; n];
        for c in 0..n {
            for d in 0..n {
                a[c][d] = (0..m).map(|p| has[c][p] * has[d][p] / kp[p]).sum::<f64>() / (kc[c] * kc[d]).sqrt();
            }
        }
        let mut v: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(i == j)).collect()).collect();
        for _ in 0..60 {
            for i in 0..n {
                for j in i + 1..n {
                    if a[i][j].abs() < 1e-300 {
                        continue;
                    }
                    let angle = 0.5 * (2.0 * a[i][j]).atan2(a[i][i] - a[j][j]);
                    let (s, c) = angle.sin_cos();
                    for k in 0..n {
                        let (x, y) = (a[k][i], a[k][j]);
                        (a[k][i], a[k][j]) = (c * x + s * y, c * y - s * x);
                    }
                    for k in 0..n {
                        let (x, y) = (a[i][k], a[j][k]);
                        (a[i][k], a[j][k]) = (c * x + s * y, c * y - s * x);
                        let (x, y) = (v[k][i], v[k][j]);
                        (v[k][i], v[k][j]) = (c * x + s * y, c * y - s * x);
                    }
                }
            }
        }
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|i, j| a[*j][*j].total_cmp(&a[*i][*i]));
        let mut eci: Vec<f64> = (0..n).map(|c| v[c][order[1]] / kc[c].sqrt()).collect();
        let mean = eci.iter().sum::<f64>() / n as f64;
        let deviation = (eci.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / n as f64).sqrt();
        let sign = covariance(&kc, &eci).signum();
        eci.iter_mut().for_each(|e| *e = sign * (*e - mean) / deviation);
        (phi, dense, eci, kp)
    }

    fn apart(a: &[f64], b: &[f64]) -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).fold(0.0, |m: f64, (x, y)| m.max((x - y).abs()))
    }

    #[test]
    fn proximity_density_and_complexity_agree_with_the_definitions_written_out() {
        for seed in 1..6 {
            let trade = nested(23, 31, seed);
            let presence = trade.present(1.0);
            let (kept, places, products) = presence.without_empty();
            assert_eq!((places.len(), products.len()), (23, 31));
            let (phi, dense, eci, kp) = naive(&trade, 1.0);
            let near = proximity(&kept).unwrap();
            assert!(apart(&near.phi, &phi.concat()) < 1e-15);
            assert!(apart(&density(&kept, &near).unwrap(), &dense.concat()) < 1e-14);
            let found = complexity(&kept, PRECISION).unwrap();
            assert!(apart(&found.eci, &eci) < 1e-9, "{}", apart(&found.eci, &eci));
            assert!(found.residual < 1e-11 && found.gap > 0.0);
            assert_eq!(kept.ubiquity().iter().map(|k| *k as f64).collect::<Vec<_>>(), kp);
            // The index of a place is the mean of its products, by construction of the scale.
            for (place, eci) in found.eci.iter().enumerate() {
                let list = kept.of_place(place);
                let mean = list.iter().map(|p| found.pci[*p as usize]).sum::<f64>() / list.len() as f64;
                assert!((mean - eci).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn both_ways_of_counting_pairs_give_the_same() {
        let sparse = nested(200, 40, 3).present(1.0);
        let counted = together(&sparse);
        for (a, b) in [(0, 0), (3, 17), (20, 39)] {
            let both = sparse.of_product(a).iter().filter(|c| sparse.of_product(b).contains(c)).count();
            assert_eq!(counted[a * 40 + b] as usize, both);
        }
        let full =
            Presence::new(70, 40, &(0..70).flat_map(|c| (0..40).map(move |p| (c, p))).collect::<Vec<_>>()).unwrap();
        assert_eq!(together(&full)[5 * 40 + 7], 70);
    }

    #[test]
    fn one_thread_and_many_give_the_same_bits() {
        let presence = nested(300, 200, 9).present(1.0).without_empty().0;
        let run = |threads: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
                let near = proximity(&presence).unwrap();
                (density(&presence, &near).unwrap(), complexity(&presence, PRECISION).unwrap())
            })
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(7));
    }

    #[test]
    fn what_has_no_answer_is_refused() {
        let apart =
            Presence::new(6, 6, &(0..6).flat_map(|c| (0..3).map(move |k| (c, c / 3 * 3 + k))).collect::<Vec<_>>());
        assert_eq!(complexity(&apart.unwrap(), PRECISION).unwrap_err().code, Code::Disconnected);
        // A ring: every eigenvalue but the first stands twice.
        let ring: Vec<(u32, u32)> = (0..12).flat_map(|c| [(c, c), (c, (c + 1) % 12)]).collect();
        let found = complexity(&Presence::new(12, 12, &ring).unwrap(), PRECISION).unwrap_err();
        assert_eq!(found.code, Code::Undetermined, "{found}");
        assert!(found.found.contains("eigenvalues"), "{found}");
        let empty = Presence::new(4, 4, &[(0, 0), (1, 0), (2, 1)]).unwrap();
        assert_eq!(complexity(&empty, PRECISION).unwrap_err().code, Code::Empty);
        assert_eq!(proximity(&empty).unwrap_err().code, Code::Empty);
        let twice = Trade::new(2, 2, &[(0, 0, 1.0), (0, 0, 2.0)]).unwrap_err();
        assert_eq!(twice.code, Code::Duplicate);
        assert_eq!(Trade::new(2, 2, &[(0, 0, -1.0)]).unwrap_err().code, Code::Number);
        assert_eq!(Trade::new(2, 2, &[(0, 2, 1.0)]).unwrap_err().code, Code::UnknownNode);
        assert_eq!(Trade::new(2, 2, &[(0, 1, 0.0)]).unwrap_err().code, Code::Empty);
    }
}
