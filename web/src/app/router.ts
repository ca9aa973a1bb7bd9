// Addresses of the app. Each feature keeps its own `routes.ts` (default export: a list); they are
// found here by themselves and their pages are fetched when first opened. The gate below sends
// people without a session to sign-in, and shows the pages that need none without the shell's work.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { i18n } from './i18n'
import { useSession, type Role } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Wording key of the page's name (window title, search). */
    title?: string
    /** Navigation entry that is lit. */
    nav?: string
    /** Opens without signing in. */
    public?: boolean
    /** Drawn without the shell. */
    bare?: boolean
    /** Roles that may open it; everyone signed in when left out. */
    roles?: Role[]
    /** Found by the search box under its title. */
    search?: boolean
  }
}

const found = import.meta.glob<{ default: RouteRecordRaw[] }>('../features/*/routes.ts', { eager: true })

/** Every feature's routes. */
export const routes: RouteRecordRaw[] = Object.values(found).flatMap((file) => file.default)

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: { name: 'work' } },
    ...routes,
    {
      path: '/:rest(.*)*',
      name: 'nowhere',
      component: () => import('./NowhereView.vue'),
      meta: { title: 'app.nowhere.title', public: true },
    },
  ],
  scrollBehavior(to, from, kept) {
    if (kept) return kept
    // A change of filters on the same page leaves the reader where they are.
    return to.path === from.path ? false : { top: 0 }
  },
})

router.beforeEach(async (to) => {
  const session = useSession()
  await session.load().catch(() => undefined)
  if (to.meta.public) return true
  if (!session.me) return { name: 'sign-in', query: to.fullPath === '/work' ? {} : { next: to.fullPath } }
  if (session.me.must_change && to.name !== 'password') return { name: 'password' }
  if (to.meta.roles && !session.is(...to.meta.roles)) return { name: 'nowhere', params: { rest: ['403'] } }
  return true
})

router.afterEach((to) => {
  const title = to.meta.title ? i18n.global.t(to.meta.title) : ''
  document.title = title ? `${title} · ${i18n.global.t('app.brand')}` : i18n.global.t('app.brand')
})
