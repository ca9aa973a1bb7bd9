// Addresses that need no sign-in: what has been published, and the scheme behind it.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/public',
    name: 'publications',
    component: () => import('./PublicationsView.vue'),
    meta: { title: 'publications.title', nav: 'publications', public: true, search: true },
  },
  {
    path: '/public/:publication(\\d+)',
    name: 'publication',
    component: () => import('./PublicationView.vue'),
    meta: { title: 'publications.title', nav: 'publications', public: true },
  },
  {
    path: '/public/schemes',
    name: 'public-scheme',
    component: () => import('./PublicSchemeView.vue'),
    meta: { title: 'publications.scheme.title', nav: 'publications', public: true },
  },
]
export default routes
