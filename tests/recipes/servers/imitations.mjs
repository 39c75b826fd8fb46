// The imitated servers, by the names of their recipes in docs/server-recipes.md.

import { aspnet } from './aspnet.mjs';
import { auth0 } from './auth0.mjs';
import { bff } from './bff.mjs';
import { cognito } from './cognito.mjs';
import { devise } from './devise.mjs';
import { directus } from './directus.mjs';
import { django } from './django.mjs';
import { fastapi } from './fastapi.mjs';
import { keycloak } from './keycloak.mjs';
import { laravel } from './laravel.mjs';
import { nest } from './nest.mjs';
import { oauth2Proxy } from './oauth2-proxy.mjs';
import { okta } from './okta.mjs';
import { pocketbase } from './pocketbase.mjs';
import { spring } from './spring.mjs';
import { supabase } from './supabase.mjs';

/**
 * - `plugin`: the routes of the server; or `provider`: what starts one beside the API
 * - `isElsewhere`: whether it stands at another origin than the page
 * - `read`, `write`: where notes are
 * - `callback`: the path by which its own sign-in comes to an end
 * - `rotates`: whether each refresh brings another refresh token; left out where the page sees none
 * - `renews`: `'before'`, if a token is renewed while it is good; `'never'`, if there is no renewal at all
 * - `signOut`: whether it can be told of a sign-out
 * - `method`: how the ten calls go out, where only those that write can fail
 * - `login`: where the page is led to when the session is over
 */
export const IMITATIONS = {
  django: { plugin: django, read: '/notes/', rotates: true },
  laravel: { plugin: laravel, isElsewhere: true, read: '/api/notes/', method: 'POST' },
  spring: { plugin: spring, read: '/api/notes/', method: 'POST' },
  aspnet: { plugin: aspnet, read: '/notes/', rotates: true, signOut: false },
  nest: { plugin: nest, read: '/notes/' },
  devise: { plugin: devise, isElsewhere: true, read: '/notes/', renews: 'never' },
  fastapi: { plugin: fastapi, isElsewhere: true, read: '/notes/', rotates: true },
  keycloak: { provider: keycloak, read: '/notes/', rotates: true },
  auth0: { provider: auth0, read: '/notes/', rotates: true },
  okta: { provider: okta, read: '/notes/', rotates: true },
  cognito: { provider: cognito, read: '/notes/', rotates: false },
  supabase: {
    plugin: supabase, isElsewhere: true, read: '/rest/v1/notes?id=eq.', write: '/rest/v1/notes', rotates: true,
  },
  directus: { plugin: directus, isElsewhere: true, read: '/items/notes/', rotates: true },
  pocketbase: {
    plugin: pocketbase, isElsewhere: true, read: '/api/collections/notes/records/', renews: 'before', signOut: false,
  },
  'oauth2-proxy': {
    plugin: oauth2Proxy, read: '/api/notes/', callback: '/oauth2/callback',
    login: '/oauth2/start?rd=%2Fservers%2Foauth2-proxy.html',
  },
  bff: {
    plugin: bff, read: '/api/notes/', callback: '/bff/callback', login: '/bff/login?returnUrl=%2Fservers%2Fbff.html',
  },
};
