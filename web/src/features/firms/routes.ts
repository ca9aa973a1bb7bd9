// Addresses of the registry of firms.
import type { RouteRecordRaw } from 'vue-router'
import { BUSINESS } from '@/app/session'

const routes: RouteRecordRaw[] = [
  {
    path: '/firms',
    name: 'firms',
    component: () => import('./FirmsView.vue'),
    meta: { title: 'firms.title', nav: 'firms', roles: BUSINESS, search: true },
  },
  {
    path: '/firms/:firm(\\d+)',
    name: 'firm',
    component: () => import('./FirmView.vue'),
    meta: { title: 'firms.title', nav: 'firms', roles: BUSINESS },
  },
]
export default routes
