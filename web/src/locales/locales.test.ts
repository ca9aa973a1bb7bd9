// Both languages say the same things: equal files, equal keys, equal placeholders, nothing empty.
import { describe, expect, it } from 'vitest'

const files = import.meta.glob<Record<string, unknown>>('./*/*.json', { eager: true, import: 'default' })

function flat(value: unknown, under = ''): [string, string][] {
  if (typeof value === 'string') return [[under, value]]
  return Object.entries(value as object).flatMap(([key, inner]) => flat(inner, under ? `${under}.${key}` : key))
}
const of = (language: string) =>
  new Map(
    Object.entries(files)
      .filter(([path]) => path.startsWith(`./${language}/`))
      .flatMap(([path, value]) => flat(value).map(([key, text]): [string, string] => [`${path.split('/')[2]?.replace('.json', '')}.${key}`, text])),
  )
const chinese = of('zh-CN')
const english = of('en')
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((it) => it[1]))].sort().join()

describe('wording', () => {
  it('has_the_same_keys_in_both_languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('fills_the_same_places_in_both_languages', () => {
    const different = [...chinese].filter(([key, text]) => holes(text) !== holes(english.get(key) ?? ''))
    expect(different.map(([key]) => key)).toEqual([])
  })

  it('leaves_nothing_empty', () => {
    expect([...chinese, ...english].filter(([, text]) => !text.trim()).map(([key]) => key)).toEqual([])
  })

  it('uses_no_character_that_the_message_format_takes_for_itself', () => {
    expect([...chinese, ...english].filter(([, text]) => /[@|]/.test(text)).map(([key]) => key)).toEqual([])
  })

  it('keeps_chinese_out_of_english', () => {
    expect([...english].filter(([, text]) => /[\u4e00-\u9fff]/.test(text)).map(([key]) => key)).toEqual([])
  })
})
