// Reading titles and policies: order, windows, comparisons, per cent, trees, days of filing.
import { describe, expect, it } from 'vitest'
import type { FirmRule, ReasonView, RuleHead } from '@/shared/api'
import {
  byOwner, byWeight, compared, daysBetween, differences, flat, grouped, isShare, leaves, lineOfNode, moment, put, read,
  hardest, inTheWay, seenWords, shown, sortedFindings, steps, tally, typed, windowWords, write,
} from './reading'

const label = (zh: string, en = zh) => ({ zh, en })
function rule(id: string, over: Partial<Omit<FirmRule, 'rule'>> & { rule?: Partial<RuleHead> } = {}): FirmRule {
  return {
    outcome: 'not_met', held: null, unmet: [], missing: [], repairs: [], amount: null, route: 'review', route_facts: [],
    ...over,
    rule: {
      id, version: 1, kind: 'title', title: label(id), level: 'nation', owner: 'industry', document: '文件', articles: [5], from: '2020-01-01', to: null,
      rung: null, window: { state: 'always', from: null, to: null }, unverified: false, competitive: null,
      ...over.rule,
    },
  }
}
function reason(over: Partial<ReasonView>): ReasonView {
  return { id: '', title: label(''), kind: 'if', count: null, truth: 'met', formula: null, seen: [], inputs: [], parts: [], clause: null, assumed: null, evidence: null, ...over }
}
const repair = { moves: [], text: label('改') }

describe('the list of a firm', () => {
  const held = rule('held', { held: { from: '2024-01-01', to: '2027-01-01', days_left: 30, at_risk: false }, outcome: 'met' })
  const risk = rule('risk', { held: { from: '2024-01-01', to: null, days_left: null, at_risk: true } })
  const rules = [held, rule('far'), rule('unknown', { outcome: 'unknown' }), rule('near', { repairs: [repair] }), rule('met', { outcome: 'met' }), risk, rule('money', { rule: { kind: 'policy' } })]
  const all = { outcome: null, kind: null, q: '' }

  it('stands_in_groups_with_what_is_urgent_first', () => {
    const [titles, policies] = grouped(rules, all)
    expect(titles?.rules.map((it) => it.rule.id)).toEqual(['risk', 'met', 'near', 'unknown', 'far', 'held'])
    expect(policies?.rules.map((it) => it.rule.id)).toEqual(['money'])
  })
  it('is_narrowed_by_state_kind_and_words_and_leaves_out_empty_groups', () => {
    expect(grouped(rules, { ...all, outcome: 'held' }).flatMap((it) => it.rules.map((one) => one.rule.id))).toEqual(['risk', 'held'])
    expect(grouped(rules, { ...all, kind: 'policy' }).map((it) => it.kind)).toEqual(['policy'])
    expect(grouped(rules, { ...all, q: ' NEAR ' })[0]?.rules).toHaveLength(1)
    expect(grouped(rules, { ...all, q: 'nothing of the kind' })).toEqual([])
  })
})

describe('a window', () => {
  const window = (state: string, from: string | null = null, to: string | null = null) => ({ state, from, to })
  it('says_how_long_it_is_open', () =>
    expect(windowWords(window('open', '2026-03-01T00:00:00', '2026-03-31T17:00:00'), '2026-03-20')).toEqual({ key: 'open', values: { to: '2026-03-31 17:00', days: 11 } }))
  it('says_that_today_is_the_last_day', () => expect(windowWords(window('open', '2026-03-01', '2026-03-31'), '2026-03-31').key).toBe('last'))
  it('says_when_it_opens', () => expect(windowWords(window('upcoming', '2026-05-01', '2026-05-31'), '2026-04-01').values).toEqual({ from: '2026-05-01', to: '2026-05-31', days: 30 }))
  it('says_that_it_has_closed', () => expect(windowWords(window('closed', '2025-02-20', '2025-03-07'), '2026-04-01')).toEqual({ key: 'closed', values: { to: '2025-03-07' } }))
  it('says_that_there_is_none', () => expect(windowWords(window('always'), '2026-04-01')).toEqual({ key: 'always', values: {} }))
  it('writes_a_moment_without_midnight', () => expect([moment('2026-04-01T00:00:00'), moment('2026-04-01T09:30:00'), moment('2026-04-01')]).toEqual(['2026-04-01', '2026-04-01 09:30', '2026-04-01']))
  it('counts_days_across_months', () => expect(daysBetween('2026-02-27', '2026-03-01')).toBe(2))
})

