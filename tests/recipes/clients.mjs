// The clients, each with a recipe in docs/clients.md and a driver of the same name.

/**
 * - `module`: the npm package, whose version is shown
 * - `upload`: whether it sends forms
 * - `abort`: whether it has a way to abort a call
 * - `batch`: how many calls go out as one request
 */
export const CLIENTS = {
  axios: { module: 'axios', upload: true },
  ky: { module: 'ky', upload: true },
  ofetch: { module: 'ofetch', upload: true },
  'better-fetch': { module: '@better-fetch/fetch', upload: true },
  'openapi-fetch': { module: 'openapi-fetch', upload: true },
  'hey-api': { module: '@hey-api/openapi-ts', upload: true },
  wretch: { module: 'wretch', upload: true },
  'tanstack-query': { module: '@tanstack/react-query' },
  'openapi-react-query': { module: 'openapi-react-query' },
  'rtk-query': { module: '@reduxjs/toolkit', upload: true },
  swr: { module: 'swr', abort: false },
  'apollo-client': { module: '@apollo/client' },
  urql: { module: '@urql/core' },
  trpc: { module: '@trpc/client', batch: 5 },
  'graphql-request': { module: 'graphql-request' },
  supabase: { module: '@supabase/supabase-js' },
};
