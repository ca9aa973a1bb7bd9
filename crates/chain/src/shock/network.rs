//! Who supplies whom with what, as both models use it.

use crate::fault::{Code, Fault, within};

/// A firm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Firm {
    /// Output in a day, in any one unit of value; not below 0.
    pub output: f64,
    /// The product that it makes, by number.
    pub product: u32,
}

/// A supply link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// Who supplies.
    pub supplier: u32,
    /// Who buys.
    pub buyer: u32,
    /// Value in a day, in the unit of output; above 0.
    pub amount: f64,
}

/// How a firm depends on one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InputRule {
    /// Does the firm stop without it?
    pub essential: bool,
    /// Stock at the beginning, in days of full use; not below 0.
    pub stock_days: f64,
    /// The part of the need that comes from outside the network, 0 to 1; it can be stopped as the product
    /// from abroad.
    pub outside: f64,
    /// The part of the need that a second source outside the network takes over whenever the first ones fail,
    /// 0 to 1: what is lost of this input counts for one less this part.
    pub secured: f64,
    /// The part of the need that substitutes deliver in addition from a day on, 0 to 1.
    pub substitute: f64,
    /// The first day on which they do.
    pub substitute_from: u32,
}

impl InputRule {
    /// Essential or not, and nothing to fall back on.
    pub fn bare(essential: bool) -> Self {
        Self { essential, stock_days: 0.0, outside: 0.0, secured: 0.0, substitute: 0.0, substitute_from: 0 }
    }

    fn check(&self, place: &str) -> Result<(), Fault> {
        within(Code::Number, place, "stock in days", self.stock_days, 0.0, 512.0)?;
        for (what, share) in
            [("part from outside", self.outside), ("secured part", self.secured), ("substitute", self.substitute)]
        {
            within(Code::Share, place, what, share, 0.0, 1.0)?;
        }
        Ok(())
    }
}

/// One input of one firm: everything that it buys of one product.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Input {
    /// The firm.
    pub buyer: u32,
    /// The product.
    pub product: u32,
    /// What it buys within the network in a day.
    pub amount: f64,
    /// How it depends on it.
    pub rule: InputRule,
}

/// A stop of a firm, in whole or part. A product from abroad is stopped under [`Network::abroad`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// The firm, or the number that stands for a product from abroad.
    pub firm: u32,
    /// The part of its output that stops, 0 to 1.
    pub share: f64,
    /// The first day.
    pub from_day: u32,
    /// How many days.
    pub days: u32,
}

/// A supply network without faults.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    firms: Vec<Firm>,
    links: Vec<Link>,
    inputs: Vec<Input>,
    input_of_link: Vec<u32>,
    products: usize,
}

