// The declarations that the samples of README.md and docs/ leave to the app around them.

interface Order { id: string }

declare const api: import('tokenflight').Api;
declare const cart: object[];
declare const form: Record<string, string>;
declare const socket: { authenticate(token: string | null): void };
declare const analytics: { track(what: string, details: object): void };
declare const router: { push(path: string): void };
declare const auth0: {
  getTokenSilently(options?: { cacheMode?: 'on' | 'off' | 'cache-only' }): Promise<string>;
  isAuthenticated(): Promise<boolean>;
  loginWithRedirect(): Promise<void>;
};
declare const banner: { show(text: string): void };

interface ImportMeta { readonly env: { readonly DEV: boolean } }

declare module '*.wasm?url' {
  const url: string;
  export default url;
}
