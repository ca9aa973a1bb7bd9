// Sums of an import.
import { describe, expect, it } from 'vitest'
import { rowGap, secondsLeft } from './counts'

const counts = { rows: 10, matched: 6, doubtful: 1, unknown: 2, refused_rows: 1, refused_cells: 4, new: 0, changed: 0, unchanged: 0 }

describe('rowGap', () => {
  it('is nothing when the parts make the whole', () => expect(rowGap(counts)).toBe(0))
  it('says how many rows no part accounts for', () => expect(rowGap({ ...counts, matched: 4 })).toBe(2))
})

describe('secondsLeft', () => {
  it('waits before it says anything', () => expect(secondsLeft(5, 100, 1)).toBeNull())
  it('tells from the pace so far', () => expect(secondsLeft(25, 100, 5)).toBe(15))
  it('says nothing when it is over', () => expect(secondsLeft(100, 100, 9)).toBeNull())
})
