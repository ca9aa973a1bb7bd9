// The scheme's text by line.
import { describe, expect, it } from 'vitest'
import { lineOf, lines } from './lines'

const text = 'id: demo # name\nindicators:\n  - use: tax_per_mu\n    cap: { value: 1.5, unverified: "not seen # here" }\n'

describe('lines', () => {
  it('loses nothing', () => {
    expect(lines(text).map((l) => l.indent + l.key + l.rest + l.comment).join('\n') + '\n').toBe(text)
  })
  it('finds keys and comments, but no comment inside quotes', () => {
    const all = lines(text)
    expect(all[0]!.key).toBe('id:')
    expect(all[0]!.comment).toBe('# name')
    expect(all[3]!.comment).toBe('')
  })
  it('knows the lines whose parameters were not seen', () => {
    expect(lines(text).filter((l) => l.unverified).map((l) => l.number)).toEqual([4])
  })
  it('reads anchors', () => {
    expect(lineOf('#L41')).toBe(41)
    expect(lineOf('#top')).toBeNull()
  })
})
