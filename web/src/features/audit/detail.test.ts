// Details of an audit entry.
import { describe, expect, it } from 'vitest'
import { flattened } from './detail'

describe('flattened', () => {
  it('keeps every value under its path', () => {
    expect(flattened({ a: 1, b: { c: [true, null], d: {} } })).toEqual([
      ['a', '1'],
      ['b.c.1', 'true'],
      ['b.c.2', 'null'],
      ['b.d', '{}'],
    ])
  })
  it('has no lines for nothing', () => {
    expect(flattened({})).toEqual([])
    expect(flattened(null)).toEqual([])
  })
})
