// Addresses of the one-firm sheets of an evaluation.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/evaluations/:id(\\d+)/sheets',
    name: 'sheets',
    component: () => import('./SheetsView.vue'),
    meta: { title: 'sheets.title', nav: 'evaluations' },
  },
  {
    path: '/evaluations/:id(\\d+)/sheets/:firm(\\d+)',
    name: 'sheet',
    component: () => import('./SheetView.vue'),
    meta: { title: 'sheets.title', nav: 'evaluations' },
  },
]
export default routes
