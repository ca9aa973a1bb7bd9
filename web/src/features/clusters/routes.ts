// Clusters of the province.
import type { RouteRecordRaw } from 'vue-router'
import { OFFICERS } from '@/app/session'

export default [
  { path: '/clusters', name: 'clusters', component: () => import('./ClustersView.vue'), meta: { title: 'clusters.title', search: true, roles: [...OFFICERS, 'department_owner', 'auditor'] } },
] satisfies RouteRecordRaw[]
