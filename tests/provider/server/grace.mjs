// Reuse with grace, as Auth0, Okta, Cognito and Supabase have it: a used refresh token counts as used only some
// time later. A second use in between rotates once more.

export function withGrace(createAdapter, grace) {
  return (model) => {
    const adapter = createAdapter(model);
    if (model !== 'RefreshToken') return adapter;
    const used = new Map();
    return Object.assign(Object.create(adapter), {
      async consume(id) {
        // Counted from the first use: a token that is used on and on does not live for ever.
        if (!used.has(id)) used.set(id, Date.now());
      },
      async find(id) {
        const stored = await adapter.find(id);
        const isSpent = used.has(id) && Date.now() > used.get(id) + grace;
        return stored && isSpent ? { ...stored, consumed: Math.floor(used.get(id) / 1000) } : stored;
      },
    });
  };
}
