// Pages that the search box can open by name.
import type { Router } from 'vue-router'
import { i18n } from '@/app/i18n'
import type { Role } from '@/app/session'

/** A page by its name. */
export interface PageHit {
  title: string
  path: string
}

/** Pages whose name holds the words and that the role may open; all of them when nothing is typed. */
export function findPages(router: Router, words: string, role: Role | null): PageHit[] {
  const wanted = words.trim().toLowerCase()
  return router
    .getRoutes()
    .filter((it) => it.meta.search && it.meta.title && !it.path.includes(':'))
    .filter((it) => !it.meta.roles || (role !== null && it.meta.roles.includes(role)))
    .map((it) => ({ title: i18n.global.t(it.meta.title ?? ''), path: it.path }))
    .filter((it) => it.title.toLowerCase().includes(wanted) || it.path.slice(1).startsWith(wanted))
}
