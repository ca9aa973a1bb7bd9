// The pure parts of the results: charts' options, ranks of bars, moves, and changes of a what-if.
import { describe, expect, it } from 'vitest'
import type { GroupCount, OverlayChange, OverlayHandle, Proof } from '@/shared/api'
import type { ChartTheme } from '@/shared/chart'
import { bestFirst, groupOption, histogramOption, placeOf, ranksOfBar, shorten, totalsOfBar, zonesOf, type Bar } from './charts'
import { changeable } from './facts'
import { arrow, direction, matrix } from './moves'
import { drop, grouped, indicatorOf, put, read, shift, shown, tryLift, typed, write } from './overlay'

const theme: ChartTheme = { ink: '#000', ink2: '#111', ink3: '#222', line: '#333', panel: '#fff', bar: '#bbb', barStrong: '#999', accent: '#00f', font: 'x', onClass: '#fff', class: (name) => `class-${name}` }
const words = { firms: '家', total: '总分' }
const histogram: Bar[] = [
  [0, 10, 5],
  [10, 20, 0],
  [20, 30, 15],
]

describe('distribution', () => {
  const bars = bestFirst(histogram)
  it('reads_from_the_best_total_down', () => {
    expect(bars.map((it) => it[0])).toEqual([20, 10, 0])
  })
  it('knows_the_ranks_of_each_bar', () => {
    expect(ranksOfBar(bars, 0)).toEqual([1, 15])
    expect(ranksOfBar(bars, 1)).toBeNull()
    expect(ranksOfBar(bars, 2)).toEqual([16, 20])
    expect(ranksOfBar(bars, 9)).toBeNull()
  })
  it('asks_for_the_totals_of_a_bar_open_at_both_ends_of_the_whole', () => {
    expect(totalsOfBar(bars, 0)).toEqual({ from: 20, below: null })
    expect(totalsOfBar(bars, 2)).toEqual({ from: null, below: 10 })
    expect(totalsOfBar([...bars, [-10, 0, 4]], 2)).toEqual({ from: 0, below: 10 })
    expect(totalsOfBar(bars, 1)).toBeNull()
  })
  it('every_firm_is_in_exactly_one_bar', () => {
    const ranks = bars.flatMap((_, n) => {
      const [from, to] = ranksOfBar(bars, n) ?? [1, 0]
      return Array.from({ length: to - from + 1 }, (_none, at) => from + at)
    })
    expect(ranks).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  })
  it('places_a_total_on_the_axis', () => {
    expect(placeOf(bars, 30)).toBe(-0.5)
    expect(placeOf(bars, 25)).toBe(0)
    expect(placeOf(bars, 0)).toBe(2.5)
    expect(placeOf(bars, -5)).toBe(2.5)
  })
  it('marks_the_ends_of_classes_and_the_chosen_bars', () => {
    const option = histogramOption(theme, histogram, [{ class: 'A', rank: 15, total: 20.5 }, { class: 'D', rank: 20, total: null }], ['A', 'D'], new Set([0]), words)
    const series = (option.series as { data: { value: number; itemStyle: { color: string } }[]; markLine: { data: unknown[] } }[])[0]
    expect(series?.data.map((it) => it.value)).toEqual([15, 0, 5])
    expect(series?.data[0]?.itemStyle.color).toBe(theme.accent)
    expect(series?.data[1]?.itemStyle.color).toBe(theme.bar)
    expect(series?.markLine.data).toEqual([{ name: 'A', xAxis: 0 }])
  })
  it('names_every_class_over_its_stretch_and_leaves_out_one_without_an_end', () => {
    const cuts = [{ class: 'A', rank: 15, total: 20.5 }, { class: 'B', rank: 15, total: null }]
    expect(zonesOf(bars, cuts, ['A', 'B', 'C'])).toEqual([
      { class: 'A', from: 0, to: 0 },
      { class: 'C', from: 0, to: 2 },
    ])
    expect(zonesOf(bars, [], ['A'])).toEqual([{ class: 'A', from: 0, to: 2 }])
    expect(zonesOf(bars, [], [])).toEqual([])
  })
  it('uses_no_html_in_tooltips', () => {
    const option = histogramOption(theme, histogram, [], [], new Set(), words)
    expect((option.tooltip as { renderMode: string }).renderMode).toBe('richText')
  })
})

describe('classes by group', () => {
  const groups: GroupCount[] = [
    { code: '13', name: '农副食品加工业和饲料', total: 10, classes: { A: 2, B: 6, 不定: 2 } },
    { code: '17', name: '纺织', total: 0, classes: {} },
  ]
  it('parts_of_a_group_add_up_to_the_whole', () => {
    const option = groupOption(theme, groups, ['A', 'B'], words)
    const series = option.series as { name: string; data: number[] }[]
    expect(series.map((it) => it.name)).toEqual(['A', 'B', ''])
    expect(series.reduce((sum, it) => sum + (it.data[0] ?? 0), 0)).toBe(100)
    expect(series.every((it) => it.data[1] === 0)).toBe(true)
  })
  it('cuts_long_names_visibly', () => {
    expect(shorten('农副食品加工业和饲料', 9)).toBe('农副食品加工业和…')
    expect(shorten('纺织', 9)).toBe('纺织')
  })
})

