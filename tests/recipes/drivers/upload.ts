import { api } from '#recipes/api';
import { upload } from '#recipes/upload';

const SIZE = 8 * 1024 * 1024;

let parts: number[] = [];
let outcome: Promise<object>;

export const story = {
  /** Begins an upload; resolves with the hash of what is sent. */
  async begin() {
    const bytes = new Uint8Array(SIZE);
    for (let n = 0; n < SIZE; n += 65536) crypto.getRandomValues(bytes.subarray(n, n + 65536));
    parts = [];
    outcome = upload('/uploads', new Blob([bytes], { type: 'application/octet-stream' }), (part) => parts.push(part)).then(
      ({ status, responseText }) => ({ status, ...JSON.parse(responseText) }),
      (error) => ({ error: error.message, code: error.code }),
    );
    const hash = await crypto.subtle.digest('SHA-256', bytes);
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  },
  parts: () => parts,
  outcome: () => outcome,
  signIn: api.signIn,
};
