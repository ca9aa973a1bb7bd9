// Exact sums of decimal strings.
import { describe, expect, it } from 'vitest'
import { equal, gapOf, negated, sign, sum } from './exact'

describe('exact decimals', () => {
  it('adds what floats would miss', () => expect(sum(['0.1', '0.2'])).toBe('0.3'))
  it('keeps eighteen decimals', () => {
    expect(sum(['0.000000000000000001', '1'])).toBe('1.000000000000000001')
  })
  it('answers nothing when a part is unknown', () => expect(sum(['1', null])).toBeNull())
  it('answers nothing for text', () => expect(sum(['1', '户号'])).toBeNull())
  it('turns signs', () => {
    expect(negated('3.50')).toBe('-3.5')
    expect(negated('-2')).toBe('2')
    expect(sign('-0.01')).toBe(-1)
    expect(sign('0.00')).toBe(0)
  })
  it('knows equal figures however written', () => expect(equal('6.50', '6.5')).toBe(true))
})

describe('effective land', () => {
  it('has no gap when the parts make the total', () => {
    expect(gapOf({ owned: '40.00', leased_in: '6', leased_out: '3.5', effective: '42.5' })).toBeNull()
    expect(gapOf({ owned: '40.00', leased_in: '6', leased_out: '-3.5', effective: '42.5' })).toBeNull()
  })
  it('says by how much the parts miss the total', () => {
    expect(gapOf({ owned: '40', leased_in: '6', leased_out: '3.5', effective: '42' })).toBe('0.5')
  })
})
