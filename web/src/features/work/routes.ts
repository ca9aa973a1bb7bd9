// 待办: what waits for me.
import type { RouteRecordRaw } from 'vue-router'

export default [
  { path: '/work', name: 'work', component: () => import('./WorkView.vue'), meta: { title: 'app.nav.work', search: true } },
] satisfies RouteRecordRaw[]
