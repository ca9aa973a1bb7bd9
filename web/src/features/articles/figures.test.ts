// What stands behind the articles: nothing is counted twice, nothing is lost, money stays exact.
import { describe, expect, it } from 'vitest'
import type { ArticleFigure, ArticleView, RuleHead, SchemeRef } from '@/shared/api'
import { choices, grouped, isIn, pageOf, schemeOf, standing, sumUp } from './figures'

const wan = { zh: '万元', en: 'CNY 10,000' }
function figure(over: Partial<ArticleFigure>): ArticleFigure {
  return { rule: 'r', title: { zh: '规则', en: 'Rule' }, level: 'province', year: 2026, on: null, cases: 1, firms: 1, listed: 0, money: null, unit: { zh: '', en: '' }, ...over }
}
const article = (number: number, figures: ArticleFigure[]): ArticleView => ({ number, title: { zh: '', en: '' }, mechanisms: [], live: 0, figures })
const scheme = (id: string, version: number, from: string) => ({ id, version, from }) as SchemeRef

describe('figures of all articles', () => {
  it('count_a_rule_once_however_many_articles_name_it', () => {
    const all = standing([article(5, [figure({ cases: 12 })]), article(20, [figure({ cases: 12 }), figure({ rule: 's', cases: 3 })])])
    expect(all.map((one) => [one.rule, one.articles])).toEqual([['r', [5, 20]], ['s', [20]]])
    expect(sumUp(all).cases).toBe(15)
  })
  it('leave_what_the_server_said_as_it_was', () => {
    const said = [article(5, [figure({})]), article(20, [figure({})])]
    standing(said)
    expect(said[0]?.figures[0]).toEqual(figure({}))
  })
})

describe('figures', () => {
  const all = [
    figure({ rule: 'a', level: 'county', year: 2025 }),
    figure({ rule: 'b', level: 'nation', year: 2025, cases: 2, firms: 2, listed: 1 }),
    figure({ rule: 'c', level: 'nation', year: 2026, cases: 4, firms: 3 }),
    figure({ rule: 'd', level: 'nation', year: 2025, cases: 5, firms: 5, listed: 2 }),
    figure({ rule: 'e', level: 'elsewhere', year: 2026 }),
  ]
  it('stand_by_level_and_year_the_higher_and_the_newer_first', () => {
    expect(grouped(all).map((one) => [one.level, one.year, one.figures.map((it) => it.rule).join('')])).toEqual([
      ['nation', 2026, 'c'], ['nation', 2025, 'bd'], ['county', 2025, 'a'], ['elsewhere', 2026, 'e'],
    ])
  })
  it('add_up_within_their_group_and_over_all_groups', () => {
    const groups = grouped(all)
    expect(groups[1]?.sum).toEqual({ cases: 7, firms: 7, listed: 3, money: [] })
    expect(groups.reduce((sum, one) => sum + one.sum.cases, 0)).toBe(sumUp(all).cases)
  })
  it('are_narrowed_by_level_and_by_year', () => {
    const left = (level: string | null, year: number | null) => all.filter((it) => isIn(it, { level, year })).map((it) => it.rule).join('')
    expect([left(null, null), left('nation', null), left(null, 2026), left('nation', 2025), left('city', 2025)]).toEqual(['abcde', 'bcd', 'ce', 'bd', ''])
  })
  it('offer_the_levels_and_years_that_occur', () => {
    expect(choices(all)).toEqual({ levels: ['nation', 'county', 'elsewhere'], years: [2026, 2025] })
    expect(choices([])).toEqual({ levels: [], years: [] })
  })
})

describe('money', () => {
  it('is_added_to_the_last_digit_and_never_across_units', () => {
    const sum = sumUp([figure({ money: '0.1', unit: wan }), figure({ money: '0.2', unit: wan }), figure({ money: '7', unit: { zh: '元', en: 'CNY' } }), figure({})])
    expect(sum.money).toEqual([{ unit: wan, sum: '0.3' }, { unit: { zh: '元', en: 'CNY' }, sum: '7' }])
  })
  it('that_nobody_was_paid_is_not_zero', () => expect(sumUp([figure({})]).money).toEqual([]))
})

describe('a figure leads', () => {
  const schemes = [scheme('per-mu', 2, '2025-12-01'), scheme('per-mu', 1, '2021-12-01'), scheme('other', 1, '2020-01-01')]
  it('to_the_version_of_its_scheme_in_its_year', () => {
    expect([2021, 2024, 2025, 2026, 2019].map((year) => schemeOf('per-mu', year, schemes)?.version)).toEqual([1, 1, 2, 2, 1])
    expect(pageOf(figure({ rule: 'per-mu', year: 2025 }), schemes, [])).toEqual({ name: 'scheme', query: { id: 'per-mu', version: 2 } })
  })
  it('to_its_rule_as_it_is_today_or_as_it_was', () => {
    expect(pageOf(figure({}), schemes, [{ id: 'r' } as RuleHead])).toEqual({ name: 'rule', query: { rule: 'r' } })
    expect(pageOf(figure({}), schemes, [])).toEqual({ name: 'rule', query: { rule: 'r', on: '2026-01-01' } })
  })
})