impl Network {
    /// Checks firms and links and groups what each firm buys by product. `rule` says how a firm depends on a
    /// product. Links between the same two firms add up.
    ///
    /// Faults, all at once: [`Code::Number`] for output below 0 or an amount that is not above 0;
    /// [`Code::UnknownNode`]; [`Code::SelfSupply`]; [`Code::Share`] for a rule out of range or a firm that sells
    /// more than it makes, by more than `slack` of its output.
    pub fn new(
        firms: Vec<Firm>,
        mut links: Vec<Link>,
        slack: f64,
        rule: impl Fn(u32, u32) -> InputRule,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        for (at, firm) in firms.iter().enumerate() {
            faults.extend(within(Code::Number, &format!("firm {at}"), "output", firm.output, 0.0, f64::MAX).err());
        }
        for (at, link) in links.iter().enumerate() {
            let place = format!("supply {at}");
            if link.supplier as usize >= firms.len() || link.buyer as usize >= firms.len() {
                let found = format!("{} -> {}", link.supplier, link.buyer);
                let allowed = format!("firms below {} are allowed", firms.len());
                faults.push(Fault::new(Code::UnknownNode, &place, found, allowed));
            }
            if link.supplier == link.buyer {
                let found = format!("firm {} supplying itself", link.buyer);
                faults.push(Fault::new(Code::SelfSupply, &place, found, "another firm is allowed"));
            }
            faults.extend(within(Code::Number, &place, "amount", link.amount, f64::MIN_POSITIVE, f64::MAX).err());
        }
        if firms.len() >= 1 << 30 || links.len() >= 1 << 30 {
            faults.push(Fault::new(Code::Limit, "network", "too much", "fewer than 2^30 firms and links are allowed"));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        links.sort_by_key(|l| (l.supplier, l.buyer));
        links.dedup_by(|next, kept| {
            let same = (next.supplier, next.buyer) == (kept.supplier, kept.buyer);
            kept.amount += if same { next.amount } else { 0.0 };
            same
        });
        let sold = links.chunk_by(|a, b| a.supplier == b.supplier);
        for (firm, sold) in sold.map(|l| (l[0].supplier, l.iter().map(|l| l.amount).sum::<f64>())) {
            let output = firms[firm as usize].output;
            if sold > output * (1.0 + slack) {
                let place = format!("firm {firm}");
                let allowed = format!("sales up to its output of {output} are allowed");
                faults.push(Fault::new(Code::Share, place, format!("sales of {sold}"), allowed));
            }
        }
        let mut order: Vec<u32> = (0..links.len() as u32).collect();
        let made = |at: u32| (links[at as usize].buyer, firms[links[at as usize].supplier as usize].product);
        order.sort_by_key(|at| (made(*at), *at));
        let (mut inputs, mut input_of_link): (Vec<Input>, _) = (Vec::new(), vec![0; links.len()]);
        for at in order {
            let (buyer, product) = made(at);
            if inputs.last().is_none_or(|i| (i.buyer, i.product) != (buyer, product)) {
                let rule = rule(buyer, product);
                faults.extend(rule.check(&format!("input {product} of firm {buyer}")).err());
                inputs.push(Input { buyer, product, amount: 0.0, rule });
            }
            let number = inputs.len() - 1;
            inputs[number].amount += links[at as usize].amount;
            input_of_link[at as usize] = number as u32;
        }
        let products = firms.iter().map(|f| f.product as usize + 1).max().unwrap_or(0);
        match faults.is_empty() {
            true => Ok(Self { firms, links, inputs, input_of_link, products }),
            false => Err(faults),
        }
    }

    /// Firms.
    pub fn firms(&self) -> &[Firm] {
        &self.firms
    }

    /// Links by supplier and buyer.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Inputs by buyer and product.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The input that a link feeds.
    pub fn input_of_link(&self, link: usize) -> usize {
        self.input_of_link[link] as usize
    }

    /// How many products there are.
    pub fn products(&self) -> usize {
        self.products
    }

    /// The number under which a product from abroad can be stopped.
    pub fn abroad(&self, product: u32) -> u32 {
        self.firms.len() as u32 + product
    }

    /// Firms and products from abroad together: what can be stopped.
    pub fn sources(&self) -> usize {
        self.firms.len() + self.products
    }

    /// Output of all firms in a day.
    pub fn output(&self) -> f64 {
        self.firms.iter().map(|f| f.output).sum()
    }

    /// Changes how a firm depends on an input.
    pub fn set_rule(&mut self, input: usize, rule: InputRule) -> Result<(), Fault> {
        let Some(known) = self.inputs.get_mut(input) else {
            return Err(Fault::new(
                Code::UnknownNode,
                "input",
                format!("{input}"),
                "an input of the network is allowed",
            ));
        };
        rule.check(&format!("input {} of firm {}", known.product, known.buyer))?;
        known.rule = rule;
        Ok(())
    }

    /// The faults of a set of stops.
    pub fn check_stops(&self, stops: &[Stop]) -> Result<(), Fault> {
        for (at, stop) in stops.iter().enumerate() {
            if stop.firm as usize >= self.sources() {
                let allowed = format!("numbers below {} are allowed", self.sources());
                return Err(Fault::new(Code::UnknownNode, format!("stop {at}"), format!("{}", stop.firm), allowed));
            }
            within(Code::Share, &format!("stop {at}"), "share", stop.share, 0.0, 1.0)?;
        }
        Ok(())
    }

    /// Links and, for the part from outside, links from abroad: (source, input, part of the input's need).
    pub(crate) fn feeds(&self) -> Vec<(u32, u32, f64)> {
        let mut out: Vec<(u32, u32, f64)> = Vec::with_capacity(self.links.len());
        for (link, input) in self.links.iter().zip(&self.input_of_link) {
            let known = &self.inputs[*input as usize];
            out.push((link.supplier, *input, (1.0 - known.rule.outside) * (link.amount / known.amount)));
        }
        for (at, input) in self.inputs.iter().enumerate().filter(|(_, i)| i.rule.outside > 0.0) {
            out.push((self.abroad(input.product), at as u32, input.rule.outside));
        }
        // Already in order of source, but for the links from abroad of different inputs.
        out.sort_by_key(|(source, input, _)| (*source, *input));
        out
    }
}

/// Where each source's losses go: (bin, weight in the unit of 2^-30) in compressed rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ways {
    offsets: Vec<u32>,
    cells: Vec<(u32, u32)>,
}