describe('moves', () => {
  const order = ['A', 'B', 'C', 'D']
  it('knows_up_from_down_and_neither_for_labels', () => {
    expect(direction(order, 'B', 'A')).toBe('up')
    expect(direction(order, 'A', 'D')).toBe('down')
    expect(direction(order, 'A', 'A')).toBe('same')
    expect(direction(order, null, 'A')).toBe('none')
    expect(direction(order, '不定', 'A')).toBe('none')
    expect(arrow('up') + arrow('down') + arrow('same')).toBe('↑↓')
  })
  it('sums_of_the_transition_table_agree', () => {
    const all = matrix([{ from: 'A', to: 'A', count: 5 }, { from: 'A', to: 'B', count: 2 }, { from: '-', to: 'B', count: 1 }, { from: 'B', to: '不定', count: 3 }], order)
    expect(all.to).toEqual(['A', 'B', '不定'])
    expect(all.rows.map((it) => it.from)).toEqual(['A', 'B', '-'])
    expect(all.rows.map((it) => it.total)).toEqual([7, 3, 1])
    expect(all.totals).toEqual([5, 3, 3])
    expect(all.total).toBe(11)
  })
})

describe('changes of a what-if', () => {
  const weight: OverlayHandle = { path: 'p/weight', kind: 'number', group: { zh: '权重', en: '' }, title: { zh: '', en: '' }, value: '45', range: [0, 60, 1], unit: 'points' }
  const cut: OverlayHandle = { ...weight, path: 'p/cut', value: '0.205', unit: 'ratio', group: { zh: '分档', en: '' } }
  it('a_change_back_to_the_scheme_is_no_change', () => {
    const one = put([], { kind: 'number', path: 'p/weight', value: '40' }, weight)
    expect(one).toHaveLength(1)
    expect(put(one, { kind: 'number', path: 'p/weight', value: '45.0' }, weight)).toEqual([])
  })
  it('a_second_change_of_the_same_thing_replaces_the_first', () => {
    const first: OverlayChange = { kind: 'fact', firm: 7, fact: 'tax_paid', value: '1' }
    expect(put([first], { ...first, value: null })).toEqual([{ ...first, value: null }])
    expect(put([first], { ...first, firm: 8 })).toHaveLength(2)
    expect(drop([first], 'fact/7/tax_paid')).toEqual([])
  })
  it('survive_the_address', () => {
    const list: OverlayChange[] = [
      { kind: 'number', path: 'p/weight', value: '40.50' },
      { kind: 'switch', path: 'overrides/x', on: false },
      { kind: 'fact', firm: 7, fact: 'effective_land', value: null },
    ]
    expect(read(write(list))).toEqual(list)
    expect(write([])).toBeNull()
  })
  it('a_spoilt_address_gives_no_changes_rather_than_wrong_ones', () => {
    expect(read('{')).toEqual([])
    expect(read('{"a":1}')).toEqual([])
    expect(read('[["n",1,"2"],["s","a",true],null]')).toEqual([{ kind: 'switch', path: 'a', on: true }])
  })
  it('shares_are_shown_as_per_cent_without_losing_a_digit', () => {
    expect(shift('0.205', 2)).toBe('20.5')
    expect(shift('20.5', -2)).toBe('0.205')
    expect(shift('5', -2)).toBe('0.05')
    expect(shift('0.07', 2)).toBe('7')
    expect(shift('-0.5', 2)).toBe('-50')
    expect(shift('1', 2)).toBe('100')
    expect(shown(cut, '0.29')).toBe('29')
    expect(typed(cut, '29')).toBe('0.29')
    expect(typed(weight, ' 40 ')).toBe('40')
    expect(typed(weight, '4o')).toBeNull()
    expect(typed(weight, '')).toBeNull()
  })
  it('handles_are_grouped_in_their_order', () => {
    const at = (path: string) => ({ ...weight, path, group: { zh: '规上', en: '' } })
    const list = [at('populations/p/indicators/a/weight'), at('populations/p/indicators/a/cap'), at('populations/p/indicators/b/weight'), at('populations/p/cuts/A'), cut]
    expect(grouped(list).map((it) => [it.title.zh, it.section, it.handles.length])).toEqual([
      ['规上', 'weight', 2],
      ['规上', 'cap', 1],
      ['规上', 'classing', 1],
      ['分档', '', 1],
    ])
    expect(indicatorOf('populations/p/indicators/a/cap')).toEqual({ population: 'p', id: 'a' })
    expect(indicatorOf('measures/a/amounts/0')).toBeNull()
  })
})

describe('figures of a firm that can be changed', () => {
  it('are_those_of_departments_and_its_land_as_a_whole_each_once', () => {
    const leaf = (id: string, value: string | null) => ({ id, title: { zh: id, en: id }, value, unit: { zh: '', en: '' }, source: null, inputs: [] })
    const land = { ...leaf('effective_land', '42.5'), inputs: [leaf('owned', '40')] }
    const ratio = { ...leaf('value_added_per_mu', '3'), inputs: [leaf('value_added', null), land] }
    const proof = { indicators: [{ value: { inputs: [leaf('tax_paid', '8'), land] } }, { value: { inputs: [ratio, leaf('rd_platform', '省级')] } }] } as unknown as Proof
    expect(changeable(proof).map((it) => it.id)).toEqual(['tax_paid', 'effective_land', 'value_added'])
  })
})

it('a_lift_is_tried_as_one_changed_fact_of_its_firm', () => {
  const query = tryLift(1005, { fact: 'tax_paid', to: '847.15' })
  expect(query).toMatchObject({ firm: '1005', whatif: '1' })
  expect(read(query.w ?? null)).toEqual([{ kind: 'fact', firm: 1005, fact: 'tax_paid', value: '847.15' }])
})
