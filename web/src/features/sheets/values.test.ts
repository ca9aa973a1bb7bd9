// How values of facts are written.
import { describe, expect, it } from 'vitest'
import { isFigure, unanswered, written } from './values'

const unit = { zh: '万元', en: '10k yuan' }
const none = { zh: '', en: '' }

describe('values', () => {
  it('groups figures and keeps every digit', () => {
    expect(written({ value: '1234567.8900', unit }, '是', '否')).toBe('1,234,567.8900')
  })
  it('leaves account numbers alone', () => {
    expect(written({ value: '3070012345678', unit: none }, '是', '否')).toBe('3070012345678')
    expect(isFigure({ value: '3070012345678', unit: none })).toBe(false)
  })
  it('sheets_add_up_to_all_when_settled_ones_count_as_answered', () => {
    expect(unanswered({ total: 10, confirmed: 4, disputed: 1, settled: 2 })).toBe(3)
  })
  it('writes truth in words', () => expect(written({ value: 'false', unit: none }, '是', '否')).toBe('否'))
})
