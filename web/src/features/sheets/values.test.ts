// How values of facts are written.
import { describe, expect, it } from 'vitest'
import { isFigure, written } from './values'

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
  it('writes truth in words', () => expect(written({ value: 'false', unit: none }, '是', '否')).toBe('否'))
})
