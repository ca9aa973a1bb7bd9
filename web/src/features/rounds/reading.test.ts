// Rounds and filings: groups of states, versions across a window, money, faults beside their field.
import { describe, expect, it } from 'vitest'
import { ApiError, type DivisionView, type FilingRow, type RoundMoney, type RoundRow } from '@/shared/api'
import {
  besides, byGroup, concerns, countiesOf, dayBy, exact, faultOf, goesBy, groupOf, GROUPS, isIn, moneyBar, openRounds, opens, otherWhen,
  spans, statesOf, sumOf, total, versionAt, withSeconds,
} from './reading'

const label = (zh: string, en = zh) => ({ zh, en })
const place = (code: string, parent: string | null = null): DivisionView => ({ code, name: code, level: 'county', parent })
function filing(over: Partial<FilingRow>): FilingRow {
  return {
    id: 1, round: 1, round_title: '第一批', rule: 'r', rule_title: label('专精特新', 'Specialised'), rule_version: 1, firm: 1, name: '恒信机械', division: place('370783'),
    filed_at: '2026-03-31T23:59:59', kind: 'first', state: 'filed', state_title: label('已申报'), outcome: null, exception: false, sampled: false, site: null, questions: 0, clashes: 0,
    sum: null, unit: label(''), until: null, ...over,
  }
}
function round(over: Partial<RoundRow>): RoundRow {
  return {
    id: 1, title: '第一批', kind: 'first', rule: 'r', rules: ['r'], rule_title: label('专精特新'), rule_kind: 'title', division: place('370000'), from: '2026-03-15T00:00:00', to: '2026-04-30T23:59:59',
    window: 'open', state: 'open', state_title: label('受理'), filings: [], ...over,
  }
}

describe('states of filings', () => {
  const count = (state: string, n: number) => ({ state, title: label(state), count: n })

  it('stand_in_groups_in_the_order_of_the_process', () => {
    const groups = byGroup([count('paid', 1), count('city_review', 2), count('county_review', 3), count('filed', 4), count('refused', 0)])
    expect(groups.map((it) => [it.group, it.count])).toEqual([['received', 4], ['review', 5], ['listed', 1]])
    expect(groups[1]?.states.map((it) => it.state)).toEqual(['city_review', 'county_review'])
  })
  it('lose_nothing_when_they_are_grouped', () => {
    const all = [count('filed', 1), count('objected', 2), count('to_recover', 3), count('lapsed', 4), count('approved', 5), count('something_new', 6)]
    expect(byGroup(all).reduce((sum, it) => sum + it.count, 0)).toBe(total(all))
  })
  it('that_are_not_known_here_count_as_under_review', () => expect(groupOf('something_new')).toBe('review'))
  it('of_every_group_exist', () => {
    const known = ['filed', 'county_review', 'approved', 'objected', 'listed', 'removal_asked', 'refused'].map(groupOf)
    expect(known).toEqual([...GROUPS])
  })
  it('are_listed_as_they_occur_and_unknown_ones_last', () => {
    const rows = [filing({ state: 'new' }), filing({ state: 'approved' }), filing({ state: 'filed' }), filing({ state: 'approved' })]
    expect(statesOf(rows).map((it) => [it.state, it.count])).toEqual([['filed', 1], ['approved', 2], ['new', 1]])
  })
})

describe('a list of filings', () => {
  const all = { q: '', state: null, outcome: null, county: null }
  it('is_narrowed_by_words_state_outcome_and_county', () => {
    const it = filing({ outcome: 'met', state: 'approved' })
    expect(isIn(it, all)).toBe(true)
    expect(isIn(it, { ...all, q: ' SPECIAL ' })).toBe(true)
    expect(isIn(it, { ...all, q: '别家' })).toBe(false)
    expect(isIn(it, { ...all, state: 'filed' })).toBe(false)
    expect(isIn(it, { ...all, outcome: 'met', county: '370783' })).toBe(true)
    expect(isIn(it, { ...all, county: '370784' })).toBe(false)
  })
  it('names_each_county_once', () => expect(countiesOf([filing({ division: place('2') }), filing({ division: place('1') }), filing({ division: place('2') })]).map((it) => it.code)).toEqual(['1', '2']))
})

