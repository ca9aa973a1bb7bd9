// Address of the measures that follow from a run.
import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/runs/:run(\\d+)/measures',
    name: 'measures',
    component: () => import('./MeasuresView.vue'),
    meta: { title: 'measures.title', nav: 'evaluations' },
  },
]
export default routes
