//! The gate, the calendar and the clock.

use base::{Department, Role};
use cases::{Calendar, Clock, Count, Facts, Machine, Pause, Process, Refusal, Running, Unsound, Who};
use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use proptest::prelude::*;

/// An objection: a firm objects, land answers, a second person accepts.
const OBJECTION: &str = r#"{
  "id": "objection", "start": "open",
  "states": [
    {"id": "open", "title": {"zh": "已提出", "en": "open"}},
    {"id": "answered", "title": {"zh": "已答复", "en": "answered"}},
    {"id": "accepted", "title": {"zh": "已采纳", "en": "accepted"}, "last": true},
    {"id": "rejected", "title": {"zh": "未采纳", "en": "rejected"}, "last": true}
  ],
  "guards": [{"id": "answer_attached", "title": {"zh": "已附答复", "en": "an answer is attached"}}],
  "transitions": [
    {"action": "answer", "title": {"zh": "答复", "en": "answer"}, "from": ["open"], "to": "answered",
     "by": [{"role": "department_owner", "department": "land"}], "guards": ["answer_attached"]},
    {"action": "amend", "title": {"zh": "补正", "en": "amend"}, "from": ["answered"], "to": "answered",
     "by": [{"role": "department_owner", "department": "land"}]},
    {"action": "accept", "title": {"zh": "采纳", "en": "accept"}, "from": ["answered"], "to": "accepted",
     "by": [{"role": "county_officer"}, {"role": "department_owner", "department": "land"}], "second_person": true, "reason": true},
    {"action": "lapse", "title": {"zh": "逾期终止", "en": "lapse"}, "from": ["open", "answered"], "to": "rejected",
     "by": [{"role": "county_officer", "system": true}], "guards": []}
  ],
  "clocks": [{"id": "answer_time", "starts": "open", "stops": ["answered", "rejected"]},
             {"id": "decision_time", "starts": "answered", "stops": ["accepted", "rejected"]}]
}"#;

fn process() -> Process {
    serde_json::from_str(OBJECTION).unwrap()
}

fn machine() -> Machine {
    Machine::new(process()).unwrap()
}

fn who(account: &str, role: Role, department: Option<Department>) -> Who {
    Who { account: account.to_owned(), role, department, system: false }
}

fn land() -> Who {
    who("land1", Role::DepartmentOwner, Some(Department::Land))
}

fn facts(guards: &[(&str, bool)], previous: Option<&str>) -> Facts {
    Facts { guards: guards.iter().map(|(g, v)| ((*g).to_owned(), *v)).collect(), previous: previous.map(str::to_owned) }
}

fn now() -> Timestamp {
    "2026-03-02T01:00:00Z".parse().unwrap()
}

#[test]
fn a_step_that_is_allowed_says_everything_the_record_needs() {
    let step = machine().apply("open", "answer", &land(), &facts(&[("answer_attached", true)], None), " 已核 ", now()).unwrap();
    assert_eq!((step.from.as_str(), step.to.as_str(), step.actor.as_str()), ("open", "answered", "land1"));
    assert_eq!((step.reason.as_str(), step.at), ("已核", now()));
    assert_eq!((step.stops, step.starts), (vec!["answer_time".to_owned()], vec!["decision_time".to_owned()]));
}

#[test]
fn a_step_into_the_same_state_leaves_the_clocks_alone() {
    let step = machine().apply("answered", "amend", &land(), &facts(&[], None), "", now()).unwrap();
    assert!(step.starts.is_empty() && step.stops.is_empty());
}

#[test]
fn a_guard_that_fails_or_is_unknown_blocks_and_is_named() {
    for (given, unknown) in [(facts(&[("answer_attached", false)], None), false), (facts(&[], None), true)] {
        let refusal = machine().apply("open", "answer", &land(), &given, "", now()).unwrap_err();
        let Refusal::Guards { state, failed, .. } = &refusal else { panic!("{refusal:?}") };
        assert_eq!((state.as_str(), failed[0].guard.as_str(), failed[0].unknown), ("open", "answer_attached", unknown));
        assert!(refusal.wording().zh.contains("已附答复"));
    }
}

