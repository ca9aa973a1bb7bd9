// What an objection can be about.
import { describe, expect, it } from 'vitest'
import type { ParcelRow, Sheet } from '@/shared/api'
import { startWith, targets } from './targets'

const unit = { zh: '亩', en: 'mu' }
const fact = (id: string) => ({ id, title: unit, unit, value: '1', valid: null, source: null, versions: 1, state: 'open', used: true })
const line = (kind: string, parcel: string, mu: string, party = '甲') => ({ kind, parcel, party, mu, note: unit, source: null })
const sheet = {
  firm: { id: 12 },
  groups: [
    { department: 'tax', title: unit, facts: [fact('tax_paid')] },
    { department: 'land', title: unit, facts: [fact('lease_area')] },
  ],
  land: { lines: [line('owned', 'P1', '40'), line('leased_in', 'P2', '6'), line('leased_out', 'P1', '-3.5', '乙')] },
} as unknown as Sheet
const parcels = [{ code: 'P1', leases: [{ tenant: 7, tenant_name: '乙' }] }] as unknown as ParcelRow[]

describe('targets', () => {
  it('offers each figure, and each parcel and lease instead of their sums', () => {
    expect(targets(sheet, parcels).all.map((it) => [it.fact, it.subject])).toEqual([
      ['tax_paid', null],
      ['parcel_area', 'p:P1'],
      ['lease_area', 'l:P2:12'],
      ['lease_area', 'l:P1:7'],
    ])
  })
  it('leaves out a lease whose tenant it cannot name', () => {
    expect(targets(sheet).lines.map((it) => it.line.kind)).toEqual(['owned', 'leased_in'])
  })
  it('starts from the first lease when land is asked for', () => {
    const { all } = targets(sheet, parcels)
    expect(startWith(all, 'land')).toBe('line-1')
    expect(startWith(all, 'tax_paid')).toBe('tax_paid')
    expect(startWith(all, 'nothing')).toBe('')
  })
  it('shows what was leased out without its minus', () => {
    expect(targets(sheet, parcels).all[3]!.now).toBe('3.5')
  })
})
