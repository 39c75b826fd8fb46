// A life is one document in one tab, from its load to its close or reload: "3.2" is the second one of tab 3.
// It is in the page's address, so that the Referer of every request tells who sent it, whatever client did.

export const pagePath = (client, life) => `/shop/tab/${client}/${life}`;

export function lifeOf(url) {
  return /\/shop\/tab\/\w+\/(\d+\.\d+)$/.exec(url ?? '')?.[1] ?? null;
}
