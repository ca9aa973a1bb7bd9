// Results of a run: the list with its proofs and what-ifs, the difference of two runs, the check.
import type { RouteRecordRaw } from 'vue-router'
import { BUSINESS } from '@/app/session'

export default [
  {
    path: '/runs/:id(\\d+)',
    name: 'run',
    component: () => import('./ResultsView.vue'),
    meta: { title: 'results.title', nav: 'evaluations', roles: BUSINESS },
  },
  {
    path: '/runs/:id(\\d+)/diff/:older(\\d+)',
    name: 'run-diff',
    component: () => import('./DiffView.vue'),
    meta: { title: 'results.diff.title', nav: 'evaluations', roles: BUSINESS },
  },
  {
    path: '/runs/:id(\\d+)/verify',
    name: 'run-verify',
    component: () => import('./VerifyView.vue'),
    meta: { title: 'results.verify.title', nav: 'evaluations', roles: BUSINESS },
  },
] satisfies RouteRecordRaw[]
