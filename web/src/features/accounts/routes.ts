// Address of the accounts page, for system and security administrators.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/accounts',
    name: 'accounts',
    component: () => import('./AccountsView.vue'),
    meta: { title: 'accounts.title', nav: 'accounts', roles: ['system_admin', 'security_admin'], search: true },
  },
]
export default routes
