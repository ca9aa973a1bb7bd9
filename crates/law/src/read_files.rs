//! Units, facts, attributes, templates, processes, calendars and articles out of their files.

use crate::articles::{Article, Mechanism};
use crate::calendar::CalendarYear;
use crate::fact::{About, Attribute, Fact, Known};
use crate::process::{Actor, Clock, ClockLength, Guard, Process, ProcessState, Transition};
use crate::read::{Sec, What};
use crate::read_scheme::days;
use crate::scheme::{Cite, Days};
use crate::shape;
use crate::template::{Column, ColumnRole, Duplicates, Kind, StatusValue, Subject, Table, Template};
use crate::units::{BASES, Dimension, Unit};
use base::{Department, Role};
use std::collections::BTreeMap;

pub(crate) fn units(sec: &Sec) -> Vec<Unit> {
    sec.secs("units").iter().map(unit).collect()
}

fn unit(sec: &Sec) -> Unit {
    let mut dimension = Dimension::ONE;
    for (base, exponent) in sec.entries("dimension") {
        match BASES.iter().position(|b| *b == base.text) {
            Some(i) => dimension.0[i] = exponent.text().and_then(|t| t.parse().ok()).unwrap_or(0),
            None => sec.sink().error("unknown-dimension", &base.at, format!("`{}`", base.text), BASES.join(", ")),
        }
    }
    let (numerator, denominator) =
        sec.text("factor").as_deref().and_then(shape::factor).unwrap_or((1.into(), 1.into()));
    Unit {
        id: sec.name("id"),
        title: sec.words("title"),
        aliases: sec.texts("aliases"),
        dimension,
        numerator,
        denominator,
        at: sec.at(),
    }
}

fn kind(sec: &Sec) -> Kind {
    match sec.name("kind").as_str() {
        "text" => Kind::Text,
        "date" => Kind::Date,
        "boolean" => Kind::Boolean,
        _ => Kind::Number,
    }
}

pub(crate) fn fact(sec: &Sec) -> Fact {
    let kind = kind(sec);
    if kind == Kind::Number && !sec.has("unit") {
        sec.sink().error(
            "missing-key",
            &sec.at(),
            "no `unit` on a fact that is a number",
            "`unit:` with an id of `units.yaml`",
        );
    }
    Fact {
        id: sec.name("id"),
        title: sec.words("title"),
        owner: department(sec, "owner"),
        about: match sec.text("about").as_deref() {
            Some("parcel") => About::Parcel,
            Some("lease") => About::Lease,
            _ => About::Firm,
        },
        kind,
        unit: sec.refers("unit", What::Unit),
        status: sec.flag("status"),
        values: sec.texts("values"),
        min: sec.number("min"),
        max: sec.number("max"),
        at: sec.at(),
    }
}

fn department(sec: &Sec, key: &str) -> Department {
    Department::from_name(&sec.name(key)).unwrap_or(Department::Industry)
}

pub(crate) fn attribute(sec: &Sec) -> Attribute {
    Attribute {
        id: sec.name("id"),
        title: sec.words("title"),
        kind: kind(sec),
        unit: sec.refers("unit", What::Unit),
        known: match sec.text("known").as_deref() {
            Some("scoring") => Known::Scoring,
            Some("total") => Known::Total,
            Some("ranking") => Known::Ranking,
            _ => Known::Always,
        },
        at: sec.at(),
    }
}

/// Reads a template; types and units of fact columns come from the facts.
pub(crate) fn template(sec: &Sec, facts: &BTreeMap<String, Fact>) -> Template {
    let title = sec.words("title");
    Template {
        id: sec.name("template"),
        title: title.zh,
        title_en: title.en,
        department: department(sec, "department"),
        tables: sec.secs("tables").iter().map(|t| table(t, facts)).collect(),
        at: sec.at(),
    }
}

fn table(sec: &Sec, facts: &BTreeMap<String, Fact>) -> Table {
    Table {
        id: sec.name("table"),
        sheet: sec.name("sheet"),
        subject: match sec.name("subject").as_str() {
            "parcel" => Subject::Parcel,
            "lease" => Subject::Lease,
            "certificate" => Subject::Certificate,
            _ => Subject::Firm,
        },
        duplicates: if sec.name("duplicates") == "sum" { Duplicates::Sum } else { Duplicates::Refuse },
        columns: sec.secs("columns").iter().map(|c| column(c, facts)).collect(),
    }
}

fn column(sec: &Sec, facts: &BTreeMap<String, Fact>) -> Column {
    let fact = sec.refers("fact", What::Fact);
    let known = fact.as_deref().and_then(|f| facts.get(f));
    let role = match (&fact, sec.text("role").as_deref()) {
        (Some(id), None) => ColumnRole::Fact(id.clone()),
        (None, Some(role)) => match role {
            "credit_code" => ColumnRole::CreditCode,
            "name" => ColumnRole::Name,
            "address" => ColumnRole::Address,
            "parcel" => ColumnRole::Parcel,
            "owner_code" => ColumnRole::OwnerCode,
            "owner_name" => ColumnRole::OwnerName,
            "status_kind" => ColumnRole::StatusKind,
            "status_level" => ColumnRole::StatusLevel,
            "evidence_number" => ColumnRole::EvidenceNumber,
            "valid_from" => ColumnRole::ValidFrom,
            "valid_to" => ColumnRole::ValidTo,
            _ => ColumnRole::Ignore,
        },
        _ => {
            sec.sink().error(
                "missing-key",
                &sec.at(),
                "a column needs `role` or `fact`, and not both",
                "`role: credit_code` or `fact: tax_paid`",
            );
            ColumnRole::Ignore
        }
    };
    let kind = match role {
        ColumnRole::ValidFrom | ColumnRole::ValidTo => Kind::Date,
        _ => known.map_or(Kind::Text, |f| f.kind),
    };
    let mut values = Vec::new();
    for (text, target) in sec.entries("values") {
        let target_text = target.text().unwrap_or_default();
        if role == ColumnRole::StatusLevel {
            values.push(StatusValue {
                text: text.text.clone(),
                fact: String::new(),
                value: Some(target_text.to_owned()),
            });
            continue;
        }
        let (fact, value) = match target_text.split_once('.') {
            Some((fact, value)) => (fact, Some(value.to_owned())),
            None => (target_text, None),
        };
        sec.sink().refer(What::Fact, fact, &target.at);
        values.push(StatusValue { text: text.text.clone(), fact: fact.to_owned(), value });
    }
    Column {
        role,
        head: sec.name("head"),
        aliases: sec.texts("aliases"),
        kind,
        unit: known.and_then(|f| f.unit.clone()),
        accepts: sec.names("accepts", What::Unit),
        required: sec.flag("required"),
        min: known.and_then(|f| f.min),
        max: known.and_then(|f| f.max),
        values,
        at: sec.at(),
    }
}

