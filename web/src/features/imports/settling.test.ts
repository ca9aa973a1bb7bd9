// Keys of the doubts page.
import { describe, expect, it } from 'vitest'
import { alikeCount, clamped, commandOf, likelyCount, nextOpen, settledCount } from './settling'

describe('commandOf', () => {
  it('chooses a candidate by its number and ignores numbers that have none', () => {
    expect(commandOf({ key: '2' }, 3)).toEqual({ kind: 'choose', candidate: 1 })
    expect(commandOf({ key: '4' }, 3)).toBeNull()
  })
  it('takes 0 as none of them and u as undo', () => {
    expect(commandOf({ key: '0' }, 3)).toEqual({ kind: 'none' })
    expect(commandOf({ key: 'u' }, 3)).toEqual({ kind: 'undo' })
  })
  it('moves with the arrows', () => {
    expect(commandOf({ key: 'ArrowDown' }, 1)).toEqual({ kind: 'move', by: 1 })
    expect(commandOf({ key: 'ArrowUp' }, 1)).toEqual({ kind: 'move', by: -1 })
  })
  it('leaves shortcuts of the browser alone', () => {
    expect(commandOf({ key: '1', ctrlKey: true }, 3)).toBeNull()
    expect(commandOf({ key: 'u', metaKey: true }, 3)).toBeNull()
  })
})

describe('the list', () => {
  const doubts = [
    { id: 1, decision: '7' },
    { id: 2, decision: null },
    { id: 3, decision: 'none' },
    { id: 4, decision: null },
  ]
  it('counts a decision for none as settled', () => expect(settledCount(doubts)).toBe(2))
  it('goes on to the next open one and round the end', () => {
    expect(nextOpen(doubts, 1)).toBe(3)
    expect(nextOpen(doubts, 3)).toBe(1)
  })
  it('stays when everything is settled', () => {
    expect(nextOpen([{ id: 1, decision: 'none' }], 0)).toBe(0)
  })
  it('never leaves the list', () => {
    expect(clamped(-1, 4)).toBe(0)
    expect(clamped(9, 4)).toBe(3)
  })
})

describe('many at once', () => {
  const row = (id: number, name: string, decision: string | null, ...confidences: number[]) => ({
    id,
    name,
    code: '',
    address: '',
    decision,
    candidates: confidences.map((confidence) => ({ confidence })),
  })
  it('counts open rows whose first candidate is likely and likelier than the second', () => {
    const doubts = [row(1, '甲', null, 0.95, 0.6), row(2, '乙', null, 0.95, 0.95), row(3, '丙', null, 0.7), row(4, '丁', '4', 0.99), row(5, '戊', null)]
    expect(likelyCount(doubts, 0.9)).toBe(1)
  })
  it('counts open rows that write what a settled one writes', () => {
    const doubts = [row(1, '甲', '7'), row(2, '甲', null), row(3, '乙', null), row(4, '甲', 'none')]
    expect(alikeCount(doubts, doubts[0]!)).toBe(1)
    expect(alikeCount(doubts, doubts[1]!)).toBe(0)
  })
})
