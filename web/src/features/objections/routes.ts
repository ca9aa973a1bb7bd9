// Addresses of objections: the list of an evaluation, a new one, and one case.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/evaluations/:id(\\d+)/objections',
    name: 'objections',
    component: () => import('./ObjectionsView.vue'),
    meta: { title: 'objections.title', nav: 'evaluations' },
  },
  {
    path: '/evaluations/:id(\\d+)/objections/new',
    name: 'objection-new',
    component: () => import('./NewObjectionView.vue'),
    meta: { title: 'objections.new', nav: 'evaluations' },
  },
  {
    path: '/evaluations/:id(\\d+)/objections/:objection(\\d+)',
    name: 'objection',
    component: () => import('./ObjectionView.vue'),
    meta: { title: 'objections.title', nav: 'evaluations' },
  },
]
export default routes
