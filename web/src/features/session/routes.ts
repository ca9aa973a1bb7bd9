// Signing in and changing one's password.
import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./SignInView.vue'),
    meta: { title: 'session.title', public: true, bare: true },
  },
  {
    path: '/password',
    name: 'password',
    component: () => import('./PasswordView.vue'),
    meta: { title: 'session.changePassword', search: true },
  },
] satisfies RouteRecordRaw[]
