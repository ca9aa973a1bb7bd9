// The parcel's bar.
import { describe, expect, it } from 'vitest'
import { shares } from './shares'

const kinds = (area: string | null, ...counted: string[]) =>
  shares({ area, leases: counted.map((c) => ({ counted: c })) }).map((s) => [s.kind, Number(s.part.toFixed(4))])

describe('shares', () => {
  it('gives the owner what is not leased', () => {
    expect(kinds('40', '10', '10')).toEqual([
      ['kept', 0.5],
      ['lease', 0.25],
      ['lease', 0.25],
    ])
  })
  it('draws what was leased beyond the parcel as beyond', () => {
    expect(kinds('8', '10')).toEqual([
      ['lease', 0.8],
      ['beyond', 0.2],
    ])
  })
  it('draws nothing for an unknown area', () => expect(kinds(null, '3')).toEqual([]))
  it('always fills the bar', () => {
    const total = shares({ area: '12.5', leases: [{ counted: '3.3' }, { counted: '4.9' }] }).reduce((a, s) => a + s.part, 0)
    expect(total).toBeCloseTo(1)
  })
})
