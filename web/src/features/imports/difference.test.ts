// The marks on the doubts page: what agrees, what does not.
import { describe, expect, it } from 'vitest'
import { difference } from './difference'

const shown = (pieces: { text: string; same: boolean }[]) =>
  pieces.map((p) => (p.same ? p.text : `[${p.text}]`)).join('')

describe('difference', () => {
  it('marks the one character that was mistyped', () => {
    const d = difference('启衡精密传动有限公司', '启恒精密传动有限公司')
    expect(shown(d.left)).toBe('启[衡]精密传动有限公司')
    expect(shown(d.right)).toBe('启[恒]精密传动有限公司')
  })

  it('marks what one side has and the other lacks', () => {
    const d = difference('泽川铝材', '山东泽川铝材有限公司')
    expect(shown(d.left)).toBe('泽川铝材')
    expect(shown(d.right)).toBe('[山东]泽川铝材[有限公司]')
  })

  it('takes full-width letters and digits as the same', () => {
    expect(shown(difference('９１３７Ａ', '9137a').left)).toBe('９１３７Ａ')
  })

  it('marks everything when nothing agrees', () => {
    expect(shown(difference('甲乙', '丙丁').right)).toBe('[丙丁]')
  })

  it('copes with an empty side', () => {
    expect(difference('', '甲').left).toEqual([])
    expect(shown(difference('', '甲').right)).toBe('[甲]')
  })

  it('counts a rare character as one', () => {
    expect(shown(difference('𠮷川', '吉川').left)).toBe('[𠮷]川')
  })
})
