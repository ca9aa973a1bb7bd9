// Pure readings of chains: places, comparisons, scenarios in an address, summands.
import { describe, expect, it } from 'vitest'
import type { FindingView, TestView } from '@/shared/api'
import { addsUp, amount, commonest, figure, filesFit, groupHolds, heat, inTheWay, liesIn, rankOf, scenarioOf, scenarioQuery } from './reading'

const test = (holds: boolean | null): TestView => ({ what: 'hhi', value: null, relation: 'at_least', threshold: 0.4, holds })

describe('places', () => {
  it('a_county_lies_in_its_city_and_province_and_nowhere_else', () => {
    expect(liesIn('370105', '370100')).toBe(true)
    expect(liesIn('370105', '370000')).toBe(true)
    expect(liesIn('370105', '370200')).toBe(false)
    expect(liesIn('370105', null)).toBe(true)
  })
  it('an_unknown_place_lies_in_no_region', () => expect(liesIn(null, '370100')).toBe(false))
  it('the_commonest_come_first_and_equal_ones_by_code', () => expect(commonest(['2', '1', null, '3', '3'], 2)).toEqual(['3', '1']))
})

describe('comparisons', () => {
  it('unknown_is_neither_true_nor_false', () => {
    expect(groupHolds([test(false), test(null)])).toBeNull()
    expect(groupHolds([test(true), test(null)])).toBe(true)
    expect(groupHolds([test(false)])).toBe(false)
  })
  it('what_stands_in_the_way_is_every_group_that_does_not_hold', () => {
    const finding: FindingView = { step: 'fill', holds: null, all_of: [[test(true)], [test(null)]], factors: [], rank: null }
    expect(inTheWay(finding)).toEqual([[test(null)]])
  })
  it('a_rank_is_the_product_of_its_factors_or_not_known', () => {
    const finding: FindingView = { step: 'fill', holds: true, all_of: [], factors: [{ what: 'criticality', value: 0.5 }, { what: 'demand', value: 400 }], rank: 200 }
    expect(rankOf(finding)).toBe(200)
    expect(rankOf({ ...finding, factors: [{ what: 'demand', value: null }] })).toBeNull()
  })
  it('an_unknown_figure_is_not_written_as_nought', () => {
    expect(figure('import_share', null)).toBeNull()
    expect(figure('import_share', 0)).toBe('0.0%')
    expect(figure('location_quotient', 1.234)).toBe('1.23')
  })
})

describe('scenario in an address', () => {
  const scenario = { day: '', stops: [{ kind: 'firm', id: 'firm/1~x!%', share: 0.5, from_day: 2, days: 30 }, { kind: 'place', id: '370100', share: 1, from_day: 0, days: 90 }], horizon: 180, market: 'captive', extra_stock: 5 }
  it('comes_back_as_it_went', () => {
    expect(scenarioOf(scenarioQuery(scenario), 90, 360)).toEqual(scenario)
  })
  it('takes_what_is_usual_for_what_is_missing_or_absurd', () => {
    expect(scenarioOf({ stops: 'firm~a~7~-3~x!moon~b~1~0~9' }, 90, 360)).toEqual({ day: '', stops: [{ kind: 'firm', id: 'a', share: 1, from_day: 0, days: 90 }], horizon: 360, market: 'shared', extra_stock: 0 })
  })
})

it('heat_is_none_without_any_and_full_at_the_most', () => {
  expect(heat(0, 100)).toBe(0)
  expect(heat(100, 100)).toBe(4)
  expect(heat(1, 1_000)).toBe(1)
})
it('parts_add_up_or_are_said_not_to', () => {
  expect(addsUp([20, 30], 50)).toBe(true)
  expect(addsUp([20, 30], 60)).toBe(false)
})
it('amounts_take_the_unit_that_reads_best', () => {
  expect(amount(320, 'zh-CN')).toBe('320 万元')
  expect(amount(12_500, 'zh-CN')).toBe('1.25 亿元')
  expect(amount(null, 'zh-CN')).toBeNull()
  expect(amount(320, 'en')).toBe('CNY 3.2 m')
})
it('files_are_one_graph_or_two_tables', () => {
  expect(filesFit(['a.json'])).toBe(true)
  expect(filesFit(['n.csv', 'e.CSV'])).toBe(true)
  expect(filesFit(['n.csv'])).toBe(false)
  expect(filesFit(['n.csv', 'a.json'])).toBe(false)
})
