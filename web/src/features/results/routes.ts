// Results of a run: the list with its proofs and what-ifs, the difference of two runs, the check.
import type { RouteLocation, RouteRecordRaw } from 'vue-router'
import { BUSINESS, OFFICERS, useSession, type Role } from '@/app/session'

/** Who sees a whole run; a firm is led to its own proof instead. */
const WHOLE: Role[] = [...OFFICERS, 'auditor']

function ownProof(to: RouteLocation) {
  const firm = useSession().me?.firm
  return firm ? { name: 'proof', params: { id: to.params.id, firm } } : true
}

export default [
  {
    path: '/runs/:id(\\d+)',
    name: 'run',
    component: () => import('./ResultsView.vue'),
    beforeEnter: ownProof,
    meta: { title: 'results.title', nav: 'evaluations', roles: [...WHOLE, 'firm'] },
  },
  {
    path: '/runs/:id(\\d+)/firms/:firm(\\d+)',
    name: 'proof',
    component: () => import('./ProofView.vue'),
    meta: { title: 'results.proof.title', nav: 'evaluations', roles: BUSINESS },
  },
  {
    path: '/runs/:id(\\d+)/diff/:older(\\d+)',
    name: 'run-diff',
    component: () => import('./DiffView.vue'),
    meta: { title: 'results.diff.title', nav: 'evaluations', roles: WHOLE },
  },
  {
    path: '/runs/:id(\\d+)/verify',
    name: 'run-verify',
    component: () => import('./VerifyView.vue'),
    meta: { title: 'results.verify.title', nav: 'evaluations', roles: WHOLE },
  },
] satisfies RouteRecordRaw[]
