// Languages: one JSON file per feature and language under `src/locales`, found here by themselves,
// so `evaluations.json` gives the keys `evaluations.*`. A language is fetched when it is first used.
import { computed, type Ref } from 'vue'
import { createI18n } from 'vue-i18n'
import type { Label } from '@/shared/api'
import type { Language } from '@/shared/format'

const files = import.meta.glob<{ default: Record<string, unknown> }>('../locales/*/*.json')
const KEPT = 'baigong.language'

/** Languages offered, with their own names. */
export const LANGUAGES: { id: Language; name: string }[] = [
  { id: 'zh-CN', name: '中文' },
  { id: 'en', name: 'English' },
]

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: false,
  messages: {},
})

/** With `legacy: false` the locale is a ref, which the general type does not say. */
const locale = i18n.global.locale as unknown as Ref<Language>

async function load(language: Language): Promise<void> {
  if (i18n.global.availableLocales.includes(language)) return
  const messages: Record<string, unknown> = {}
  await Promise.all(
    Object.entries(files).map(async ([path, open]) => {
      const [, folder, feature] = /locales\/([^/]+)\/([^/]+)\.json$/.exec(path) ?? []
      if (folder !== language || !feature) return
      messages[feature] = (await open()).default
    }),
  )
  i18n.global.setLocaleMessage(language, messages as never)
}

/** Switches the interface to a language and keeps the choice. */
export async function setLanguage(language: Language): Promise<void> {
  await load(language)
  locale.value = language
  document.documentElement.lang = language
  localStorage.setItem(KEPT, language)
}

/** The language chosen last, Chinese at first. */
export function startLanguage(): Promise<void> {
  return setLanguage(localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh-CN')
}

/** The interface's language, as a value that follows the switch. */
export const language = computed<Language>(() => locale.value)

/** Wording that came from the server, in the interface's language; Chinese when there is no English. */
export function say(label: Label | null | undefined): string {
  if (!label) return ''
  return language.value === 'en' ? label.en || label.zh : label.zh
}
