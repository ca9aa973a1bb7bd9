// Properties of needs and capabilities.
import { expect, it } from 'vitest'
import { lineOf, specOf, specText, used } from './specs'

it('a_demand_is_written_with_its_sign_and_unit', () => {
  expect(specText({ property: 'p', demand: 'at_most', value: 5, unit: 'μm' }, '定位精度', '具备')).toBe('定位精度 ≤ 5 μm')
  expect(specText({ property: 'p', demand: 'at_least', value: 24_000, unit: '' }, '转速', '具备')).toBe('转速 ≥ 24,000')
  expect(specText({ property: 'p', demand: 'has', value: null, unit: '' }, 'ISO 9001', '具备')).toBe('ISO 9001 具备')
})
it('a_line_without_a_value_is_not_complete_unless_none_is_asked_for', () => {
  expect(specOf({ property: 'p', demand: 'at_most', value: '', unit: 'μm' })).toBeNull()
  expect(specOf({ property: 'p', demand: 'at_most', value: 'x', unit: 'μm' })).toBeNull()
  expect(specOf({ property: 'p', demand: 'has', value: '', unit: '' })).toEqual({ property: 'p', demand: 'has', value: null, unit: '' })
})
it('a_line_comes_back_as_it_was_stated', () => {
  const spec = { property: 'p', demand: 'at_most', value: 0.5, unit: 'μm' }
  expect(specOf(lineOf(spec))).toEqual(spec)
})
it('a_property_is_offered_once_with_the_unit_that_went_with_it_first', () => {
  const spec = (unit: string) => ({ property: 'p', demand: 'at_most', value: 1, unit })
  expect([...used([[spec('um')], [spec('mm')]])]).toEqual([['p', spec('um')]])
})
