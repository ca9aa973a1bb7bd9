// Addresses of the schemes: the list, and one version of one scheme.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/schemes',
    name: 'schemes',
    component: () => import('./SchemesView.vue'),
    meta: { title: 'schemes.title', nav: 'schemes', search: true },
  },
  {
    path: '/schemes/view',
    name: 'scheme',
    component: () => import('./SchemeView.vue'),
    meta: { title: 'schemes.title', nav: 'schemes' },
  },
]
export default routes