describe('a window across a revision', () => {
  const versions = [
    { version: 2, document: '新', from: '2026-04-01', to: null },
    { version: 1, document: '旧', from: '2022-08-01', to: '2026-03-31' },
  ]
  it('says_which_days_go_by_which_version', () =>
    expect(spans(versions, '2026-03-15T00:00:00', '2026-04-30T17:00:00').map((it) => [it.version, it.from, it.to])).toEqual([[1, '2026-03-15', '2026-03-31'], [2, '2026-04-01', '2026-04-30']]))
  it('leaves_out_versions_that_it_does_not_touch', () => {
    expect(spans(versions, '2026-03-01T00:00:00', '2026-03-31T23:59:59').map((it) => it.version)).toEqual([1])
    expect(spans(versions, '2026-04-01T00:00:00', '2026-04-30T23:59:59').map((it) => it.version)).toEqual([2])
  })
  it('ends_a_version_where_the_next_begins_though_it_states_no_end', () => {
    const open = versions.map((it) => ({ ...it, to: null }))
    expect(spans(open, '2026-03-15T00:00:00', '2026-04-30T17:00:00').map((it) => [it.from, it.to])).toEqual([['2026-03-15', '2026-03-31'], ['2026-04-01', '2026-04-30']])
  })
  it('covers_every_day_once', () => {
    const [first, second] = spans(versions, '2026-03-15T00:00:00', '2026-04-30T17:00:00')
    expect(dayBy(first?.to ?? '', 1)).toBe(second?.from)
  })
  it('gives_the_last_second_of_a_day_to_that_day', () => {
    expect(versionAt(versions, '2026-03-31T23:59:59')?.version).toBe(1)
    expect(versionAt(versions, '2026-04-01T00:00:00')?.version).toBe(2)
    expect(versionAt(versions, '2020-01-01T00:00:00')).toBeNull()
  })
  it('tells_when_the_other_version_would_have_held', () => {
    const [second, first] = versions as [(typeof versions)[0], (typeof versions)[0]]
    expect(otherWhen('2026-03-20T09:00:00', first, { on: '2026-04-30', rule: 'r', version: 2 })).toEqual({ key: 'later', day: '2026-04-01' })
    expect(otherWhen('2026-04-02T09:00:00', second, { on: '2026-03-15', rule: 'r', version: 1 })).toEqual({ key: 'earlier', day: '2026-04-01' })
  })
  it('takes_no_numbers_of_another_rule_for_its_own_but_looks_at_its_days', () => {
    const local = { id: 'local', version: 1, document: '', from: '2022-08-01', to: '2026-03-31' }
    const wide = { on: '2026-04-15', rule: 'wide', version: 2 }
    expect(otherWhen('2026-03-20T09:00:00', local, wide)).toEqual({ key: 'on', day: '2026-04-15' })
    expect(otherWhen('2026-03-20T09:00:00', local, wide, { from: '2026-04-01', to: null })).toEqual({ key: 'later', day: '2026-04-01' })
    expect(otherWhen('2026-03-20T09:00:00', local, wide, { from: '2020-01-01', to: null })).toEqual({ key: 'on', day: '2026-04-15' })
    const now = { id: 'wide', version: 2, document: '', from: '2026-04-01', to: null }
    expect(otherWhen('2026-04-02T09:00:00', now, { on: '2026-03-16', rule: 'local', version: 1 }, local)).toEqual({ key: 'earlier', day: '2026-04-01' })
    expect(otherWhen('2026-04-02T09:00:00', now, { on: '2026-03-16', rule: 'local', version: 1 })).toEqual({ key: 'on', day: '2026-03-16' })
  })
  it('names_the_day_itself_where_the_boundary_is_not_certain', () => {
    expect(otherWhen('2026-03-20T09:00:00', { version: 1, document: '', from: '2022-08-01', to: null }, { on: '2026-04-30', rule: 'r', version: 2 })).toEqual({ key: 'on', day: '2026-04-30' })
    expect(otherWhen('2026-03-20T09:00:00', { version: 1, document: '', from: '2022-08-01', to: '2026-03-31' }, { on: '2026-04-30', rule: 'r', version: 3 }).key).toBe('on')
  })
})

describe('moments', () => {
  it('are_written_to_the_second', () => expect([exact('2026-03-31T23:59:59'), exact('2026-03-31T00:00:00.5'), exact('2026-03-31')]).toEqual(['2026-03-31 23:59:59', '2026-03-31 00:00:00', '2026-03-31']))
  it('get_their_seconds_where_the_browser_left_them_out', () => expect([withSeconds('2026-03-15T00:00'), withSeconds('2026-03-15T00:00:07'), withSeconds('2026-03-15T00:00:07.000')]).toEqual(['2026-03-15T00:00:00', '2026-03-15T00:00:07', '2026-03-15T00:00:07']))
})