#[test]
fn the_wrong_role_department_or_state_is_named_with_what_is_allowed() {
    let ok = facts(&[("answer_attached", true)], None);
    let tax = who("tax1", Role::DepartmentOwner, Some(Department::Tax));
    let refusal = machine().apply("open", "answer", &tax, &ok, "", now()).unwrap_err();
    assert!(matches!(&refusal, Refusal::Role { department: Some(Department::Tax), .. }));
    assert!(refusal.to_string().contains("department_owner (land)"), "{refusal}");
    let refusal = machine().apply("open", "accept", &land(), &ok, "x", now()).unwrap_err();
    assert_eq!(refusal, Refusal::State { action: "accept".into(), state: "open".into(), allowed: vec!["answered".into()] });
    assert!(matches!(machine().apply("open", "fly", &land(), &ok, "", now()).unwrap_err(), Refusal::UnknownAction { .. }));
    assert!(matches!(machine().apply("gone", "answer", &land(), &ok, "", now()).unwrap_err(), Refusal::UnknownState { .. }));
    assert!(machine().apply("accepted", "lapse", &land(), &ok, "", now()).is_err(), "nothing follows a last state");
}

#[test]
fn the_doer_is_never_the_acceptor() {
    let accept = |who: &Who, previous: Option<&str>| machine().apply("answered", "accept", who, &facts(&[], previous), "已核", now());
    assert!(matches!(accept(&land(), Some("land1")).unwrap_err(), Refusal::SecondPerson { .. }));
    assert!(accept(&who("land2", Role::DepartmentOwner, Some(Department::Land)), Some("land1")).is_ok());
    assert!(accept(&who("officer", Role::CountyOfficer, None), Some("land1")).is_ok());
    assert!(matches!(accept(&land(), None).unwrap_err(), Refusal::SecondPerson { .. }), "an unknown first person helps nobody");
}

#[test]
fn a_reason_is_asked_for_where_the_process_says_so() {
    let officer = who("officer", Role::CountyOfficer, None);
    let refusal = machine().apply("answered", "accept", &officer, &facts(&[], Some("land1")), "  ", now()).unwrap_err();
    assert_eq!(refusal.code(), "case_reason_missing");
}

#[test]
fn only_the_system_does_what_is_the_systems() {
    let system = Who { system: true, ..who("system:clock", Role::ProvinceOfficer, None) };
    let officer = who("officer", Role::CountyOfficer, None);
    assert!(machine().apply("open", "lapse", &system, &facts(&[], None), "", now()).is_ok());
    assert!(matches!(machine().apply("open", "lapse", &officer, &facts(&[], None), "", now()).unwrap_err(), Refusal::Role { .. }));
    assert!(machine().apply("open", "answer", &system, &facts(&[("answer_attached", true)], None), "", now()).is_err());
}

#[test]
fn an_unsound_process_is_refused_with_every_finding() {
    let mut broken = process();
    broken.transitions[0].to = "nowhere".into();
    broken.transitions[0].guards.push("unheard_of".into());
    broken.transitions[1].by.clear();
    let findings = Machine::new(broken).unwrap_err();
    assert!(findings.iter().any(|f| matches!(f, Unsound::State { found, .. } if found == "nowhere")));
    assert!(findings.iter().any(|f| matches!(f, Unsound::Guard { found, .. } if found == "unheard_of")));
    assert!(findings.iter().any(|f| matches!(f, Unsound::Nobody { .. })));
    let mut stuck = process();
    stuck.transitions.retain(|t| t.action == "answer");
    let findings = Machine::new(stuck).unwrap_err();
    assert!(findings.contains(&Unsound::DeadEnd { state: "open".into() }));
    assert!(findings.contains(&Unsound::Unreachable { state: "accepted".into() }));
}