impl Ways {
    /// From (source, bin, weight), sorted by source.
    pub(crate) fn new(sources: usize, sorted: impl Iterator<Item = (u32, u32, u32)>) -> Self {
        let mut offsets = vec![0u32; sources + 1];
        let mut cells = Vec::new();
        for (source, bin, weight) in sorted.filter(|(.., w)| *w > 0) {
            offsets[source as usize + 1] += 1;
            cells.push((bin, weight));
        }
        for at in 0..sources {
            offsets[at + 1] += offsets[at];
        }
        Self { offsets, cells }
    }

    pub(crate) fn of(&self, source: usize) -> &[(u32, u32)] {
        &self.cells[self.offsets[source] as usize..self.offsets[source + 1] as usize]
    }
}

/// Networks for tests.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::draw::Draw;

    /// A network of random shape: sizes of firms differ by orders of magnitude.
    pub fn random(firms: u32, links: usize, products: u32, seed: u64, stock: f64, outside: f64) -> Network {
        let mut draw = Draw::new(seed);
        let ends: Vec<(u32, u32)> = (0..links)
            .map(|_| (draw.below(u64::from(firms)) as u32, draw.below(u64::from(firms)) as u32))
            .filter(|(a, b)| a != b)
            .collect();
        let mut sold = vec![0.0; firms as usize];
        let links: Vec<Link> = ends
            .into_iter()
            .map(|(supplier, buyer)| {
                let amount = (8.0 * draw.unit()).exp2();
                sold[supplier as usize] += amount;
                Link { supplier, buyer, amount }
            })
            .collect();
        let firms = sold
            .into_iter()
            .map(|s| Firm { output: s * (1.0 + draw.unit()) + 0.5, product: draw.below(u64::from(products)) as u32 })
            .collect();
        Network::new(firms, links, 1e-9, |buyer, product| InputRule {
            essential: (buyer + product) % 3 != 0,
            stock_days: stock * f64::from((buyer * 7 + product) % 5),
            outside: outside * f64::from((buyer + product) % 2),
            secured: 0.0,
            substitute: 0.0,
            substitute_from: 0,
        })
        .unwrap()
    }

    #[test]
    fn bad_networks_are_refused_with_every_fault() {
        let firm = Firm { output: 10.0, product: 0 };
        let bare = |_, _| InputRule::bare(true);
        let link = |supplier, buyer, amount| Link { supplier, buyer, amount };
        let codes = |links: Vec<Link>| -> Vec<Code> {
            Network::new(vec![firm; 3], links, 0.0, bare).err().unwrap_or_default().iter().map(|f| f.code).collect()
        };
        assert_eq!(codes(vec![link(0, 1, 5.0), link(0, 1, 5.0)]), []);
        assert_eq!(codes(vec![link(0, 1, 5.0), link(0, 2, 5.1)]), [Code::Share]);
        assert_eq!(codes(vec![link(0, 0, 1.0), link(0, 3, 1.0)]), [Code::SelfSupply, Code::UnknownNode]);
        assert_eq!(codes(vec![link(0, 1, 0.0), link(0, 1, f64::NAN)]), [Code::Number, Code::Number]);
        let wrong = |_, _| InputRule { secured: 1.5, ..InputRule::bare(true) };
        assert_eq!(Network::new(vec![firm; 2], vec![link(0, 1, 1.0)], 0.0, wrong).unwrap_err()[0].code, Code::Share);
        let fine = Network::new(vec![firm; 2], vec![link(0, 1, 1.0)], 0.0, bare).unwrap();
        let stop = Stop { firm: 0, share: 1.0, from_day: 0, days: 1 };
        assert!(fine.check_stops(&[Stop { firm: 3, ..stop }]).is_err());
        assert!(fine.check_stops(&[Stop { share: 1.1, ..stop }]).is_err());
        assert!(fine.check_stops(&[Stop { firm: fine.abroad(0), ..stop }]).is_ok());
    }
}
