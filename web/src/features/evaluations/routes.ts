// Evaluations: the list, and the overview of one.
import type { RouteRecordRaw } from 'vue-router'
import { BUSINESS } from '@/app/session'

export default [
  {
    path: '/evaluations',
    name: 'evaluations',
    component: () => import('./EvaluationsView.vue'),
    meta: { title: 'app.nav.evaluations', search: true, roles: BUSINESS },
  },
  {
    path: '/evaluations/:id(\\d+)',
    name: 'evaluation',
    component: () => import('./EvaluationView.vue'),
    meta: { title: 'evaluations.one', nav: 'evaluations', roles: BUSINESS },
  },
] satisfies RouteRecordRaw[]
