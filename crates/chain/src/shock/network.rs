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

/// An input that comes from abroad alone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Import {
    /// Who buys.
    pub buyer: u32,
    /// The product, by number; nobody here needs to make it.
    pub product: u32,
    /// Value in a day, in the unit of output; above 0.
    pub amount: f64,
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
    /// What it buys abroad in a day where it buys nothing within the network.
    pub imported: f64,
    /// How it depends on it.
    pub rule: InputRule,
}

impl Input {
    /// What it needs in a day, here and from outside.
    pub(crate) fn need(&self) -> f64 {
        if self.imported > 0.0 { self.imported } else { self.amount / (1.0 - self.rule.outside) }
    }
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
        links: Vec<Link>,
        slack: f64,
        rule: impl Fn(u32, u32) -> InputRule,
    ) -> Result<Self, Vec<Fault>> {
        Self::with_imports(firms, links, &[], slack, rule)
    }

    /// The same with inputs that come from abroad alone; the part from outside is 1 for them whatever `rule` says.
    ///
    /// Faults as well: [`Code::Duplicate`] for an import twice or beside a link of the same buyer and product,
    /// whose part from abroad the rule states.
    pub fn with_imports(
        firms: Vec<Firm>,
        mut links: Vec<Link>,
        imports: &[Import],
        slack: f64,
        rule: impl Fn(u32, u32) -> InputRule,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        for (at, import) in imports.iter().enumerate() {
            let place = format!("import {at}");
            if import.buyer as usize >= firms.len() {
                let allowed = format!("firms below {} are allowed", firms.len());
                faults.push(Fault::new(Code::UnknownNode, &place, format!("buyer {}", import.buyer), allowed));
            }
            if import.product >= 1 << 30 {
                let found = format!("product {}", import.product);
                faults.push(Fault::new(Code::Limit, &place, found, "products below 2^30 are allowed"));
            }
            faults.extend(within(Code::Number, &place, "amount", import.amount, f64::MIN_POSITIVE, f64::MAX).err());
        }
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
                inputs.push(Input { buyer, product, amount: 0.0, imported: 0.0, rule });
            }
            let number = inputs.len() - 1;
            inputs[number].amount += links[at as usize].amount;
            input_of_link[at as usize] = number as u32;
        }
        let made = firms.iter().map(|f| f.product).chain(imports.iter().map(|i| i.product));
        let products = made.map(|p| p as usize + 1).max().unwrap_or(0);
        for import in imports {
            let rule = InputRule { outside: 1.0, ..rule(import.buyer, import.product) };
            faults.extend(rule.check(&format!("input {} of firm {}", import.product, import.buyer)).err());
            let Import { buyer, product, amount } = *import;
            inputs.push(Input { buyer, product, amount: 0.0, imported: amount, rule });
        }
        if !imports.is_empty() {
            let mut order: Vec<usize> = (0..inputs.len()).collect();
            order.sort_by_key(|at| (inputs[*at].buyer, inputs[*at].product, *at));
            let mut number = vec![0u32; inputs.len()];
            order.iter().enumerate().for_each(|(new, old)| number[*old] = new as u32);
            input_of_link.iter_mut().for_each(|at| *at = number[*at as usize]);
            inputs = order.into_iter().map(|old| inputs[old]).collect();
            let twice = |pair: &&[Input]| (pair[0].buyer, pair[0].product) == (pair[1].buyer, pair[1].product);
            for pair in inputs.windows(2).filter(twice) {
                let place = format!("input {} of firm {}", pair[0].product, pair[0].buyer);
                let allowed = "from abroad alone, or bought here with a part from outside, is allowed";
                faults.push(Fault::new(Code::Duplicate, place, "the input twice", allowed));
            }
        }
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
    fn an_input_from_abroad_alone_is_cut_off_as_one_from_a_firm_that_makes_nothing_else() {
        use crate::shock::{Leontief, Market, Reach, Shortage};
        // The same story twice: oil from abroad, and oil from a firm 3 of which nobody else buys.
        let firm = |output, product| Firm { output, product };
        let firms = vec![firm(10.0, 0), firm(20.0, 1), firm(5.0, 2)];
        let link = |supplier, buyer, amount| Link { supplier, buyer, amount };
        let links = vec![link(0, 1, 6.0), link(2, 1, 1.0), link(1, 2, 2.0)];
        for essential in [true, false] {
            let rule = |_, product| InputRule { stock_days: 2.0, ..InputRule::bare(essential || product == 1) };
            let import = Import { buyer: 1, product: 7, amount: 3.0 };
            let abroad = Network::with_imports(firms.clone(), links.clone(), &[import], 0.0, rule).unwrap();
            let mut firms_all = firms.clone();
            firms_all.push(firm(3.0, 7));
            let mut links_all = links.clone();
            links_all.push(link(3, 1, 3.0));
            let here = Network::new(firms_all, links_all, 0.0, rule).unwrap();
            assert_eq!(abroad.inputs().len(), here.inputs().len());
            let stop = |firm| [Stop { firm, share: 0.5, from_day: 0, days: 20 }];
            let a = Shortage::new(&abroad).run(&stop(abroad.abroad(7)), 60).unwrap();
            let b = Shortage::new(&here).run(&stop(3), 60).unwrap();
            let days = |l: &crate::shock::Loss| -> Vec<(u32, f64)> {
                l.firms.iter().filter(|f| f.firm < 3).map(|f| (f.firm, f.days)).collect()
            };
            assert_eq!(days(&a), days(&b));
            assert_eq!(days(&a).is_empty(), !essential);
            let reach = Reach { grain: 30, passes_max: 1 << 30 };
            let down = |network: &Network, source| -> Vec<f64> {
                let found = Leontief::new(network, Market::Captive).run(&[(source, 0.5)], reach).unwrap();
                (0..3).map(|f| found.firms.iter().find(|x| x.firm == f).map_or(0.0, |x| x.down)).collect()
            };
            assert_eq!(down(&abroad, abroad.abroad(7)), down(&here, 3));
            assert!(down(&here, 3)[1] > 0.0);
        }
        let refused = |import: Import| {
            let rule = |_, _| InputRule::bare(true);
            Network::with_imports(firms.clone(), links.clone(), &[import], 0.0, rule).unwrap_err()[0].code
        };
        assert_eq!(refused(Import { buyer: 1, product: 0, amount: 1.0 }), Code::Duplicate);
        assert_eq!(refused(Import { buyer: 9, product: 7, amount: 1.0 }), Code::UnknownNode);
        assert_eq!(refused(Import { buyer: 1, product: 7, amount: 0.0 }), Code::Number);
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