/// Invented notices of two years, with a long holiday, make-up days, and a day of the old year that
/// stands in the notice of the new one.
fn calendar() -> Calendar {
    serde_json::from_str(
        r#"{"years": {
          "2025": {"off": ["2025-01-01", "2025-10-01", "2025-10-02", "2025-10-03", "2025-10-06", "2025-10-07", "2025-10-08"],
                   "worked": ["2025-09-28", "2025-10-11"]},
          "2026": {"off": ["2025-12-31", "2026-01-01", "2026-01-02"], "worked": ["2026-01-04"]}
        }}"#,
    )
    .unwrap()
}

#[test]
fn a_make_up_saturday_counts_and_a_holiday_does_not() {
    let c = calendar();
    assert_eq!(c.is_working(date(2025, 10, 11)), Ok(true), "a Saturday that makes up");
    assert_eq!(c.is_working(date(2025, 9, 28)), Ok(true), "a Sunday that makes up");
    assert_eq!(c.is_working(date(2025, 10, 8)), Ok(false), "a Wednesday off");
    assert_eq!(c.is_working(date(2025, 10, 18)), Ok(false), "an ordinary Saturday");
    assert_eq!(c.is_working(date(2025, 12, 31)), Ok(false), "named by the notice of the year after");
    // 30 September, then the holiday, then 9, 10 and the made-up 11 October.
    assert_eq!(c.add_working_days(date(2025, 9, 29), 4), Ok(date(2025, 10, 11)));
    assert_eq!(c.add_working_days(date(2025, 12, 30), 1), Ok(date(2026, 1, 4)));
    assert_eq!(c.add_working_days(date(2025, 10, 4), 0), Ok(date(2025, 10, 4)));
}