describe('numbers', () => {
  const number = (path: string, zh: string, value: string, en = zh) => ({ path, title: label(zh, en), value })
  it('knows_a_share_by_its_name_or_place', () => {
    expect(isShare(number('conditions/ZJ26.4.b/1', '近两年每年研发费用占比不低于 3%', '0.03'))).toBe(true)
    expect(isShare(number('conditions/X/1', '不低于 100%', '1'))).toBe(true)
    expect(isShare(number('parameters/share', '贴息占 LPR 的比例', '0.35'))).toBe(true)
    expect(isShare(number('uplifts/0', '上浮', '0.05'))).toBe(true)
    expect(isShare(number('amount/1', '金额公式', '0.02'))).toBe(true)
  })
  it('takes_figures_for_what_they_are', () => {
    expect(isShare(number('conditions/ZJ26.4.a/1', '近两年每年研发费用不低于 100 万元', '100'))).toBe(false)
    expect(isShare(number('conditions/ENT.5.a/1', '近三年未发生事故', '0'))).toBe(false)
    expect(isShare(number('conditions/X/1', '两年平均增长率不低于 13%', '2'))).toBe(false)
    expect(isShare(number('cap/0', '封顶', '0.5'))).toBe(false)
  })
  it('shows_and_reads_per_cent_without_losing_a_digit', () => {
    const rate = number('conditions/X/1', '不低于 3.05%', '0.0305')
    expect(shown(rate)).toBe('3.05')
    expect(typed(rate, '2.9 %')).toBe('0.029')
    expect(typed(rate, 'three')).toBeNull()
    expect(typed(number('cap/0', '封顶', '2000'), '1,500')).toBe('1500')
  })
  it('writes_a_comparison_as_the_condition_speaks', () => {
    expect(compared('0.0291', '>=', '0.03', label('占比不低于 3%'), '未知')).toBe('2.91% ≥ 3%')
    expect(compared(null, '>=', '1500', label('不低于 1500 万元'), '未知')).toBe('未知 ≥ 1,500')
    expect(compared('0.8', '>=', '0.75', label('资产负债率不高于 80%'), '未知')).toBe('80% ≥ 75%')
    expect(seenWords('1200 >= 1500', label('营业收入'), '未知')).toBe('1,200 ≥ 1,500')
    expect(seenWords('? >= 0.8', label('At least 80 % of revenue'), 'unknown')).toBe('unknown ≥ 80%')
    expect(seenWords('something else', label(''), '未知')).toBe('something else')
  })
  it('puts_numbers_that_hold_firms_back_first', () => {
    const numbers = [number('parameters/a', 'a', '1'), number('conditions/B.1/1', 'b', '2'), number('conditions/C/1', 'c', '3')]
    const failing = [{ id: 'C', title: label('c'), not_met: 5, unknown: 0 }, { id: 'B.1', title: label('b'), not_met: 9, unknown: 0 }]
    expect(byWeight(numbers, failing).map((it) => [it.number.path, it.fails])).toEqual([['conditions/B.1/1', 9], ['conditions/C/1', 5], ['parameters/a', 0]])
  })
  it('keeps_changes_in_the_address_and_takes_back_what_is_as_before', () => {
    const one = number('cap/0', '封顶', '2000')
    const changes = put([], one, '1500')
    expect(read(write(changes))).toEqual(changes)
    expect(put(changes, one, '2000.0')).toEqual([])
    expect([read('not json'), read('[["a",1]]'), read(null), write([])]).toEqual([[], [], [], null])
  })
})

