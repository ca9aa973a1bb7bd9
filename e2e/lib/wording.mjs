// What the interface may say in English: no raw wording keys, and no wording of the Chinese interface
// left over. Names and texts of the data stay as they are, so only exact wordings are looked for.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LOCALES = join(dirname(fileURLToPath(import.meta.url)), '../../web/src/locales')

function flat(value, path, out) {
  if (typeof value === 'string') out.set(path, value)
  else for (const [key, it] of Object.entries(value)) flat(it, `${path}.${key}`, out)
  return out
}

/** Every wording of a language by key. */
export function wordings(language) {
  const out = new Map()
  for (const file of readdirSync(join(LOCALES, language))) {
    if (!file.endsWith('.json')) continue
    flat(JSON.parse(readFileSync(join(LOCALES, language, file), 'utf8')), file.slice(0, -5), out)
  }
  return out
}

const zh = wordings('zh-CN')
const en = wordings('en')

/** Keys that one language has and the other lacks. */
export function unequalKeys() {
  return [...zh.keys()].filter((key) => !en.has(key)).concat([...en.keys()].filter((key) => !zh.has(key)))
}

/** Chinese wordings without placeholders that English words otherwise. */
const left = new Set(
  [...zh].filter(([key, text]) => /[\u4e00-\u9fff]/.test(text) && text.length > 1 && !text.includes('{') && en.get(key) !== text).map(([, text]) => text),
)
/** Wordings that are also words of the data (names of languages, of classes and departments). */
for (const text of ['中文']) left.delete(text)
const features = new Set([...zh.keys()].map((key) => key.split('.')[0]))

/** What of a page's texts is a raw key: one that exists, or one that a feature would have. */
export function rawKeys(texts) {
  return texts.filter((text) => zh.has(text) || features.has(/^([a-z][a-zA-Z]*)\.[a-zA-Z_][\w.]*$/.exec(text)?.[1]))
}

/** What of an English page's texts is wording of the Chinese interface. */
export function leftOver(texts) {
  return texts.filter((text) => left.has(text))
}