#[test]
fn a_year_without_a_notice_is_an_error_never_a_guess() {
    let c = calendar();
    let fault = c.is_working(date(2027, 3, 1)).unwrap_err();
    assert_eq!(fault.day, date(2027, 3, 1));
    assert!(fault.to_string().contains("2025, 2026"));
    assert!(c.add_working_days(date(2026, 12, 28), 10).is_err());
    assert!(c.working_days_between(date(2024, 12, 1), date(2025, 2, 1)).is_err());
    assert!(Calendar::default().is_working(date(2025, 3, 1)).is_err());
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn clock(days: u32, count: Count, ends: Option<jiff::civil::Time>) -> Clock {
    // Monday 2025-09-29 in Shandong, while it is still Sunday evening in UTC.
    Clock { start: at("2025-09-28T16:30:00Z"), days, count, ends, pauses: Vec::new() }
}

#[test]
fn a_notice_of_five_working_days_ends_after_the_holiday_at_its_hour() {
    let c = clock(5, Count::Working, Some(time(17, 30, 0, 0)));
    // 30 September, 9, 10, 11 and 13 October.
    assert_eq!(c.deadline(&calendar()), Ok(Some(at("2025-10-13T17:30:00+08:00"))));
    assert_eq!(c.at(at("2025-10-13T17:30:00+08:00"), &calendar()), Ok(Running::Open { deadline: at("2025-10-13T17:30:00+08:00") }));
    assert_eq!(c.is_over(at("2025-10-13T17:30:01+08:00"), &calendar()), Ok(true), "late by one second is late");
    let noon = clock(5, Count::Working, Some(time(12, 0, 0, 0)));
    assert_eq!(noon.is_over(at("2025-10-13T12:00:01+08:00"), &calendar()), Ok(true));
    let whole_day = clock(5, Count::Working, None);
    assert_eq!(whole_day.is_over(at("2025-10-13T23:59:59+08:00"), &calendar()), Ok(false));
    assert_eq!(whole_day.is_over(at("2025-10-14T00:00:00+08:00"), &calendar()), Ok(true));
}

#[test]
fn calendar_days_count_every_day_and_may_roll_to_a_working_day() {
    let plain = clock(5, Count::Calendar, None);
    assert_eq!(plain.deadline(&Calendar::default()), Ok(Some(at("2025-10-04T23:59:59+08:00"))), "needs no notice");
    let rolled = clock(5, Count::CalendarThenWorking, None);
    assert_eq!(rolled.deadline(&calendar()), Ok(Some(at("2025-10-09T23:59:59+08:00"))));
}

#[test]
fn a_pause_takes_its_days_out_and_an_open_one_stops_the_clock() {
    let mut c = clock(5, Count::Working, None);
    c.pauses.push(Pause { from: date(2025, 10, 10), until: Some(date(2025, 10, 13)), reason: "补充材料".into() });
    // 30 September, 9, 13, 14 and 15 October.
    assert_eq!(c.deadline(&calendar()), Ok(Some(at("2025-10-15T23:59:59+08:00"))));
    c.pauses.push(Pause { from: date(2025, 10, 14), until: None, reason: "等待鉴定".into() });
    assert_eq!(c.at(at("2026-02-01T00:00:00Z"), &calendar()), Ok(Running::Paused));
}

fn days_of_2025() -> impl Strategy<Value = Date> {
    (0i64..300).prop_map(|n| date(2025, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap())
}

proptest! {
    #[test]
    fn adding_working_days_and_counting_them_agree(start in days_of_2025(), count in 0u32..40) {
        let c = calendar();
        let end = c.add_working_days(start, count).unwrap();
        prop_assert_eq!(c.working_days_between(start, end).unwrap(), count);
        prop_assert!(count == 0 || c.is_working(end).unwrap());
    }

    #[test]
    fn adding_in_two_parts_is_adding_at_once(start in days_of_2025(), a in 0u32..20, b in 0u32..20) {
        let c = calendar();
        let halfway = c.add_working_days(start, a).unwrap();
        prop_assert_eq!(c.add_working_days(halfway, b).unwrap(), c.add_working_days(start, a + b).unwrap());
    }

    #[test]
    fn a_later_start_or_a_pause_never_brings_the_deadline_forward(start in days_of_2025(), days in 0u32..30, from in days_of_2025(), length in 1i64..30) {
        let c = calendar();
        let begin = |d: Date| d.to_datetime(time(9, 0, 0, 0)).to_zoned_datetime(jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(8))).unwrap().timestamp();
        let mut clock = Clock { start: begin(start), days, count: Count::Working, ends: None, pauses: Vec::new() };
        let plain = clock.deadline(&c).unwrap().unwrap();
        let later = Clock { start: begin(start.tomorrow().unwrap()), ..clock.clone() }.deadline(&c).unwrap().unwrap();
        prop_assert!(later >= plain);
        let until = from.checked_add(jiff::Span::new().days(length)).unwrap();
        clock.pauses.push(Pause { from, until: Some(until), reason: String::new() });
        prop_assert!(clock.deadline(&c).unwrap().unwrap() >= plain);
    }

    #[test]
    fn whatever_is_listed_without_a_block_is_allowed_and_nothing_else_is(
        state in prop::sample::select(vec!["open", "answered", "accepted", "rejected"]),
        role in prop::sample::select(Role::ALL.to_vec()),
        department in prop::option::of(prop::sample::select(Department::ALL.to_vec())),
        attached in prop::option::of(any::<bool>()),
        previous in prop::option::of(prop::sample::select(vec!["a", "b"])),
        system in any::<bool>(),
    ) {
        let m = machine();
        let who = Who { account: "a".into(), role, department, system };
        let guards: Vec<(&str, bool)> = attached.map(|v| ("answer_attached", v)).into_iter().collect();
        let facts = facts(&guards, previous);
        let open: Vec<String> = m.allowed(state, &who, &facts).into_iter().filter(|a| a.blocked_by.is_empty()).map(|a| a.action).collect();
        for action in ["answer", "amend", "accept", "lapse"] {
            let applied = m.apply(state, action, &who, &facts, "已核", now()).is_ok();
            prop_assert_eq!(applied, open.iter().any(|o| o == action), "{} in {}", action, state);
        }
    }
}