describe('rounds', () => {
  it('that_take_filings_now_are_found_by_rule_and_the_one_that_closes_first_wins', () => {
    const rounds = [round({ id: 1, to: '2026-05-01T00:00:00' }), round({ id: 2 }), round({ id: 3, kind: 'recheck', rule: 's', rules: ['s'] }), round({ id: 4, window: 'over', rule: 't', rules: ['t'] }), round({ id: 5, state: 'review', rule: 'u', rules: ['u'] })]
    expect([...openRounds(rounds)].map(([rule, it]) => [rule, it.id])).toEqual([['r', 2]])
  })
  it('are_found_by_every_rule_that_their_filings_go_by', () => {
    const one = round({ rule: 'national/x', rules: ['national/x', 'shandong/x'] })
    expect([...openRounds([one]).keys()]).toEqual(['national/x', 'shandong/x'])
    expect(['national/x', 'shandong/x', 'hunan/x'].map((rule) => goesBy(one, rule))).toEqual([true, true, false])
  })
  it('of_a_narrower_rule_win_when_they_close_first', () => {
    const rounds = [round({ id: 1, rules: ['r', 'local'] }), round({ id: 2, rule: 'local', rules: ['local'], to: '2026-04-01T00:00:00' })]
    expect([...openRounds(rounds)].map(([rule, it]) => [rule, it.id])).toEqual([['r', 1], ['local', 2]])
  })
  it('concern_a_region_when_they_lie_in_it_or_above_it', () => {
    const all = [place('370000'), place('370700', '370000'), place('370783', '370700'), place('370100', '370000')]
    const of = (code: string) => round({ division: place(code) })
    expect([of('370000'), of('370783'), of('370100')].map((it) => concerns(it, '370783', all))).toEqual([true, true, false])
    expect(concerns(of('370783'), '370700', all)).toBe(true)
    expect(concerns(of('370100'), null, all)).toBe(true)
    // A county officer is told of the county alone.
    expect([of('370000'), of('370700'), of('370800')].map((it) => concerns(it, '370783', []))).toEqual([true, true, false])
  })
  it('are_opened_by_the_level_that_decides', () => {
    expect([opens('province_officer', 'nation'), opens('province_officer', 'province'), opens('county_officer', 'county')]).toEqual([true, true, true])
    expect([opens('county_officer', 'nation'), opens('firm', 'county'), opens('city_officer', 'somewhere')]).toEqual([false, false, false])
  })
})

describe('money', () => {
  const money = (over: Partial<RoundMoney>): RoundMoney => ({ unit: label('万元'), claims: '300', line: null, budget: '1000', bound: '200', over_rule: null, over: false, paid: '0', ...over })
  it('is_drawn_against_the_budget', () => expect(moneyBar(money({}))).toEqual({ bound: 20, claims: 30, over: 0, budget: 100 }))
  it('beyond_the_budget_is_drawn_apart', () => expect(moneyBar(money({ claims: '1800' }))).toEqual({ bound: 10, claims: 40, over: 50, budget: 50 }))
  it('already_bound_beyond_the_budget_leaves_no_room', () => expect(moneyBar(money({ bound: '1500', claims: '500' }))).toMatchObject({ claims: 0, over: 25 }))
  it('without_a_budget_has_no_bar', () => expect([moneyBar(money({ budget: null })), moneyBar(money({ budget: '0' }))]).toEqual([null, null]))
  it('is_added_up_to_the_last_digit', () => {
    expect(sumOf(['0.1', '0.2', '1000000000000000000.05'])).toBe('1000000000000000000.35')
    expect(sumOf(['5', '-7.50'])).toBe('-2.50')
    expect([sumOf([]), sumOf(['x'])]).toEqual(['0', null])
  })
})

describe('a refusal', () => {
  const refusal = (code: string, cell?: string) =>
    new ApiError(400, { code, message: label('不行'), fields: cell ? [{ sheet: null, cell, value: '', code: 'x', message: label('错'), allowed: label('对') }] : [] })
  it('stands_beside_the_field_that_its_code_or_its_fault_names', () => {
    expect(faultOf(refusal('to'), 'to')).toEqual([label('不行')])
    expect(faultOf(refusal('round', 'title'), 'title')).toEqual([label('错'), label('对')])
    expect(faultOf(refusal('forbidden'), 'to')).toEqual([])
    expect(faultOf(new Error('x'), 'to')).toEqual([])
  })
  it('is_not_said_twice', () => {
    expect(besides(refusal('to'), ['to'])).toBeNull()
    expect((besides(refusal('round', 'title'), ['title']) as ApiError).problem.fields).toEqual([])
    expect((besides(refusal('round', 'else'), ['title']) as ApiError).problem.fields).toHaveLength(1)
  })
})