pub(crate) fn calendar(sec: &Sec) -> CalendarYear {
    let (mut off, mut worked) = (BTreeMap::new(), BTreeMap::new());
    for holiday in sec.secs("holidays") {
        let title = holiday.words("title");
        if let (Some(from), Some(to)) = (holiday.date("from"), holiday.date("to")) {
            if to < from || (to - from).get_days() > 31 {
                sec.sink().error(
                    "bad-period",
                    &holiday.at(),
                    format!("{from} to {to}"),
                    "a first and a last day in that order, at most a month apart",
                );
            } else {
                off.extend(from.series(jiff::ToSpan::days(1)).take_while(|d| *d <= to).map(|d| (d, title.clone())));
            }
        }
        worked.extend(holiday.texts("worked").iter().filter_map(|d| shape::date(d)).map(|d| (d, title.clone())));
    }
    CalendarYear {
        year: sec.integer("year").unwrap_or(0),
        cite: sec.cite("cite").unwrap_or(Cite {
            document: String::new(),
            issuer: None,
            published: None,
            url: None,
            articles: Vec::new(),
            clause: None,
        }),
        standing: sec.standing(),
        off,
        worked,
        at: sec.at(),
    }
}

pub(crate) fn process(sec: &Sec) -> Process {
    let states: Vec<ProcessState> = sec
        .secs("states")
        .iter()
        .map(|s| ProcessState { id: s.name("state"), title: s.words("title"), last: s.flag("last"), at: s.at() })
        .collect();
    Process {
        id: sec.name("process"),
        title: sec.words("title"),
        cite: sec.cite("cite"),
        start: sec.name("start"),
        states,
        guards: sec
            .secs("guards")
            .iter()
            .map(|g| Guard { id: g.name("guard"), title: g.words("title"), at: g.at() })
            .collect(),
        transitions: sec.secs("transitions").iter().map(transition).collect(),
        clocks: sec.secs("clocks").iter().map(clock).collect(),
        at: sec.at(),
    }
}

fn transition(sec: &Sec) -> Transition {
    let mut by = Vec::new();
    for node in sec.get("by").map(crate::node::Node::items).unwrap_or_default() {
        let Some(text) = node.text() else { continue };
        if text == "system" {
            by.push(Actor { role: Role::SystemAdmin, department: None, system: true });
            continue;
        }
        let (role, department) = text.split_once('/').map_or((text, None), |(r, d)| (r, Some(d)));
        let owner = department.map(Department::from_name);
        match (Role::from_name(role), owner) {
            (Some(role), None) => by.push(Actor { role, department: None, system: false }),
            (Some(role), Some(Some(department))) => {
                by.push(Actor { role, department: Some(department), system: false })
            }
            _ => sec.sink().error(
                "unknown-role",
                &node.at,
                format!("`{text}`"),
                format!(
                    "system, or a role with or without `/department`: {}; departments: {}",
                    Role::ALL.map(Role::name).join(", "),
                    Department::ALL.map(Department::name).join(", ")
                ),
            ),
        }
    }
    Transition {
        action: sec.name("action"),
        title: sec.words("title"),
        from: sec.texts("from"),
        to: sec.name("to"),
        by,
        guards: sec.texts("guards"),
        second_person: sec.flag("second_person"),
        reason: sec.flag("reason"),
        at: sec.at(),
    }
}

fn clock(sec: &Sec) -> Clock {
    let counts_first_day = sec.flag("counts_first_day");
    let length = match sec.text("length").as_deref() {
        Some("land_notice") => ClockLength::LandNotice,
        Some(_) => ClockLength::Notice,
        None => sec
            .sec("length")
            .and_then(|s| days(&s))
            .map_or(ClockLength::Notice, |days| ClockLength::Days { days: Days { counts_first_day, ..days } }),
    };
    Clock {
        id: sec.name("clock"),
        title: sec.words("title"),
        starts: sec.name("starts"),
        stops: sec.texts("stops"),
        length,
        counts_first_day,
        over: sec.text("over"),
        at: sec.at(),
    }
}

pub(crate) fn article(sec: &Sec) -> Article {
    Article {
        number: sec.integer("article").unwrap_or(0),
        title: sec.words("title"),
        mechanisms: sec.secs("mechanisms").iter().map(mechanism).collect(),
        at: sec.at(),
    }
}

fn mechanism(sec: &Sec) -> Mechanism {
    Mechanism {
        id: sec.name("id"),
        title: sec.words("title"),
        engines: sec.texts("engines"),
        rules: sec.names("rules", What::Definition),
        screens: sec.texts("screens"),
        at: sec.at(),
    }
}
