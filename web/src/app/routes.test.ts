// The map of the app holds together: entries lead somewhere, names are single, roles are real.
import { expect, it } from 'vitest'
import type { RouteRecordRaw } from 'vue-router'
import { NAV } from './nav'
import { BUSINESS } from './session'

const found = import.meta.glob<{ default: RouteRecordRaw[] }>('../features/*/routes.ts', { eager: true })
const routes = Object.values(found).flatMap((file) => file.default)
const wording = import.meta.glob<Record<string, unknown>>('../locales/zh-CN/*.json', { eager: true, import: 'default' })
const ROLES = [...BUSINESS, 'system_admin', 'security_admin', 'audit_admin']

it('every_entry_of_the_navigation_leads_to_a_page_that_its_roles_may_open', () => {
  for (const entry of NAV) {
    const route = routes.find((it) => it.name === entry.name)
    expect(route, entry.name).toBeDefined()
    const may = (route?.meta?.roles as string[] | undefined) ?? ROLES
    if (!route?.meta?.public) expect(entry.roles.filter((role) => !may.includes(role)), entry.name).toEqual([])
  }
})

it('every_page_has_a_name_of_its_own_and_a_title', () => {
  const names = routes.map((it) => String(it.name))
  expect(names.filter((it, n) => names.indexOf(it) !== n)).toEqual([])
  for (const route of routes.filter((it) => !it.redirect)) {
    const [feature, ...rest] = String(route.meta?.title ?? '').split('.')
    let at: unknown = wording[`../locales/zh-CN/${feature}.json`]
    for (const key of rest) at = (at as Record<string, unknown> | undefined)?.[key]
    expect(typeof at, `${String(route.name)}: ${String(route.meta?.title)}`).toBe('string')
  }
})

it('roles_named_by_pages_exist', () => {
  for (const route of routes) expect(((route.meta?.roles as string[] | undefined) ?? []).filter((it) => !ROLES.includes(it))).toEqual([])
})
