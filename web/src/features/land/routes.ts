// Address of an evaluation's parcels and leases.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/evaluations/:id(\\d+)/parcels',
    alias: '/evaluations/:id(\\d+)/land',
    name: 'land',
    component: () => import('./LandView.vue'),
    meta: { title: 'land.title', nav: 'evaluations' },
  },
]
export default routes