describe('a proof', () => {
  const tree = reason({
    kind: 'all', truth: 'not_met',
    parts: [reason({ id: 'A' }), reason({ kind: 'any', truth: 'unknown', parts: [reason({ id: 'B', truth: 'unknown' }), reason({ id: 'C', truth: 'not_met' })] }), reason({ id: 'D', truth: 'not_met' })],
  })
  it('is_flattened_from_the_top_down_with_places', () =>
    expect(flat(tree).map((it) => [it.path, it.depth, it.reason.id])).toEqual([['0', 0, ''], ['0.0', 1, 'A'], ['0.1', 1, ''], ['0.1.0', 2, 'B'], ['0.1.1', 2, 'C'], ['0.2', 1, 'D']]))
  it('counts_conditions_and_not_their_groups', () => {
    expect(leaves(tree).map((it) => it.id)).toEqual(['A', 'B', 'C', 'D'])
    expect(tally(tree)).toEqual({ met: 1, not_met: 2, unknown: 1 })
  })
})

describe('a rule', () => {
  it('shows_what_blocks_it_first', () => {
    const finding = (code: string, blocks: boolean) => ({ code, blocks, node: null, message: label(''), ground: null })
    expect(sortedFindings([finding('judged', false), finding('fair_competition', true)]).map((it) => it.code)).toEqual(['fair_competition', 'judged'])
  })
  it('finds_the_line_of_a_condition_and_no_longer_name_that_begins_alike', () => {
    const text = 'requires:\n  all:\n    - { id: ENT.2.a.n, if: x }\n    - id: ENT.2.a\n    - { id: R.ENT.2, if: y }\n'
    expect([lineOfNode(text, 'ENT.2.a'), lineOfNode(text, 'ENT.2.a.n'), lineOfNode(text, 'ENT.2')]).toEqual([4, 3, null])
  })
  it('counts_neither_exceptions_nor_the_re_check_as_being_in_the_way', () => {
    const text = 'requires:\n  all:\n    - id: A\n      unless: { id: A.n, if: x }\n    - { id: B, if: y }\nrenewal:\n  all:\n    - { id: R.B, if: y }\n'
    expect(['A', 'A.n', 'B', 'R.B', 'elsewhere'].map((id) => inTheWay(text, id))).toEqual([true, false, true, false, true])
  })
  it('names_a_change_by_its_hardest_move', () => {
    const move = (way: string) => ({ fact: '', title: label(''), year: null, from: null, to: null, by: null, unit: label(''), way })
    expect(hardest({ moves: [move('state'), move('later_year'), move('act')], text: label('') })).toBe('later_year')
    expect(hardest({ moves: [], text: label('') })).toBe('act')
  })
  it('has_rungs_by_step_and_facts_by_owner', () => {
    const rung = (name: string, step: number) => ({ rule: name, title: label(name), step, state: 'met' as const, next: false, until: null, at_risk: false })
    expect(steps({ line: 'quality', rungs: [rung('b', 2), rung('a', 1), rung('c', 2)] }).map((it) => [it.step, it.rungs.length])).toEqual([[1, 1], [2, 2]])
    expect(byOwner([{ o: null }, { o: 'tax' }, { o: 'tax' }], (it) => it.o).map((it) => [it.owner, it.list.length])).toEqual([['tax', 2], [null, 1]])
  })
  it('differs_between_days_by_version_outcome_and_force', () => {
    const today = [rule('same'), rule('newer', { rule: { version: 2 } }), rule('gone'), rule('turned', { outcome: 'met' })]
    const then = [rule('same'), rule('newer'), rule('turned'), rule('only')]
    expect(differences(today, then).map((it) => it.id)).toEqual(['newer', 'gone', 'turned', 'only'])
    expect(differences(today, today)).toEqual([])
  })
})
