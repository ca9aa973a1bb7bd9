// Outlines of the map and the overlap matrix.
import { expect, it } from 'vitest'
import { outlines, overlapOf, shade } from './outlines'

it('north_is_above_and_the_width_is_kept', () => {
  const square = { type: 'Polygon', coordinates: [[[118, 36], [119, 36], [119, 37], [118, 37], [118, 36]]] }
  const { list, height } = outlines({ features: [{ properties: { code: '370100', name: '甲' }, geometry: square }] }, 100)
  expect(list[0]?.code).toBe('370100')
  expect(list[0]?.path.startsWith(`M0.0 ${height.toFixed(1)}L100.0`)).toBe(true)
})
it('a_map_without_outlines_has_none', () => expect(outlines({}, 100)).toEqual({ list: [], height: 0 }))
it('a_pair_is_found_whichever_way_it_is_asked_for', () => {
  const pairs = [{ a: { code: '1' }, b: { code: '2' }, overlap: 0.4 }]
  expect([overlapOf(pairs, '2', '1'), overlapOf(pairs, '1', '1'), overlapOf(pairs, '1', '3')]).toEqual([0.4, null, null])
})
it('nothing_has_no_shade', () => expect([shade(0, 5), shade(5, 5), shade(1, 100)]).toEqual([0, 4, 1]))
