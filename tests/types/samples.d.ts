// What the samples of README.md leave to the app around them.

interface Order { id: string }

declare const api: import('tokenflight').Api;
declare const cart: object[];
declare const socket: { authenticate(token: string | null): void };
declare const analytics: { track(what: string, details: object): void };
declare const banner: { show(text: string): void };

declare module '*.wasm?url' {
  const url: string;
  export default url;
}
