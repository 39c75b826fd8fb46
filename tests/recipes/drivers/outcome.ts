/** The outcome of a call, as a test can read it. */
export type Outcome = { status: number; body: unknown } | { error: string; code?: string };

export const outcomeOf = (answer: Promise<Response>): Promise<Outcome> => answer.then(
  async (response) => ({ status: response.status, body: await response.json().catch(() => null) }),
  (error) => ({ error: error.name, ...error.code && { code: error.code } }),
);
