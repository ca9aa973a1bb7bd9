// Every wording key that code names exists.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const files = import.meta.glob<Record<string, unknown>>('./zh-CN/*.json', { eager: true, import: 'default' })

function has(key: string): boolean {
  const [feature, ...rest] = key.split('.')
  let at: unknown = files[`./zh-CN/${feature}.json`]
  for (const part of rest) at = (at as Record<string, unknown> | undefined)?.[part]
  return at !== undefined
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((it) => {
    const path = join(folder, it.name)
    if (it.isDirectory()) return sources(path)
    return /\.(vue|ts)$/.test(it.name) && !it.name.endsWith('.test.ts') ? [path] : []
  })
}

it('every_key_named_in_code_exists', () => {
  const missing: string[] = []
  for (const path of sources('src')) {
    const text = readFileSync(path, 'utf8')
    // Whole keys: t('a.b'); beginnings of computed keys: t(`a.b.${…}`).
    for (const [, key] of text.matchAll(/\bt\(\s*'([a-z]\w*\.[\w.]+)'/g)) if (key && !has(key)) missing.push(`${path}: ${key}`)
    for (const [, key] of text.matchAll(/\bt\(\s*`([a-z]\w*\.[\w.]*)\.\$\{/g)) if (key && !has(key)) missing.push(`${path}: ${key}.*`)
    for (const [, key] of text.matchAll(/\btitle: '([a-z]\w*\.[\w.]+)'/g)) if (key && !has(key)) missing.push(`${path}: ${key}`)
  }
  expect(missing).toEqual([])
})
