// Addresses of imports: the departments of an evaluation, one file's report, its doubtful rows.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/evaluations/:id(\\d+)/imports',
    name: 'imports',
    component: () => import('./ImportsView.vue'),
    meta: { title: 'imports.title', nav: 'evaluations' },
  },
  {
    path: '/imports/:import(\\d+)',
    name: 'import',
    component: () => import('./ImportView.vue'),
    meta: { title: 'imports.report.title', nav: 'evaluations' },
  },
  // A file can also be named under its evaluation.
  { path: '/evaluations/:id(\\d+)/imports/:import(\\d+)', redirect: (to) => ({ name: 'import', params: { import: to.params.import } }) },
  {
    path: '/imports/:import(\\d+)/doubts',
    name: 'doubts',
    component: () => import('./DoubtsView.vue'),
    meta: { title: 'imports.doubts.title', nav: 'evaluations' },
  },
]
export default routes
